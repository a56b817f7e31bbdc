"""Which runs of words stand in a text more than once, and how much of it they make (QUA434 to QUA442). Pure.

Runs of two words are found by one sort; each longer run is looked for only where the shorter one repeats. The work is
that of the repetition: little in an article, and linear in a text that says one thing over and over. Where much is said
twice, all that occurs twice is measured at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PAIR = 2
TOP_SIZES = (2, 3, 4)
REPEATED_SIZES = (5, 6, 7, 8, 9, 10)
MANY = 128
"""Times that pairs of words come again, in an article 60. Beyond, those that occur twice are looked at all at once."""
_MIX = np.uint64(0xD6E8FEB86659FD93)
_STEP = np.uint64(0xA0761D6478BD642F)
_32 = np.uint64(32)

Paths = list[int]
"""Where one run of words begins, each time: numbers of words, ascending, at least two."""


class GramCharacters(NamedTuple):
    """Characters of a text that its repeated runs of words make.

    ``top``: of the commonest run of 2, 3 and 4 words, with a blank between words, times its count; 0 if it occurs once,
    the longest of equally frequent ones. ``repeated``: of the words that a second or later occurrence of a run of 5 to
    10 words covers, each word once.
    """

    top: tuple[int, ...]
    repeated: tuple[int, ...]


def gram_characters(hashes: NDArray[np.uint64], sizes: NDArray[np.intp], letters_a_word: float = 1.0) -> GramCharacters:
    """Measure the repeated runs of the words with these hashes (u64[n]) and lengths in characters (intp[n]).

    In scripts without blanks the words are letters, so many to a word: runs of k words are runs of so many letters.
    """
    tops, repeated = (TOP_SIZES, REPEATED_SIZES) if letters_a_word == 1 else _run_sizes(letters_a_word)
    blanks = letters_a_word == 1
    top = [0] * len(TOP_SIZES)
    covered = np.zeros((len(REPEATED_SIZES), len(sizes)), dtype=np.bool_)
    pairs = _repeated_pairs(hashes)
    twice = None
    if len(pairs.ranks) > MANY:
        alone = pairs.alone()
        twice = _Twice(pairs.earlier[alone], pairs.later[alone], hashes, sizes, repeated[-1])
        twice.cover(covered, repeated)
        pairs = _Pairs(*[one[~alone] for one in pairs])
    runs = pairs.runs()
    words, lengths = hashes.data, sizes.data  # of an article few are looked at: lists of all would cost more
    for size in range(PAIR, repeated[-1] + 1):
        if not (runs or (twice is not None and size <= tops[-1])):
            break
        if size in tops:
            top[tops.index(size)] = _top(runs, lengths, size, 0 if twice is None else twice.top(size), blanks=blanks)
        if size in repeated:
            _cover(covered[repeated.index(size)], runs, size)
        runs = _longer(runs, words, size)
    characters = covered.astype(np.intp) @ sizes if covered.any() else np.zeros(len(covered), dtype=np.intp)
    return GramCharacters(tuple(top), tuple(characters.tolist()))


def _run_sizes(letters_a_word: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The sizes of runs of letters that are asked for in a script without blanks; a half is rounded up."""
    top, repeated = (tuple(int(size * letters_a_word + 0.5) for size in each) for each in (TOP_SIZES, REPEATED_SIZES))
    return top, repeated


class _Twice:
    """Runs that occur twice each, so many that they are looked at all at once."""

    def __init__(
        self,
        first: NDArray[np.intp],
        second: NDArray[np.intp],
        hashes: NDArray[np.uint64],
        sizes: NDArray[np.intp],
        longest: int,
    ) -> None:
        """Take the places of pairs of words that occur twice, all words, and the longest run that is asked for."""
        self._first, self._second = first, second
        self._sums = np.concatenate((np.zeros(1, dtype=np.intp), sizes.cumsum()))
        after = np.arange(PAIR, longest)
        earlier, later = first[:, None] + after, second[:, None] + after
        equal = np.zeros((len(first), len(after) + 1), dtype=np.bool_)  # false at the end: there every run is over
        np.equal(hashes.take(earlier, mode="clip"), hashes.take(later, mode="clip"), out=equal[:, :-1])
        equal[:, :-1] &= later < len(hashes)
        self._length = PAIR + equal.argmin(axis=1)

    def top(self, size: int) -> int:
        """The characters of the longest run of so many words, 0 if there is none."""
        first = self._first[self._length >= size]
        return int((self._sums.take(first + size) - self._sums.take(first)).max(initial=0))

    def cover(self, covered: NDArray[np.bool_], repeated: Sequence[int]) -> None:
        """Mark the words, for each of these sizes, that the second occurrence of such a run covers."""
        sizes = np.array(repeated)[:, None]
        long_enough = self._length >= sizes
        begins = np.broadcast_to(self._second, long_enough.shape)
        width = covered.shape[1] + 1
        rows = np.arange(len(sizes))[:, None] * width
        edges = np.bincount((begins + rows)[long_enough], minlength=len(sizes) * width)
        edges -= np.bincount((begins + sizes + rows)[long_enough], minlength=len(sizes) * width)
        covered |= edges.reshape(len(sizes), width).cumsum(axis=1)[:, :-1] > 0


