"""Order close by: do the terms that stand together in one article stand together in the other, wherever that is? Pure.

Distinct articles on one event use the same rare words, but beside other ones. A copy keeps each with its neighbours,
also when sentences were shuffled (which ends the order of the whole), retold word by word (which lowers the likeness of
sentences) or wrapped in other matter (which is why only the best stretch of the longer article is looked at). So this
order is asked apart from that of the whole (S) and weighs most; section 5 of originality.md has no such measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from winnowd.originality.side import Common, Side

REACH = 3
LEAST_TERMS = 5
LEAST_PERCENT = 15
_STEPS = np.arange(1, REACH + 1)
_FAR = np.full(REACH, 1 << 30)


class Nearness(NamedTuple):
    """``near``: how far neighbours are neighbours in both, 0 as by chance, 1 wholly; ``held``: how much is shared.

    Neighbours are common terms within 3 places of each other in the order of their first occurrence. ``held`` is the
    weight of the common terms in the best stretch of the longer article, as a share of the weight of the shorter.
    """

    near: float
    held: float


NOTHING = Nearness(0.0, 0.0)


def nearness(one: Side, two: Side, common: Common) -> Nearness:
    """Compare the order close by, in the stretch of the longer article that shares most with the shorter.

    The stretch is that with the greatest sum of shared weight less 15 % of all weight: unrelated news shares about 10 %
    of its weight with an article, a retelling 50 %. Any share from 10 to 20 % finds the same copies within half a
    point. The answer does not depend on which article is named first.
    """
    if not len(common.weights):
        return NOTHING
    longer, shorter, in_longer, in_shorter = one, two, common.first, common.second
    if one.longer_than < two.longer_than:
        longer, shorter, in_longer, in_shorter = two, one, common.second, common.first
    places = longer.sketch.positions[in_longer]
    first, last = _stretch(longer, in_longer, common.weights)
    inside = ((places >= first) & (places <= last)).nonzero()[0]
    held = int(common.weights[inside].sum()) / shorter.weight
    return Nearness(_neighbours(places[inside], shorter.sketch.positions[in_shorter[inside]]), held)


def _stretch(longer: Side, common: NDArray[np.intp], shared: NDArray[np.int64]) -> tuple[int, int]:
    """The positions of the first and the last term of the stretch."""
    worth = longer.sketch.weights * np.int64(-LEAST_PERCENT)
    worth[common] += 100 * shared
    sums = np.zeros(len(worth) + 1, dtype=np.int64)
    worth[longer.order].cumsum(out=sums[1:])
    end = int((sums[1:] - np.minimum.accumulate(sums[:-1])).argmax())
    begin = int(sums[: end + 1].argmin())
    positions = longer.sketch.positions
    return int(positions[longer.order[begin]]), int(positions[longer.order[end]])


def _neighbours(first: NDArray[np.uint16], second: NDArray[np.uint16]) -> float:
    """The share of pairs within reach in one order that are so in the other, less what chance gives; 0 below 5 terms.

    Counting pairs within reach in both makes it the same from either side.
    """
    size = len(first)
    if size < LEAST_TERMS:
        return 0.0
    each = np.arange(size)
    ranks = np.empty(size, dtype=np.int64)
    ranks[second.argsort(kind="stable")] = each
    ranks = np.concatenate((ranks[first.argsort(kind="stable")], _FAR))
    apart = np.abs(ranks[each[:, None] + _STEPS] - ranks[:size, None])
    met = int(np.count_nonzero(apart <= REACH))
    within = REACH * size - REACH * (REACH + 1) // 2
    pairs = size * (size - 1) // 2
    chance = within / pairs
    return max(0.0, (met / within - chance) / (1 - chance)) if within < pairs else 0.0
