"""What different articles share word for word, and what therefore counts for nothing between them. Pure.

Both report one speech; both end with the same paragraph on the firm; both list one squad. Asked only of a pair that a
measure would stop, since it needs both texts (docs/design/originality.md, "What counts for nothing").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd.originality.article_text import has_listed_line, prose
from winnowd.originality.passages import LEAST_WORDS, SharedRuns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from winnowd.originality.article_text import ArticleText
    from winnowd.originality.passages import Run
    from winnowd.originality.spans import WordSpans

    Standing = Callable[[AbstractSet[int]], AbstractSet[int]]
    Mask = NDArray[np.bool_]

QUOTED, BLOCK, LISTED = "quoted speech", "a standing block", "lists or code"
LEAST_LEFT = 60
"""Words that must be left of either text, or nothing is set aside: a copied interview stays a copy."""
LEAST_QUOTED = 6
LEAST_SHARE_QUOTED = 0.25
"""Of the shared words; where less of them is speech it is not what makes two articles alike."""
LEAST_BLOCK, LONGEST_BLOCK = 30, 150
MOST_BLOCKS = 0.6
"""Of the shorter text: what is mostly taken over is a copy."""
NEAR_END = 25
"""Words that may follow the block at an article's end: a telephone number, a date."""
APART = 25
"""Words between two passages that are shared."""


class Aside(NamedTuple):
    """Words set aside: what they are, how many of the newcomer's, and where they stand in both, in code points."""

    kind: str
    words: int
    item: tuple[int, int]
    twin: tuple[int, int]


class Remainder(NamedTuple):
    """What is left of two texts, and of that the sentences alone, without lists and code.

    ``shared``: how many words of the newcomer stand in runs that both share, set aside or not. Of the runs that are
    left, ``passages``: in how many passages they stand, over 25 words apart in both; ``longest``: words of the longest.
    ``one_agency``: whether the datelines of both name one agency. ``listed_line``: whether a list stands in one line of
    either.
    """

    new: str
    indexed: str
    new_prose: str
    indexed_prose: str
    asides: tuple[Aside, ...]
    shared: int
    passages: int
    longest: int
    one_agency: bool
    listed_line: bool

    @property
    def has_lists(self) -> bool:
        """Whether lists or code were found in either."""
        return (self.new, self.indexed) != (self.new_prose, self.indexed_prose)


class _Stretch(NamedTuple):
    """Words of the newcomer and of the known text, from and to."""

    new_from: int
    new_to: int
    indexed_from: int
    indexed_to: int


def set_aside(new: ArticleText, indexed: ArticleText, standing: Standing) -> Remainder:
    """What is left of both when what counts for nothing is gone; all of it, where too little would be left.

    ``standing``: of the hashes of paragraphs, those that are met in enough other articles of the corpus.
    """
    pair = _Texts(new, indexed)
    runs = SharedRuns(new.words.hashes, indexed.words.hashes).anywhere
    shared = sum(run.words for run in runs)
    quoted = list(_quoted(pair, runs))
    is_much = sum(one.new_to - one.new_from for one in quoted) >= LEAST_SHARE_QUOTED * shared
    asides = pair.set_aside(QUOTED, quoted if is_much else [], most=pair.shorter)
    blocks = [*_paragraphs(pair, standing), *_end_block(pair, runs)]
    asides += pair.set_aside(BLOCK, blocks, most=int(MOST_BLOCKS * pair.shorter))
    left = pair.left()
    kept = [piece for run in runs for piece in pair.pieces(run)]
    passages = min((_passages(side) for side in zip(*kept, strict=True)), default=0)
    longest = max((stop - start for (start, stop), _ in kept), default=0)
    in_prose = (prose(left[0]), prose(left[1])) if asides else (new.prose, indexed.prose)
    one_agency = bool(new.agency) and new.agency == indexed.agency
    listed_line = any(map(has_listed_line, left)) if asides else new.has_listed_line or indexed.has_listed_line
    return Remainder(*left, *in_prose, tuple(asides), shared, passages, longest, one_agency, listed_line)


def _passages(stretches: Sequence[tuple[int, int]]) -> int:
    """How many of these stretches, in order of their ends, begin over 25 words after the last one counted."""
    count, end = 0, -APART - 1
    for start, stop in sorted(stretches, key=lambda one: one[1]):
        if start - end > APART:
            count, end = count + 1, stop
    return count


