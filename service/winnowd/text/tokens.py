r"""The one tokenisation of a text: characters by kind, words, lines, paragraphs; cleaning and all gates ask it. Pure.

A *word* is ``\w+(?:['’-]\w+)*``; a *part* is one run of ``\w``. Both are found by numpy over the code points: each
character has one kind (a table of the first plane), words begin and end where kinds change, and a word's hash is the
difference of a prefix sum of character values times powers of an odd number. The tests hold all of it to plain Python.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd.text.kinds import KINDS, LAST_WORD_KIND, PLANE, Kind, kind_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


ODD = 0x9E3779B97F4A7C15
_INVERSE = pow(ODD, -1, 1 << 64)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_32 = np.uint64(32)
_READY = 1 << 16
"""Characters for which powers are kept; longer texts make their own."""


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    factors = np.full(count, base, dtype=np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)


class _Tables(NamedTuple):
    kinds: NDArray[np.uint8]
    values: NDArray[np.uint64]
    powers: NDArray[np.uint64]
    inverses: NDArray[np.uint64]


def _value(code: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number of 64 well mixed bits for each lower-cased character."""
    mixed = (code + np.uint64(1)) * _MIX
    mixed ^= mixed >> _32
    mixed *= _MIX
    return mixed ^ (mixed >> _32)


def _lower(character: str) -> int:
    low = character.lower()
    return ord(low) if len(low) == 1 else ord(character)


@functools.cache
def _tables() -> _Tables:
    """Made at the first text, 60 ms, and kept for the life of the process."""
    characters = [chr(code) for code in range(PLANE)]
    kinds = np.array([*map(kind_of, characters), Kind.ASTRAL], dtype=np.uint8)
    lowered = np.array([*map(_lower, characters), PLANE], dtype=np.uint64)
    return _Tables(kinds, _value(lowered), _powers(ODD, _READY), _powers(_INVERSE, _READY))


class Spans(NamedTuple):
    """Where things begin and end: offsets in characters."""

    starts: NDArray[np.intp]
    ends: NDArray[np.intp]


