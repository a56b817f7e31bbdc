"""The kept originals with most copies: a star each, its copies around it, the line the thicker the more alike. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.views.pictures.lettering import LINE, SMALL, Box, Label, fitted
from winnowd.views.pictures.picture import WIDTH, Picture, figure, picture
from winnowd.views.pictures.svg import circle, element, rect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.views.pictures.picture import Cell
    from winnowd.views.pictures.svg import Element

MOST_NODES: Final = 50
_MOST_COPIES: Final = 15
"""Copies of one original that are drawn; how many more there are is said."""
_COLUMNS: Final = ((4, 3), (1, 2), (0, 1))
"""In how many columns more originals than that stand."""
_RADIUS: Final = 42.0
_NEAR: Final = 0.8
"""Every second copy of many stands nearer by this factor, so that none touch."""
_CROWDED: Final = 8
_KEPT, _COPY = 8.0, 4.5
_CELL_HEIGHT: Final = 2 * (_RADIUS + _COPY) + 2 * LINE + 22
_TOP: Final = 30.0
_THINNEST, _THICKEST = 1.0, 4.5
_EVEN: Final = 2.0
_PAD: Final = 6.0


class Copy(NamedTuple):
    """A copy that was turned away, by which rule, and its score: any number >= 0, the higher the more alike.

    Where no score is known, all lines are equally thick.
    """

    name: str
    score: float | None = None
    rule: str = ""


class Original(NamedTuple):
    """An article that was kept, and its copies; ``n``: how many there are in all, where these are not all."""

    name: str
    copies: tuple[Copy, ...]
    n: int = 0

    @property
    def total(self) -> int:
        """How many copies there are."""
        return max(self.n, len(self.copies))


def copies(given: Sequence[Original]) -> Picture:
    """The originals with most copies, at most 50 articles in all; the table has every one.

    Raises:
        ValueError: a score is negative or not finite.
    """
    scores = [one.score for original in given for one in original.copies if one.score is not None]
    if any(not 0 <= score < math.inf for score in scores):
        raise ValueError("a score is a number from 0 on")
    order = sorted((one for one in given if one.copies), key=lambda one: (-one.total, one.name))
    stars = list(_drawn(order))
    most = max(scores, default=0.0)
    columns = next((columns for more, columns in _COLUMNS if len(stars) > more), 1)
    drawing: list[Element] = []
    labels: list[Label] = []
    for at, (original, shown) in enumerate(stars):
        left, top = at % columns * (WIDTH / columns), _TOP + at // columns * _CELL_HEIGHT
        cell = Box(left, top, left + WIDTH / columns, top + _CELL_HEIGHT)
        drawing += _star(original, shown, most, cell)
        labels += _names(original, shown, cell)
    samples, names = _legend(has_scores=bool(scores))
    height = _TOP + math.ceil(len(stars) / columns) * _CELL_HEIGHT
    table = _table(order, has_scores=bool(scores))
    return picture("copies", _finding(order, stars), height, [*samples, *drawing], [*names, *labels], table)


def _table(order: Sequence[Original], *, has_scores: bool) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """A row for each copy, with what is known of it."""
    pairs = [(one, copy) for one in order for copy in one.copies]
    columns: list[tuple[str, list[Cell]]] = [
        ("kept", [fitted(one.name, WIDTH) for one, _ in pairs]),
        ("copy", [fitted(copy.name, WIDTH) for _, copy in pairs]),
    ]
    if has_scores or not pairs:
        columns.append(("score", ["" if copy.score is None else figure(copy.score) for _, copy in pairs]))
    if any(copy.rule for _, copy in pairs):
        columns.append(("rule", [fitted(copy.rule, WIDTH) for _, copy in pairs]))
    return tuple(name for name, _ in columns), list(zip(*(cells for _, cells in columns), strict=True))


def _drawn(order: Sequence[Original]) -> Iterator[tuple[Original, tuple[Copy, ...]]]:
    """Which originals are drawn, and which of their copies, the most alike first."""
    left = MOST_NODES
    for one in order:
        room = min(_MOST_COPIES, left - 1)
        if room < 1:
            return
        shown = tuple(sorted(one.copies, key=lambda copy: (-(copy.score or 0.0), copy.name)))[:room]
        left -= 1 + len(shown)
        yield one, shown


def _finding(order: Sequence[Original], stars: Sequence[tuple[Original, tuple[Copy, ...]]]) -> str:
    if not order:
        return "No copies were found"
    total = sum(one.total for one in order)
    first = order[0]
    articles = f"{len(order):,} kept {'article' if len(order) == 1 else 'articles'}"
    drawn = sum(len(shown) for _, shown in stars)
    rest = f" ({drawn:,} drawn)" if drawn < total else ""
    name = fitted(first.name, WIDTH)
    return f"{total:,} {_copies(total)} of {articles}{rest}; most of {name}: {first.total:,}"


def _copies(count: int) -> str:
    return "copy" if count == 1 else "copies"


def _star(original: Original, shown: Sequence[Copy], most: float, cell: Box) -> Iterator[Element]:
    x, y = _centre(cell)
    points = [_point(at, len(shown), x, y) for at in range(len(shown))]
    for copy, (to_x, to_y) in zip(shown, points, strict=True):
        yield element("line", x1=x, y1=y, x2=to_x, y2=to_y, class_="tie", stroke_width=_thickness(copy.score, most))
    for copy, point in zip(shown, points, strict=True):
        said = copy.rule if copy.score is None else figure(copy.score)
        yield circle(*point, _COPY, "copy", ": ".join(part for part in (fitted(copy.name, WIDTH), said) if part))
    yield rect(x - _KEPT, y - _KEPT, 2 * _KEPT, 2 * _KEPT, "kept", fitted(original.name, WIDTH))


def _centre(cell: Box) -> tuple[float, float]:
    return (cell.left + cell.right) / 2, cell.top + _RADIUS + _COPY + 6


def _point(at: int, count: int, x: float, y: float) -> tuple[float, float]:
    """Evenly around the original, the first above it."""
    angle = 2 * math.pi * at / count - math.pi / 2
    radius = _RADIUS * (_NEAR if count > _CROWDED and at % 2 else 1.0)
    return x + radius * math.cos(angle), y + radius * math.sin(angle)


def _thickness(score: float | None, most: float) -> float:
    if score is None:
        return _EVEN
    return _THINNEST + (_THICKEST - _THINNEST) * (score / most if most else 0.0)


def _names(original: Original, shown: Sequence[Copy], cell: Box) -> list[Label]:
    """Under the star, in its column: the original, and how many copies it has."""
    x, y = _centre(cell)
    y += _RADIUS + _COPY + 16
    count = original.total
    said = f"{count:,} {_copies(count)}" + (f", {len(shown)} drawn" if len(shown) < count else "")
    room = cell.right - cell.left - 2 * _PAD
    return [
        Label(fitted(original.name, room), x, y, "middle"),
        Label(fitted(said, room, SMALL), x, y + LINE - 1, "middle", "axis", SMALL),
    ]


def _legend(*, has_scores: bool) -> tuple[list[Element], list[Label]]:
    samples = [rect(6, 8, 11, 11, "kept"), circle(62, 13.5, _COPY, "copy")]
    labels = [
        Label("kept", 22, 18, class_="axis", size=SMALL),
        Label("copy", 71, 18, class_="axis", size=SMALL),
    ]
    if has_scores:
        samples.append(element("line", x1=118, y1=13.5, x2=136, y2=13.5, class_="tie", stroke_width=_THICKEST))
        labels.append(Label("the thicker, the more alike", 142, 18, class_="axis", size=SMALL))
    return samples, labels
