"""What was decided, counted; and what stands below the findings: a table of the records, and the count. Pure."""

from __future__ import annotations

import dataclasses
import heapq
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from winnowd.views.escape import printable
from winnowd.views.lines import Line, Span, cells, cut, table, wrapped
from winnowd.views.measured import STYLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from winnowd.views.why import Rules

Row: TypeAlias = tuple[Span, ...]
"""A record's cells in the table."""
_OUTCOME_STYLES: Final = {"admitted": "good", "quarantined": "doubt", "rejected": "bad"}


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

    def fields(self) -> dict[str, object]:
        """It for programs, by name; None is what it has not."""
        ours = self.event["winnowd"]
        return {
            "file": self.event["file"]["path"],
            "record": ours["arrival"]["record"],
            "id": ours.get("article", {}).get("id"),
            "outcome": ours["outcome"],
            "codes": ours["codes"],
            "notes": ours.get("notes", []),
            "measured": ours["measured"],
            "unmeasured": ours.get("unmeasured", {}),
            "findings": ours.get("findings", []),
            "nearest": ours.get("nearest"),
            "removed_lines": self.evidence.get("removed_lines"),
            "passages": self.evidence.get("passages"),
        }


_RANK: Final = {"fail": 0, "doubt": 1}


def badness(one: Shown) -> int:
    """How bad its worst finding is: 0 a fail, 1 a doubt, 2 nothing was found."""
    return min((_RANK[finding["grade"]] for finding in one.event["winnowd"].get("findings", ())), default=len(_RANK))


class Tally:
    """Counts decisions, however many there are; keeps the ``most_in_full`` worst, and a row for the first ``most``.

    Of equally bad ones those that came first are kept.
    """

    def __init__(self, most_in_full: int, most: int) -> None:
        self.count = 0
        self.outcomes: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.found: dict[tuple[str, str], Counter[str]] = {}
        """Records by code and slug of a rule, and what it says of them: fail or doubt."""
        self.rows: list[Row] = []
        self.listed = 0
        """How many have a finding to show."""
        self._most_in_full, self._most = most_in_full, most
        self._worst: list[tuple[int, int, Shown]] = []

    @classmethod
    def of(cls, shown: Sequence[Shown]) -> Tally:
        """A tally that keeps all of these."""
        made = cls(len(shown), len(shown))
        made.add_all(shown)
        return made

    def add_all(self, shown: Iterable[Shown]) -> None:
        """Count these, in their order."""
        for one in shown:
            self.add(one)

    def add(self, one: Shown) -> None:
        """Count one."""
        self.count += 1
        self.outcomes[one.outcome] += 1
        self.codes.update(codes_of(one))
        worst = {
            (each["code"], each["rule"]): each["grade"] for each in reversed(one.event["winnowd"].get("findings", ()))
        }
        for rule, grade in worst.items():
            self.found.setdefault(rule, Counter())[grade] += 1
        rank = badness(one)
        self.listed += rank < len(_RANK)
        if len(self.rows) < self._most:
            self.rows.append(_row(one))
        kept = (-rank, -self.count, one)
        if len(self._worst) < self._most_in_full:
            heapq.heappush(self._worst, kept)
        elif self._worst:
            heapq.heappushpop(self._worst, kept)

    def statistics(self) -> list[tuple[tuple[str, str], Counter[str]]]:
        """``found``, the most records first."""
        return sorted(self.found.items(), key=lambda item: (-item[1].total(), item[0]))

    @property
    def in_full(self) -> list[Shown]:
        """Those to be shown in full, in the order in which they came."""
        return [one for _, _, one in sorted(self._worst, key=lambda kept: -kept[1])]


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
_NAMED: Final = 16  # cells that the name of a file is to have; columns are left out from the right until it has them
_FEWEST: Final = 3  # columns that are never left out


