"""A picture: its SVG, the finding it shows, and the table behind it. Pure."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Final

from winnowd.views.pictures.svg import Element, element

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from winnowd.views.pictures.lettering import Label

    Cell = str | int | float

WIDTH: Final = 400.0
"""Units of every picture: a phone shows one for one pixel; the style sheet lets none grow beyond 1.4 pixels."""


_AS_IT_IS: Final = 10_000


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """``svg`` is markup, safe as it stands; ``title``, ``header`` and ``rows`` are plain text, to be escaped."""

    svg: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def picture(
    kind: str,
    title: str,
    height: float,
    drawing: Iterable[Element],
    labels: Iterable[Label],
    table: tuple[tuple[str, ...], Sequence[tuple[Cell, ...]]],
    *,
    has_links: bool = False,
) -> Picture:
    """A drawing with its labels above it, as wide as each is.

    One without links is a single image to those who hear it; the links of another stay in reach.
    """
    svg = element(
        "svg",
        *drawing,
        *(label.drawn() for label in labels if label.text),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:g} {math.ceil(height)}",
        class_=f"picture {kind}",
        role="group" if has_links else "img",
        aria_label=title,
    )
    header, rows = table
    return Picture(str(svg), title, header, tuple(rows))


def nice_ticks(top: float, most: int = 4) -> list[float]:
    """Round numbers from 0 up to ``top``, at most so many above 0: multiples of 1, 2 or 5 times a power of ten."""
    if top <= 0:
        return [0.0]
    power = 10.0 ** math.floor(math.log10(top / most))
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if top / (power * factor) <= most)
    return [step * at for at in range(math.floor(top / step + 1e-9) + 1)]


def figure(value: float) -> str:
    """At most four digits that tell something."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e9 else f"{value:.4g}"


def short(count: float) -> str:
    """A round count for an axis: 1,000, but 10k, 2.5M."""
    for unit, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= unit and count >= _AS_IT_IS:
            return f"{count / unit:g}{sign}"
    return f"{count:,.0f}"


def percent(part: float, whole: float) -> str:
    """A share as a person says it; a small one is never 0 %, and none but the whole is 100 %."""
    share = 100 * part / whole if whole else 0.0
    if 0 < share < 1:
        return "under 1 %"
    return f"{min(99, round(share)) if share < 100 else 100} %"
