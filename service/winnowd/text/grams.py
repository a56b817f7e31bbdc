"""Which runs of words stand in a text more than once, and how much of it they make (QUA434 to QUA442). Pure.

Only runs are looked at whose first and last k - 1 words are repeated, so a text that repeats nothing costs one sort.
Runs are told apart by the bits of 64 that do not number the words: in a text of 600 words two different ones are taken
for the same once in 10^10 texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOP_SIZES = (2, 3, 4)
REPEATED_SIZES = (5, 6, 7, 8, 9, 10)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_STEP = np.uint64(0xA0761D6478BD642F)
_32 = np.uint64(32)


class GramCharacters(NamedTuple):
    """Characters of a text that its repeated runs of words make.

    ``top``: of the commonest run of 2, 3 and 4 words, with a blank between words, times its count; 0 if it occurs once,
    the longest of equally frequent ones. ``repeated``: of the words that a second or later occurrence of a run of 5 to
    10 words covers, each word once.
    """

    top: tuple[int, ...]
    repeated: tuple[int, ...]


class _Pairs(NamedTuple):
    """Neighbours in the order of equal runs: places of the earlier and of the later one; where counts begin anew."""

    earlier: NDArray[np.intp]
    later: NDArray[np.intp]


def gram_characters(hashes: NDArray[np.uint64], sizes: NDArray[np.intp]) -> GramCharacters:
    """Measure the repeated runs of the words with these hashes (u64[n]) and lengths in characters (intp[n])."""
    mixed = hashes * _MIX
    mixed ^= mixed >> _32
    places = np.arange(len(mixed), dtype=np.intp)
    grams = mixed
    top, repeated = [0] * len(TOP_SIZES), [0] * len(REPEATED_SIZES)
    for size in range(TOP_SIZES[0], REPEATED_SIZES[-1] + 1):
        fits = places + size <= len(mixed)
        places, grams = places[fits], grams[fits]
        grams = grams * _STEP + mixed[places + (size - 1)]
        pairs = _equal_pairs(places, grams, len(mixed))
        if not len(pairs.later):
            break
        if size <= TOP_SIZES[-1]:
            top[size - TOP_SIZES[0]] = _top(pairs, sizes, size)
        else:
            repeated[size - REPEATED_SIZES[0]] = _covered(pairs.later, sizes, size)
        places, grams = _candidates(pairs, places, grams, len(mixed))
    return GramCharacters(tuple(top), tuple(repeated))


def _equal_pairs(places: NDArray[np.intp], grams: NDArray[np.uint64], words: int) -> _Pairs:
    bits = np.uint64(words.bit_length())
    packed = (grams >> bits << bits) | places.astype(np.uint64)
    packed.sort()
    equal = (packed[1:] ^ packed[:-1]) >> bits == 0
    order = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.intp)
    return _Pairs(order[:-1][equal], order[1:][equal])


def _top(pairs: _Pairs, sizes: NDArray[np.intp], size: int) -> int:
    """Count the chains of neighbours: each links all occurrences of one run."""
    begins = np.flatnonzero(np.concatenate((np.ones(1, dtype=np.bool_), pairs.earlier[1:] != pairs.later[:-1])))
    counts = np.diff(np.append(begins, len(pairs.later))) + 1
    most = int(counts.max())
    firsts = pairs.earlier[begins[counts == most]]
    longest = max(int(sizes[first : first + size].sum()) for first in firsts.tolist())
    return (longest + size - 1) * most


def _covered(later: NDArray[np.intp], sizes: NDArray[np.intp], size: int) -> int:
    covered = np.zeros(len(sizes), dtype=np.bool_)
    for offset in range(size):
        covered[later + offset] = True
    return int(sizes[covered].sum())


def _candidates(
    pairs: _Pairs, places: NDArray[np.intp], grams: NDArray[np.uint64], words: int
) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """The places of repeated runs that are followed, one word on, by another: only there can a longer one repeat."""
    repeats = np.zeros(words + 1, dtype=np.bool_)
    repeats[pairs.earlier] = True
    repeats[pairs.later] = True
    chosen = repeats[places] & repeats[places + 1]
    return places[chosen], grams[chosen]