def table_lines(tally: Tally, frame: Frame) -> list[Line]:
    """The table of the records, and how many are not in it, or not shown in full.

    ``nearest``: the known article most like it; ``shared``: the share of its words in runs that both share in order;
    ``rewrite``: DUP606's score. A narrow terminal has fewer columns.
    """
    widths = [
        max([cells(name), *(cells(row[at].text) for row in tally.rows)]) + 3 for at, (name, _) in enumerate(_COLUMNS)
    ]
    names = min(widths[0], _NAMED)
    count = next((n for n in range(len(widths), _FEWEST, -1) if sum(widths[1:n]) + names + 3 <= frame.width), _FEWEST)
    room = max(12, frame.width - sum(widths[1:count]) - 3)
    head, numeric = zip(*_COLUMNS[:count], strict=True)
    rows = [(Span(cut(row[0].text, room)), *row[1:count]) for row in tally.rows]
    return [*table(head, rows, numeric), *_left_out(tally, frame)]


def statistics_lines(tally: Tally) -> list[Line]:
    """How many records each rule has found something in: those it fails, those it doubts, the most first."""
    rows = [
        (Span(code, STYLES["fail" if found["fail"] else "doubt"]), Span(slug), *_counts(found))
        for (code, slug), found in tally.statistics()
    ]
    return table(("code", "rule", "fail", "doubt", "records"), rows, (False, False, True, True, True)) if rows else []


def _counts(found: Counter[str]) -> tuple[Span, ...]:
    return tuple(Span(f"{count:,}" if count else "-") for count in (found["fail"], found["doubt"], found.total()))


def _left_out(tally: Tally, frame: Frame) -> list[Line]:
    """How many records are only counted, and where they are told of; nothing if all are shown."""
    said = []
    if left := tally.count - len(tally.rows):
        said.append(f"{left:,} more are only counted")
    if tally.listed > (kept := len(tally.in_full)):
        said.append(f"of {tally.listed:,} with findings the {kept:,} worst are shown in full")
    if not said:
        return []
    command, tells = ("--json", " gives all of each") if frame.dry else ("winnowd log", " tells of each")
    line = (Span("; ".join(said), "dim"), Span("; "), Span(command, "bold"), Span(tells))
    return [(Span("   "), *row) for row in wrapped(line, frame.width - 3)]


def codes_of(one: Shown) -> list[str]:
    """The worst code of each gate that has the worst grade: two gates that reject by themselves are both named."""
    findings = one.event["winnowd"].get("findings", ())
    worst: dict[str, str] = {}
    for finding in findings:
        if finding["grade"] == findings[0]["grade"]:
            worst.setdefault(finding["gate"], finding["code"])
    return list(worst.values())


def _row(one: Shown) -> Row:
    ours = one.event["winnowd"]
    nearest = ours.get("nearest")
    words = ours.get("article", {}).get("words")
    rewrite = ours.get("measured", {}).get("DUP606")
    style = _OUTCOME_STYLES.get(one.outcome, "")
    return (
        Span(printable(one.name)),
        Span(one.outcome, style),
        Span(" ".join(codes_of(one)), style),
        Span("-" if words is None else f"{words:,}"),
        Span("-" if nearest is None else nearest["id"][:8]),
        Span(f"{nearest['shared_runs']:.2f}" if nearest and "shared_runs" in nearest else "-"),
        Span("-" if rewrite is None else f"{rewrite:.2f}"),
    )


def count_line(tally: Tally, seconds: float, frame: Frame) -> list[Line]:
    """``5 records: 3 would be admitted, 2 rejected, 0 quarantined (2 DUP606)``, the time, whether anything changed."""
    counts = tally.outcomes
    what = ", ".join(f"{count:,} {code}" for code, count in tally.codes.most_common())
    would = "would be " if frame.dry else ""
    spans = [
        Span(f"{tally.count:,} {'record' if tally.count == 1 else 'records'}: "),
        Span(f"{counts['admitted']:,} {would}admitted", "good"),
        Span(", "),
        Span(f"{counts['rejected']:,} rejected", "bad"),
        Span(", "),
        Span(f"{counts['quarantined']:,} quarantined", "doubt"),
        Span(f" ({what})" if what else ""),
        Span(f" · {seconds:.2f} s"),
    ]
    if frame.dry:
        spans += [Span(" · nothing was changed ("), Span("winnowd check", "bold"), Span(" is a dry run)")]
    return wrapped(spans, frame.width)
