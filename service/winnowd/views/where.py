"""Where in a text a finding or a note has seen what it speaks of, in one line of words. Pure."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from winnowd.views.escape import flat, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST: Final = 4
LONGEST_QUOTE: Final = 40


def where(code: str, evidence: Mapping[str, Any]) -> str:
    """The first four lines, or quotes, that the evidence of a finding names; "" if it names none."""
    entries = _entries(code, evidence)
    lines = sorted({entry["line"] for entry in entries if entry.get("line")})
    if lines:
        return f"{'line' if len(lines) == 1 else 'lines'} {listed([str(line) for line in lines])}"
    return listed([quoted(entry["text"]) for entry in entries if isinstance(entry.get("text"), str)])


def removed_part(note: Mapping[str, Any], evidence: Mapping[str, Any]) -> str:
    """The lines that a note took, quoted; how often, where it took none or they were not kept; of which kinds."""
    if "kinds" in note:
        return ", ".join(f"{count:,} {kind}" for kind, count in note["kinds"].items())
    lines = [line for line in evidence.get("removed_lines", ()) if line["code"] == note["code"]]
    positions = [f"line {line['line']} {quoted(line['text'])}" for line in lines]
    return listed(positions) or (f"{note['count']:,} times" if note["count"] > 1 else "once")


def quoted(text: str) -> str:
    """The beginning of a text in quotes, on one line."""
    return f"'{printable(flat(text, LONGEST_QUOTE))}'"


def listed(names: Sequence[str]) -> str:
    """The first four, and how many more there are."""
    more = f", and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def _entries(code: str, evidence: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What is kept of the findings by a rule: each itself, and the entries of its lists that are mappings."""
    entries: list[Mapping[str, Any]] = []
    for finding in evidence.get("findings", ()):
        if finding["code"] == code:
            lists = [value for value in finding.values() if isinstance(value, list)]
            entries += [finding, *(entry for entry in itertools.chain(*lists) if isinstance(entry, dict))]
    return entries
