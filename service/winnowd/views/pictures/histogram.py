"""How the scores of the nearest articles are spread, on a scale that shows one beside thousands. Pure."""

from __future__ import annotations

import bisect
import math
from typing import TYPE_CHECKING, Final, Literal

from winnowd.views.pictures.lettering import SMALL, Box, Label, apart
from winnowd.views.pictures.limits import limit_lines, pointer
from winnowd.views.pictures.picture import WIDTH, Picture, figure, percent, picture, short
from winnowd.views.pictures.svg import line, path, rect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.views.pictures.svg import Element
    from winnowd.views.statistics import Bin

    Side = Literal["min", "max"]

_PLOT: Final = Box(46, 44, WIDTH - 12, 184)
_HEIGHT: Final = 226.0
_HALF: Final = 0.5
"""Where the scale begins: so that a single one has a bar."""
_GAP: Final = 1.0


def histogram(
    bins: Sequence[Bin], doubt: float | None, fail: float | None, this: float | None, *, side: Side = "max"
) -> Picture:
    """A bar for each bin, all equally wide, as high as the logarithm of its count; the limits; this one, if it is one.

    ``bins`` follow each other; ``side`` as in the rule: beyond its limits lies what is above them ("max") or below. A
    limit that no bin reaches has no line, and is told in the title.
    """
    most = max((one.n for one in bins), default=0)
    near = [limit if limit is not None and _is_within(bins, limit) else None for limit in (doubt, fail)]
    lines, labels = limit_lines(near[0], near[1], lambda value: _x(bins, value), _PLOT)
    ticks, counts = _counts(most)
    drawing: list[Element] = [*ticks, *_bars(bins, most, (doubt, fail), side), _baseline(), *lines]
    labels += [*counts, *_values(bins)]
    if this is not None:
        triangle, label = pointer(f"this: {figure(this)}", _x(bins, this), _PLOT.bottom + 3, _PLOT)
        drawing.append(triangle)
        labels.append(label)
    rows = [(figure(one.start), figure(one.end), one.n, _grade(one, doubt, fail, side)) for one in bins]
    title = _finding(bins, (doubt, fail), this, side) + _out_of_reach(bins, doubt, fail)
    return picture("histogram", title, _HEIGHT, drawing, labels, (("from", "to", "how many", "beyond"), rows))


def _finding(bins: Sequence[Bin], limits: tuple[float | None, float | None], this: float | None, side: Side) -> str:
    count = sum(one.n for one in bins)
    if not count:
        return "Nothing was measured"
    grade, limit = _beyond(this, *limits, side) if this is not None else ("", None)
    among = f"{count:,} measured"
    if limit is not None and this is not None:
        return f"{figure(this)} lies beyond {grade} ({figure(limit)}), among {among}"
    if this is not None:
        return f"{figure(this)} lies within the limits, among {among}"
    peak = max(bins, key=lambda one: one.n)
    return f"{among}, most often {figure(peak.start)} to {figure(peak.end)} ({percent(peak.n, count)})"


def _is_within(bins: Sequence[Bin], value: float) -> bool:
    return bool(bins) and bins[0].start <= value <= bins[-1].end


def _out_of_reach(bins: Sequence[Bin], doubt: float | None, fail: float | None) -> str:
    """The limits that lie below or above all that was measured, in words."""
    limits = [(name, limit) for name, limit in (("doubt", doubt), ("fail", fail)) if limit is not None]
    outside = [f"{name} ({figure(limit)})" for name, limit in limits if bins and not _is_within(bins, limit)]
    return f"; {' and '.join(outside)} out of this range" if outside else ""


def _beyond(value: float, doubt: float | None, fail: float | None, side: Side) -> tuple[str, float | None]:
    """The worst limit that a value lies beyond; ("", None) if it does beyond none."""
    for grade, limit in (("fail", fail), ("doubt", doubt)):
        if limit is not None and (value < limit if side == "min" else value > limit):
            return grade, limit
    return "", None


def _grade(one: Bin, doubt: float | None, fail: float | None, side: Side) -> str:
    """What the middle of a bin is graded as: doubt, fail, or "" for neither."""
    return _beyond((one.start + one.end) / 2, doubt, fail, side)[0]


def _x(bins: Sequence[Bin], value: float) -> float:
    """Where a value stands: within its bin as far as it lies in it, at the edge if it lies in none."""
    if not bins:
        return _PLOT.left
    at = max(0, bisect.bisect_right([one.start for one in bins], value) - 1)
    one = bins[at]
    within = (value - one.start) / (one.end - one.start) if one.end > one.start else _HALF
    return _PLOT.left + (at + max(0.0, min(1.0, within))) * _width(bins)


def _width(bins: Sequence[Bin]) -> float:
    return (_PLOT.right - _PLOT.left) / len(bins)


def _y(n: float, most: int) -> float:
    """The height of a count on the logarithmic scale."""
    if n <= _HALF:
        return _PLOT.bottom
    return _PLOT.bottom - math.log(n / _HALF) / math.log(max(most, 1) / _HALF) * (_PLOT.bottom - _PLOT.top)


def _bars(bins: Sequence[Bin], most: int, limits: tuple[float | None, float | None], side: Side) -> Iterator[Element]:
    for at, one in enumerate(bins):
        if one.n:
            x, y, width = _PLOT.left + at * _width(bins), _y(one.n, most), _width(bins)
            gap = min(_GAP, width / 4)
            said = f"{figure(one.start)} to {figure(one.end)}: {one.n:,}"
            grade = _grade(one, *limits, side) or "pass"
            yield rect(x + gap / 2, y, width - gap, _PLOT.bottom - y, f"bar {grade}", said)


def _counts(most: int) -> tuple[list[Element], list[Label]]:
    """A line at each power of ten up to the largest count."""
    powers = [10**power for power in range(len(str(most)))] if most else []
    labels = [Label(short(n), _PLOT.left - 7, _y(n, most) + 4, "end", "axis", SMALL) for n in powers]
    return [path(f"M{_PLOT.left} {_y(n, most):.2f}H{_PLOT.right}", "grid") for n in powers], labels


def _baseline() -> Element:
    return line(_PLOT.left, _PLOT.bottom, _PLOT.right, _PLOT.bottom, "baseline")


def _values(bins: Sequence[Bin]) -> list[Label]:
    """The values where bins begin: the first and last, then those of the others that have room."""
    if not bins:
        return []
    width, y = _width(bins), _HEIGHT - 8
    edges = [*((one.start, at) for at, one in enumerate(bins)), (bins[-1].end, len(bins))]
    step = max(1, len(bins) // 4)
    order = [edges[0], edges[-1], *edges[step:-1:step]]
    labels = [Label(figure(value), _PLOT.left + at * width, y, "middle", "axis", SMALL) for value, at in order]
    room = Box(0, 0, WIDTH, _HEIGHT)
    return apart([label.within(WIDTH) for label in labels], room)
