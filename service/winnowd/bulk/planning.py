"""What a run takes and where it goes on: files into ``state/work``, prepared ranges into a table of blocks. Writes."""

from __future__ import annotations

import dataclasses
import errno
import itertools
import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec
import numpy as np

from winnowd.bulk.blocks import Block, Blocks, BlockWriter, write_table
from winnowd.bulk.codes import Kind, keys_of_rows
from winnowd.bulk.ending import Walk
from winnowd.bulk.files import write_whole
from winnowd.bulk.manifest import Manifest, unfinished
from winnowd.bulk.preparing import BLOCKS_A_RANGE, PreparedBlock, RangeJob, prepare_range
from winnowd.bulk.runs import write_keys
from winnowd.bulk.splitting import Input, ranges
from winnowd.layout import BACKFILL, WORK
from winnowd.model import REST
from winnowd.pipeline.barren import remainder
from winnowd.pipeline.portions import held
from winnowd.storage.copies import copy_keeping
from winnowd.storage.inbox.deposits import Deposit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from winnowd.bulk.engine import Engine
    from winnowd.bulk.manifest import Order, Run
    from winnowd.bulk.preparing import Fault, PreparedRange
    from winnowd.model import Arrival, Prepared
    from winnowd.wiring.instance import Instance

    Prepares: TypeAlias = list[tuple[RangeJob, PreparedRange]]
    """What came of the ranges of one file, in their order."""

KEY: Final = "backfill"
"""The key of the ledger under which it is kept how far a run is recorded."""
_BYTES_A_PARTITION: Final = 128 << 20
"""Of the inputs: to merge the keys of so much text takes some 200 MB."""
_LEAST_PARTITIONS: Final = 8
_SERVICE: Final = frozenset({"startup", "shutdown", "recovered", "index-written", "failure"})
"""Events of the service itself, which decide nothing."""


class OtherRunError(Exception):
    """An instance has an unfinished run of other files, or under other settings."""


class NothingToDoError(Exception):
    """What was given cannot be taken: it is no file, or empty, or given twice."""


