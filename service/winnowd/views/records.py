"""What became of the records of one file, counted: for a person who finds hundreds turned away. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.views.escape import cell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from winnowd.views.why import Rules


def file_md(event: Mapping[str, Any], counts: Mapping[tuple[str, str], int], rules: Rules) -> bytes:
    """A page for a file of many records; ``event`` is that of its last one, ``counts`` by outcome and first code."""
    name, arrival = cell(event["file"]["name"]), event["winnowd"]["arrival"]["id"]
    total = sum(counts.values())
    head = (
        f"# {name}: {total:,} records\n\n"
        f"Each was decided by itself; the file is kept whole. `winnowd explain {arrival}-NUMBER` tells of one, "
        f"`winnowd log --grep {arrival}` of all.\n\n"
    )
    return head.encode("utf-8", "backslashreplace") + records_md(counts, rules)


def records_md(counts: Mapping[tuple[str, str], int], rules: Rules) -> bytes:
    """A table of how many records became what, most first."""
    rows = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    lines = ["| records | outcome | code | what it means |", "|--:|---|---|---|"]
    for (outcome, code), count in rows:
        rule = rules.get(code, {})
        lines.append(f"| {count:,} | {outcome} | {code} | {cell(str(rule.get('help', '')), most=300)} |")
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")
