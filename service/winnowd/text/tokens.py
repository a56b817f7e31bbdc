r"""The one tokenisation of a text: characters by kind, words, lines, paragraphs; cleaning and all gates ask it. Pure.

A *word* is ``\w+(?:['’-]\w+)*``; a *part* is one run of ``\w``, where combining marks belong to the letter before them
and zero width joiners join as hyphens do. In scripts without blanks each letter with its marks is a word. Both are
found by numpy over the code points: each character has one kind (a table of the first plane), words begin and end where
kinds change, and a word's hash is the difference of a prefix sum of character values times powers of an odd number. The
tests hold all of it to plain Python.
"""

from __future__ import annotations

import functools
import itertools
import operator
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from winnowd.text.grams import GramCharacters, gram_characters
from winnowd.text.kinds import ALONE, KINDS, LAST_WORD_KIND, MARKS, PLANE, Kind, kind_of
from winnowd.text.lazy import lazy
from winnowd.text.lines import LineShares, line_shares
from winnowd.text.scripts import ALONE as ALONE_RANGES
from winnowd.text.scripts import STOPLESS, WORD, worth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray


ODD = 0x9E3779B97F4A7C15
_INVERSE = pow(ODD, -1, 1 << 64)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_32 = np.uint64(32)
_APOSTROPHE, _JOINERS = np.uint8(Kind.APOSTROPHE), np.uint8(Kind.JOINER - Kind.APOSTROPHE)
_SMALL = bytes([Kind.LOWER])
_NONE = np.zeros(0, dtype=np.intp)
LEAST_ALONE = 0.1
"""Of the characters of all words. In a text with fewer letters of scripts without blanks each run of them is a word: a
Chinese name in an English article."""
_READY = 1 << 16
"""Characters for which powers are kept; longer texts make their own."""


_Number = TypeVar("_Number", bound=np.generic)


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    factors = np.full(count, base, dtype=np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)


class _Tables(NamedTuple):
    kinds: NDArray[np.uint8]
    ascii_kinds: bytes
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
    return _Tables(kinds, kinds[:256].tobytes(), _value(lowered), _powers(ODD, _READY), _powers(_INVERSE, _READY))


class Spans(NamedTuple):
    """Where things begin and end: offsets in characters."""

    starts: NDArray[np.intp]
    ends: NDArray[np.intp]


def _census(kinds: NDArray[np.uint8]) -> list[int]:
    """How many characters are of each kind; the LF at the end left out.

    Three in four are small letters: what is left without them is counted, which takes half the time.
    """
    others = kinds.tobytes().translate(None, _SMALL)
    counts: list[int] = np.bincount(np.frombuffer(others, dtype=np.uint8), minlength=KINDS).tolist()
    counts[Kind.LOWER] = len(kinds) - len(others)
    counts[Kind.LF] -= 1
    return counts