def begin(instance: Instance, given: Sequence[Path], order: Order) -> Manifest:
    """The run of these files: the one that was begun with them, or a new one, its files in ``state/work``.

    They are copied there, or moved if that is ordered, once the run is known.

    Raises:
        OtherRunError: another one must end first.
        DamagedRunError: what another one was to do cannot be read.
        OSError: a file cannot be copied, or moved: it lies on another file system.
    """
    paths = tuple(str(path.resolve()) for path in given)
    found = unfinished(instance.instance_dir)
    config, recipe = instance.loaded.sha256, instance.kept.recipe.id
    if found is not None:
        if _has_ended(instance, found) and found.given != paths:
            shutil.rmtree(instance.instance_dir / BACKFILL / found.id)
            return begin(instance, given, order)
        if (found.given, found.config, found.recipe) != (paths, config, recipe):
            raise OtherRunError(found.id)
        if _is_claimed(instance, found):
            _move(instance, found)
            return found
        shutil.rmtree(instance.instance_dir / BACKFILL / found.id)
    clock, first = instance.clock, instance.ledger.arrivals.next_number()
    salt, now = clock.salt(), clock.now()
    arrivals = tuple(
        _claimed(
            instance, path, Deposit.of(os.fsencode(path.name), path.stat()).claimed(number, salt, now), move=order.move
        )
        for number, path in enumerate(given, first)
    )
    size = sum(one.size for one in arrivals)
    partitions = max(_LEAST_PARTITIONS, size // _BYTES_A_PARTITION)
    manifest = Manifest(
        clock.uuid7(), config, recipe, order.block, order.packed, partitions, order.bits, paths, arrivals
    )
    manifest.write(instance.instance_dir)
    with instance.records.transaction():
        instance.records.claim(arrivals)
    _move(instance, manifest)
    return manifest


def _move(instance: Instance, manifest: Manifest) -> None:
    """Move files that were not copied, and still lie where they were given."""
    for path, arrival in zip(manifest.given, manifest.arrivals, strict=True):
        goal = instance.instance_dir / WORK / arrival.id
        if not goal.exists() and os.path.lexists(path) and os.lstat(path).st_ino == arrival.ino:
            Path(path).rename(goal)


def _has_ended(instance: Instance, manifest: Manifest) -> bool:
    """Whether all files of a run are decided, though it was not there to see it: the service has gone on with them."""
    arrivals = instance.ledger.arrivals
    return _is_claimed(instance, manifest) and all(
        arrivals.progress(one.number, one.id) is None for one in manifest.arrivals
    )


def _is_claimed(instance: Instance, manifest: Manifest) -> bool:
    """Whether the files of a run became arrivals; else it was killed before."""
    return all(instance.ledger.arrivals.is_known(one.number, one.id) for one in manifest.arrivals)


def _claimed(instance: Instance, path: Path, arrival: Arrival, *, move: bool) -> Arrival:
    """The arrival; its file copied to where claimed files lie, unless it will be moved there.

    Raises:
        OSError: it cannot be copied, or could not be moved.
    """
    work = instance.instance_dir / WORK
    if move:
        if work.stat().st_dev != arrival.dev:
            raise OSError(errno.EXDEV, "it lies on another file system, and can only be copied", str(path))
        return arrival
    copy_keeping(path, work / arrival.id)
    found = (work / arrival.id).stat()
    return dataclasses.replace(
        arrival, dev=found.st_dev, ino=found.st_ino, size=found.st_size, mtime_ns=found.st_mtime_ns
    )


def only_service_events(instance: Instance, since: int) -> bool:
    """Whether the log has nothing behind an event but what tells of the service: so nothing was decided since."""
    outbox, last = instance.ledger.outbox, instance.kept.chain.end.sequence
    lines = (line for day in outbox.days() for line in outbox.lines(day) if line.sequence > since)
    actions = [json.loads(line.line)["event"]["action"] for line in lines]
    return len(actions) == last - since and all(action in _SERVICE for action in actions)


def prepared(run: Run, block: int, engine: Engine, step: Callable[[int], None]) -> list[Prepares]:
    """All ranges of all files prepared: of each file its own, in order; ``step`` is told of so many records more."""
    made: list[Prepares] = [[] for _ in run.arrivals]
    begun: list[tuple[int, RangeJob]] = []

    def jobs() -> Iterator[RangeJob]:
        for job, file in _range_jobs(run, block):
            begun.append((file, job))
            yield job

    for at, part in enumerate(engine.map(prepare_range, jobs())):
        file, job = begun[at]
        made[file].append((job, part))
        step(sum(one.count for one in part.blocks))
    return made


def _range_jobs(run: Run, block: int) -> Iterator[tuple[RangeJob, int]]:
    """A job for each range, and of which file it is; between two files a number is left for what ends the first."""
    numbers = itertools.count()
    for file, arrival in enumerate(run.arrivals):
        path = run.instance_dir / WORK / arrival.id
        if not path.exists():
            continue  # all of it is decided
        name = arrival.path.rpartition(b"/")[2].decode("utf-8", "backslashreplace")
        source = Input(path, (arrival.ino, arrival.size, arrival.mtime_ns), name, arrival.feed)
        for part in ranges(source, run.plan.settings, block):
            yield (
                RangeJob(
                    next(numbers), source, part, arrival.claimed_at, run.plan, run.prepared_folder, block, _writer(run)
                ),
                file,
            )
        next(numbers)


def _writer(run: Run) -> BlockWriter:
    return BlockWriter(run.plan.settings.profile, run.partitions, run.bits)


def keep_plan(instance: Instance, run: Run, made: Sequence[Prepares]) -> None:
    """Keep the table of blocks, and what was decided before the run as far as it is asked for."""
    ledger = instance.ledger
    planner = Planner(instance, run.prepared_folder, _writer(run), run.epoch)
    for file, (arrival, parts) in enumerate(zip(run.arrivals, made, strict=True)):
        planner.add(file, arrival, parts)
    seeded = np.zeros(run.epoch, dtype=np.uint8)
    if run.has_below:
        keys = keys_of_rows(ledger.articles.signatures(), run.bits)
        write_keys(run.below_keys, {Kind.KEYS: keys.postings}, run.partitions)
        seeded[keys.seeded] = 1
        ledger.snapshot(run.epoch_folder / "ledger.db")
    counts = [
        [
            (outcome, code, n)
            for (outcome, code), n in ledger.decisions.counts_of(arrival.number).items()
            if code != REST
        ]
        for arrival in run.arrivals
    ]
    write_whole(run.epoch_folder / "seeded", [seeded.tobytes()])
    write_whole(run.epoch_folder / "counts", [msgspec.json.encode(counts)])
    write_whole(run.epoch_folder / "articles", [str(ledger.decisions.in_corpus()).encode()])
    write_table(run.epoch_folder, planner.table)


def read_counts(run: Run) -> dict[int, Counter[tuple[str, str]]]:
    """What became of the records of each file (by its index) before the run, by outcome and first code."""
    every = msgspec.json.decode((run.epoch_folder / "counts").read_bytes(), type=list[list[tuple[str, str, int]]])
    return {file: Counter({(outcome, code): n for outcome, code, n in of}) for file, of in enumerate(every)}


def read_held(run: Run) -> list[int]:
    """The numbers of records that are held because they cannot be rendered."""
    try:
        return msgspec.json.decode((run.epoch_folder / "held").read_bytes(), type=list[int])
    except FileNotFoundError:
        return []


def write_held(run: Run, numbers: Sequence[int]) -> None:
    """Keep them."""
    write_whole(run.epoch_folder / "held", [msgspec.json.encode(numbers)])


@dataclasses.dataclass(slots=True)
class Planner:
    """Makes the table of blocks of what was prepared, in the order of the files; ``first``: the next decision."""

    instance: Instance
    folder: Path
    write: BlockWriter
    first: int
    table: list[Block] = dataclasses.field(default_factory=list)

    def add(self, file: int, arrival: Arrival, made: Sequence[tuple[RangeJob, PreparedRange]]) -> None:
        """The blocks of one file, of its ranges in order; what of it is decided already is left out."""
        done = self.instance.ledger.arrivals.progress(arrival.number, arrival.id)
        if done is None:
            return
        walk, blocks, fault = Walk(), list[PreparedBlock](), None
        for _, part in made:
            for block in part.blocks:
                walk = walk.after(*block.flags())
            blocks += part.blocks
            if (fault := part.fault) is not None:
                break  # what comes behind it the route never meets
        cut = walk.cut(has_fault=fault is not None)
        begun = len(self.table)
        begins = itertools.accumulate((block.count for block in blocks), initial=0)
        for block, begin in zip(blocks, begins, strict=False):
            end = min(begin + block.count, cut.decided)
            if end > max(begin, done):
                if begin < done:
                    self._trim(block.number, done)
                self._put(block.number, end - max(begin, done), file)
        if cut.rest:
            beyond = (made[-1][0].number + 1) * BLOCKS_A_RANGE
            count = None if cut.rest == "held" else _counted(made, walk.records)
            self.write(self.folder, beyond, [_rest(arrival, cut.decided, count, fault)])
            self._put(beyond, 1, file)
        if len(self.table) > begun:
            self.table[-1] = msgspec.structs.replace(self.table[-1], is_last=True)

    def _put(self, number: int, count: int, file: int) -> None:
        self.table.append(Block(number, self.first, count, file, is_last=False))
        self.first += count

    def _trim(self, number: int, done: int) -> None:
        """Leave out of a block what the service has decided of its file since it was prepared, if it has."""
        blocks = Blocks(self.folder, ())
        prepared = blocks.prepared(number)
        blocks.files.close()
        left = [one for one in prepared if one.provenance.record >= done]
        if len(left) < len(prepared):
            self.write(self.folder, number, left)


def _counted(made: Sequence[tuple[RangeJob, PreparedRange]], prepared: int) -> int | None:
    """How many records a file has that was only counted from somewhere on; None if counting fells the worker, too."""
    if all(job.range.records is not None for job, _ in made):
        return sum(job.range.records or 0 for job, _ in made)
    fallen = next((part for _, part in made if part.fault is not None), None)
    if fallen is None:
        return prepared
    return None if fallen.behind is None else prepared + fallen.behind


def _rest(arrival: Arrival, decided: int, count: int | None, fault: Fault | None) -> Prepared:
    """What stands for all records of a file behind those that are decided: counted, or held with what fells the worker.

    ``count``: of all its records.
    """
    if count is not None:
        return remainder(dataclasses.replace(arrival, records_done=decided, counted=count - decided))
    if fault is None:
        raise ValueError("what is neither counted nor held is no rest")
    return held(fault.code, fault.because, record=decided).prepared[0]
