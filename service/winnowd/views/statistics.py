"""What the decisions of a time add up to: a table or bars, times, one measure's histogram with its limits. Pure."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from winnowd.views.escape import printable
from winnowd.views.lines import Line, Span, cells, cut, table, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

By = Literal["day", "code", "feed", "source", "hour"]
OUTCOMES: Final = ("admitted", "quarantined", "rejected")
_STYLES: Final = {"admitted": "good", "quarantined": "doubt", "rejected": "bad"}
_SIGNS: Final = {"admitted": "█", "quarantined": "▒", "rejected": "░"}
_UNNAMED: Final = {"code": "no code", "feed": "the inbox itself", "source": "no source"}
"""What is shown instead of an empty key."""
_KINDS: Final = {
    "copies": "as copies", "defects": "for defects", "policy": "by policy (language, rights)", "orders": "by orders",
}  # fmt: skip
_LONGEST_KEY: Final = 32
_LEAST_KEY: Final = 8
_LEAST_BAR: Final = 8
_WIDE: Final = 80
"""Cells from which on heads are whole words."""
_LIMIT_SIGNS: Final = {"doubt": "┆", "fail": "┃"}


class Outcomes(NamedTuple):
    """How many decisions of each outcome."""

    admitted: int = 0
    quarantined: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)

    @property
    def acceptance(self) -> float | None:
        """The share that was admitted; None of nothing."""
        return self.admitted / self.total if self.total else None


class Quantiles(NamedTuple):
    """Of ``n`` spans of time, in seconds: each is one that was measured (the nearest rank)."""

    n: int
    median: float
    p90: float
    p99: float


class Bin(NamedTuple):
    """How many values, ``n``, lie from ``start`` on and before ``end``; in the last one ``end`` is among them."""

    start: float
    end: float
    n: int


class Measured(NamedTuple):
    """One measure: its rule, as the log told of it last, and how its values are spread.

    ``doubted`` and ``failed``: how many lie beyond each limit, the failed among the doubted; None where there is no
    such limit. ``changed``: other limits were in force within this time, too. ``texts``: values that are no numbers.
    """

    code: str
    slug: str
    unit: str
    side: str
    doubt: float | None
    fail: float | None
    reached: bool
    bins: tuple[Bin, ...]
    doubted: int | None = None
    failed: int | None = None
    changed: bool = False
    texts: int = 0

    @property
    def n(self) -> int:
        """How many were measured."""
        return sum(one.n for one in self.bins)


@dataclasses.dataclass(frozen=True, slots=True)
class Statistics:
    """Of all decisions of a time, as they were made: what people ordered later stands in ``orders`` alone.

    ``groups``: outcomes by key, in the order to show them; ``first`` and ``last``: times of the first and last
    decision, "" of none. ``slugs`` name codes. ``refused``: how many were turned away, by kind and code; ``times``:
    from arrival to decision, then each stage. ``broken``: lines that are no events; ``unread``: files, and why.
    """

    by: By
    groups: Mapping[str, Outcomes]
    total: Outcomes
    first: str
    last: str
    slugs: Mapping[str, str]
    refused: Mapping[str, Mapping[str, int]]
    orders: Mapping[str, int]
    times: Mapping[str, Quantiles]
    measured: Measured | None = None
    broken: int = 0
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def acceptance_but_policy(self) -> float | None:
        """The share that was admitted of all that policy did not turn away."""
        others = self.total.total - sum(self.refused.get("policy", {}).values())
        return self.total.admitted / others if others else None


def statistics_lines(found: Statistics, width: int, *, plot: bool = False) -> Iterator[Line]:
    """All of it in so many cells: the sum, the groups, why records were turned away, times, the measure."""
    yield from wrapped(_sum(found), width)
    if found.total.total:
        yield ()
        yield from _bars(found, width) if plot else _table(found, width)
        yield ()
        yield from _refused(found, width)
        yield from _orders(found, width)
        yield ()
        yield from _times(found.times)
    if found.measured is not None:
        yield ()
        yield from _histogram(found.measured, width)


def _sum(found: Statistics) -> Line:
    total = found.total
    if not total.total:
        return (Span("no decisions in this time", "bold"),)
    spans = [Span(f"{total.total:,} {'decision' if total.total == 1 else 'decisions'}", "bold")]
    spans.append(Span(f" from {_minute(found.first)} to {_minute(found.last)}: "))
    for name, count in zip(OUTCOMES, total, strict=True):
        spans += [Span(f"{count:,} {name}", _STYLES[name]), Span(", ")]
    spans.append(Span(f"{_share(total.acceptance)} accepted"))
    if found.refused.get("policy"):
        spans.append(Span(f", {_share(found.acceptance_but_policy)} of what policy lets in"))
    return tuple(spans)


def _minute(at: str) -> str:
    """``2026-11-22 03:47Z``."""
    return printable(at[:16].replace("T", " ")) + "Z"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _key(found: Statistics, key: str, most: int) -> str:
    """A key as it is shown: outside text made harmless, and no longer than that."""
    if not key:
        return cut(f"({_UNNAMED.get(found.by, 'none')})", most)
    slug = f" {found.slugs[key]}" if found.by == "code" and key in found.slugs else ""
    return cut(printable(key + slug), most)


def _table(found: Statistics, width: int) -> list[Line]:
    """Keys with their outcomes; a narrow line has short heads, and where large numbers fill it no shares."""
    heads = ("all", *OUTCOMES, "accepted") if width >= _WIDE else ("all", "adm.", "quar.", "rej.", "acc.")
    rows = [
        [*(Span(f"{count:,}") for count in (one.total, *one)), Span(_share(one.acceptance))]
        for one in found.groups.values()
    ]
    widths = [max([len(head), *(len(row[at].text) for row in rows)]) for at, head in enumerate(heads)]
    room = width - 3 - sum(one + 3 for one in widths)
    columns = len(heads) if room >= _LEAST_KEY else len(heads) - 1
    room += sum(one + 3 for one in widths[columns:])
    keys = [Span(_key(found, key, max(_LEAST_KEY, min(_LONGEST_KEY, room)))) for key in found.groups]
    shown = [[key, *row[:columns]] for key, row in zip(keys, rows, strict=True)]
    return table((found.by, *heads[:columns]), shown, (False, *[True] * columns))


def _bars(found: Statistics, width: int) -> Iterator[Line]:
    """A bar for each key, as long as it has decisions, cut by outcome."""
    most = max(one.total for one in found.groups.values())
    figure = len(f"{most:,}")
    keys = {key: _key(found, key, min(_LONGEST_KEY, width // 3)) for key in found.groups}
    widest = max(map(cells, keys.values()))
    room = max(_LEAST_BAR, width - widest - figure - 6)
    legend = [Span(f"{_SIGNS[name]} {name}  ", _STYLES[name]) for name in OUTCOMES]
    yield (Span("  "), *legend)
    for key, one in found.groups.items():
        blanks = " " * (widest - cells(keys[key]))
        yield (Span(f"  {keys[key]}{blanks}  {one.total:>{figure},}  "), *_bar(one, most, room))


def _bar(one: Outcomes, most: int, room: int) -> Iterator[Span]:
    """Cells of each outcome: the ends of the pieces are rounded, so that they add up to the whole."""
    drawn, so_far = 0, 0
    for name, count in zip(OUTCOMES, one, strict=True):
        so_far += count
        end = round(so_far / most * room)
        if end > drawn:
            yield Span(_SIGNS[name] * (end - drawn), _STYLES[name])
        drawn = end


def _refused(found: Statistics, width: int) -> Iterator[Line]:
    """Why records were turned away; policy apart from defects."""
    for kind, said in _KINDS.items():
        if codes := found.refused.get(kind):
            named = [f"{count:,} {code} {found.slugs.get(code, '')}".rstrip() for code, count in codes.items()]
            head = Span(f"  {sum(codes.values()):,} turned away {said}: ", "bold")
            yield from wrapped((head, Span(printable(", ".join(named)))), width, "    ")


def _orders(found: Statistics, width: int) -> Iterator[Line]:
    if found.orders:
        said = ", ".join(f"{count:,} {name}" for name, count in found.orders.items())
        yield from wrapped((Span("  ordered later: ", "bold"), Span(printable(said))), width, "    ")


def _times(times: Mapping[str, Quantiles]) -> list[Line]:
    rows = [
        (Span(printable(name)), *(Span(_seconds(one)) for one in (span.median, span.p90, span.p99)))
        for name, span in times.items()
    ]
    return table(("time", "median", "p90", "p99"), rows, (False, True, True, True)) if rows else []


def _seconds(seconds: float) -> str:
    """``3.2 ms``, ``4.1 s``, ``12 min``, ``3.0 h``: three digits."""
    for least, unit, one in ((7_200, "h", 3_600), (120, "min", 60), (1, "s", 1), (1e-3, "ms", 1e-3)):
        if seconds >= least:
            return f"{_digits(seconds / one)} {unit}"
    return f"{_digits(seconds * 1e6)} us"


def _digits(value: float) -> str:
    decimals = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:,.{min(decimals, 2)}f}"


def _histogram(one: Measured, width: int) -> Iterator[Line]:
    """A bar for each bin, and a line where a limit stands."""
    name = printable(f"{one.code} {one.slug}".strip())
    yield from wrapped((Span(name, "bold"), Span(f": {one.n:,} measured{_beyond(one)}")), width, "  ")
    if one.changed:
        yield from wrapped((Span("other limits were in force within this time, too; drawn are the last"),), width, "  ")
    if one.texts:
        yield (Span(f"  {one.texts:,} are no numbers"),)
    most = max((each.n for each in one.bins), default=0)
    starts = [_figure(each.start) for each in one.bins]
    left, right = max(map(len, starts), default=0), len(f"{most:,}")
    room = max(_LEAST_BAR, width - left - right - 6)
    limits = sorted((limit, name) for name, limit in (("doubt", one.doubt), ("fail", one.fail)) if limit is not None)
    for start, each in zip(starts, one.bins, strict=True):
        while limits and limits[0][0] <= each.start:
            yield _limit_line(*limits.pop(0), width)
        filled = math.ceil(each.n / most * room) if most else 0
        yield (Span(f"  {start:>{left}}  {each.n:>{right},}  "), Span("█" * filled, _style(one, each)))
    yield from (_limit_line(*limit, width) for limit in limits)


def _beyond(one: Measured) -> str:
    parts = [
        f"{count:,} beyond {grade} {_figure(limit)}"
        for grade, count, limit in (("doubt", one.doubted, one.doubt), ("fail", one.failed, one.fail))
        if count is not None and limit is not None
    ]
    return (f" ({printable(one.unit)})" if one.unit else "") + "".join(f", {part}" for part in parts)


def _limit_line(limit: float, grade: str, width: int) -> Line:
    head = f"  {_LIMIT_SIGNS[grade]} {grade} {_figure(limit)} "
    return (Span(head + "╌" * max(0, min(width, 60) - cells(head)), "bold"),)


def _style(one: Measured, each: Bin) -> str:
    """What the middle of a bin is graded as."""
    middle = (each.start + each.end) / 2
    for limit, style in ((one.fail, "bad"), (one.doubt, "doubt")):
        if limit is not None and (middle < limit if one.side == "min" else middle > limit):
            return style
    return "good"


def _figure(value: float) -> str:
    """At most four digits that tell something."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e9 else f"{value:.4g}"


def ordered(groups: Mapping[str, Outcomes], by: By) -> dict[str, Outcomes]:
    """Days and hours in their order, others by how many they are."""
    if by in {"day", "hour"}:
        return dict(sorted(groups.items()))
    return dict(sorted(groups.items(), key=lambda one: (-one[1].total, one[0])))
