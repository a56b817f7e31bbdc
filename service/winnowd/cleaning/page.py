"""One text as lines, each with its fate: kept, lifted into a field, or removed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.model import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from winnowd.text import Tokens


def trimmed(text: str) -> str:
    """The text without blanks around its lines, each run of spaces as one."""
    while "  " in text:  # each time half as long a run: a tenth of the time that an expression takes
        text = text.replace("  ", " ")
    return "\n".join([line.strip() for line in text.split("\n")])


class Page:
    """The lines of a trimmed text; places are their numbers from 0, ``full`` are those of lines that are not empty.

    ``first`` is the number, in the repaired text, of the first line.
    """

    def __init__(self, tokens: Tokens, first: int = 1) -> None:
        self.tokens = tokens
        self.lines = tokens.lines
        self.words = tokens.line_words
        self.first = first
        self.full = [index for index, line in enumerate(self.lines) if line]
        self.fate: dict[int, str] = {}

    @property
    def letters(self) -> list[int]:
        """How many characters of words each line has: letters, digits and underscores."""
        return self.tokens.line_letters

    @property
    def kept(self) -> list[int]:
        """The places of the lines that stay."""
        fate = self.fate
        return [index for index in self.full if index not in fate]

    def remove(self, indexes: Iterable[int], code: str) -> None:
        """Lift or remove lines, by the rule of this code."""
        for index in indexes:
            self.fate[index] = code

    def made_of(self, indexes: Sequence[int]) -> Tokens:
        """The text that these lines make: in order, one blank line where there were any between them."""
        runs = list(self._runs(indexes))
        whole = self.tokens
        return whole if runs == [(0, len(self.lines) - 1)] else whole.of_lines(runs)

    def _runs(self, indexes: Sequence[int]) -> Iterator[tuple[int, int]]:
        """First and last of the adjacent lines to keep: those of ``indexes``, and a blank line after such a line."""
        if not indexes:
            return
        chosen = set(indexes)
        begin = end = indexes[0]
        blank = False
        for index in range(indexes[0] + 1, indexes[-1] + 1):
            is_blank = not self.lines[index]
            if index not in chosen and (blank or not is_blank):
                continue
            blank = is_blank
            if index != end + 1:
                yield begin, end
                begin = index
            end = index
        yield begin, end

    def notes(self) -> list[Note]:
        """One note for each line taken, whole, in the order of the lines."""
        return [Note(self.fate[index], index + self.first, 1, self.lines[index]) for index in sorted(self.fate)]
