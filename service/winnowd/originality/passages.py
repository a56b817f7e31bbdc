"""Shared passages: the runs of three or more words that two texts have in common, in order or anywhere. Pure."""

from __future__ import annotations

import collections
import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd import kernels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    _Longest = tuple[int, int, int]
    """A run with its words below zero and first: so the least is the one to take."""

LEAST_WORDS = 3
MOST_PAIRS = 200_000
MOST_PER_WORD = 4
MOST_RUNS = 5_000
MOST_READINGS = 16
FEW_RUNS = 64
_SIDE = np.int64(1 << 31)
_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_STEPS = np.arange(LEAST_WORDS)[:, None]


class Run(NamedTuple):
    """A run of ``words`` shared words: index of the first in the newcomer, and in the known text."""

    new: int
    indexed: int
    words: int

    def reads(self, at: int) -> bool:
        """Whether three words of it stand from a word of the newcomer on that is not before its first."""
        return self.new + self.words - at >= LEAST_WORDS


class _Region(NamedTuple):
    """A part of both texts."""

    new_from: int
    new_to: int
    known_from: int
    known_to: int

    def clip(self, runs: Iterable[_Longest]) -> list[_Longest]:
        """What of these runs lies here, where that is at least three words; in plain steps, for it is done often."""
        new_from, new_to, known_from, known_to = self
        found = []
        for less, new, indexed in runs:
            skipped = max(new_from - new, known_from - indexed)
            if skipped > 0:
                less, new, indexed = less + skipped, new + skipped, indexed + skipped  # noqa: PLW2901 - its rest
            less = max(less, new - new_to, indexed - known_to)  # noqa: PLW2901 - what of it is here
            if less <= -LEAST_WORDS:
                found.append((less, new, indexed))
        return found

    def regions(self, run: Run) -> tuple[_Region, _Region]:
        """What lies before and what lies after a run."""
        before = _Region(self.new_from, run.new, self.known_from, run.indexed)
        return before, _Region(run.new + run.words, self.new_to, run.indexed + run.words, self.known_to)


