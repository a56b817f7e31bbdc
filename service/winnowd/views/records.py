"""What became of the records of one file, counted: for a person who finds hundreds turned away. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.views.escape import cell
from winnowd.views.why import all_records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from winnowd.views.why import Rules


def file_md(event: Mapping[str, Any], counts: Mapping[tuple[str, str], int], rules: Rules) -> bytes:
    """A page for a file of many records; ``event`` is that of its last one, ``counts`` by outcome and first code."""
    name, total = cell(event["file"]["name"]), sum(counts.values())
    head = f"# {name}: {total:,} records\n\nEach was decided by itself; the file is kept whole. {_commands(event)}\n\n"
    return head.encode("utf-8", "backslashreplace") + _table(counts, rules)


def before_rest_md(event: Mapping[str, Any], counts: Mapping[tuple[str, str], int], rules: Rules) -> bytes:
    """What stands below why the rest of a file is held: what became of the records before it."""
    head = f"\n## The {sum(counts.values()):,} records before it\n\nEach was decided by itself. {_commands(event)}\n\n"
    return head.encode() + _table(counts, rules)


def _commands(event: Mapping[str, Any]) -> str:
    arrival = event["winnowd"]["arrival"]["id"]
    return f"`winnowd explain {arrival}-NUMBER` tells of one, `{all_records(event)}` of all."


def _table(counts: Mapping[tuple[str, str], int], rules: Rules) -> bytes:
    """A table of how many records became what, most first."""
    rows = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    lines = ["| records | outcome | code | what it means |", "|--:|---|---|---|"]
    for (outcome, code), count in rows:
        rule = rules.get(code, {})
        lines.append(f"| {count:,} | {outcome} | {code} | {cell(str(rule.get('help', '')), most=300)} |")
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")
