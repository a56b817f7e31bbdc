"""What each limit would catch: of all that was measured, of what people confirmed, of what they released. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.views.pictures.lettering import SMALL, Box, Label, apart, legend
from winnowd.views.pictures.limits import limit_lines, pointer
from winnowd.views.pictures.picture import WIDTH, Picture, figure, nice_ticks, picture
from winnowd.views.pictures.svg import line, number, path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.views.pictures.svg import Element

_PLOT: Final = Box(46, 66, WIDTH - 12, 216)
_HEIGHT: Final = 258.0
_LINES: Final = ("caught", "confirmed", "released")
_NAMES: Final = {"caught": "of all", "confirmed": "of the confirmed", "released": "of the released"}


class CurvePoint(NamedTuple):
    """What a limit catches: articles in all, and among them those that people confirmed, and those they released."""

    limit: float
    caught: int
    confirmed: int
    released: int


def caught_curve(
    points: Sequence[CurvePoint],
    totals: tuple[int, int, int],
    doubt: float | None,
    fail: float | None,
    tried: float | None,
) -> Picture:
    """Three curves of shares in percent over the limits; both limits in force; the one that is tried, if any.

    ``points``: by limit, ascending. ``totals``: how many were measured, confirmed, released, whatever the limit. A good
    limit catches all that people confirmed and nothing of what they released.
    """
    lines, labels = limit_lines(doubt, fail, lambda value: _x(points, value), _PLOT)
    drawing: list[Element] = [*_grid(), *lines]
    for at, name in reversed(list(enumerate(_LINES))):
        if totals[at] and points:
            drawing.append(path(_steps(points, at, totals[at]), f"curve {name}"))
    samples, names = legend([(path("M0 7H13", f"curve {name}"), _NAMES[name]) for name in _LINES], 6, 18)
    labels += [*names, *_percents(), *_limits(points)]
    if tried is not None and points:
        drawing += _tried(points, totals, tried)
        triangle, label = pointer(f"tried: {figure(tried)}", _x(points, tried), _PLOT.bottom + 3, _PLOT, "tried")
        drawing.append(triangle)
        labels.append(label)
    rows = [(figure(one.limit), one.caught, one.confirmed, one.released) for one in points]
    table = (("limit", "caught", "of them confirmed", "of them released"), rows)
    title = _finding(points, totals, fail, tried)
    return picture("caught-curve", title, _HEIGHT, [*drawing, *samples], labels, table)


def _finding(
    points: Sequence[CurvePoint], totals: tuple[int, int, int], fail: float | None, tried: float | None
) -> str:
    limit = tried if tried is not None else fail
    if not points or limit is None:
        return f"{totals[0]:,} measured; no limit is in force"
    at = _at(points, limit)
    said = [f"{at.caught:,} caught"]
    if tried is not None and fail is not None:
        said[0] += f" ({_at(points, fail).caught:,} at {figure(fail)})"
    said += [
        f"{n:,} of {total:,} {name}" for n, total, name in zip(at[2:], totals[1:], _LINES[1:], strict=True) if total
    ]
    return f"At {figure(limit)}: {', '.join(said)}"


def _at(points: Sequence[CurvePoint], limit: float) -> CurvePoint:
    """What is known of the point nearest to a limit."""
    return min(points, key=lambda one: (abs(one.limit - limit), one.limit))


def _x(points: Sequence[CurvePoint], value: float) -> float:
    if not points:
        return _PLOT.left
    low, high = points[0].limit, points[-1].limit
    share = (value - low) / (high - low) if high > low else 0.5
    return _PLOT.left + max(0.0, min(1.0, share)) * (_PLOT.right - _PLOT.left)


def _y(share: float) -> float:
    return _PLOT.bottom - max(0.0, min(1.0, share)) * (_PLOT.bottom - _PLOT.top)


def _steps(points: Sequence[CurvePoint], at: int, total: int) -> str:
    ends = [f"{number(_x(points, one.limit))} {number(_y(one[at + 1] / total))}" for one in points]
    return "M" + "L".join(ends if len(ends) > 1 else [*ends, f"{number(_PLOT.right)} {ends[0].split()[1]}"])


def _grid() -> Iterator[Element]:
    for share in (0.25, 0.5, 0.75, 1.0):
        yield path(f"M{_PLOT.left} {_y(share):.2f}H{_PLOT.right}", "grid")
    yield line(_PLOT.left, _PLOT.bottom, _PLOT.right, _PLOT.bottom, "baseline")


def _percents() -> list[Label]:
    return [
        Label(f"{share:.0%}".replace("%", " %"), _PLOT.left - 7, _y(share) + 4, "end", "axis", SMALL)
        for share in (0.0, 0.5, 1.0)
    ]


def _limits(points: Sequence[CurvePoint]) -> list[Label]:
    """Round limits below the curves."""
    if not points:
        return []
    low, high = points[0].limit, points[-1].limit
    ticks = [low + tick for tick in nice_ticks(high - low, 5)] if low else nice_ticks(high, 5)
    labels = [Label(figure(tick), _x(points, tick), _HEIGHT - 8, "middle", "axis", SMALL) for tick in ticks]
    return apart(labels, Box(0, 0, WIDTH, _HEIGHT))


def _tried(points: Sequence[CurvePoint], totals: tuple[int, int, int], tried: float) -> Iterator[Element]:
    """A line at the limit that is tried, and on each curve the point nearest to it."""
    yield line(_x(points, tried), _PLOT.top, _x(points, tried), _PLOT.bottom, "tried-line")
    found = _at(points, tried)
    x = _x(points, found.limit)
    for at, name in enumerate(_LINES):
        if totals[at]:
            y = _y(found[at + 1] / totals[at])
            yield path(f"M{number(x - 4)} {number(y)}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", f"point {name}")