class _Runs(NamedTuple):
    """Runs as columns."""

    new: NDArray[np.int64]
    indexed: NDArray[np.int64]
    words: NDArray[np.int64]

    def pick(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> _Runs:
        return _Runs(self.new[which], self.indexed[which], self.words[which])


class SharedRuns:
    """What runs of words two texts share, looked for once: by the hashes of their words."""

    def __init__(self, new: NDArray[np.uint64], indexed: NDArray[np.uint64]) -> None:
        self._whole = _Region(0, len(new), 0, len(indexed))
        self._all = _all_runs(new, indexed)

    @functools.cached_property
    def in_order(self) -> list[Run]:
        """See ``runs_in_order``."""
        return _in_order(self._all, self._whole)

    @functools.cached_property
    def anywhere(self) -> list[Run]:
        """See ``runs_anywhere``."""
        return _anywhere(self._all)


def runs_in_order(new: NDArray[np.uint64], indexed: NDArray[np.uint64]) -> list[Run]:
    """The shared runs that keep their order in both texts: the longest, then the longest on each side of it, and so on.

    Ties: first in the newcomer, then in the known text; so these are difflib's matching blocks of at least 3 words.
    Where 3-grams meet at over 200,000 places, and over 4 a word, the most frequent are no anchors; of over 5,000 runs
    the longest are used.
    """
    return SharedRuns(new, indexed).in_order


def _in_order(runs: _Runs, whole: _Region) -> list[Run]:
    found: list[Run] = []
    regions = [(runs, whole)]
    while regions:
        runs, region = regions.pop()
        if len(runs.words) <= FEW_RUNS:
            columns = (-runs.words).tolist(), runs.new.tolist(), runs.indexed.tolist()
            found += _few_in_order(list(zip(*columns, strict=True)), region)
            continue
        runs = _inside(runs, region)
        if len(runs.words):
            best = np.lexsort((runs.indexed, runs.new, -runs.words))[0]
            run = Run(int(runs.new[best]), int(runs.indexed[best]), int(runs.words[best]))
            found.append(run)
            regions += [(runs, side) for side in region.regions(run)]
    return sorted(found)


def _few_in_order(runs: list[_Longest], region: _Region) -> list[Run]:
    """The same for a few runs, without numpy: as quick as that is slow for few."""
    found: list[Run] = []
    regions = [(runs, region)]
    while regions:
        within, region = regions.pop()
        clipped = region.clip(within)
        if clipped:
            less, new, indexed = min(clipped)
            run = Run(new, indexed, -less)
            found.append(run)
            regions += [(clipped, side) for side in region.regions(run)]
    return found


def runs_anywhere(new: NDArray[np.uint64], indexed: NDArray[np.uint64]) -> list[Run]:
    """The shared runs whatever their order: left to right in the newcomer, each the longest that the known text has.

    For each three words at most 16 places in the known text are tried; ties: the first of them.
    """
    return SharedRuns(new, indexed).anywhere


def _anywhere(runs: _Runs) -> list[Run]:
    order = np.lexsort((runs.indexed, runs.new))
    coming = collections.deque(map(Run, *(column[order].tolist() for column in runs)))
    readings: list[Run] = []
    more: collections.deque[Run] = collections.deque()
    found: list[Run] = []
    reached = 0
    while coming or more or readings:
        at = max(reached, coming[0].new) if coming and not (more or readings) else reached
        while coming and coming[0].new <= at:
            more.append(coming.popleft())
        readings = [run for run in readings if run.reads(at)]
        while more and len(readings) < MOST_READINGS:
            run = more.popleft()
            if run.reads(at):
                readings.append(run)
        if readings:
            best = max(readings, key=lambda run: (run.new + run.words, run.new - run.indexed))
            skipped = at - best.new
            found.append(Run(at, best.indexed + skipped, best.words - skipped))
            reached = best.new + best.words
    return found


def share(runs: list[Run], words: int) -> float:
    """The share of a text's words that stand in these runs."""
    return sum(run.words for run in runs) / words if words else 0.0


def _inside(runs: _Runs, region: _Region) -> _Runs:
    """What of the runs lies in a region, where that is at least three words."""
    skipped = np.maximum(np.maximum(region.new_from - runs.new, region.known_from - runs.indexed), 0)
    new, indexed = runs.new + skipped, runs.indexed + skipped
    words = np.minimum(np.minimum(region.new_to - new, region.known_to - indexed), runs.words - skipped)
    return _Runs(new, indexed, words).pick(words >= LEAST_WORDS)


def _all_runs(new: NDArray[np.uint64], indexed: NDArray[np.uint64]) -> _Runs:
    """All maximal runs that two texts share, at whatever distance."""
    at_new, at_known = _meetings(new, indexed)
    if not len(at_new):
        return _Runs(at_new, at_known, at_new)
    diagonal = at_known - at_new + len(new)
    order = (diagonal * _SIDE + at_new).argsort()
    at_new, at_known, diagonal = at_new[order], at_known[order], diagonal[order]
    begins = np.ones(len(order) + 1, dtype=np.bool_)
    begins[1:-1] = (diagonal[1:] != diagonal[:-1]) | (at_new[1:] != at_new[:-1] + 1)
    borders = begins.nonzero()[0]
    starts = borders[:-1]
    runs = _Runs(at_new[starts], at_known[starts], borders[1:] - starts + LEAST_WORDS - 1)
    if len(runs.words) > MOST_RUNS:
        runs = runs.pick(np.lexsort((runs.indexed, runs.new, -runs.words))[:MOST_RUNS])
    return runs


def _meetings(new: NDArray[np.uint64], indexed: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where three words of the one are three words of the other: index in both, one entry for each such place."""
    if min(len(new), len(indexed)) < LEAST_WORDS:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    new_grams, known_grams = kernels.grams(new, LEAST_WORDS), kernels.grams(indexed, LEAST_WORDS)
    met, offsets = _met_more_than_once(new_grams, known_grams)
    ordered = known_grams[offsets]
    low = ordered.searchsorted(new_grams[met])
    counts = ordered.searchsorted(new_grams[met], side="right") - low
    counts[counts > _most_places(counts, max(MOST_PAIRS, MOST_PER_WORD * (len(new) + len(indexed))))] = 0
    at_new = met.repeat(counts)
    within = np.arange(len(at_new)) - (counts.cumsum() - counts).repeat(counts)
    at_known = offsets[low.repeat(counts) + within]
    words, others = new[at_new + _STEPS], indexed[at_known + _STEPS]
    equal = (words == others).all(axis=0)
    return at_new[equal], at_known[equal]


def _met_more_than_once(
    new: NDArray[np.uint32], indexed: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the grams of either stand that come twice or more in both together, in the order of these grams."""
    packed = np.concatenate((new, indexed)).astype(np.uint64)
    packed <<= _32
    packed |= np.arange(len(packed), dtype=np.uint64)
    packed.sort()
    grams = packed >> _32
    first = kernels.changes(grams)
    first[:-1] &= first[1:]  # alone: what comes after it is another, too
    positions = (packed[~first] & _LOW).astype(np.int64)
    is_new = positions < len(new)
    return positions[is_new], positions[~is_new] - len(new)


def _most_places(counts: NDArray[np.int64], most: int) -> int:
    """How often an anchor may stand in the known text, so that there are at most ``most`` meetings in all."""
    if int(counts.sum()) <= most:
        return most
    ordered = np.sort(counts)
    total = np.cumsum(ordered)
    last_of_each = np.append(ordered[1:] != ordered[:-1], np.True_)
    fitting = ordered[last_of_each & (total <= most)]
    return int(fitting[-1]) if len(fitting) else 0
