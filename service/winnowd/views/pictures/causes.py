"""Why articles were turned away: a bar for each code, the most frequent first. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.views.pictures.lettering import Label, fitted, text_width
from winnowd.views.pictures.picture import WIDTH, Picture, percent, picture
from winnowd.views.pictures.svg import Element, link, rect

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROW: Final = 24.0
_TOP: Final = 6.0
_BARS_FROM: Final = 190.0
_EDGE: Final = 8.0
_LEAST_BAR: Final = 2.0
MOST_SHOWN: Final = 12
"""Codes with a bar of their own; the others share one."""


class Cause(NamedTuple):
    """A code, its slug, and ``n``, how many were turned away by it.

    ``href``: the page within ours that lists them, "" for none.
    """

    code: str
    slug: str
    n: int
    href: str = ""


def causes(given: Sequence[Cause]) -> Picture:
    """Bars from the left, each with code, slug and count; a row leads where its cause does.

    Raises:
        ValueError: an ``href`` could lead outside.
    """
    order = sorted(given, key=lambda one: (-one.n, one.code))
    shown = order[:MOST_SHOWN] if len(order) > MOST_SHOWN + 1 else order
    rest = order[len(shown) :]
    if rest:
        shown = [*shown, Cause(f"{len(rest)} more", "codes", sum(one.n for one in rest))]
    most = max((one.n for one in shown), default=0)
    drawing = [_row(one, at, most) for at, one in enumerate(shown)]
    rows = [(fitted(one.code, WIDTH), fitted(one.slug, WIDTH), one.n) for one in order]
    height = 2 * _TOP + _ROW * max(1, len(shown))
    has_links = any(one.href for one in shown)
    table = (("code", "rule", "turned away"), rows)
    return picture("causes", _finding(order), height, drawing, (), table, has_links=has_links)


def _finding(order: Sequence[Cause]) -> str:
    total = sum(one.n for one in order)
    if not total:
        return "Nothing was turned away"
    first = order[0]
    name = fitted(f"{first.code} {first.slug}".strip(), WIDTH)
    return f"Most often {name}: {first.n:,} of {total:,} turned away ({percent(first.n, total)})"


def _row(one: Cause, at: int, most: int) -> Element:
    """Code and slug left of the bar, the count behind it; all of the row can be clicked."""
    y = _TOP + at * _ROW
    code = Label(fitted(one.code, _BARS_FROM / 2, strong=True), _EDGE, y + 16, class_="label strong")
    slug_x = code.box.right + 6 if one.code else _EDGE
    slug = Label(fitted(one.slug, _BARS_FROM - 8 - slug_x), slug_x, y + 16)
    room = WIDTH - _EDGE - _BARS_FROM - text_width(f"{most:,}") - 8
    width = max(_LEAST_BAR, one.n / most * room) if one.n else 0.0
    count = Label(f"{one.n:,}", _BARS_FROM + width + 7, y + 16, class_="label")
    pieces = [
        rect(1, y, WIDTH - 2, _ROW, "row"),
        *(label.drawn() for label in (code, slug, count) if label.text),
        rect(_BARS_FROM, y + 5, width, _ROW - 10, "bar cause"),
    ]
    return link(one.href, pieces)
