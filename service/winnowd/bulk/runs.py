"""Which records stand under a code, as sorted files: a keys file a block, merged into a run a partition. Files.

A posting is a code (u64) and the number of a record (u32, at most 2^32 - 2), 12 bytes. Keys files and
runs are sorted by code, then number; a keys file by partition before, with the bounds of each. To merge one partition
takes some 50 bytes of memory a posting; so many partitions are chosen that this is there.

Of a run, *slots* are what can ever matter of it: as of record t, an index in memory has under a key the first 16, of
those that ever stood in the corpus before the others, of the older before the younger, among the postings before t
(``originality.table``). So 17 of either sort are enough, at any t: 16 that count, and one that tells of more. Slots
have a byte more a posting, and are made anew when another set of records is thought to be seeded.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from winnowd.bulk.codes import Kind, Postings, partition_of
from winnowd.bulk.files import read_arrays, write_arrays
from winnowd.originality.table import CROWD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

MOST_NUMBER: Final = (1 << 32) - 2
"""So that one more, before which all are, is one of 32 bits as well."""
_ENOUGH: Final = CROWD + 1
_AT_ONCE: Final = 1024
_NONE: Final = Postings(np.zeros(0, np.uint64), np.zeros(0, np.uint32))


class Spans(NamedTuple):
    """Where in a run the postings of some codes are, those before a record alone: begins and ends."""

    starts: NDArray[np.intp]
    ends: NDArray[np.intp]

    @property
    def counts(self) -> NDArray[np.intp]:
        """How many there are under each code."""
        return self.ends - self.starts

    def positions(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Each posting of each code in order: of which of the codes, and where in the run."""
        counts = self.counts
        which = np.arange(len(counts)).repeat(counts)
        before = counts.cumsum() - counts
        return which, np.arange(len(which)) + (self.starts - before)[which]


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """All postings of one kind and partition, by code, then number."""

    codes: NDArray[np.uint64]
    numbers: NDArray[np.uint32]

    def spans(self, codes: NDArray[np.uint64], before: NDArray[np.int64]) -> Spans:
        """Where the postings of each code are, of records before the one beside it."""
        starts = self.codes.searchsorted(codes, side="left")
        low, high = starts.copy(), self.codes.searchsorted(codes, side="right")
        while (pending := (low < high).nonzero()[0]).size:
            middle = (low[pending] + high[pending]) >> 1
            older = self.numbers[middle] < before[pending]
            low[pending[older]] = middle[older] + 1
            high[pending[~older]] = middle[~older]
        return Spans(starts, low)

    def sizes(self, codes: NDArray[np.uint64]) -> NDArray[np.intp]:
        """How many postings there are under each code."""
        return self.codes.searchsorted(codes, side="right") - self.codes.searchsorted(codes, side="left")

    def older(self, code: int, before: int) -> NDArray[np.uint32]:
        """The numbers under one code before a record, the oldest first; a view: what is not looked at is not read."""
        wanted = np.uint64(code)
        start, end = (int(self.codes.searchsorted(wanted, side=side)) for side in ("left", "right"))
        numbers = self.numbers[start:end]
        return numbers[: int(numbers.searchsorted(np.uint32(min(before, MOST_NUMBER + 1))))]

    def as_of(self, code: int, before: int, seeded: NDArray[np.uint8]) -> list[int]:
        """The 16 that count under one code as of a record, oldest first; ``seeded`` by number, as it was then."""
        first, others = self.first_of_each(code, before, seeded)
        return sorted([*first, *others[: CROWD - len(first)]])

    def first_of_each(self, code: int, before: int, seeded: NDArray[np.uint8]) -> tuple[list[int], list[int]]:
        """The first 16 seeded numbers under one code before a record, and the first 16 others, the older first.

        Read are as many as it takes to have 16 of either: all, where there never were so many.
        """
        numbers = self.older(code, before)
        first: list[int] = []
        others: list[int] = []
        for start in range(0, len(numbers), _AT_ONCE):
            part = numbers[start : start + _AT_ONCE]
            are_seeded = seeded[part] != 0
            first += part[are_seeded][: CROWD - len(first)].tolist()
            others += part[~are_seeded][: CROWD - len(others)].tolist()
            if len(first) == len(others) == CROWD:
                break
        return first, others


class Met(NamedTuple):
    """What stands under some codes: of which of them, in order, and the number; ``crowded``: more did, by code."""

    which: NDArray[np.intp]
    numbers: NDArray[np.int64]
    crowded: NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True)
