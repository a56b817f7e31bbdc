"""Candidates of a whole block at once, as of each of its records: what the index in memory would propose. Pure.

``Neighbours.propose``, asked after all records before that one were added in order, gives the same: the law is in
``tests/bulk/test_runs.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from winnowd import kernels
from winnowd.bulk.codes import PAIR_ROW, Kind
from winnowd.bulk.runs import Met
from winnowd.originality.matches import Shared, of_each
from winnowd.originality.neighbours import chosen_of_each

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from winnowd.bulk.codes import ArticleCodes, Codes
    from winnowd.bulk.index import SlotIndex

_AT_ONCE: Final = 512
"""Articles: what is met under their codes, were all of them crowded, takes some 150 MB."""


class Proposed(NamedTuple):
    """Of each article the numbers to compare it with, oldest first, and which of its codes are crowded.

    ``query``: of those that it is looked up by, all under which more than 16 older records stand. What counts under
    these hangs on which are seeded; under all others it does not.
    """

    numbers: list[list[int]]
    query: list[list[int]]


def candidates(
    codes: ArticleCodes,
    numbers: NDArray[np.int64],
    slots: SlotIndex,
    held: Callable[[int, int], Sequence[int]] | None = None,
) -> Proposed:
    """What is proposed for some articles, each as of its own number.

    ``held``: the numbers that count under a crowded code as of a record, where the seeded ones are known better than
    the slots have them; asked once for each that is looked up.
    """
    proposed = Proposed([], [])
    for first in range(0, len(numbers), _AT_ONCE):
        part = numbers[first : first + _AT_ONCE]
        query = codes.query.of(first, first + len(part))
        before = part[query.owners]
        met = slots.met(Kind.KEYS, query.codes, before)
        proposed.query.extend(of_each(query.owners[met.crowded], query.codes[met.crowded], len(part)))
        if held is not None:
            met = _with_held(met, query, before, held)
        proposed.numbers.extend(_chosen(met, query, len(part)))
    return proposed


def _chosen(met: Met, query: Codes, articles: int) -> list[list[int]]:
    owners, rows = query.owners[met.which], query.rows[met.which]
    by_band, by_pair = rows < kernels.BANDS, rows == PAIR_ROW
    kinds = (~by_band & ~by_pair, by_band, by_pair)
    digests, bands, pairs = (Shared(owners[kind], met.numbers[kind]) for kind in kinds)
    pair_keys = np.bincount(query.owners[query.rows == PAIR_ROW], minlength=articles)
    return chosen_of_each(digests, bands, pairs, pair_keys)


def _with_held(met: Met, query: Codes, before: NDArray[np.int64], held: Callable[[int, int], Sequence[int]]) -> Met:
    """What was met, with what is held under crowded codes in the place of what the slots have."""
    crowded = met.crowded.nonzero()[0]
    answers = [held(code, t) for code, t in zip(query.codes[crowded].tolist(), before[crowded].tolist(), strict=True)]
    others = ~met.crowded[met.which]
    which = np.concatenate((met.which[others], crowded.repeat([len(one) for one in answers])))
    numbers = np.concatenate((met.numbers[others], *(np.array(one, dtype=np.int64) for one in answers)))
    order = which.argsort(kind="stable")
    return Met(which[order], numbers[order], met.crowded)
