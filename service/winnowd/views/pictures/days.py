"""What became of the articles of each day, and which days stand out. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.views.pictures.lettering import LINE, SMALL, Box, Label, apart, fitted, legend
from winnowd.views.pictures.picture import WIDTH, Picture, nice_ticks, percent, picture, short
from winnowd.views.pictures.svg import group, hatching, line, path, rect
from winnowd.views.statistics import OUTCOMES, Outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.views.pictures.svg import Element

_PLOT: Final = Box(46, 68, WIDTH - 12, 216)
_HEIGHT: Final = 238.0
_SIGMA: Final = 3.0
_LEAST_DAYS: Final = 7
"""Other days that a day is held against, at least: of fewer none is unusual."""
_SEAM: Final = 1.5
"""Between two outcomes of one day, and at most between two days."""


class Day(NamedTuple):
    """A day, ``2026-11-22``, and what became of what was decided on it."""

    day: str
    outcomes: Outcomes


class _Unusual(NamedTuple):
    """A day on which one outcome came far more or far less often than on the others: how often, and how usually."""

    at: int
    outcome: str
    n: int
    usual: float
    sigmas: float

    @property
    def said(self) -> str:
        return f"{self.n:,} {self.outcome}"


def days(given: Sequence[Day]) -> Picture:
    """A bar for each day, from below admitted, quarantined, rejected; the days that stand out are labelled.

    A day stands out if one of the outcomes is more than three standard deviations off the mean of the other days since
    the first decision, of which there must be seven; the deviation is at least that of arrivals by chance, the root of
    the mean.
    """
    unusual = {one.at: one for one in sorted(_unusual(given), key=lambda one: one.sigmas)}
    most = max((one.outcomes.total for one in given), default=0)
    lines, labels = _counts(most)
    samples, names = _legend()
    bars = [_bar(at, one, len(given), most) for at, one in enumerate(given)]
    triangles, said = _marked(given, unusual, most)
    rows = [
        (fitted(one.day, WIDTH), *one.outcomes, one.outcomes.total, unusual[at].said if at in unusual else "")
        for at, one in enumerate(given)
    ]
    baseline = line(_PLOT.left, _PLOT.bottom, _PLOT.right, _PLOT.bottom, "baseline")
    header = ("day", *OUTCOMES, "in all", "stands out")
    drawing = [*lines, *bars, baseline, *triangles, *samples]
    return picture(
        "days", _finding(given, unusual), _HEIGHT, drawing, [*names, *labels, *said, *_dates(given)], (header, rows)
    )


def _unusual(given: Sequence[Day]) -> Iterator[_Unusual]:
    begun = next((at for at, one in enumerate(given) if one.outcomes.total), 0)  # before that there was no service
    others = len(given) - begun - 1
    if others < _LEAST_DAYS:
        return
    for outcome, counts in zip(OUTCOMES, zip(*(one.outcomes for one in given[begun:]), strict=True), strict=True):
        total, squares = sum(counts), sum(n * n for n in counts)
        for at, n in enumerate(counts, begun):
            mean = (total - n) / others
            variance = max((squares - n * n) / others - mean * mean, mean, 1.0)
            sigmas = abs(n - mean) / math.sqrt(variance)
            if sigmas > _SIGMA:
                yield _Unusual(at, outcome, n, mean, sigmas)


def _finding(given: Sequence[Day], unusual: dict[int, _Unusual]) -> str:
    total = Outcomes(*(sum(column) for column in zip(*(one.outcomes for one in given), strict=True)))
    if not total.total:
        return "Nothing was decided in these days"
    if unusual:
        worst = max(unusual.values(), key=lambda one: (one.sigmas, -one.at))
        others = f"; {len(unusual) - 1} more stand out" if len(unusual) > 1 else ""
        day = fitted(given[worst.at].day, WIDTH)
        return f"{day} stands out: {worst.said}, where {worst.usual:,.0f} are usual{others}"
    within = f"{len(given):,} days" if len(given) > 1 else "one day"
    admitted = percent(total.admitted, total.total)
    return f"{total.total:,} decided in {within}, {admitted} admitted; no day stands out"


def _x(at: float, count: int) -> float:
    return _PLOT.left + at / count * (_PLOT.right - _PLOT.left)


def _height(n: float, most: int) -> float:
    return n / most * (_PLOT.bottom - _PLOT.top) if most else 0.0


def _bar(at: int, one: Day, count: int, most: int) -> Element:
    """The outcomes of a day, one above the other; what is held is hatched."""
    width = _x(1, count) - _PLOT.left
    x, width = _x(at, count), width - min(_SEAM, width / 4)
    pieces: list[Element] = []
    y = _PLOT.bottom
    for outcome, n in zip(OUTCOMES, one.outcomes, strict=True):
        height = _height(n, most)
        drawn = height - min(_SEAM, height / 2)
        if n:
            said = f"{fitted(one.day, WIDTH)}: {n:,} {outcome}"
            pieces += _piece(outcome, Box(x, y - drawn, x + width, y), said)
        y -= height
    return group(pieces)


def _piece(outcome: str, box: Box, said: str) -> Iterator[Element]:
    width, height = box.right - box.left, box.bottom - box.top
    yield rect(box.left, box.top, width, height, outcome, said)
    if outcome == "quarantined" and (hatches := hatching(box.left, box.top, width, height)):
        yield path(hatches, "hatch")


def _legend() -> tuple[list[Element], list[Label]]:
    entries = [(group(_piece(outcome, Box(0, 0, 12, 12), "")), outcome) for outcome in OUTCOMES]
    return legend(entries, 6, 18)


def _counts(most: int) -> tuple[list[Element], list[Label]]:
    ticks = [tick for tick in nice_ticks(most, 4) if tick == round(tick)]
    heights = [(tick, _PLOT.bottom - _height(tick, most)) for tick in ticks]
    lines = [path(f"M{_PLOT.left} {y:.2f}H{_PLOT.right}", "grid") for tick, y in heights if tick]
    return lines, [Label(short(tick), _PLOT.left - 7, y + 4, "end", "axis", SMALL) for tick, y in heights]


def _marked(given: Sequence[Day], unusual: dict[int, _Unusual], most: int) -> tuple[list[Element], list[Label]]:
    """A point above each day that stands out, and in two rows what does, the most striking first."""
    triangles, wanted = [], []
    for at, one in sorted(unusual.items(), key=lambda each: (-each[1].sigmas, each[0])):
        x = _x(at + 0.5, len(given))
        y = _PLOT.bottom - _height(given[at].outcomes.total, most) - 6
        triangles.append(path(f"M{x:.2f} {y:.2f}l-3.5 -5h7z", "mark"))
        for lane in range(2):
            label = Label(f"{_short(given[at].day)}: {one.said}", x, _PLOT.top - 16 - lane * LINE, "middle")
            wanted.append(label.within(WIDTH))
    kept: list[Label] = []
    for label in apart(wanted, Box(0, 22, WIDTH, _HEIGHT)):
        if label.text not in {one.text for one in kept}:
            kept.append(label)
    return triangles, kept


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _short(day: str) -> str:
    """``22 Nov`` of ``2026-11-22``; anything else as it is, cut."""
    _, _, rest = day.partition("-")
    month, _, number = rest.partition("-")
    if month.isdecimal() and number.isdecimal() and 1 <= int(month) <= len(_MONTHS):
        return f"{int(number)} {_MONTHS[int(month) - 1]}"
    return fitted(day, 80)


def _dates(given: Sequence[Day]) -> list[Label]:
    """The first and the last day, then those between that have room."""
    if not given:
        return []
    count = len(given)
    step = max(1, math.ceil(count / 5))
    order = list(dict.fromkeys([0, count - 1, *range(step, count - 1, step)]))
    labels = [
        Label(_short(given[at].day), _x(at + 0.5, count), _PLOT.bottom + 15, "middle", "axis", SMALL).within(WIDTH)
        for at in order
    ]
    return apart(labels, Box(0, 0, WIDTH, _HEIGHT))
