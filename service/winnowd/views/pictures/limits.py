"""Limits in a picture: a line each, with its label at the top, and a pointer below to one value. Pure."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from winnowd.views.pictures.lettering import LINE, Anchor, Box, Label
from winnowd.views.pictures.picture import figure
from winnowd.views.pictures.svg import Element, line, path

if TYPE_CHECKING:
    from collections.abc import Callable

LANES: Final = 2
"""Rows above a plot for the labels of both limits."""
_BESIDE: Final = 5.0
_SIDES: Final[tuple[Anchor, ...]] = ("start", "end")


def limit_lines(
    doubt: float | None, fail: float | None, x_of: Callable[[float], float], plot: Box
) -> tuple[list[Element], list[Label]]:
    """Both limits, as far as they are; each label in a row of its own, and no line through the other's."""
    limits = [(name, limit) for name, limit in (("doubt", doubt), ("fail", fail)) if limit is not None]
    labels: list[Label] = []
    for order in itertools.permutations(limits):
        for sides in itertools.product(_SIDES, repeat=len(limits)):
            labels = [
                _label(name, limit, x_of(limit), plot, (lane, side))
                for lane, ((name, limit), side) in enumerate(zip(order, sides, strict=True))
            ]
            if all(_is_clear(label, labels[:lane], plot) for lane, label in enumerate(labels)):
                return [_line(label, plot) for label in labels], labels
    return [_line(label, plot) for label in labels], labels


def _label(name: str, limit: float, x: float, plot: Box, at: tuple[int, Anchor]) -> Label:
    lane, side = at
    y = plot.top - 9 - LINE * (LANES - 1 - lane)
    return Label(f"{name} {figure(limit)}", x + (_BESIDE if side == "start" else -_BESIDE), y, side, f"limit {name}")


def _is_clear(label: Label, above: list[Label], plot: Box) -> bool:
    """Whether it stands within the width of the picture, and no line comes down through it."""
    box = label.box
    lines = [_line_x(one) for one in above]
    return box.left >= 0 and box.right <= plot.right and not any(box.left - 2 < x < box.right + 2 for x in lines)


def _line_x(label: Label) -> float:
    return label.x + (-_BESIDE if label.anchor == "start" else _BESIDE)


def _line(label: Label, plot: Box) -> Element:
    x = _line_x(label)
    return line(x, label.box.top, x, plot.bottom, f"{label.class_}-line")


def pointer(text: str, x: float, y: float, plot: Box, kind: str = "this") -> tuple[Element, Label]:
    """A triangle below the plot, its tip at (x, y), with a label beside it, at the side that has more room."""
    triangle = path(f"M{x:.2f} {y:.2f}l-5 9h10z", f"{kind}-mark")
    if x < (plot.left + plot.right) / 2:
        return triangle, Label(text, x + 9, y + 11, "start", f"{kind} strong")
    return triangle, Label(text, x - 9, y + 11, "end", f"{kind} strong")
