"""The exact comparison of two fingerprints: every measure that a decision may rest on, replayable for ever. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd import kernels
from winnowd.originality.alignment import Alignment, align, common_terms
from winnowd.originality.nearness import NOTHING, nearness
from winnowd.originality.sketch import NUMBERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from winnowd.model import Fingerprint, Sketch

LEAST_RANKED = 5


class Overlap(NamedTuple):
    """Stage 3: shared word-5-grams, their number and shares of both texts, of the newcomer, of the known text."""

    shared: int
    resemblance: float
    excerpt: float
    wrapped: float


class Position(NamedTuple):
    """Stage 4: how much the common terms weigh, and whether the rare ones come in the same order.

    ``ranked``: u, the common terms that occur at most twice in either; ``rho``: how their orders correlate;
    ``containment``: K, share of the lighter article's weight; ``likeness``: Jw, share of the weight of both; ``rc``:
    max(0, rho) x K. ``near``, ``held``: the order close by (``nearness``).
    """

    ranked: int
    containment: float
    likeness: float
    rho: float
    rc: float
    near: float
    held: float

    @property
    def reordered(self) -> float:
        """R, what is held and near, and that again or Jw, whichever is more (Jw is low where lengths differ): 0 to 2.

        Blind to the order of the whole, and yet measured to tell copies of every kind from distinct articles better
        than S does: ``tests/bench/README.md``.
        """
        kept = self.near * self.held
        return kept + max(kept, self.likeness)


class Numbers(NamedTuple):
    """The numbers of both: share of the smaller set that the other holds, and how many the smaller set has."""

    share: float
    smaller: int


@dataclasses.dataclass(frozen=True, slots=True)
class Measures:
    """What a newcomer and a known article have in common; None where a stage was not asked."""

    overlap: Overlap
    position: Position | None = None
    alignment: Alignment | None = None
    numbers: Numbers | None = None

    @property
    def rewrite(self) -> float | None:
        """S: order counts; at most 3.5."""
        if self.position is None or self.alignment is None:
            return None
        return self.position.rc + self.alignment.ordered / 2 + self.alignment.mono + self.alignment.gain

    @property
    def reordered(self) -> float | None:
        """R: the order close by counts; at most 2."""
        return None if self.position is None else self.position.reordered

    @property
    def unordered(self) -> float | None:
        """O: free of all order; at most 2. Told, but no longer asked: R finds what it found, and three times as much.

        Of distinct pairs O reaches .69, R .46; of re-ordered retellings .50 and .71 lie above that.
        """
        if self.position is None or self.alignment is None:
            return None
        return self.position.likeness + self.alignment.mean


def compare(new: Fingerprint, known: Fingerprint) -> Measures:
    """Measure all of a pair, whatever the limits; the other way round only excerpt and wrapped change places."""
    if new.sketch is None or known.sketch is None:
        return Measures(overlap(new, known))
    placed = position(new, known)
    return Measures(overlap(new, known), placed, align(new, known), numbers(new.sketch, known.sketch))


def overlap(new: Fingerprint, known: Fingerprint) -> Overlap:
    """Count the shared shingles; all shares are 0 where a text has none."""
    count = kernels.shared(new.shingles, known.shingles)
    n, t = len(new.shingles), len(known.shingles)
    if not count:
        return Overlap(0, 0.0, 0.0, 0.0)
    return Overlap(count, count / (n + t - count), count / n, count / t)


def position(new: Fingerprint, known: Fingerprint) -> Position:
    """Weigh the common terms of two articles with sketches, and correlate the orders in which they first come."""
    first, second = new.sketch, known.sketch
    if first is None or second is None:
        raise ValueError("an article without a sketch has no terms to compare")
    in_new, in_known = common_terms(first, second)
    weights = np.minimum(first.weights[in_new], second.weights[in_known]).astype(np.int64)
    shared = int(weights.sum())
    if not shared:
        return Position(0, 0.0, 0.0, 0.0, 0.0, *NOTHING)
    total_new, total_known = int(first.weights.sum(dtype=np.int64)), int(second.weights.sum(dtype=np.int64))
    containment = shared / min(total_new, total_known)
    rare = (first.counts[in_new] <= 2) & (second.counts[in_known] <= 2)
    rho = _rank_correlation(first.positions[in_new[rare]], second.positions[in_known[rare]])
    likeness = shared / (total_new + total_known - shared)
    if (new.words, new.word_digest) >= (known.words, known.word_digest):
        close = nearness(first, second, (in_new, in_known), weights)
    else:
        close = nearness(second, first, (in_known, in_new), weights)
    return Position(int(np.count_nonzero(rare)), containment, likeness, rho, max(0.0, rho) * containment, *close)


def _rank_correlation(first: NDArray[np.uint16], second: NDArray[np.uint16]) -> float:
    """Spearman's rho of two sequences of positions; equal ones (only at the cap) keep their order; 0 below 5."""
    size = len(first)
    if size < LEAST_RANKED:
        return 0.0
    ranks = np.empty(size, dtype=np.int64)
    ranks[np.argsort(first, kind="stable")] = np.arange(size)
    ranks[np.argsort(second, kind="stable")] -= np.arange(size)
    return 1 - 6 * int((ranks * ranks).sum()) / (size * (size * size - 1))


def numbers(new: Sketch, known: Sketch) -> Numbers:
    """Compare the numbers of both.

    A sketch keeps the 64 smallest hashes; where one may lack some, only hashes up to its largest are compared, so that
    what was cut off never looks like a difference.
    """
    first, second = new.numbers, known.numbers
    for kept in (first, second):
        if len(kept) == NUMBERS:
            first, second = first[first <= kept[-1]], second[second <= kept[-1]]
    smaller = min(len(first), len(second))
    return Numbers(kernels.shared(first, second) / smaller if smaller else 0.0, smaller)
