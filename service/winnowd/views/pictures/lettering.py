"""Text in pictures: how wide it is at most, cut to fit, and where labels stand so that none covers another. Pure.

Widths are those of a wide face (DejaVu Sans), so that in any usual one a text takes no more. What has signs
that are not in the table is squeezed by the browser into the width it was given (``textLength``).
"""

from __future__ import annotations

import unicodedata
from typing import Final, Literal, NamedTuple

from winnowd.views.escape import ELLIPSIS, flat
from winnowd.views.pictures.svg import Element, element

SIZE: Final = 12.0
"""Units of a label's letters; the style sheet has the same."""
SMALL: Final = 11.0
"""Units of letters on axes."""
LINE: Final = 16.0
"""From one line of text to the next."""
_ASCENT: Final = 0.95  # of the letters' size, above the base line
_DESCENT: Final = 0.25

_WIDTHS: Final = {
    sign: width
    for width, signs in (
        (0.34, " ',./IJ\\ijl|·‘’"),
        (0.40, "()-:;[]f"),
        (0.46, '!"rt'),
        (0.54, "*?_`sz–"),
        (0.65, "0123456789$EFLPSTYabcdeghknopquvxy{}“”"),
        (0.70, "ABCKRVXZ"),
        (0.80, "&DGHNOQU"),
        (0.84, "#+<=>^w~→↓"),
        (0.88, "M"),
        (1.00, "%@Wm…—"),
    )
    for sign in signs
}
_BOLD: Final = 1.15
"""What a strong label is wider, at most by this table."""
_MOST_MARKS: Final = 2
Anchor = Literal["start", "middle", "end"]


class Box(NamedTuple):
    """A rectangle, by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether they have a point in common that is on no edge."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def contains(self, other: Box) -> bool:
        """Whether the other lies within."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


class Label(NamedTuple):
    """A line of text: its anchor stands at (x, y), y is the base line."""

    text: str
    x: float
    y: float
    anchor: Anchor = "start"
    class_: str = "label"
    size: float = SIZE

    @property
    def width(self) -> float:
        """How wide it is at most."""
        return text_width(self.text, self.size) * (_BOLD if "strong" in self.class_ else 1)

    @property
    def box(self) -> Box:
        """Where it stands."""
        width = self.width
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return Box(left, self.y - _ASCENT * self.size, left + width, self.y + _DESCENT * self.size)

    def within(self, width: float) -> Label:
        """It, moved so far to the left or right that it stands between 0 and ``width``."""
        box = self.box
        return self._replace(x=self.x - max(0.0, box.right - width) + max(0.0, -box.left))

    def drawn(self) -> Element:
        """It as an element; with its width where signs are in it whose width is not known."""
        squeezed: dict[str, str | float] = {}
        if not is_measured(self.text):
            squeezed = {"textLength": self.width, "lengthAdjust": "spacingAndGlyphs"}
        anchor = "" if self.anchor == "start" else self.anchor
        return element("text", self.text, x=self.x, y=self.y, text_anchor=anchor, class_=self.class_, **squeezed)


def text_width(text: str, size: float = SIZE) -> float:
    """How wide a text is at most, in units."""
    return size * sum(_WIDTHS.get(sign) or _other_width(sign) for sign in text)


def _without_piles(text: str) -> str:
    """A text in which at most two marks stand above or below one sign: a pile of them reaches into other lines."""
    is_combining = [bool(unicodedata.combining(sign)) for sign in text]
    return "".join(sign for at, sign in enumerate(text) if not all(is_combining[max(0, at - _MOST_MARKS) : at + 1]))


def _other_width(sign: str) -> float:
    if unicodedata.combining(sign):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.8


def is_measured(text: str) -> bool:
    """Whether the width of each sign is known."""
    return all(sign in _WIDTHS for sign in text)


def fitted(text: str, width: float, size: float = SIZE, *, strong: bool = False) -> str:
    """Outside text as one line that is no wider, with an ellipsis where it was cut; of no width nothing."""
    text = _without_piles(flat(text))
    width /= _BOLD if strong else 1
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + ELLIPSIS, size) > width:
        text = text[:-1].rstrip()
    return text + ELLIPSIS if text else ""


def apart(labels: list[Label], within: Box, gap: float = 6.0) -> list[Label]:
    """Those labels that stand within a box and cover none before them: first come, first kept."""
    kept: list[Label] = []
    for label in labels:
        box = label.box
        wide = Box(box.left - gap, box.top, box.right + gap, box.bottom)
        if within.contains(box) and not any(wide.meets(one.box) for one in kept):
            kept.append(label)
    return kept


def legend(entries: list[tuple[Element, str]], x: float, y: float) -> tuple[list[Element], list[Label]]:
    """Samples of 12 x 12 units, made for (0, 0), each with its name, in a row from (x, y) on, y the base line."""
    samples, labels = [], []
    for sample, name in entries:
        samples.append(element("g", sample, transform=f"translate({x:g} {y - 10:g})"))
        labels.append(Label(name, x + 17, y, class_="axis", size=SMALL))
        x = round(labels[-1].box.right + 14)
    return samples, labels
