"""The exact comparison of two fingerprints: every measure that a decision may rest on, replayable for ever. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd import kernels
from winnowd.originality.alignment import Alignment, align
from winnowd.originality.nearness import positions, shared_terms
from winnowd.originality.side import Side
from winnowd.originality.sketch import NUMBERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from winnowd.model import Fingerprint, Sketch
    from winnowd.originality.nearness import Position
    from winnowd.originality.side import Common

LEAST_RANKED = 5


class Overlap(NamedTuple):
    """Stage 3: shared word-5-grams, their number and shares of both texts, of the newcomer, of the known text."""

    shared: int
    resemblance: float
    excerpt: float
    wrapped: float

    @property
    def largest(self) -> float:
        """The largest of the shares: what the shorter text has in common."""
        return max(self.excerpt, self.wrapped)


class Order(NamedTuple):
    """Stage 5: whether the rare common terms come in the same order as a whole.

    ``ranked``: u, the common terms that occur at most twice in either; ``rho``: how their orders correlate; ``rc``:
    max(0, rho) x K.
    """

    ranked: int
    rho: float
    rc: float


class Numbers(NamedTuple):
    """The numbers of both: share of the smaller set that the other holds, and how many the smaller set has."""

    share: float
    smaller: int


class Measures(NamedTuple):
    """What a newcomer and a known article have in common; None where a stage was not asked."""

    overlap: Overlap
    position: Position | None = None
    order: Order | None = None
    alignment: Alignment | None = None

    @property
    def rewrite(self) -> float | None:
        """S: the order of the whole counts; at most 3.5."""
        if self.order is None or self.alignment is None:
            return None
        return self.order.rc + self.alignment.ordered / 2 + self.alignment.mono + self.alignment.gain

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


def compare(new: Fingerprint, indexed: Fingerprint) -> Measures:
    """Measure all of a pair, whatever the limits; the other way round only excerpt and wrapped change places."""
    one, two = Side.of(new), Side.of(indexed)
    if one is None or two is None:
        return Measures(overlap(new, indexed))
    shared = shared_terms(one, [two])
    common = shared.of(0)
    return Measures(
        overlap(new, indexed),
        positions(one, [two], shared)[0],
        order(one, two, common),
        align(one, two, common),
    )


def overlap(new: Fingerprint, indexed: Fingerprint) -> Overlap:
    """Count the shared shingles; all shares are 0 where a text has none."""
    count = kernels.shared(new.shingles, indexed.shingles)
    n, t = len(new.shingles), len(indexed.shingles)
    if not count:
        return Overlap(0, 0.0, 0.0, 0.0)
    return Overlap(count, count / (n + t - count), count / n, count / t)


def order(new: Side, indexed: Side, common: Common) -> Order:
    """Correlate the orders in which the rare common terms first come."""
    if not len(common.weights):
        return Order(0, 0.0, 0.0)
    first, second = new.sketch, indexed.sketch
    rare = ((first.counts[common.first] <= 2) & (second.counts[common.second] <= 2)).nonzero()[0]
    rho = _rank_correlation(first.positions[common.first[rare]], second.positions[common.second[rare]])
    containment = int(common.weights.sum()) / min(new.weight, indexed.weight)
    return Order(len(rare), rho, max(0.0, rho) * containment)


def _rank_correlation(first: NDArray[np.uint16], second: NDArray[np.uint16]) -> float:
    """Spearman's rho of two sequences of positions; equal ones (only at the cap) keep their order; 0 below 5."""
    size = len(first)
    if size < LEAST_RANKED:
        return 0.0
    ranks = np.empty(size, dtype=np.int64)
    ranks[first.argsort(kind="stable")] = each = np.arange(size)
    ranks[second.argsort(kind="stable")] -= each
    return 1 - 6 * int(ranks.dot(ranks)) / (size * (size * size - 1))


def numbers(new: Sketch, indexed: Sketch) -> Numbers:
    """Compare the numbers of both.

    A sketch keeps the 64 smallest hashes; where one may lack some, only hashes up to its largest are compared, so that
    what was cut off never looks like a difference.
    """
    first, second = new.numbers.tolist(), indexed.numbers.tolist()
    for kept in (first, second):
        if len(kept) == NUMBERS:
            most = kept[-1]
            first = [number for number in first if number <= most]
            second = [number for number in second if number <= most]
    smaller = min(len(first), len(second))
    return Numbers(len(set(first).intersection(second)) / smaller if smaller else 0.0, smaller)
