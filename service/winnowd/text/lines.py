"""What the lines of a text look like; and words counted in a line that nobody has cut. Pure."""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple


class LineShares(NamedTuple):
    """Of the lines of a text that are not empty: how many look like prose (QUA420 to QUA423); of words, where said.

    ``marked`` end in a mark, ``marked_words`` stand in these; ``long_line_words`` stand in lines of 20 words or more;
    ``short`` have at most 30 characters. Without words or lines: 0, 0, 0, 1.
    """

    marked: float
    marked_words: float
    long_line_words: float
    short: float


LINE_MARKS = frozenset(".!?\"”’'…):")
LONG_LINE_WORDS = 20
SHORT_LINE_CHARACTERS = 30


def line_shares(lines: list[str], line_words: list[int]) -> LineShares:
    """The shares of lines, each with the number of its words."""
    full = marked = marked_words = long_line_words = short = 0
    for line, words in zip(lines, line_words, strict=True):
        if not line:
            continue
        full += 1
        short += len(line) <= SHORT_LINE_CHARACTERS
        if words >= LONG_LINE_WORDS:
            long_line_words += words
        if line[-1] in LINE_MARKS:
            marked += 1
            marked_words += words
    words = sum(line_words)
    if not words:
        return LineShares(0.0, 0.0, 0.0, 1.0)
    return LineShares(marked / full, marked_words / words, long_line_words / words, short / full)


_WORD = re.compile(r"\w+(?:['’-]\w+)*")


def word_count(text: str) -> int:
    """How many words a short text has."""
    return len(_WORD.findall(text))


def has_words(text: str, least: int) -> bool:
    """Whether a text has at least so many words; it is read no further than that."""
    return sum(1 for _ in itertools.islice(_WORD.finditer(text), least)) == least
