"""Entries of a table as numbers of 64 bits, the key above the article, so that sorting them orders a row. Pure."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_SLICE = 1 << 18
_UNSEEDED = np.uint64(1 << 31)  # numbers are smaller: the order of a build needs that bit
_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def slices(size: int) -> Iterator[slice]:
    """So many entries at once that what is made of them stays in memory that is at hand."""
    return (slice(start, min(start + _SLICE, size)) for start in range(0, size, _SLICE))


def packed(keys: NDArray[np.uint32], numbers: NDArray[np.int64] | NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Keys with the numbers of their articles: they sort by key, under one key the older before the younger."""
    entries = keys.astype(np.uint64)
    entries <<= _32
    entries |= numbers.astype(np.uint64)
    return entries


def seeded_first(seeded: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """The bits that put seeded entries before others under one key; ``uncrowded`` takes them out again."""
    return np.where(seeded, np.uint64(0), _UNSEEDED)


def unpacked(entries: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The keys, and the numbers of the articles."""
    return (entries >> _32).astype(np.uint32), entries.astype(np.uint32)


def uncrowded(entries: NDArray[np.uint64], most: int) -> Iterator[NDArray[np.uint64]]:
    """Of sorted entries so many under each key, each entry once; in parts, with a key in one of them only."""
    size = len(entries)
    ends = (int(entries.searchsorted(entries[part.stop - 1] | _LOW, side="right")) for part in slices(size))
    borders = itertools.pairwise((0, *ends))
    return (_first_under_each(entries[begin:end], most) for begin, end in borders if begin < end)


def _first_under_each(entries: NDArray[np.uint64], most: int) -> NDArray[np.uint64]:
    entries = entries[_begins(entries)]
    slot = np.arange(len(entries))
    kept = slot - np.maximum.accumulate(np.where(_begins(entries >> _32), slot, 0)) < most
    return entries[kept] & ~_UNSEEDED


def _begins(ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Where in a sorted array a value stands for the first time."""
    begins = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    return begins
