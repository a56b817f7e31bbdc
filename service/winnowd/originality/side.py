"""One of two articles under comparison: its sketch, and what is derived from it, once for all comparisons. Pure."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from winnowd.model import Fingerprint, Sketch


class Common(NamedTuple):
    """The terms that two articles share, in id order: their indices in either, and the lesser of their two weights."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    weights: NDArray[np.int64]

    def turned(self) -> Common:
        """The same, told from the other article."""
        return Common(self.second, self.first, self.weights)


class Side:
    """A fingerprint with a sketch; each derived thing is made when first asked for."""

    def __init__(self, made: Fingerprint, sketch: Sketch) -> None:
        self.made = made
        self.sketch = sketch

    @classmethod
    def of(cls, made: Fingerprint) -> Side | None:
        """The side of a fingerprint; None if it has no sketch."""
        return None if made.sketch is None else cls(made, made.sketch)

    @functools.cached_property
    def weight(self) -> int:
        """The sum of the weights of its terms."""
        return int(self.sketch.weights.sum(dtype=np.int64))

    @functools.cached_property
    def order(self) -> NDArray[np.intp]:
        """Its terms in the order of their first occurrence; equal positions, only at the cap, by id."""
        return self.sketch.positions.argsort(kind="stable")

    @functools.cached_property
    def longer_than(self) -> tuple[int, bytes]:
        """What decides which of two is the longer: words, then digest."""
        return self.made.words, self.made.word_digest

    @functools.cached_property
    def bounds(self) -> NDArray[np.int64]:
        """Where each counted sentence begins in ``sentence_terms``, and its end: n + 1 offsets."""
        return self.sketch.sentence_bounds.astype(np.int64)

    @property
    def sentences(self) -> int:
        """How many counted sentences it has."""
        return len(self.sketch.sentence_bounds) - 1

    @functools.cached_property
    def held_by(self) -> NDArray[np.int64]:
        """How many counted sentences hold each term."""
        return np.bincount(self.sketch.sentence_terms, minlength=len(self.sketch.ids))

    @functools.cached_property
    def begins(self) -> NDArray[np.int64]:
        """Where the sentences of each term begin in ``holders``."""
        return self.held_by.cumsum() - self.held_by

    @functools.cached_property
    def holders(self) -> NDArray[np.intp]:
        """The counted sentences that hold the first term, then those of the second, and so on."""
        rows = np.arange(self.sentences).repeat(self.bounds[1:] - self.bounds[:-1])
        return rows[self.sketch.sentence_terms.argsort(kind="stable")]

    @functools.cached_property
    def _counted(self) -> int:
        """The weight of the terms of its counted sentences, sentence by sentence."""
        return int(self.sketch.weights[self.sketch.sentence_terms].sum(dtype=np.int64))

    def lighter_than(self, other: Side) -> bool:
        """Whether its counted sentences weigh less; then by digest; then, words equal, by sentences."""
        if self._counted != other._counted:
            return self._counted < other._counted
        if self.made.word_digest != other.made.word_digest:
            return self.made.word_digest < other.made.word_digest
        return self._cut < other._cut

    @property
    def _cut(self) -> tuple[bytes, bytes]:
        return self.sketch.sentence_bounds.tobytes(), self.sketch.sentence_terms.tobytes()

    def common(self, other: Side) -> Common:
        """The terms that this and another article share."""
        mine, theirs = self.sketch, other.sketch
        if not len(theirs.ids):
            none = np.zeros(0, dtype=np.intp)
            return Common(none, none, none)
        places = theirs.ids.searchsorted(mine.ids)
        held = (theirs.ids.take(places, mode="clip") == mine.ids).nonzero()[0]
        there = places[held]
        return Common(held, there, np.minimum(mine.weights[held], theirs.weights[there]).astype(np.int64))
