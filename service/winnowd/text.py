"""The one tokenisation of a text: characters by kind, words, lines, paragraphs; cleaning and all gates ask it. Pure.

A *word* is ``\\w+(?:['’-]\\w+)*``; a *part* is one run of ``\\w``. Both are found by numpy over the code points: each
character has one kind (a table of the first plane), words begin and end where kinds change, and a word's hash is the
difference of a prefix sum of character values times powers of an odd number. The tests hold all of it to plain Python.
"""

from __future__ import annotations

import functools
import re
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class Kind(IntEnum):
    """What a character is to the rules. Those of words come first, then those that join parts to a word."""

    LOWER = 0
    UPPER = 1
    LETTER = 2  # neither: caseless or title case
    LEAD_LOWER = 3  # a letter with which mis-decoded UTF-8 begins
    LEAD_UPPER = 4
    DIGIT = 5
    NUMERAL = 6  # a word's character, yet no letter or digit: a half, a circled number
    UNDERSCORE = 7
    FAR_LOWER = 8  # far: from U+0300 on, where a text may not be composed (NFC)
    FAR_UPPER = 9
    FAR_LETTER = 10
    FAR_DIGIT = 11
    FAR_NUMERAL = 12
    APOSTROPHE = 13
    CURLY = 14
    HYPHEN = 15
    LF = 16
    SPACE = 17
    TO_SPACE = 18  # blanks that CLN305 makes a space
    OTHER_BLANK = 19
    CONTROL_BLANK = 20  # U+001C to U+001F: control characters that also part words
    LINE_END = 21  # CLN301: CR, U+0085, U+2028, U+2029
    FULL_STOP = 22
    STOP = 23  # ! ?
    COMMA = 24
    HASH = 25
    BRACKET = 26
    LESS = 27
    AMPERSAND = 28
    AT = 29
    QUOTE = 30  # " and the closing curly one
    ELLIPSIS = 31
    COLON = 32
    INVISIBLE = 33
    LOST = 34
    CONTROL = 35
    OTHER = 36
    FAR_OTHER = 37
    ASTRAL = 38  # beyond the table: settled one by one


KINDS = len(Kind)
LAST_WORD_KIND = Kind.FAR_NUMERAL
INVISIBLES = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
TO_SPACES = "\u00a0\u2007\u2009\u200a\u202f\u3000\t\v\f"
LINE_ENDS = "\r\u0085\u2028\u2029"
_SPECIAL = {
    Kind.UNDERSCORE: "_",
    Kind.LEAD_LOWER: "âï",
    Kind.LEAD_UPPER: "ÂÃÅÐÑ",
    Kind.APOSTROPHE: "'",
    Kind.CURLY: "’",
    Kind.HYPHEN: "-",
    Kind.LF: "\n",
    Kind.SPACE: " ",
    Kind.TO_SPACE: TO_SPACES,
    Kind.CONTROL_BLANK: "\x1c\x1d\x1e\x1f",
    Kind.LINE_END: LINE_ENDS,
    Kind.FULL_STOP: ".",
    Kind.STOP: "!?",
    Kind.COMMA: ",",
    Kind.HASH: "#",
    Kind.BRACKET: "{}[]()",
    Kind.LESS: "<",
    Kind.AMPERSAND: "&",
    Kind.AT: "@",
    Kind.QUOTE: '"”',
    Kind.ELLIPSIS: "…",
    Kind.COLON: ":",
    Kind.INVISIBLE: INVISIBLES,
    Kind.LOST: "\ufffd",
}
_SPECIAL_KIND = {character: kind for kind, characters in _SPECIAL.items() for character in characters}
_FAR = {
    Kind.LOWER: Kind.FAR_LOWER,
    Kind.UPPER: Kind.FAR_UPPER,
    Kind.LETTER: Kind.FAR_LETTER,
    Kind.DIGIT: Kind.FAR_DIGIT,
    Kind.NUMERAL: Kind.FAR_NUMERAL,
    Kind.OTHER: Kind.FAR_OTHER,
}
LETTERS = (
    Kind.LOWER, Kind.UPPER, Kind.LETTER, Kind.LEAD_LOWER, Kind.LEAD_UPPER, Kind.FAR_LOWER, Kind.FAR_UPPER,
    Kind.FAR_LETTER,
)  # fmt: skip
DIGITS = (Kind.DIGIT, Kind.FAR_DIGIT)
BLANKS = (Kind.LF, Kind.SPACE, Kind.TO_SPACE, Kind.OTHER_BLANK, Kind.CONTROL_BLANK, Kind.LINE_END)
FAR = tuple(_FAR.values())

