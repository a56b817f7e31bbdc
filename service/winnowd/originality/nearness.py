"""Stage 4, all candidates at once: what two articles share, and whether it stands together in both, wherever. Pure.

Distinct articles on one event use the same rare words, but beside other ones. A copy keeps each with its neighbours,
also when sentences were shuffled (which ends the order of the whole), retold word by word (which lowers the likeness of
sentences) or wrapped in other matter (which is why only the best stretch of the longer article is looked at). So this
order close by is asked apart from that of the whole (S) and weighs most (docs/design/originality.md, "The cascade").

The stretch is that with the greatest sum of shared weight less 15 % of all weight: unrelated news shares about 10 % of
its weight with an article, a retelling 50 %. Any share from 10 to 20 % finds the same copies within half a point.
Neighbours are common terms within 3 places of each other in the order of their first occurrence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd.originality.side import Common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from winnowd.originality.side import Side

REACH = 3
LEAST_TERMS = 5
_STEPS = np.arange(1, REACH + 1)
_FAR = np.full(REACH, 1 << 60)
_APART = np.int64(1 << 44)
"""More than any sum of weights: keeps one candidate's sums from another's."""


class Position(NamedTuple):
    """How much the common terms weigh, and the order close by.

    ``containment``: K, share of the lighter article's weight; ``likeness``: Jw, share of the weight of both; ``near``:
    how far neighbours are neighbours in both, 0 as by chance, 1 wholly; ``held``: the weight of the common terms in the
    best stretch of the longer article, as a share of the weight of the shorter.
    """

    containment: float
    likeness: float
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


NOTHING = Position(0.0, 0.0, 0.0, 0.0)


class Shared(NamedTuple):
    """The terms that a newcomer shares with each of some articles, one after another.

    ``which``: the article; ``mine``, ``theirs``: the term's index in the newcomer, and in that article; ``weights``:
    the lesser of its two weights; ``bounds``: where each article's terms begin, and their end.
    """

    which: NDArray[np.intp]
    mine: NDArray[np.intp]
    theirs: NDArray[np.intp]
    weights: NDArray[np.int64]
    bounds: NDArray[np.intp]

    def of(self, article: int) -> Common:
        """The terms shared with one of them."""
        here = slice(self.bounds[article], self.bounds[article + 1])
        return Common(self.mine[here], self.theirs[here], self.weights[here])


def shared_terms(new: Side, others: Sequence[Side]) -> Shared:
    """Look the terms of all articles up in the newcomer's at once."""
    sizes = np.array([len(other.sketch.ids) for other in others])
    starts = sizes.cumsum() - sizes
    ids = np.concatenate([other.sketch.ids for other in others])
    weights = np.concatenate([other.sketch.weights for other in others])
    if not len(new.sketch.ids):
        ids = ids[:0]
    positions = new.sketch.ids.searchsorted(ids)
    held = (new.sketch.ids.take(positions, mode="clip") == ids).nonzero()[0] if len(ids) else positions
    which = np.arange(len(others)).repeat(sizes)[held]
    mine = positions[held]
    lesser = np.minimum(new.sketch.weights[mine], weights[held]).astype(np.int64)
    bounds = which.searchsorted(np.arange(len(others) + 1))
    return Shared(which, mine, held - starts[which], lesser, bounds)


def positions(new: Side, others: Sequence[Side], shared: Shared) -> list[Position]:
    """Measure all articles that a newcomer is compared with; what is found of one does not depend on the others.

    Nor does it depend on which of two is the newcomer.
    """
    sums = np.bincount(shared.which, weights=shared.weights, minlength=len(others)).tolist()
    met = [article for article, weight in enumerate(sums) if weight]
    found = [NOTHING] * len(others)
    if len(met) < len(others):
        others, shared = [others[article] for article in met], _without(shared, met)
    for article, other, (near, held) in zip(met, others, _nearest(new, others, shared), strict=True):
        weight = int(sums[article])
        containment = weight / min(new.weight, other.weight)
        found[article] = Position(containment, weight / (new.weight + other.weight - weight), near, held)
    return found


