"""What stands below the findings: a table of all records, and the count. Pure."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from winnowd.views.escape import printable
from winnowd.views.lines import Line, Span, cut, table, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from winnowd.views.why import Rules

_STYLES: Final = {"admitted": "good", "quarantined": "doubt", "rejected": "bad"}


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """One decision to show: its event, its evidence, and the name to show it by."""

    event: Mapping[str, Any]
    evidence: Mapping[str, Any]
    name: str

    @property
    def outcome(self) -> str:
        """The outcome's word."""
        return str(self.event["winnowd"]["outcome"])


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """How to show: rules by code, cells a line, whether passing measures are shown, whether nothing took effect."""

    rules: Rules
    width: int
    everything: bool = False
    dry: bool = True


_COLUMNS: Final = (
    ("file", False), ("outcome", False), ("code", False), ("words", True), ("nearest", False), ("shared", True),
    ("rewrite", True),
)  # fmt: skip
_ALL_COLUMNS_FROM: Final = 90


def table_lines(shown: Sequence[Shown], frame: Frame) -> list[Line]:
    """The table of all records.

    ``nearest``: the known article most like it; ``shared``: the share of its words in runs that both share in order;
    ``rewrite``: DUP606's score, left out below 90 cells.
    """
    columns = _COLUMNS if frame.width >= _ALL_COLUMNS_FROM else _COLUMNS[:-1]
    head, numeric = zip(*columns, strict=True)
    rows = [_row(one)[: len(columns)] for one in shown]
    others = sum(max([len(name), *(len(row[at].text) for row in rows)]) + 3 for at, name in enumerate(head) if at)
    room = max(12, frame.width - others - 3)
    return table(head, [(Span(cut(row[0].text, room)), *row[1:]) for row in rows], numeric)


def codes_of(one: Shown) -> list[str]:
    """The worst code of each gate that has the worst grade: two gates that reject by themselves are both named."""
    findings = one.event["winnowd"].get("findings", ())
    worst: dict[str, str] = {}
    for finding in findings:
        if finding["grade"] == findings[0]["grade"]:
            worst.setdefault(finding["gate"], finding["code"])
    return list(worst.values())


def _row(one: Shown) -> tuple[Span, ...]:
    ours = one.event["winnowd"]
    nearest = ours.get("nearest")
    words = ours.get("article", {}).get("words")
    rewrite = ours.get("measured", {}).get("DUP606")
    style = _STYLES.get(one.outcome, "")
    return (
        Span(printable(one.name)),
        Span(one.outcome, style),
        Span(" ".join(codes_of(one)), style),
        Span("-" if words is None else f"{words:,}"),
        Span("-" if nearest is None else nearest["id"][:8]),
        Span(f"{nearest['shared_runs']:.2f}" if nearest and "shared_runs" in nearest else "-"),
        Span("-" if rewrite is None else f"{rewrite:.2f}"),
    )


def count_line(shown: Sequence[Shown], seconds: float, frame: Frame) -> list[Line]:
    """``5 records: 3 would be admitted, 2 rejected, 0 quarantined (2 DUP606)``, the time, whether anything changed."""
    counts = Counter(one.outcome for one in shown)
    codes = Counter(code for one in shown for code in codes_of(one))
    what = ", ".join(f"{count} {code}" for code, count in codes.most_common())
    would = "would be " if frame.dry else ""
    spans = [
        Span(f"{len(shown)} {'record' if len(shown) == 1 else 'records'}: "),
        Span(f"{counts['admitted']} {would}admitted", "good"),
        Span(", "),
        Span(f"{counts['rejected']} rejected", "bad"),
        Span(", "),
        Span(f"{counts['quarantined']} quarantined", "doubt"),
        Span(f" ({what})" if what else ""),
        Span(f" · {seconds:.2f} s"),
    ]
    if frame.dry:
        spans += [Span(" · nothing was changed ("), Span("winnowd check", "bold"), Span(" is a dry run)")]
    return wrapped(spans, frame.width)
