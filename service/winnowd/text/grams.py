"""Which runs of words stand in a text more than once, and how much of it they make (QUA434 to QUA442). Pure.

Runs of two words are found by one sort; each longer run is looked for only where the shorter one repeats. The work is
that of the repetition: little in an article, and linear in a text that says one thing over and over. Where much is said
twice, all that occurs twice is measured at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

TOP_SIZES = (2, 3, 4)
REPEATED_SIZES = (5, 6, 7, 8, 9, 10)
MANY = 96
"""Pairs of words that repeat; an article has 40. Beyond, those that occur twice are not looked at one by one."""
_MIX = np.uint64(0xD6E8FEB86659FD93)
_STEP = np.uint64(0xA0761D6478BD642F)
_32 = np.uint64(32)

Places = list[int]
"""Where one run of words begins, each time: numbers of words, ascending, at least two."""


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
    top, repeated = [0] * len(TOP_SIZES), [0] * len(REPEATED_SIZES)
    runs = _repeated_pairs(hashes)
    twice = None
    if len(runs) > MANY:
        twice = _Twice([places for places in runs if len(places) == 2], hashes, sizes)
        runs = [places for places in runs if len(places) > 2]
    words: list[int] = hashes.tolist()
    lengths: list[int] = sizes.tolist()
    for size in range(TOP_SIZES[0], REPEATED_SIZES[-1] + 1):
        if not (runs or (twice is not None and twice.longest >= size)):
            break
        if size in TOP_SIZES:
            top[size - TOP_SIZES[0]] = _top(runs, lengths, size, 0 if twice is None else twice.top(size))
        else:
            covered = _covered(runs, len(sizes), size)
            if twice is not None:
                covered |= twice.covered(size)
            repeated[size - REPEATED_SIZES[0]] = int(sizes[covered].sum())
        runs = list(_longer(runs, words, size))
    return GramCharacters(tuple(top), tuple(repeated))


class _Twice:
    """Runs that occur twice each, so many that they are looked at all at once; ``longest``: words of the longest."""

    def __init__(self, pairs: Sequence[Places], hashes: NDArray[np.uint64], sizes: NDArray[np.intp]) -> None:
        places = np.array(pairs, dtype=np.intp).reshape(-1, 2)
        self._first, self._second = places[:, 0], places[:, 1]
        self._words = len(hashes)
        self._sums = np.concatenate((np.zeros(1, dtype=np.intp), sizes.cumsum()))
        after = np.arange(TOP_SIZES[0], REPEATED_SIZES[-1])
        earlier, later = self._first[:, None] + after, self._second[:, None] + after
        equal = hashes.take(earlier, mode="clip") == hashes.take(later, mode="clip")
        equal &= later < self._words
        self._length = TOP_SIZES[0] + np.logical_and.accumulate(equal, axis=1).sum(axis=1)
        self.longest = int(self._length.max(initial=0))

    def top(self, size: int) -> int:
        """The characters of the longest run of so many words, 0 if there is none."""
        first = self._first[self._length >= size]
        return int((self._sums.take(first + size) - self._sums.take(first)).max(initial=0))

    def covered(self, size: int) -> NDArray[np.bool_]:
        """For each word whether the second occurrence of a run of so many words covers it."""
        second = self._second[self._length >= size]
        edges = np.zeros(self._words + 1, dtype=np.intp)
        edges[second] += 1
        edges[second + size] -= 1
        covering: NDArray[np.bool_] = edges.cumsum()[:-1] > 0
        return covering


def _repeated_pairs(hashes: NDArray[np.uint64]) -> list[Places]:
    """The places of each pair of words that occurs more than once.

    Pairs are told apart by the bits of 64 that do not number the words: in a text of 600 words two different ones are
    taken for the same once in 10^10 texts.
    """
    words = len(hashes)
    if words < TOP_SIZES[0]:
        return []
    mixed = hashes * _MIX
    mixed ^= mixed >> _32
    bits = words.bit_length()
    order = mixed[:-1] * _STEP
    order += mixed[1:]
    order >>= bits
    order <<= bits
    order |= np.arange(words - 1, dtype=np.uint64)
    order.sort()
    equal = ((order[1:] ^ order[:-1]) < (1 << bits)).nonzero()[0]
    order &= (1 << bits) - 1
    found: list[Places] = []
    before = -2
    earlier, later = order.take(equal).tolist(), order.take(equal + 1).tolist()
    for rank, first, second in zip(equal.tolist(), earlier, later, strict=True):
        if rank == before + 1:
            found[-1].append(second)
        else:
            found.append([first, second])
        before = rank
    return found


def _longer(runs: Sequence[Places], words: Sequence[int], size: int) -> Iterator[Places]:
    """Runs one word longer: the places of each run, parted by the word that follows there."""
    last = len(words) - size
    for places in runs:
        if len(places) == 2:
            first, second = places
            if second < last and words[first + size] == words[second + size]:
                yield places
            continue
        by_word: dict[int, Places] = {}
        for place in places:
            if place < last:
                by_word.setdefault(words[place + size], []).append(place)
        yield from (after for after in by_word.values() if len(after) > 1)


def _top(runs: Sequence[Places], lengths: Sequence[int], size: int, twice: int) -> int:
    """``twice``: the characters of the longest run that occurs twice, of those that are not among ``runs``."""
    most = max(map(len, runs), default=2)
    longest = max([sum(lengths[places[0] : places[0] + size]) for places in runs if len(places) == most], default=0)
    if most == 2:
        longest = max(longest, twice)
    return (longest + size - 1) * most if longest else 0


def _covered(runs: Sequence[Places], words: int, size: int) -> NDArray[np.bool_]:
    covered = bytearray(words)
    whole = b"\1" * size
    for places in runs:
        for place in places[1:]:
            covered[place : place + size] = whole
    return np.frombuffer(covered, dtype=np.bool_)
