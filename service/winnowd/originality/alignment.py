"""Stage 5 of a comparison: do the sentences of one article stand in the other, and in the same order? Pure.

All sums of products are sums of integers below 2^53, so exact in float64 in any order; sums of floats run left to
right. Every machine gives the same numbers (originality.md section 5).
"""

from __future__ import annotations

import functools
import math
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from winnowd.model import Fingerprint, Sketch

LEAST_SIMILAR = 0.25
_COLUMNS = 4096


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


def common_terms(first: Sketch, second: Sketch) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The indices of the terms that both hold, in the first and in the second, in id order."""
    if not len(second.ids):
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    places = np.searchsorted(second.ids, first.ids)
    places[places == len(second.ids)] = 0
    held = np.flatnonzero(second.ids[places] == first.ids)
    return held, places[held]


def similarity(first: Fingerprint, second: Fingerprint) -> Similarity | None:
    """Compare each sentence of the lighter article with each of the other; None if either has no counted sentence."""
    one, two = first.sketch, second.sketch
    if one is None or two is None or min(len(one.sentence_bounds), len(two.sentence_bounds)) < 2:
        return None
    turned = _rank(second) < _rank(first)
    a, b = (two, one) if turned else (one, two)
    in_a, in_b = common_terms(a, b)
    count_a, count_b = _sentence_counts(a), _sentence_counts(b)
    both_a, both_b = count_a.copy(), count_b.copy()
    both_a[in_a] += count_b[in_b]
    both_b[in_b] += count_a[in_a]
    rarity = _rarities(len(a.sentence_bounds) + len(b.sentence_bounds) - 2)
    values_a = (a.weights * rarity[both_a])[a.sentence_terms]
    values_b = (b.weights * rarity[both_b])[b.sentence_terms]
    met = (count_a[in_a] > 0) & (count_b[in_b] > 0)
    dots = _dots(_entries(a, values_a, in_a[met]), _entries(b, values_b, in_b[met]), int(np.count_nonzero(met)))
    norms_a, norms_b = _per_sentence(a, values_a * values_a), _per_sentence(b, values_b * values_b)
    weights = _per_sentence(a, values_a)
    return Similarity(dots / (np.sqrt(norms_a)[:, None] * np.sqrt(norms_b)), weights / weights.sum(), turned)


def _rank(article: Fingerprint) -> tuple[int, bytes, bytes, bytes]:
    """A is the article whose counted sentences weigh less; then by digest; then, words equal, by sentences."""
    sketch = article.sketch
    if sketch is None:
        return (0, b"", b"", b"")
    weight = int(sketch.weights[sketch.sentence_terms].sum(dtype=np.int64))
    return (weight, article.word_digest, sketch.sentence_bounds.tobytes(), sketch.sentence_terms.tobytes())


def _sentence_counts(sketch: Sketch) -> NDArray[np.int64]:
    return np.bincount(sketch.sentence_terms, minlength=len(sketch.ids))


@functools.lru_cache(maxsize=256)
def _rarities(sentences: int) -> NDArray[np.int64]:
    """``round(100 * ln(1 + n / c))`` for c = 0 (not used) to n."""
    return np.array([0, *(round(100 * math.log(1 + sentences / c)) for c in range(1, sentences + 1))], dtype=np.int64)


def _rows(sketch: Sketch) -> NDArray[np.intp]:
    bounds = sketch.sentence_bounds.astype(np.int64)
    sizes = bounds[1:] - bounds[:-1]
    return np.repeat(np.arange(len(sizes)), sizes)


def _per_sentence(sketch: Sketch, values: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.add.reduceat(values, sketch.sentence_bounds[:-1].astype(np.intp)).astype(np.float64)


class _Entries(NamedTuple):
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    values: NDArray[np.int64]
    height: int


def _entries(sketch: Sketch, values: NDArray[np.int64], terms: NDArray[np.intp]) -> _Entries:
    """The entries of a sparse matrix sentence x common term."""
    columns = np.full(len(sketch.ids), -1, dtype=np.intp)
    columns[terms] = np.arange(len(terms))
    columns = columns[sketch.sentence_terms]
    kept = np.flatnonzero(columns >= 0)
    return _Entries(_rows(sketch)[kept], columns[kept], values[kept], len(sketch.sentence_bounds) - 1)


def _dots(a: _Entries, b: _Entries, width: int) -> NDArray[np.float64]:
    """The products of all sentences of both, f64[A, B]; in slices: an endless sentence takes no endless room."""
    dots = np.zeros((a.height, b.height))
    for start in range(0, width, _COLUMNS):
        dots += _dense(a, start, width) @ _dense(b, start, width).T
    return dots


def _dense(entries: _Entries, start: int, width: int) -> NDArray[np.float64]:
    matrix = np.zeros((entries.height, min(_COLUMNS, width - start)))
    rows, columns, values = entries.rows, entries.columns, entries.values
    if width > _COLUMNS:
        here = (columns >= start) & (columns < start + _COLUMNS)
        rows, columns, values = rows[here], columns[here] - start, values[here]
    matrix[rows, columns] = values
    return matrix


def align(first: Fingerprint, second: Fingerprint) -> Alignment:
    """Align two articles; the answer does not depend on which is named first."""
    found = similarity(first, second)
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
    best = np.zeros(both_ways.shape[1:])
    for step in both_ways:
        np.maximum(best, np.maximum.accumulate(best, axis=1) + step, out=best)
    forward, backward = best.max(axis=1).tolist()
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
        place = bisect_right(ends, partner)
        if place:
            before[sentence] = members[place - 1]
        ends[place : place + 1] = [partner]
        members[place : place + 1] = [sentence]
    return _trace(members[-1], before) if members else []


def _trace(last: int, before: dict[int, int]) -> list[int]:
    found = [last]
    while last in before:
        last = before[last]
        found.append(last)
    return found[::-1]
