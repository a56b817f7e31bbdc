"""The task that prepares a range: its records, in a confined worker as the daemon has them, to files of blocks.

The worker is kept for the next range that the same process is given. Whatever fells it is found as the route finds it:
tried alone, in a fresh one; then record by record, to tell which it is.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
from array import array
from typing import TYPE_CHECKING, Final

import msgspec

from winnowd.bulk.files import DamagedFileError, write_whole
from winnowd.daemon.preparation import InLoop
from winnowd.daemon.preparer import PortionPreparer
from winnowd.daemon.supervisor import confinement_for
from winnowd.daemon.workers import Workers
from winnowd.model import PORTION, SUSPICIOUS, Job, Portion, Slice, Stopped
from winnowd.pipeline.barren import is_barren
from winnowd.pipeline.portions import CHANGED
from winnowd.wiring.preparer import PreparerConfig

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from winnowd.bulk.splitting import Input, Range
    from winnowd.model import Prepared
    from winnowd.originality import Recipe
    from winnowd.settings import Settings

BLOCKS_A_RANGE: Final = 1 << 20
"""Numbers of blocks that each range has for its own: how many a whole file gives is known when it has been read."""
_MOST_CHARACTERS: Final = 32 << 20
"""Of text and records' own bytes in one block: what is prepared of it is held until it is written."""


class InputError(Exception):
    """An input cannot be read to its end as it was listed: the run is over, and goes on when that is mended."""


class Fault(msgspec.Struct, frozen=True, array_like=True):
    """What fells the worker: the code and the sentence of a ``Stopped``; its record comes right behind the blocks."""

    code: str
    because: str


class PreparedBlock(msgspec.Struct, frozen=True, array_like=True):
    """Some records in their order: how many, and of each its ``Prepared.weight`` (u32), and whether it ``is_barren``.

    ``number``: of the block.
    """

    number: int
    count: int
    weights: bytes
    barren: bytes

    def flags(self) -> tuple[memoryview, bytes]:
        """Weights and barrenness, as ``Walk.after`` takes them."""
        return memoryview(self.weights).cast("I"), self.barren


class PreparedRange(msgspec.Struct, frozen=True, array_like=True):
    """What came of a range; with a ``fault`` no record behind those of its blocks was prepared.

    ``behind``: how many there are, of a whole file that has a fault; None if reading them fells the worker, too.
    """

    blocks: tuple[PreparedBlock, ...]
    fault: Fault | None = None
    behind: int | None = None


_RESULT: Final = msgspec.msgpack.Decoder(PreparedRange)


@dataclasses.dataclass(frozen=True, slots=True)
class RangeJob:
    """A range to prepare, as it goes to another process.

    ``number``: of the range in its run; its blocks have the numbers from ``number * BLOCKS_A_RANGE`` on, each
    ``records`` (the last one fewer), and ``write(folder, block, prepared)`` puts one down, whole and synced.
    """

    number: int
    input: Input
    range: Range
    received_at: dt.datetime
    config: PreparerConfig
    folder: Path
    records: int
    write: Callable[[Path, int, Sequence[Prepared]], None]


def config_of(settings: Settings, recipe: Recipe) -> PreparerConfig:
    """How inputs of any size are prepared under these settings; that one is named is consent to what it is."""
    reading = dataclasses.replace(settings.reading.for_any_size(), warc=True)
    return PreparerConfig(dataclasses.replace(settings, reading=reading), recipe)


def prepare_range(job: RangeJob) -> PreparedRange:
    """Prepare a range and write its blocks, then its result; one whose result is there is not prepared again.

    Raises:
        InputError: its file is not what was listed, cannot be read, or gives more blocks than a range has numbers for.
        OSError: a block cannot be written, or no worker begun.
        DamagedFileError: its result is there, and damaged.
    """
    path = job.folder / f"{job.number:06}.prepared"
    if path.exists():
        try:
            return _RESULT.decode(path.read_bytes())
        except msgspec.MsgspecError as fault:
            raise DamagedFileError(f"{path} is damaged") from fault
    _check_unchanged(job.input)
    made = _prepared_anew(job)
    write_whole(path, [msgspec.msgpack.encode(made)])
    return made


def _prepared_anew(job: RangeJob) -> PreparedRange:
    records = _Records(job)
    blocks = []
    for number in itertools.count(job.number * BLOCKS_A_RANGE):
        if not (prepared := _block(records, job.records)):
            break
        if number // BLOCKS_A_RANGE > job.number:
            raise InputError(f"{job.input.name} has more than {BLOCKS_A_RANGE} blocks: split it, or take greater ones")
        job.write(job.folder, number, prepared)
        weights = array("I", (one.weight for one in prepared))
        blocks.append(PreparedBlock(number, len(prepared), weights.tobytes(), bytes(map(is_barren, prepared))))
    behind = None if records.fault is None or job.range.part is not None else records.count_rest()
    return PreparedRange(tuple(blocks), records.fault, behind)