def _without(shared: Shared, met: Sequence[int]) -> Shared:
    """The same, the articles with nothing in common left out."""
    renamed = np.zeros(len(shared.bounds), dtype=np.intp)
    renamed[met] = np.arange(len(met))
    return shared._replace(which=renamed[shared.which])


def _nearest(new: Side, others: Sequence[Side], shared: Shared) -> list[tuple[float, float]]:
    """For each article ``near`` and ``held``."""
    if not others:
        return []
    is_longer = np.array([new.length >= other.length for other in others])
    turned = is_longer[shared.which]
    mine, theirs = new.positions[shared.mine], _positions(others, shared)
    in_longer, in_shorter = np.where(turned, mine, theirs), np.where(turned, theirs, mine)
    longer = [new if longer else other for longer, other in zip(is_longer.tolist(), others, strict=True)]
    first, last = _stretches(longer, shared, in_longer)
    inside = ((in_longer >= first[shared.which]) & (in_longer <= last[shared.which])).nonzero()[0]
    which = shared.which[inside]
    held = np.bincount(which, weights=shared.weights[inside], minlength=len(others)).tolist()
    shorter = [other if side is new else new for side, other in zip(longer, others, strict=True)]
    near = _near(which, in_longer[inside], in_shorter[inside], len(others))
    return [(one, weight / side.weight) for one, weight, side in zip(near, held, shorter, strict=True)]


def _positions(others: Sequence[Side], shared: Shared) -> NDArray[np.int64]:
    """The place of each shared term among the terms of its article."""
    starts = np.array([0, *(len(other.positions) for other in others[:-1])]).cumsum()
    return np.concatenate([other.positions for other in others])[starts[shared.which] + shared.theirs]


def _stretches(
    longer: Sequence[Side], shared: Shared, positions: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the first and the last term of each longer article's best stretch."""
    sizes = np.array([len(side.positions) for side in longer])
    starts = sizes.cumsum() - sizes
    worth = np.concatenate([side.worth for side in longer])
    worth[starts[shared.which] + positions] += 100 * shared.weights
    sums = worth.cumsum()
    before = sums - worth
    apart = (np.arange(len(longer)) * _APART).repeat(sizes)
    lowest = np.minimum.accumulate(before - apart) + apart
    gains = sums - lowest
    best = np.maximum.reduceat(gains, starts)
    ends = _first_of_each(gains == best.repeat(sizes), starts)
    begins = _first_of_each(before == lowest[ends].repeat(sizes), starts)
    return begins - starts, ends - starts


def _first_of_each(found: NDArray[np.bool_], starts: NDArray[np.int64]) -> NDArray[np.intp]:
    """The first place from each start on where something was found; there is one for each."""
    positions = found.nonzero()[0]
    firsts: NDArray[np.intp] = positions[positions.searchsorted(starts)]
    return firsts


def _near(which: NDArray[np.intp], first: NDArray[np.int64], second: NDArray[np.int64], articles: int) -> list[float]:
    """Of each article the share of pairs within reach in one order that are so in the other, less what chance gives.

    Counting pairs within reach in both makes it the same from either side. 0 below 5 terms.
    """
    apart = which << 32
    each = np.arange(len(which))
    ranks = np.empty(len(which), dtype=np.int64)
    ranks[(apart + second).argsort()] = each
    ranks = np.concatenate(((ranks + apart)[(apart + first).argsort()], _FAR))
    steps = np.abs(ranks[each[:, None] + _STEPS] - ranks[:-REACH, None]) <= REACH
    met = np.bincount(which, weights=steps.sum(axis=1), minlength=articles).tolist()
    sizes = np.bincount(which, minlength=articles).tolist()
    return [_beyond_chance(size, int(number)) for size, number in zip(sizes, met, strict=True)]


def _beyond_chance(size: int, met: int) -> float:
    within = REACH * size - REACH * (REACH + 1) // 2
    pairs = size * (size - 1) // 2
    if size < LEAST_TERMS or within >= pairs:
        return 0.0
    chance = within / pairs
    return max(0.0, (met / within - chance) / (1 - chance))
