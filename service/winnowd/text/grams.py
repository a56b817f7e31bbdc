"""Which runs of words stand in a text more than once, and how much of it they make (QUA434 to QUA442). Pure.

Only runs are looked at whose first and last k - 1 words are repeated, so a text that repeats nothing costs one sort.
Runs are told apart by the bits of 64 that do not number the words: in a text of 600 words two different ones are taken
for the same once in 10^10 texts.
"""

from __future__ import annotations

import itertools
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


def gram_characters(hashes: NDArray[np.uint64], sizes: NDArray[np.intp]) -> GramCharacters:
    """Measure the repeated runs of the words with these hashes (u64[n]) and lengths in characters (intp[n])."""
    words = len(hashes)
    mixed = hashes * _MIX
    mixed ^= mixed >> _32
    places, grams = np.arange(max(0, words - 1)), mixed[:-1]
    top, repeated = [0] * len(TOP_SIZES), [0] * len(REPEATED_SIZES)
    for size in range(TOP_SIZES[0], REPEATED_SIZES[-1] + 1):
        grams = grams * _STEP
        grams += mixed.take(places + (size - 1))
        equal, earlier, later = _equal_pairs(places, grams, words)
        if not len(equal):
            break
        if size <= TOP_SIZES[-1]:
            top[size - TOP_SIZES[0]] = _top(equal, earlier, sizes, size)
        else:
            repeated[size - REPEATED_SIZES[0]] = _covered(later, sizes, size)
        repeats = np.zeros(words + 1, dtype=np.bool_)
        repeats[earlier] = True
        repeats[later] = True
        chosen = (repeats[places] & repeats[places + 1]).nonzero()[0]
        places, grams = places.take(chosen), grams.take(chosen)
    return GramCharacters(tuple(top), tuple(repeated))


def _equal_pairs(
    places: NDArray[np.intp], grams: NDArray[np.uint64], words: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Each occurrence of a run with the one before it, run by run: their rank, the earlier place, the later one.

    Pairs of one run have adjacent ranks.
    """
    bits = words.bit_length()
    order = grams >> bits
    order <<= bits
    order |= places.view(np.uint64)
    order.sort()
    equal = ((order[1:] ^ order[:-1]) < (1 << bits)).nonzero()[0]
    order &= (1 << bits) - 1
    ordered = order.view(np.intp)
    return equal, ordered.take(equal), ordered.take(equal + 1)


def _top(equal: NDArray[np.intp], earlier: NDArray[np.intp], sizes: NDArray[np.intp], size: int) -> int:
    """The characters of the run with most occurrences: the longest chain of adjacent pairs."""
    chains: dict[int, list[int]] = {}
    begin = 0
    ranks = [*equal.tolist(), -1]
    for place, (rank, after) in enumerate(itertools.pairwise(ranks), 1):
        if after != rank + 1:
            chains.setdefault(place - begin, []).append(begin)
            begin = place
    most = max(chains)
    begins = earlier.take(chains[most])
    lengths = sizes.take(begins)
    for offset in range(1, size):
        lengths += sizes.take(begins + offset)
    return (int(lengths.max()) + size - 1) * (most + 1)


def _covered(later: NDArray[np.intp], sizes: NDArray[np.intp], size: int) -> int:
    covered = np.zeros(len(sizes), dtype=np.bool_)
    for offset in range(size):
        covered[later + offset] = True
    return int(sizes[covered].sum())