_PLANE = 0x10000
_PLAIN_PUNCTUATION = range(0x2010, 0x2028)  # dashes, quotes, bullets: composed as they are


def kind_of(character: str) -> Kind:
    """The kind of one character."""
    special = _SPECIAL_KIND.get(character)
    if special is not None:
        return special
    kind = _letter_or_number(character) if character.isalnum() else _other(character)
    code = ord(character)
    return kind if code < 0x300 or code in _PLAIN_PUNCTUATION else _FAR.get(kind, kind)


def _letter_or_number(character: str) -> Kind:
    if not character.isalpha():
        return Kind.DIGIT if character.isdigit() else Kind.NUMERAL
    if character.islower():
        return Kind.LOWER
    return Kind.UPPER if character.isupper() else Kind.LETTER


def _other(character: str) -> Kind:
    if character.isspace():
        return Kind.OTHER_BLANK
    code = ord(character)
    return Kind.CONTROL if code < 0x20 or 0x7F <= code < 0xA0 else Kind.OTHER


_P = 0x9E3779B97F4A7C15
_INVERSE = pow(_P, -1, 1 << 64)
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
    characters = [chr(code) for code in range(_PLANE)]
    kinds = np.array([*map(kind_of, characters), Kind.ASTRAL], dtype=np.uint8)
    lowered = np.array([*map(_lower, characters), _PLANE], dtype=np.uint64)
    return _Tables(kinds, _value(lowered), _powers(_P, _READY), _powers(_INVERSE, _READY))


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
        """The runs of ``\\w``."""
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
        values = values * (tables.powers[:size] if size <= _READY else _powers(_P, size))
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


_PARAGRAPH_BREAK = re.compile(r"\n{2,}")


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text: what stands between blank lines."""
    return [piece for piece in _PARAGRAPH_BREAK.split(text.strip("\n")) if piece]


def word_hash(word: str) -> int:
    """The hash that ``Tokens`` gives to this word, upper and lower case alike."""
    return int(Tokens(word).hashes[0])


class Vocabulary:
    """A few hundred words, each with the bits of the classes it belongs to; asked for all words of a text at once.

    A word's slot is the top bits of its hash times a number chosen so that no two words share one.
    """

    _BITS = 14

    def __init__(self, classes: Mapping[str, int]) -> None:
        hashes = np.array([word_hash(word) for word in classes], dtype=np.uint64)
        self._shift = np.uint64(64 - self._BITS)
        self._factor = self._settled(hashes)
        slots = (hashes * self._factor) >> self._shift
        self._hashes = np.zeros(1 << self._BITS, dtype=np.uint64)
        self._classes = np.zeros(1 << self._BITS, dtype=np.uint32)
        self._hashes[slots] = hashes
        self._classes[slots] = list(classes.values())

    def _settled(self, hashes: NDArray[np.uint64]) -> np.uint64:
        for odd in range(1, 2_000, 2):
            factor = np.uint64((_P * odd) % (1 << 64) | 1)
            if len(np.unique((hashes * factor) >> self._shift)) == len(np.unique(hashes)):
                return factor
        raise ValueError("too many words for one vocabulary: give it fewer, or more slots")

    def classes(self, hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
        """The class bits of each word, 0 for a word that is none of these."""
        slots = ((hashes * self._factor) >> self._shift).astype(np.intp)
        found: NDArray[np.uint32] = self._classes.take(slots)
        found *= self._hashes.take(slots) == hashes
        return found
