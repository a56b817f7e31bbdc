"""Lines of a printed page to paragraphs, by where they stand. Pure.

A paragraph ends where the next line stands further below than lines do, where its last line is short and ends a
sentence, where the letters change in height, or where the next line is set in. Over the end of a column or page it goes
on, unless a sentence ends there on a short line.
"""

from __future__ import annotations

import itertools
import re
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

HYPHEN: Final = "\ufffe"
"""PDFium's mark for a hyphen that a line's end put into a word."""
_ENDS: Final = re.compile(r"[.!?:…][\"'”’»)\]]*$")
_UPPER: Final = re.compile(r"[\"'“‘«(\[]?[A-Z0-9]")
_FULL: Final = 0.85
_GAP: Final = 1.35
_TALLER: Final = 1.25
_SET_IN: Final = 0.7
_WORD: Final = re.compile(r"\w+(?:-\w+)*+")
_PARTED: Final = re.compile(rf"(\w{{1,40}}){HYPHEN}\s{{0,9}}(\w{{1,40}})")
_NUMBER: Final = re.compile(r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty-[a-z]+|\w*\d\w*-\w+")
_OWN_HYPHEN: Final = re.compile(r"(\w[-\u2010])\n(?=[a-z])")
"""One at a line's end that PDFium leaves is the word's own."""


class Line(NamedTuple):
    """A line and its box, in points from the lower left corner of its page."""

    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def height(self) -> float:
        """How high its letters are."""
        return max(self.top - self.bottom, 0.1)


def paragraphs(lines: list[Line]) -> Iterator[str]:
    """The paragraphs of all lines, in order."""
    if not lines:
        return
    step = _step(lines)
    width = _width(lines)
    words = {word.lower() for line in lines for word in _WORD.findall(line.text)}
    made = [lines[0].text]
    for before, line in itertools.pairwise(lines):
        if _parts(before, line, step, width):
            yield _paragraph(made, words)
            made = []
        made.append(line.text)
    yield _paragraph(made, words)


def _step(lines: list[Line]) -> float:
    """How far below each other lines stand, in heights of their letters."""
    steps = [
        (before.bottom - line.bottom) / line.height
        for before, line in itertools.pairwise(lines)
        if 0 < before.bottom - line.bottom < 3 * line.height
    ]
    return median(steps) if steps else 1.2


def _width(lines: list[Line]) -> float:
    """How wide a full line is: that of the widest but for a tenth."""
    widths = sorted(line.right - line.left for line in lines)
    return widths[int(0.9 * (len(widths) - 1))]


def _parts(before: Line, line: Line, step: float, width: float) -> bool:
    """Whether a paragraph ends between two lines."""
    if before.text.rstrip(" ").endswith(HYPHEN):
        return False
    if max(before.height, line.height) > _TALLER * min(before.height, line.height):
        return True
    below = before.bottom - line.bottom
    ends = _ENDS.search(before.text.rstrip()) is not None
    short = before.right - before.left < _FULL * width
    if below <= 0 or abs(line.left - before.left) > width / 2:  # the next column or page
        return ends and short
    if below > _GAP * step * line.height:
        return True
    if ends and (short or line.left - before.left > _SET_IN * line.height):
        return True
    return (
        short and not ends and before.right - before.left < width / 2 and _UPPER.match(line.text.lstrip()) is not None
    )


def _paragraph(lines: list[str], words: set[str]) -> str:
    """Lines as one, their hyphens undone, with one blank between words."""
    text = "\n".join(line.strip() for line in lines)
    if HYPHEN in text:
        text = _PARTED.sub(lambda match: _word(match[1], match[2], words), text).replace(HYPHEN, "")
    return " ".join(_OWN_HYPHEN.sub(r"\1", text).split())


def _word(begin: str, end: str, words: set[str]) -> str:
    """A word that a line's end parted, with its hyphen if it is a number, a name, or so written elsewhere."""
    joined, hyphened = (begin + end).lower(), f"{begin}-{end}".lower()
    keeps = _NUMBER.fullmatch(hyphened) or end[:1].isupper() or (hyphened in words and joined not in words)
    return f"{begin}-{end}" if keeps else begin + end
