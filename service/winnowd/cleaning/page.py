"""One text as lines, each with its fate: kept, lifted into a field, or removed. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from winnowd.model import Note
from winnowd.text import word_count

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLANKS = re.compile(r" {2,}")
_BLANK_LINES = re.compile(r"\n{3,}")


def trimmed(text: str) -> list[str]:
    """The lines of a text without outer blanks, each run of spaces as one."""
    if "  " in text:
        text = _BLANKS.sub(" ", text)
    return [line.strip() for line in text.split("\n")]


class Page:
    """The trimmed lines of a text; places are indices of ``lines``, ``full`` are those of the lines that are not empty.

    ``first`` is the number, in the repaired text, of the first line.
    """

    def __init__(self, lines: list[str], first: int = 1) -> None:
        self.lines = lines
        self.first = first
        self.full = [place for place, line in enumerate(lines) if line]
        self.fate: dict[int, str] = {}

    @property
    def kept(self) -> list[int]:
        """The places of the lines that stay."""
        fate = self.fate
        return [place for place in self.full if place not in fate]

    def take(self, place: int, code: str) -> None:
        """Lift or remove a line, by the rule of this code."""
        self.fate[place] = code

    def text(self, places: Sequence[int]) -> str:
        """The text that these lines make: in order, one blank line where there were any between them."""
        if not places:
            return ""
        chosen = set(places)
        lines = self.lines
        between = range(places[0], places[-1] + 1)
        joined = "\n".join([lines[place] for place in between if place in chosen or not lines[place]])
        return _BLANK_LINES.sub("\n\n", joined)

    def words(self, places: Sequence[int]) -> int:
        """How many words these lines have."""
        return sum(word_count(self.lines[place]) for place in places)

    def notes(self) -> list[Note]:
        """One note for each line taken, whole, in the order of the lines."""
        return [Note(self.fate[place], place + self.first, 1, self.lines[place]) for place in sorted(self.fate)]
