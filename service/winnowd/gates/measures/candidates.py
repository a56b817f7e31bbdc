"""Where a mark of damaged text may begin: a superset of its matches, found by numpy from kinds and classes. Pure.

The tests hold the marks found there equal to those that each pattern finds in the whole text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from winnowd.gates.measures.words import PAIRS, THEN_SHIFT, Class
from winnowd.text import BLANKS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from winnowd.gates.measures.fusions import KnownWords
    from winnowd.text import Tokens

ARTICLE_POSSESSIVE, ARTICLE_VERB, ARTICLE_MARK, HOLE, VERB_START = "TXT511", "TXT512", "TXT513", "TXT514", "TXT515"
ARTICLE_PREPOSITION, CLAUSE, TITLE, PREPOSITION_MARK = "TXT516", "TXT517", "TXT518", "TXT519"
LOWER_START, STRAY_CAPITAL, FUSED = "TXT520", "TXT521", "TXT522"

LITERALS = {ARTICLE_POSSESSIVE: ((" 's", Kind.APOSTROPHE), (" ’s", Kind.CURLY))}
"""What stands in every match of a pattern whose matches are so rare that it is better tried on the whole text, and a
kind of character in it."""

Candidates = tuple[str, Sequence[int]]
_LEAST_FUSED = 8
_MARKS = np.isin(np.arange(129), [*map(ord, ",.;:!?")])
_SENTENCE_ENDS = np.isin(np.arange(256), [Kind.FULL_STOP, Kind.STOP, Kind.QUOTE, Kind.CLOSING])
_BESIDE_COMMA = np.isin(np.arange(256), [*BLANKS, Kind.COMMA])
_AFTER_BRACKET = np.isin(np.arange(256), [*BLANKS, Kind.BRACKET])


def candidates(tokens: Tokens, classes: NDArray[np.uint32], vocabulary: KnownWords) -> Iterator[Candidates]:
    """By code the places where a mark may begin, ascending; ``classes`` are those of the parts of the text."""
    yield HOLE, _holes(tokens)
    if not len(classes):
        return
    around = _Around(tokens, classes)
    yield from around.pairs()
    before_mark = around.before_mark()
    yield ARTICLE_MARK, before_mark
    yield PREPOSITION_MARK, before_mark
    yield from around.lower_starts()
    yield STRAY_CAPITAL, around.stray_capitals()
    yield FUSED, around.unknown(vocabulary)


def _holes(tokens: Tokens) -> list[int]:
    """Commas before a blank or comma, if any comma stands after such; brackets before a blank or another one."""
    kinds = tokens.kinds
    offsets: list[int] = []
    commas = (kinds == Kind.COMMA).nonzero()[0]
    if np.count_nonzero(_BESIDE_COMMA.take(kinds.take(commas - 1))):
        offsets = commas[_BESIDE_COMMA.take(kinds.take(commas + 1))].tolist()
    if tokens.census[Kind.BRACKET]:
        brackets = (kinds == Kind.BRACKET).nonzero()[0]
        offsets += brackets[_AFTER_BRACKET.take(kinds.take(brackets + 1))].tolist()
    return sorted(offsets)


class _Around:
    """The parts of a text, and what stands around them."""

    def __init__(self, tokens: Tokens, classes: NDArray[np.uint32]) -> None:
        self._tokens = tokens
        self._classes = classes
        starts = tokens.parts.starts
        self._first = tokens.kinds.take(starts)
        self._before = tokens.kinds.take(starts - 1)  # at the start of the text these two wrap to its end, an LF
        self._second_before = tokens.kinds.take(starts - 2)
        self._after_space = self._before == Kind.SPACE
        self._small = self._first == Kind.LOWER

    def pairs(self) -> Iterator[Candidates]:
        """A word that a mark begins with, and one of those that complete it."""
        classes, starts = self._classes, self._tokens.parts.starts
        both = classes[:-1] & (classes[1:] >> THEN_SHIFT)
        both &= PAIRS
        offsets = both.nonzero()[0]
        if not len(offsets):
            return
        found: dict[int, list[int]] = {Class.A_ARTICLE: [], Class.A_CONJUNCTION: [], Class.A_TITLE: [], Class.A_OF: []}
        for offset, bits in zip(offsets.tolist(), both.take(offsets).tolist(), strict=True):
            for bit, begins in found.items():
                if bits & bit:
                    begins.append(offset)
        articles = starts.take(found[Class.A_ARTICLE]).tolist()
        yield ARTICLE_VERB, articles
        yield ARTICLE_PREPOSITION, articles
        yield CLAUSE, starts.take(found[Class.A_CONJUNCTION]).tolist()
        yield HOLE, starts.take(found[Class.A_OF]).tolist()
        before_titles = {max(0, title - back) for title in found[Class.A_TITLE] for back in (1, 2, 3)}
        yield TITLE, starts.take(sorted(before_titles)).tolist()

    def before_mark(self) -> list[int]:
        """Articles and prepositions that a mark follows, right away or after a space."""
        tokens, (starts, ends) = self._tokens, self._tokens.parts
        offsets = (self._classes & Class.BEFORE_MARK).nonzero()[0]
        after = ends.take(offsets)
        after += tokens.kinds.take(after) == Kind.SPACE
        marked = _MARKS.take(tokens.codes.take(after), mode="clip").nonzero()[0]
        return _listed(starts.take(offsets.take(marked))) if len(marked) else []

    def lower_starts(self) -> Iterator[Candidates]:
        """Small letters after the end of a sentence or line."""
        starts = self._tokens.parts.starts
        begins = self._after_space & _SENTENCE_ENDS.take(self._second_before)
        begins |= self._before == Kind.LF
        begins &= self._small
        offsets = begins.nonzero()[0]
        if len(offsets):
            yield VERB_START, _listed(starts.take(offsets))
            yield LOWER_START, _listed(starts.take(offsets[offsets > 0] - 1))

    def stray_capitals(self) -> list[int]:
        """Capitals after a small letter and a space, of words that are no names."""
        begins = self._first == Kind.UPPER
        begins &= self._after_space
        begins &= self._second_before == Kind.LOWER
        offsets = begins.nonzero()[0]
        offsets = offsets[(self._classes.take(offsets) & Class.FUNCTION) != 0]
        return _listed(self._tokens.parts.starts.take(offsets)) if len(offsets) else []

    def unknown(self, vocabulary: KnownWords) -> list[int]:
        """Long words that begin with a small letter and that nobody knows."""
        starts, ends = self._tokens.parts
        fits = ends - starts >= _LEAST_FUSED
        fits &= self._small
        offsets = fits.nonzero()[0]
        unknown = vocabulary.unknown(self._tokens.part_hashes.take(offsets))
        return _listed(starts.take(offsets.take(unknown))) if unknown else []


def _listed(offsets: NDArray[np.intp]) -> list[int]:
    listed: list[int] = offsets.tolist()
    return listed
