"""Stage 5 of a comparison: do the sentences of one article stand in the other, and in the same order? Pure.

All sums of products are sums of integers below 2^53, so exact in float64 in any order; sums of floats run left to
right. Every machine gives the same numbers (docs/design/originality.md, "The cascade").
"""

from __future__ import annotations

import functools
import math
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from winnowd.originality.side import Common, Sentences, Side

LEAST_SIMILAR = 0.25
_PAIRS = 1 << 20


class Alignment(NamedTuple):
    """How well the sentences of the lighter article A align with those of B.

    ``mono``: weight of A on the best path that never goes back in B; ``gain``: what that path loses when B is turned
    round; ``ordered``: share of A's sentences in the longest run of best partners that never goes back; ``mean``: mean
    similarity of A's sentences to their best partners, wherever these stand.
    """

    mono: float
    gain: float
    ordered: float
    mean: float


NOTHING = Alignment(0.0, 0.0, 0.0, 0.0)


class Similarity(NamedTuple):
    """Sentence by sentence: ``sims`` f64[A, B], each A sentence's share of A's weight; ``turned``: A is the second."""

    sims: NDArray[np.float64]
    shares: NDArray[np.float64]
    turned: bool


def similarity(first: Side, second: Side, common: Common) -> Similarity | None:
    """Compare each sentence of the lighter article with each of the other; None if either has no counted sentence."""
    if not min(first.sentences.count, second.sentences.count):
        return None
    turned = second.sentences.lighter_than(first.sentences)
    one, two = (second, first) if turned else (first, second)
    common = common.turned() if turned else common
    a, b = one.sentences, two.sentences
    rarity = _rarities(a.count + b.count)
    values_a, values_b = one.sketch.weights * rarity[a.held_by], two.sketch.weights * rarity[b.held_by]
    in_a, in_b = a.held_by[common.first], b.held_by[common.second]
    both = rarity[in_a + in_b]
    values_a[common.first] = of_a = one.sketch.weights[common.first] * both
    values_b[common.second] = of_b = two.sketch.weights[common.second] * both
    dots = _dots(a, b, common, of_a * of_b)
    norms_a, norms_b = _per_sentence(a, values_a * values_a), _per_sentence(b, values_b * values_b)
    weights = _per_sentence(a, values_a)
    dots /= np.sqrt(norms_a)[:, None] * np.sqrt(norms_b)
    return Similarity(dots, weights / weights.sum(), turned)


@functools.lru_cache(maxsize=256)
def _rarities(sentences: int) -> NDArray[np.int64]:
    """``round(100 * ln(1 + n / c))`` for c = 0 (not used) to n."""
    return np.array([0, *(round(100 * math.log(1 + sentences / c)) for c in range(1, sentences + 1))], dtype=np.int64)


def _per_sentence(sentences: Sentences, values: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each sentence the sum of its terms' values."""
    return np.add.reduceat(values[sentences.terms], sentences.starts).astype(np.float64)


def _dots(a: Sentences, b: Sentences, common: Common, products: NDArray[np.int64]) -> NDArray[np.float64]:
    """The products of all sentences of both, f64[A, B]: a term adds its own to each pair of sentences that hold it.

    So many pairs at once: sentences without end take no endless room.
    """
    in_b = b.held_by[common.second]
    pairs = a.held_by[common.first] * in_b
    ends = pairs.cumsum()
    dots = np.zeros(a.count * b.count)
    start = done = 0
    while start < len(ends):
        stop = max(start + 1, int(ends.searchsorted(done + _PAIRS)))
        term = np.arange(start, stop).repeat(pairs[start:stop])
        of_a, of_b = np.divmod(np.arange(done, done + len(term)) - (ends - pairs)[term], in_b[term])
        of_a += a.begins[common.first[term]]
        of_b += b.begins[common.second[term]]
        cells = a.holders[of_a] * b.count + b.holders[of_b]
        dots += np.bincount(cells, weights=products[term], minlength=len(dots))
        start, done = stop, int(ends[stop - 1])
    return dots.reshape(a.count, b.count)


def align(first: Side, second: Side, common: Common) -> Alignment:
    """Align two articles; the answer does not depend on which is named first."""
    found = similarity(first, second, common)
    if found is None:
        return NOTHING
    forward, backward = _paths(found)
    top = found.sims.max(axis=1)
    mean = float(np.cumsum(found.shares * top)[-1])
    ordered = len(chain(found.sims)) / len(top)
    return Alignment(forward, forward - backward, ordered, mean)


def _paths(found: Similarity) -> tuple[float, float]:
    """The weight of the best path that never goes back in B, and in B turned round."""
    shared = found.shares[:, None] * found.sims
    both_ways = np.stack((shared, shared[:, ::-1]), axis=1)
    reached = np.zeros(both_ways.shape[1:])
    for step in both_ways:
        reached += step
        np.maximum.accumulate(reached, axis=1, out=reached)
    forward, backward = reached[:, -1].tolist()
    return forward, backward


def chain(sims: NDArray[np.float64]) -> list[int]:
    """The sentences of A (indices) of a longest run whose best partners in B never go back.

    The first best partner counts; a sentence without a partner of at least .25 is left out.
    """
    partners = sims.argmax(axis=1).tolist()
    tops = sims.max(axis=1).tolist()
    ends: list[int] = []
    members: list[int] = []
    before: dict[int, int] = {}
    for sentence, partner in enumerate(partners):
        if tops[sentence] < LEAST_SIMILAR:
            continue
        position = bisect_right(ends, partner)
        if position:
            before[sentence] = members[position - 1]
        ends[position : position + 1] = [partner]
        members[position : position + 1] = [sentence]
    return _trace(members[-1], before) if members else []


def _trace(last: int, before: dict[int, int]) -> list[int]:
    found = [last]
    while last in before:
        last = before[last]
        found.append(last)
    return found[::-1]