class _Pairs(NamedTuple):
    """Pairs of words that occur again: among all pairs in order, which are equal to the next, and where both stand."""

    ranks: NDArray[np.intp]
    earlier: NDArray[np.intp]
    later: NDArray[np.intp]

    def alone(self) -> NDArray[np.bool_]:
        """Which of them occur just twice."""
        goes_on = self.ranks[1:] == self.ranks[:-1] + 1
        alone = np.ones(len(self.ranks), dtype=np.bool_)
        alone[1:] &= ~goes_on
        alone[:-1] &= ~goes_on
        return alone

    def runs(self) -> list[Paths]:
        """All places of each of them."""
        found: list[Paths] = []
        before = -2
        for rank, earlier, later in zip(*[one.tolist() for one in self], strict=True):
            if rank == before + 1:
                found[-1].append(later)
            else:
                found.append([earlier, later])
            before = rank
        return found


def _repeated_pairs(hashes: NDArray[np.uint64]) -> _Pairs:
    """The pairs of words that occur more than once.

    Pairs are told apart by the bits of 64 that do not number the words: in a text of 600 words two different ones are
    taken for the same once in 10^10 texts.
    """
    words = len(hashes)
    if words < PAIR:
        nothing = np.zeros(0, dtype=np.intp)
        return _Pairs(nothing, nothing, nothing)
    mixed = hashes * _MIX
    mixed ^= mixed >> _32
    numbers = (1 << words.bit_length()) - 1
    order = mixed[:-1] * _STEP
    order += mixed[1:]
    order &= np.uint64(~numbers & (1 << 64) - 1)
    order |= np.arange(words - 1, dtype=np.uint64)
    order.sort()
    ranks = ((order[1:] ^ order[:-1]) <= numbers).nonzero()[0]
    order &= numbers
    positions = order.view(np.intp)
    return _Pairs(ranks, positions.take(ranks), positions.take(ranks + 1))


def _longer(runs: Sequence[Paths], words: Sequence[int], size: int) -> list[Paths]:
    """Runs one word longer: the places of each run, parted by the word that follows there."""
    last = len(words) - size
    longer: list[Paths] = []
    for offsets in runs:
        if len(offsets) == 2:
            first, second = offsets
            if second < last and words[first + size] == words[second + size]:
                longer.append(offsets)
            continue
        by_word: dict[int, Paths] = {}
        for offset in offsets:
            if offset < last:
                by_word.setdefault(words[offset + size], []).append(offset)
        if len(by_word) < len(offsets):
            longer += [after for after in by_word.values() if len(after) > 1]
    return longer


def _top(runs: Sequence[Paths], lengths: Sequence[int], size: int, twice: int, *, blanks: bool) -> int:
    """``twice``: the characters of the longest run that occurs twice, of those that are not among ``runs``."""
    most = max(map(len, runs), default=2)
    longest = max([sum(lengths[offsets[0] : offsets[0] + size]) for offsets in runs if len(offsets) == most], default=0)
    if most == 2:
        longest = max(longest, twice)
    return (longest + (size - 1) * blanks) * most if longest else 0


def _cover(covered: NDArray[np.bool_], runs: Sequence[Paths], size: int) -> None:
    row, whole = covered.view(np.uint8).data, b"\1" * size
    for offsets in runs:
        for offset in offsets[1:]:
            row[offset : offset + size] = whole