class Slots(Run):
    """What can ever matter of a run; ``seeded``: 1 for a record that is thought to have ever stood in the corpus."""

    seeded: NDArray[np.uint8]

    def met(self, codes: NDArray[np.uint64], before: NDArray[np.int64]) -> Met:
        """The at most 16 that count under each code as of the record beside it."""
        spans = self.spans(codes, before)
        crowded = spans.counts > CROWD
        which, positions = spans.positions()
        if crowded.any():
            kept = self._counting(spans, which, positions)
            which, positions = which[kept], positions[kept]
        return Met(which, self.numbers[positions].astype(np.int64), crowded)

    def _counting(self, spans: Spans, which: NDArray[np.intp], positions: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of these postings are among the first 16 under their code, seeded ones before others."""
        are_seeded = self.seeded[positions] != 0
        rank = _rank(are_seeded, spans.counts)
        seeded = np.bincount(which[are_seeded], minlength=len(spans.starts))
        rank[~are_seeded] += seeded[which[~are_seeded]]
        counting: NDArray[np.bool_] = rank < CROWD
        return counting


def _rank(are_seeded: NDArray[np.bool_], counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """The rank of each posting among those under its code that are seeded as it is, or are not; ``counts`` by code."""
    begins = (counts.cumsum() - counts).repeat(counts)
    upto = np.concatenate(([0], are_seeded.cumsum()))
    seeded_before = upto[:-1] - upto[begins]
    return np.where(are_seeded, seeded_before, np.arange(len(are_seeded)) - begins - seeded_before)


def write_keys(path: Path, postings: Mapping[Kind, Postings], partitions: int) -> None:
    """Write the keys file of a block; a kind that is not given has no postings."""
    arrays: list[NDArray[Any]] = []
    for kind in Kind:
        codes, numbers = postings.get(kind, _NONE)
        partition = partition_of(codes, partitions)
        order = np.lexsort((numbers, codes, partition))
        bounds = partition[order].searchsorted(np.arange(partitions + 1)).astype(np.int64)
        arrays += bounds, codes[order], numbers[order].astype(np.uint32)
    write_arrays(path, arrays)


def read_keys(path: Path) -> dict[Kind, Postings]:
    """All postings of a keys file, by kind; views of the file.

    Raises:
        DamagedFileError: the file is damaged.
    """
    arrays = read_arrays(path)
    return {kind: Postings(*arrays[3 * kind + 1 : 3 * kind + 3]) for kind in Kind}


def merge(partition: int, files: Sequence[tuple[Path, int]], goal: Path) -> None:
    """Merge one partition of keys files, each with the number that is added to all of its own, into a run.

    Raises:
        OverflowError: a number would not fit 32 bits.
        DamagedFileError: a file is damaged.
    """
    parts: list[list[Postings]] = [[] for _ in Kind]
    for path, base in sorted(files, key=lambda one: one[1]):
        arrays = read_arrays(path)
        for kind in Kind:
            bounds, codes, numbers = arrays[3 * kind : 3 * kind + 3]
            here = slice(*bounds[partition : partition + 2].tolist())
            if base + int(numbers[here].max(initial=0)) > MOST_NUMBER:
                raise OverflowError(f"{path.name} has a record beyond number {MOST_NUMBER}")
            parts[kind].append(Postings(codes[here].copy(), numbers[here] + np.uint32(base)))
    arrays = []
    for of_kind in parts:
        codes, numbers = (np.concatenate(column) for column in zip(_NONE, *of_kind, strict=True))
        order = codes.argsort(kind="stable")
        arrays += codes[order], numbers[order]
    write_arrays(goal, arrays)


def open_run(path: Path) -> list[Run]:
    """The run of a partition, one of each kind."""
    arrays = read_arrays(path)
    return [Run(*arrays[2 * kind : 2 * kind + 2]) for kind in Kind]


def write_slots(run: Path, seeded: NDArray[np.uint8], goal: Path) -> None:
    """Write the slots of a run; ``seeded``: by number, 1 for a record that is thought to have ever been admitted."""
    arrays: list[NDArray[Any]] = []
    for one in open_run(run):
        begins = np.append((one.codes[1:] != one.codes[:-1]).nonzero()[0] + 1, len(one.codes))
        are_seeded = seeded[one.numbers]
        kept = _rank(are_seeded != 0, np.diff(begins, prepend=0)) < _ENOUGH
        arrays += one.codes[kept], one.numbers[kept], are_seeded[kept]
    write_arrays(goal, arrays)


def open_slots(path: Path) -> list[Slots]:
    """The slots of a partition, one of each kind."""
    arrays = read_arrays(path)
    return [Slots(*arrays[3 * kind : 3 * kind + 3]) for kind in Kind]