class Tokens:
    """One text, cut once; what a rule asks for is made when first asked.

    ``codes`` (u32; u8 if all are ASCII) and ``kinds`` (u8, values of ``Kind``) have one entry a character and an LF at
    the end; ``census`` counts the characters of each kind, that LF left out.
    """

    def __init__(self, text: str) -> None:
        tables = _tables()
        self.text = text
        self.codes: NDArray[np.unsignedinteger[Any]]
        if text.isascii():
            characters = (text + "\n").encode("ascii")
            self.codes = np.frombuffer(characters, dtype=np.uint8)
            self.kinds = np.frombuffer(characters.translate(tables.ascii_kinds), dtype=np.uint8)
        else:
            self.codes = np.frombuffer((text + "\n").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
            self.kinds = tables.kinds.take(self.codes, mode="clip")
        self.census = _census(self.kinds)
        self._values: NDArray[np.uint64] | None = None
        if self.census[Kind.ASTRAL]:
            self._settle_astral()

    def _settle_astral(self) -> None:
        offsets = np.flatnonzero(self.kinds == Kind.ASTRAL)
        characters = [chr(code) for code in self.codes[offsets].tolist()]
        self.kinds[offsets] = [kind_of(character) for character in characters]
        self._values = _tables().values.take(self.codes, mode="clip")
        self._values[offsets] = _value(np.array([_lower(character) for character in characters], dtype=np.uint64))
        self.census = _census(self.kinds)

    def number_of(self, *kinds: int) -> int:
        """How many characters are of these kinds."""
        census = self.census
        return sum([census[kind] for kind in kinds])

    @lazy
    def alone(self) -> int:
        """How many letters are a word each: all of scripts without blanks, where they are not just a name or two."""
        census = self.census
        letters = census[Kind.HAN] + census[Kind.KANA] + census[Kind.SOUTHEAST]
        return letters if letters and letters >= LEAST_ALONE * self.number_of(*range(LAST_WORD_KIND + 1)) else 0

    @property
    def is_without_blanks(self) -> bool:
        """Whether most of its words are single letters."""
        return bool(self.alone) and 2 * self.alone > len(self.parts.starts)

    @lazy
    def is_stopless(self) -> bool:
        """Whether it is written in a script that marks no end of a sentence."""
        return self.is_without_blanks and 2 * len(STOPLESS.findall(self.text)) > self.alone

    @lazy
    def parts(self) -> Spans:
        r"""The runs of ``\w``; in scripts without blanks the letters."""
        inside = self.kinds <= LAST_WORD_KIND
        if self.alone:
            return _parts_alone(self.kinds, inside)
        is_border = np.empty(len(inside), dtype=np.bool_)
        is_border[0] = inside[0]
        np.not_equal(inside[1:], inside[:-1], out=is_border[1:])
        borders = is_border.nonzero()[0]
        return Spans(borders[0::2].copy(), borders[1::2].copy())  # numpy looks up places faster where they lie close

    @lazy
    def inner(self) -> NDArray[np.intp]:
        """The numbers of the parts that go on a word: one apostrophe, curly quote or hyphen parts them from it."""
        if not self.number_of(Kind.APOSTROPHE, Kind.CURLY, Kind.HYPHEN, Kind.JOINER):
            return _NONE
        starts, ends = self.parts
        before_next = ends[:-1]
        goes_on = self.kinds.take(before_next) - _APOSTROPHE <= _JOINERS
        goes_on &= starts[1:] - before_next == 1
        inner: NDArray[np.intp] = goes_on.nonzero()[0]
        inner += 1
        return inner

    @lazy
    def words(self) -> Spans:
        """The words: parts, joined where they are of one word."""
        if not len(self.inner):
            return self.parts
        starts, ends = self.parts
        begins = np.ones(len(starts) + 1, dtype=np.bool_)  # once more than there are parts: a word ends with the last
        begins[self.inner] = False
        return Spans(starts[begins[:-1]], ends[begins[1:]])

    @lazy
    def count(self) -> int:
        """How many words the text has; in scripts without blanks as many as an English text that says as much."""
        return self._worth[-1] // WORD if self.alone else len(self.parts.starts) - len(self.inner)

    @lazy
    def _worth(self) -> list[int]:
        """Before each line, and of all: the words, in thousandths, where letters stand alone."""
        counts = np.full(len(self.parts.starts), WORD, dtype=np.intp)
        first = self.kinds.take(self.parts.starts)
        for kind, each in zip(ALONE, worth(self.census[Kind.HAN], self.census[Kind.KANA]), strict=True):
            counts[first == kind] = each
        counts[self.inner] = 0
        before = np.zeros(len(counts) + 1, dtype=np.intp)
        counts.cumsum(out=before[1:])
        bounds: list[int] = before.take(self.line_parts).tolist()
        return bounds

    @property
    def letters_a_word(self) -> float:
        """In a text without blanks how many of its letters say what one English word says; 1 in any other."""
        if not self.is_without_blanks:
            return 1.0
        counts = [self.census[kind] for kind in ALONE]
        said: int = sum(map(operator.mul, counts, worth(*counts[:2])))
        return round(WORD * self.alone / said, 2)

    @lazy
    def sizes(self) -> NDArray[np.intp]:
        """The length of each word in characters."""
        starts, ends = self.words
        return ends - starts

    @lazy
    def _sums(self) -> NDArray[np.uint64]:
        """Before each character, and after the last: the sum of values times powers of an odd number up to there."""
        size = len(self.codes)
        tables = _tables()
        values = tables.values.take(self.codes, mode="clip") if self._values is None else self._values
        sums = np.empty(size + 1, dtype=np.uint64)
        sums[0] = 0
        after = sums[1:]
        np.multiply(values, tables.powers[:size] if size <= _READY else _powers(ODD, size), out=after)
        after.cumsum(out=after)
        return sums

    def _hashes_of(self, spans: Spans) -> NDArray[np.uint64]:
        """The sum of each span, as if the text began with it."""
        size = len(self.codes)
        hashes = self._sums.take(spans.ends)
        hashes -= self._sums.take(spans.starts)
        hashes *= (_tables().inverses if size <= _READY else _powers(_INVERSE, size)).take(spans.starts)
        return hashes

    @lazy
    def part_hashes(self) -> NDArray[np.uint64]:
        """A number for each part: equal for equal ones, upper and lower case alike; see ``word_hash``."""
        return self._hashes_of(self.parts)

    @lazy
    def hashes(self) -> NDArray[np.uint64]:
        """The same for each word."""
        return self._hashes_of(self.words) if len(self.inner) else self.part_hashes

    def word(self, offset: int) -> str:
        """The word at this place, as it stands in the text."""
        starts, ends = self.words
        return self.text[starts[offset] : ends[offset]]

    @lazy
    def grams(self) -> GramCharacters:
        """Which runs of words repeat."""
        return gram_characters(self.hashes, self.sizes, self.letters_a_word)

    @lazy
    def lines(self) -> list[str]:
        """The lines, empty ones too, without their LF."""
        return self.text.split("\n")

    @lazy
    def line_ends(self) -> NDArray[np.intp]:
        """The offset of each line's LF; that of the last line is the end of the text."""
        ends: NDArray[np.intp] = (self.kinds == Kind.LF).nonzero()[0]
        return ends

    @lazy
    def line_parts(self) -> NDArray[np.intp]:
        """How many parts stand before each line, and how many there are; no part spans two lines."""
        before = np.zeros(len(self.line_ends) + 1, dtype=np.intp)
        before[1:] = self.parts.starts.searchsorted(self.line_ends)
        return before

    @lazy
    def line_words(self) -> list[int]:
        """How many words each line has; no word spans two lines, and all together are those of the text."""
        if self.alone:
            return [after // WORD - before // WORD for before, after in itertools.pairwise(self._worth)]
        before = self.line_parts - self.inner.searchsorted(self.line_parts)
        counts: list[int] = (before[1:] - before[:-1]).tolist()
        return counts

    @lazy
    def line_shares(self) -> LineShares:
        """What the lines that are not empty look like, as shares."""
        return line_shares(self.lines, self.line_words, word_count)

    @lazy
    def line_letters(self) -> list[int]:
        """How many characters of words each line has, marks left out: letters, digits and underscores."""
        starts, ends = self.parts
        before = np.zeros(len(starts) + 1, dtype=np.intp)
        (ends - starts).cumsum(out=before[1:])
        if self.census[Kind.FAR_MARK] or self.census[Kind.ALONE_MARK]:
            combining = np.isin(self.kinds, MARKS).cumsum()  # none stands outside a part
            before[1:] -= combining.take(ends - 1)
        bounds = before.take(self.line_parts)
        counts: list[int] = (bounds[1:] - bounds[:-1]).tolist()
        return counts

    def of_lines(self, runs: Sequence[tuple[int, int]]) -> Tokens:
        """The text that runs of lines make, each from a first to a last line, in ascending order: cut from this one."""
        if not runs:
            return Tokens("")
        ends: list[int] = self.line_ends.tolist()
        if (
            self.census[Kind.HAN] or self.census[Kind.KANA] or self.census[Kind.SOUTHEAST]
        ):  # what a letter counts hangs on the letters beside it
            return Tokens("\n".join(["\n".join(self.lines[first : last + 1]) for first, last in runs]))
        cut = _Excerpt(self, [(ends[first - 1] + 1 if first else 0, ends[last]) for first, last in runs])
        cut.lines = [line for first, last in runs for line in self.lines[first : last + 1]]
        cut.line_words = [words for first, last in runs for words in self.line_words[first : last + 1]]
        return cut


def _parts_alone(kinds: NDArray[np.uint8], inside: NDArray[np.bool_]) -> Spans:
    """The parts of a text in which letters stand alone: each begins one, and what follows it and its marks another."""
    letters = (kinds >= Kind.HAN) & (kinds <= Kind.SOUTHEAST)
    of_alone = letters | (kinds == Kind.ALONE_MARK)
    begins = inside.copy()
    begins[1:] &= ~inside[:-1] | letters[1:] | (of_alone[:-1] & (kinds[1:] != Kind.ALONE_MARK))
    ends = inside[:-1] & (~inside[1:] | begins[1:])
    return Spans(begins.nonzero()[0], ends.nonzero()[0] + 1)


class _Excerpt(Tokens):
    """Lines of a longer text: their words and hashes are taken from there, not made again."""

    def __init__(self, whole: Tokens, ranges: Sequence[tuple[int, int]]) -> None:
        """Take the ranges of characters to join, each a line or adjacent ones without the last LF."""
        self.text = "\n".join([whole.text[begin:end] for begin, end in ranges])
        self.codes = _joined([whole.codes[begin : end + 1] for begin, end in ranges])
        self.kinds = _joined([whole.kinds[begin : end + 1] for begin, end in ranges])
        self.census = self._census_of(whole, ranges)
        self._values = None
        bounds = [bound for begin, end in ranges for bound in (begin, end + 1)]
        numbers = whole.parts.starts.searchsorted(bounds)
        joins: list[int] = whole.inner.searchsorted(numbers).tolist()
        parts: list[int] = numbers.tolist()
        gaps = _left_out(bounds)
        self.parts = Spans(*[_kept(one, parts, gaps) for one in whole.parts])
        self.part_hashes = _joined([whole.part_hashes[first:last] for first, last in _pairs(parts)])
        self.inner = _kept(whole.inner, joins, _left_out(parts))
        words = [part - before for part, before in zip(parts, joins, strict=True)]
        self.words = Spans(*[_kept(one, words, gaps) for one in whole.words])
        self.hashes = _joined([whole.hashes[first:last] for first, last in _pairs(words)])

    def _census_of(self, whole: Tokens, ranges: Sequence[tuple[int, int]]) -> list[int]:
        """Most of a text is kept as a rule: the characters of the rest are counted and taken off."""
        bounds = (0, *(bound for begin, end in ranges for bound in (begin, end + 1)), len(whole.kinds))
        rest = b"".join([whole.kinds[begin:end].tobytes() for begin, end in _pairs(bounds)])
        if len(rest) > len(self.kinds):
            return _census(self.kinds)
        counts = np.bincount(np.frombuffer(rest, dtype=np.uint8), minlength=KINDS).tolist()
        return [*map(operator.sub, whole.census, counts)]


def _pairs(bounds: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(bounds[0::2], bounds[1::2], strict=True)


def _left_out(bounds: Sequence[int]) -> list[int]:
    """How much lies before each range and in none of them, of ranges that these bounds begin and end."""
    return [*itertools.accumulate(map(operator.sub, bounds[0::2], (0, *bounds[1::2])))]


def _kept(offsets: NDArray[np.intp], bounds: Sequence[int], before: Sequence[int]) -> NDArray[np.intp]:
    """Those of the places whose numbers lie in these ranges, each less what is left out before its range."""
    return _joined([offsets[first:last] - gap for (first, last), gap in zip(_pairs(bounds), before, strict=True)])


def _joined(pieces: list[NDArray[_Number]]) -> NDArray[_Number]:
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def word_hash(word: str) -> int:
    """The hash that ``Tokens`` gives to this word, upper and lower case alike."""
    return int(Tokens(word).hashes[0])


_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_FAR = re.compile("[\u0300-\u1dff\u200c\u200d\u2c00-\ud7ff\uf900-\ufdff\ufe20-\uffdc\U00010000-\U0010ffff]")
"""Where there may be marks, or letters that are a word each."""
_IS_ALONE = re.compile(f"[{ALONE_RANGES}]")


def word_count(text: str) -> int:
    """How many words a short text has."""
    return len(_WORD.findall(text)) if text.isascii() or _FAR.search(text) is None else Tokens(text).count


def has_words(text: str, least: int) -> bool:
    """Whether a text has at least so many words; one of near characters is read no further than that."""
    if not text.isascii() and _FAR.search(text) is not None:
        return Tokens(text).count >= least
    return sum(1 for _ in itertools.islice(_WORD.finditer(text), least)) == least


def blank_words(line: str) -> int:
    """How many words a line has, as blanks part them; in scripts without blanks as ``word_count``."""
    return len(line.split()) if line.isascii() or _IS_ALONE.search(line) is None else word_count(line)
