"""All runs of a backfill, or their slots, by partition: what stands under a code, as of a record. Reads files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd.bulk.codes import partition_of
from winnowd.bulk.runs import Met, open_run, open_slots
from winnowd.originality.table import CROWD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from winnowd.bulk.codes import Kind
    from winnowd.bulk.runs import Run, Slots


class Under(NamedTuple):
    """The at most 16 that count under one code, oldest first; ``crowded``: more records stand under it."""

    numbers: list[int]
    crowded: bool


class RunIndex:
    """All postings: over the files of ``merge``, in the order of the partitions."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._runs = [open_run(path) for path in paths]

    def older(self, kind: Kind, code: int, before: int) -> NDArray[np.uint32]:
        """The numbers under a code before a record, oldest first; a view of the file."""
        return self._run(kind, code).older(code, before)

    def as_of(self, kind: Kind, code: int, before: int, seeded: NDArray[np.uint8]) -> list[int]:
        """The 16 that count under a code as of a record, oldest first; ``seeded`` by number, as it was then."""
        return self._run(kind, code).as_of(code, before, seeded)

    def _run(self, kind: Kind, code: int) -> Run:
        return self._runs[_partition(code, len(self._runs))][kind]


class SlotIndex:
    """What can matter of all postings: over the files of ``write_slots``, in the order of the partitions."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._slots = [open_slots(path) for path in paths]

    def under(self, kind: Kind, code: int, before: int) -> Under:
        """What counts under one code as of a record."""
        slots = self._slots[_partition(code, len(self._slots))][kind]
        met = slots.met(np.array([code], dtype=np.uint64), np.array([before], dtype=np.int64))
        return Under(sorted(met.numbers.tolist()), bool(met.crowded[0]))

    def met(self, kind: Kind, codes: NDArray[np.uint64], before: NDArray[np.int64]) -> Met:
        """What counts under each code as of the record beside it."""
        which, numbers, crowded = [np.zeros(0, np.intp)], [np.zeros(0, np.int64)], np.zeros(len(codes), np.bool_)
        for slots, here in self._parted(codes):
            met = slots[kind].met(codes[here], before[here])
            which.append(here[met.which])
            numbers.append(met.numbers)
            crowded[here] = met.crowded
        every = np.concatenate(which)
        order = every.argsort(kind="stable")
        return Met(every[order], np.concatenate(numbers)[order], crowded)

    def crowded(self, kind: Kind, codes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Under which of these codes more than 16 records stand, whenever they come."""
        crowded = np.zeros(len(codes), np.bool_)
        for slots, here in self._parted(codes):
            crowded[here] = slots[kind].sizes(codes[here]) > CROWD
        return crowded

    def _parted(self, codes: NDArray[np.uint64]) -> Iterator[tuple[list[Slots], NDArray[np.intp]]]:
        """Of each partition that has any of the codes: its slots, and which, sorted by code: a page is read once."""
        partition = partition_of(codes, len(self._slots))
        order = np.lexsort((codes, partition))
        bounds = partition[order].searchsorted(np.arange(len(self._slots) + 1)).tolist()
        for at, slots in enumerate(self._slots):
            if bounds[at] < bounds[at + 1]:
                yield slots, order[bounds[at] : bounds[at + 1]]


def _partition(code: int, partitions: int) -> int:
    return int(partition_of(np.array([code], dtype=np.uint64), partitions)[0])