class _Texts:
    """Two texts, their words, and which of these are gone."""

    def __init__(self, new: ArticleText, indexed: ArticleText) -> None:
        self.new, self.indexed = new, indexed
        self.one, self.two = new.words, indexed.words
        self._gone = np.zeros(len(self.one.hashes), dtype=np.bool_), np.zeros(len(self.two.hashes), dtype=np.bool_)
        self._is_less = False

    @property
    def shorter(self) -> int:
        """The number of words of the shorter text."""
        return min(map(len, self._gone))

    def set_aside(self, kind: str, stretches: Sequence[_Stretch], most: int) -> list[Aside]:
        """Set stretches aside, at most so many words of either, unless too little is left."""
        if not stretches:
            return []
        first, second = self._gone[0].copy(), self._gone[1].copy()
        for stretch in stretches:
            first[stretch.new_from : stretch.new_to] = True
            second[stretch.indexed_from : stretch.indexed_to] = True
        for after, before in zip((first, second), self._gone, strict=True):
            if np.count_nonzero(~after) < LEAST_LEFT or np.count_nonzero(after & ~before) > most:
                return []
        asides = [self._aside(kind, stretch) for stretch in _counted_once(stretches, self._gone[0].copy())]
        self._gone, self._is_less = (first, second), True
        return asides

    def _aside(self, kind: str, stretch: _Stretch) -> Aside:
        one, two = self.one, self.two
        return Aside(
            kind,
            stretch.new_to - stretch.new_from,
            (int(one.starts[stretch.new_from]), int(one.ends[stretch.new_to - 1])),
            (int(two.starts[stretch.indexed_from]), int(two.ends[stretch.indexed_to - 1])),
        )

    def pieces(self, run: Run) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """What is left of a shared run, from and to in either text, where that is at least three words."""
        new, indexed, words = run
        if not self._is_less:
            yield (new, new + words), (indexed, indexed + words)
            return
        first, second = self._gone[0][new : new + words], self._gone[1][indexed : indexed + words]
        for start, stop in _ranges(~(first | second)):
            if stop - start >= LEAST_WORDS:
                yield (new + start, new + stop), (indexed + start, indexed + stop)

    def left(self) -> tuple[str, str]:
        """Both texts without what is gone, a line's end in its place: no run of words goes on across it."""
        if not self._is_less:
            return self.new.text, self.indexed.text
        first, second = self._gone
        return _without(self.new.text, self.one, first), _without(self.indexed.text, self.two, second)


def _ranges(mask: Mask) -> Iterator[tuple[int, int]]:
    """From and to of each run of what is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _counted_once(stretches: Sequence[_Stretch], counted: Mask) -> Iterator[_Stretch]:
    """What of each stretch is not counted yet: a standing paragraph may be the run at the end, too, or quote somebody.

    ``counted``: the newcomer's words that are; those of the stretches are added.
    """
    for stretch in stretches:
        new_from, new_to, indexed_from, indexed_to = stretch
        is_even = new_to - new_from == indexed_to - indexed_from
        for start, stop in _ranges(~counted[new_from:new_to]):
            twin = (indexed_from + start, indexed_from + stop) if is_even else (indexed_from, indexed_to)
            yield _Stretch(new_from + start, new_from + stop, *twin)
        counted[new_from:new_to] = True


def _without(text: str, words: WordSpans, gone: Mask) -> str:
    kept, at = [], 0
    for start, stop in _ranges(gone):
        kept.append(text[at : int(words.starts[start])])
        at = int(words.ends[stop - 1])
    return "\n".join((*kept, text[at:]))


def _quoted(pair: _Texts, runs: Sequence[Run]) -> Iterator[_Stretch]:
    """Shared runs of at least 6 words that stand in quotation marks in both."""
    first, second = pair.new.quoted, pair.indexed.quoted
    if not first[-1] or not second[-1]:
        return
    for new, indexed, words in runs:
        if min(first[new + words] - first[new], second[indexed + words] - second[indexed]) < LEAST_QUOTED:
            continue
        in_both = np.diff(first[new : new + words + 1]) & np.diff(second[indexed : indexed + words + 1])
        for start, stop in _ranges(in_both != 0):
            if stop - start >= LEAST_QUOTED:
                yield _Stretch(new + start, new + stop, indexed + start, indexed + stop)


def _paragraphs(pair: _Texts, standing: Standing) -> Iterator[_Stretch]:
    """Paragraphs that stand in both and, word for word, in other articles too."""
    first, second = pair.new.paragraphs, pair.indexed.paragraphs
    both = first.keys() & second.keys()
    for found in sorted(standing(both)) if both else ():
        new, indexed = pair.one.starts.searchsorted(first[found]), pair.two.starts.searchsorted(second[found])
        if 0 < new[1] - new[0] <= LONGEST_BLOCK and indexed[0] < indexed[1]:
            yield _Stretch(*new.tolist(), *indexed.tolist())


def _end_block(pair: _Texts, runs: Sequence[Run]) -> Iterator[_Stretch]:
    """One shared run at the end of both: the firm, the author, an appeal."""
    one, two = len(pair.one.hashes), len(pair.two.hashes)
    for new, indexed, words in runs:
        at_end = one - new - words <= NEAR_END and two - indexed - words <= NEAR_END
        if at_end and LEAST_BLOCK <= words <= LONGEST_BLOCK:
            yield _Stretch(new, new + words, indexed, indexed + words)
