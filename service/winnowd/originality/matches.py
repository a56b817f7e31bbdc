"""What tables answer: which articles share keys with a newcomer, and which of them share most. Pure."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from winnowd.originality.index_keys import KeyColumns
    from winnowd.originality.table import Table

_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class Matches(NamedTuple):
    """Per article and key that they share: which key, and the article's number."""

    query_keys: NDArray[np.intp]
    numbers: NDArray[np.int64]


class Shared(NamedTuple):
    """The articles that share keys of one kind with some newcomers: whose, in order, and the number; once a key."""

    owners: NDArray[np.intp]
    numbers: NDArray[np.int64]


class Matched(NamedTuple):
    """The matches of some newcomers, one newcomer after the other: whose, which key of all, the article's number.

    ``bounds``: where each newcomer's matches begin, and the end of the last.
    """

    owners: NDArray[np.intp]
    query_keys: NDArray[np.intp]
    numbers: NDArray[np.int64]
    bounds: NDArray[np.intp]

    @classmethod
    def of_all(cls, table: Table, keys: KeyColumns) -> Matched:
        """Ask a table for all of them at once."""
        found, numbers = table.near(keys.rows, keys.keys)
        owners = keys.owners[found]
        order = owners.argsort(kind="stable")
        owners = owners[order]
        bounds = owners.searchsorted(np.arange(len(keys.bounds)))
        return cls(owners, found[order], numbers[order], bounds)

    def where(self, keys: NDArray[np.bool_]) -> Shared:
        """Those under some of all the keys."""
        here = keys[self.query_keys]
        return Shared(self.owners[here], self.numbers[here])

    def of(self, newcomer: int, first_key: int) -> Matches:
        """Those of one newcomer, whose first key is that; its keys counted from there."""
        here = slice(self.bounds[newcomer], self.bounds[newcomer + 1])
        return Matches(self.query_keys[here] - first_key, self.numbers[here])


def of_each(
    owners: NDArray[np.intp], numbers: NDArray[np.int64] | NDArray[np.uint64], newcomers: int
) -> list[list[int]]:
    """The numbers of each newcomer; ``owners`` in order."""
    bounds = owners.searchsorted(np.arange(newcomers + 1)).tolist()
    every = numbers.tolist()
    return [every[bounds[one] : bounds[one + 1]] for one in range(newcomers)]


def most_of_each(
    owners: NDArray[np.intp], numbers: NDArray[np.int64], least: NDArray[np.intp], most: int
) -> list[list[int]]:
    """Of each newcomer's numbers those that come at least so often: the most frequent first, ties older, so many."""
    packed = owners.astype(np.uint64) << _32
    packed |= numbers.astype(np.uint64)
    packed.sort()
    begins = np.ones(len(packed) + 1, dtype=np.bool_)
    np.not_equal(packed[1:], packed[:-1], out=begins[1:-1])
    starts = begins.nonzero()[0]
    counts = np.diff(starts)
    packed = packed[starts[:-1]]
    owners = (packed >> _32).astype(np.intp)
    enough = (counts >= least[owners]).nonzero()[0]
    order = enough[np.lexsort((-counts[enough], owners[enough]))]
    owners = owners[order]
    rank = np.arange(len(owners)) - owners.searchsorted(owners)
    kept = rank < most
    return of_each(owners[kept], (packed[order[kept]] & _LOW).astype(np.int64), len(least))


def most_of_one(numbers: NDArray[np.int64], least: int, most: int) -> list[int]:
    """The same of one newcomer."""
    ordered = np.sort(numbers)
    often = ordered[: max(0, len(ordered) - least + 1)]
    often = often[often == ordered[least - 1 :]]  # each as often as it comes, less what is the least
    counts = collections.Counter(often.tolist())
    return sorted(counts, key=lambda number: (-counts[number], number))[:most]