def _block(records: Iterator[Prepared], most: int) -> list[Prepared]:
    """The records of the next block, none at the end."""
    gathered: list[Prepared] = []
    characters = 0
    for one in records:
        gathered.append(one)
        characters += one.weight
        if len(gathered) >= most or characters >= _MOST_CHARACTERS:
            break
    return gathered


class _Records:
    """The records of a range one by one, as far as they can be prepared; ``fault``: why there are no more of them."""

    def __init__(self, job: RangeJob) -> None:
        one = job.input
        self._workers = _workers_for(job.config, one.path.parent)
        self._job = Job(
            arrival=f"{job.number}",
            path=str(one.path),
            name=one.name,
            received_at=job.received_at,
            size=one.stat_key[1],
            stat_key=one.stat_key,
            feed=one.feed,
            part=job.range.part,
        )
        self._done = 0
        self.fault: Fault | None = None
        self._records = self._prepared()

    def __iter__(self) -> Iterator[Prepared]:
        return self

    def __next__(self) -> Prepared:
        return next(self._records)

    def _prepared(self) -> Iterator[Prepared]:
        """Portion after portion; one that fells its worker is tried alone, as the route does."""
        while True:
            answer = self._ask()
            if isinstance(answer, Stopped):
                answer = self._ask(alone=True)
            if isinstance(answer, Stopped):
                self.fault = Fault(answer.code, answer.because)
                yield from self._before_fault()
                if self.fault is not None:
                    return
                continue
            yield from self._given(answer)
            if answer.last:
                return

    def _before_fault(self) -> Iterator[Prepared]:
        """The records of a portion up to the one that fells its worker; all if none does by itself: then no fault is.

        Together they took too much, or too long; the route would hold them.
        """
        one_by_one = dataclasses.replace(self._job, portion=Portion(records=1), looks_ahead=False)
        for _ in range(PORTION.records + 1):
            answer = self._ask(one_by_one)
            if isinstance(answer, Stopped):
                return
            yield from self._given(answer)
            if answer.last:
                break
        self.fault = None

    def count_rest(self) -> int | None:
        """How many records there are behind those that were given; None if counting them fells the worker."""
        first = self._done
        while True:
            answer = self._ask(dataclasses.replace(self._job, count_only=True))
            if isinstance(answer, Stopped):
                return None
            self._done += answer.read_over
            if answer.last:
                return self._done - first

    def _given(self, answer: Slice) -> Iterator[Prepared]:
        for one in answer.prepared:
            if any(finding.code == CHANGED for finding in one.findings):
                raise InputError(f"{self._job.path} was written to while it was read")
            self._done += 1
            yield one

    def _ask(self, job: Job | None = None, *, alone: bool = False) -> Slice | Stopped:
        """The next records, or what fells the worker; ``job``: how, if not as the route has them.

        Raises:
            InputError: they cannot be read.
        """
        job = dataclasses.replace(job or self._job, first=self._done)
        (answer,) = (one for one in self._workers.prepare([job], alone=alone) if one is not None)
        if isinstance(answer, Stopped) and answer.code not in SUSPICIOUS:
            raise InputError(f"{job.path}: {answer.because} ({answer.code})")
        return answer


@dataclasses.dataclass(frozen=True, slots=True)
class _Kept:
    """The worker of this process, and what it was begun for."""

    config: PreparerConfig
    folder: Path
    workers: Workers | InLoop


_kept: list[_Kept] = []


def _workers_for(config: PreparerConfig, folder: Path) -> Workers | InLoop:
    """The worker that prepares by this configuration and may read in this folder; one for another ends.

    None is begun where the settings say that there are none.
    """
    if not _kept or (_kept[0].config, _kept[0].folder) != (config, folder):
        while _kept:
            _kept.pop().workers.close()
        _kept.append(_Kept(config, folder, _workers(config, folder)))
    return _kept[0].workers


def _workers(config: PreparerConfig, folder: Path) -> Workers | InLoop:
    build, limits = PortionPreparer(config), config.settings.workers
    if not limits.processes:
        return InLoop(build)
    confinement = confinement_for(config.settings, str(folder))
    return Workers(build, count=1, seconds=limits.seconds, memory=limits.memory, confinement=confinement)


def _check_unchanged(one: Input) -> None:
    """Make sure that a file is the one that was listed.

    Raises:
        InputError: it is another, or none.
    """
    try:
        found = os.lstat(one.path)
    except OSError as fault:
        raise InputError(f"{one.path}: {fault.strerror}") from fault
    if (found.st_ino, found.st_size, found.st_mtime_ns) != one.stat_key:
        raise InputError(f"{one.path} is not the file any more that was listed")