class Tokens:
    """One text, cut once; what a rule asks for is made when first asked.

    ``codes`` (u32) and ``kinds`` (u8, values of ``Kind``) have one entry a character and an LF at the end; ``census``
    counts the characters of each kind, that LF left out.
    """

    def __init__(self, text: str) -> None:
        tables = _tables()
        self.text = text
        self.codes = np.frombuffer((text + "\n").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        self.kinds = tables.kinds.take(self.codes, mode="clip")
        self.census = self._counted()
        self._values: NDArray[np.uint64] | None = None
        if self.census[Kind.ASTRAL]:
            self._settle_astral()

    def _counted(self) -> list[int]:
        census = np.bincount(self.kinds, minlength=KINDS)
        census[Kind.LF] -= 1
        return [int(number) for number in census.tolist()]

    def _settle_astral(self) -> None:
        places = np.flatnonzero(self.kinds == Kind.ASTRAL)
        characters = [chr(code) for code in self.codes[places].tolist()]
        self.kinds[places] = [kind_of(character) for character in characters]
        self._values = _tables().values.take(self.codes, mode="clip")
        self._values[places] = _value(np.array([_lower(character) for character in characters], dtype=np.uint64))
        self.census = self._counted()

    def number_of(self, *kinds: Kind) -> int:
        """How many characters are of these kinds."""
        return sum(self.census[kind] for kind in kinds)

    @functools.cached_property
    def parts(self) -> Spans:
        r"""The runs of ``\w``."""
        inside = self.kinds <= LAST_WORD_KIND
        borders = np.flatnonzero(inside[1:] != inside[:-1])
        borders += 1
        if inside[0]:
            borders = np.concatenate((np.zeros(1, dtype=np.intp), borders))
        return Spans(borders[0::2], borders[1::2])

    @functools.cached_property
    def joined(self) -> NDArray[np.bool_]:
        """For each border between adjacent parts: whether both belong to one word."""
        starts, ends = self.parts
        if len(starts) < 2:
            return np.zeros(0, dtype=np.bool_)
        between = self.kinds[ends[:-1]] - np.uint8(Kind.APOSTROPHE)
        joins: NDArray[np.bool_] = (between <= Kind.HYPHEN - Kind.APOSTROPHE) & (starts[1:] - ends[:-1] == 1)
        return joins

    @functools.cached_property
    def words(self) -> Spans:
        """The words: parts, joined where one apostrophe, curly quote or hyphen stands between them."""
        starts, ends = self.parts
        if not self.joined.any():
            return self.parts
        apart = ~self.joined
        return Spans(
            np.concatenate((starts[:1], starts[1:][apart])),
            np.concatenate((ends[:-1][apart], ends[-1:])),
        )

    @property
    def count(self) -> int:
        """How many words the text has."""
        return len(self.words.starts)

    @functools.cached_property
    def sizes(self) -> NDArray[np.intp]:
        """The length of each word in characters."""
        starts, ends = self.words
        return ends - starts

    @functools.cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """A number for each word: equal for equal words, upper and lower case alike."""
        return self._hashed(self.words)

    @functools.cached_property
    def part_hashes(self) -> NDArray[np.uint64]:
        """The same for each part; ``word_hash`` gives that of a given word."""
        return self.hashes if self.words is self.parts else self._hashed(self.parts)

    @functools.cached_property
    def _sums(self) -> NDArray[np.uint64]:
        tables = _tables()
        values = tables.values.take(self.codes, mode="clip") if self._values is None else self._values
        size = len(values)
        values = values * (tables.powers[:size] if size <= _READY else _powers(ODD, size))
        sums = np.empty(size + 1, dtype=np.uint64)
        sums[0] = 0
        np.cumsum(values, out=sums[1:])
        return sums

    def _hashed(self, spans: Spans) -> NDArray[np.uint64]:
        size = len(self.codes)
        inverses = _tables().inverses if size <= _READY else _powers(_INVERSE, size)
        hashes = self._sums.take(spans.ends)
        hashes -= self._sums.take(spans.starts)
        hashes *= inverses.take(spans.starts)
        return hashes

    def word(self, place: int) -> str:
        """The word at this place, as it stands in the text."""
        starts, ends = self.words
        return self.text[starts[place] : ends[place]]

    @functools.cached_property
    def lines(self) -> list[str]:
        """The lines, empty ones too, without their LF."""
        return self.text.split("\n")

    @functools.cached_property
    def line_words(self) -> list[int]:
        """How many words each line has; no word spans two lines."""
        ends = np.flatnonzero(self.kinds == Kind.LF)
        before = np.searchsorted(self.words.starts, ends)
        before[1:] -= before[:-1].copy()
        return [int(number) for number in before.tolist()]

    @functools.cached_property
    def line_shares(self) -> LineShares:
        """What the lines that are not empty look like, as shares."""
        return _line_shares(self.lines, self.line_words)


class LineShares(NamedTuple):
    """Of the lines of a text that are not empty: how many look like prose (QUA420 to QUA423); of words, where said.

    ``marked`` end in a mark, ``marked_words`` stand in these; ``long_line_words`` stand in lines of 20 words or more;
    ``short`` have at most 30 characters. Without words or lines: 0, 0, 0, 1.
    """

    marked: float
    marked_words: float
    long_line_words: float
    short: float


LINE_MARKS = (".", "!", "?", '"', "”", "’", "'", "…", ")", ":")
LONG_LINE_WORDS = 20
SHORT_LINE_CHARACTERS = 30


def _line_shares(lines: list[str], line_words: list[int]) -> LineShares:
    full = marked = marked_words = long_line_words = short = 0
    for line, words in zip(lines, line_words, strict=True):
        if not line:
            continue
        full += 1
        short += len(line) <= SHORT_LINE_CHARACTERS
        if words >= LONG_LINE_WORDS:
            long_line_words += words
        if line.endswith(LINE_MARKS):
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


def word_hash(word: str) -> int:
    """The hash that ``Tokens`` gives to this word, upper and lower case alike."""
    return int(Tokens(word).hashes[0])
