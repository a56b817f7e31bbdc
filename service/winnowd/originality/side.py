"""One of two articles under comparison: its sketch, and what is derived from it, once for all comparisons. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from winnowd.model import Fingerprint, Sketch

LEAST_PERCENT = 15


class Common(NamedTuple):
    """The terms that two articles share, in id order: their indices in either, and the lesser of their two weights."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    weights: NDArray[np.int64]

    def turned(self) -> Common:
        """The same, told from the other article."""
        return Common(self.second, self.first, self.weights)


class Side:
    """A fingerprint with a sketch.

    ``weight``: the sum of the weights of its terms. ``positions``: the place of each term in the order of their first
    occurrence (equal positions, only at the cap, by id). ``worth``: what each term, in that order, weighs against a
    stretch in which it is not shared. ``length``: which of two is the longer; by words, then digest.
    """

    __slots__ = ("_sentences", "length", "made", "positions", "sketch", "weight", "worth")

    def __init__(self, made: Fingerprint, sketch: Sketch) -> None:
        self.made = made
        self.sketch = sketch
        order = sketch.positions.argsort(kind="stable")
        self.weight = int(sketch.weights.sum(dtype=np.int64))
        self.positions = np.empty(len(order), dtype=np.int64)
        self.positions[order] = np.arange(len(order))
        self.worth = sketch.weights[order] * np.int64(-LEAST_PERCENT)
        self.length = (made.words, made.word_digest)
        self._sentences: Sentences | None = None

    @classmethod
    def of(cls, made: Fingerprint) -> Side | None:
        """The side of a fingerprint; None if it has no sketch."""
        return None if made.sketch is None else cls(made, made.sketch)

    @property
    def nbytes(self) -> int:
        """The memory that it may come to take beside its sketch."""
        terms, in_sentences = len(self.sketch.ids), len(self.sketch.sentence_terms)
        return 8 * (4 * terms + 4 * in_sentences)

    @property
    def sentences(self) -> Sentences:
        """Its counted sentences, made when first asked for."""
        if self._sentences is None:
            self._sentences = Sentences(self.made, self.sketch)
        return self._sentences


class Sentences:
    """The counted sentences of an article.

    ``count``: how many; ``terms``: their terms, sentence after sentence; ``starts``: where each begins there. For each
    term ``held_by``: how many of them hold it, and ``begins``: where these begin in ``holders``.
    """

    __slots__ = ("_digest", "begins", "count", "held_by", "holders", "starts", "terms", "weight")

    def __init__(self, made: Fingerprint, sketch: Sketch) -> None:
        bounds = sketch.sentence_bounds.astype(np.int64)
        self.terms = sketch.sentence_terms.astype(np.intp)
        self.starts = bounds[:-1]
        self.count = len(self.starts)
        self.held_by = np.bincount(self.terms, minlength=len(sketch.ids))
        self.begins = self.held_by.cumsum() - self.held_by
        rows = np.arange(self.count).repeat(bounds[1:] - self.starts)
        self.holders = rows[sketch.sentence_terms.argsort(kind="stable")]
        self.weight = int(self.held_by.dot(sketch.weights))
        self._digest = made.word_digest

    def lighter_than(self, other: Sentences) -> bool:
        """Whether they weigh less; then by digest; then, words equal, by where they are cut."""
        if self.weight != other.weight:
            return self.weight < other.weight
        if self._digest != other._digest:
            return self._digest < other._digest
        return self._cut < other._cut

    @property
    def _cut(self) -> tuple[list[int], list[int]]:
        return self.starts.tolist(), self.terms.tolist()
