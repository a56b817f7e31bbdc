"""What a run is to decide: its files cut and prepared, and the table of blocks that comes of them. Writes."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np

from winnowd.bulk.blocks import Block, Blocks, BlockWriter, write_table
from winnowd.bulk.codes import Kind, keys_of_rows
from winnowd.bulk.ending import Walk
from winnowd.bulk.files import write_whole
from winnowd.bulk.preparing import BLOCKS_A_RANGE, PreparedBlock, RangeJob, prepare_range
from winnowd.bulk.runs import write_keys
from winnowd.bulk.splitting import Input, ranges
from winnowd.layout import WORK
from winnowd.model import REST
from winnowd.pipeline.barren import remainder
from winnowd.pipeline.portions import held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from winnowd.bulk.engine import Engine
    from winnowd.bulk.manifest import Run
    from winnowd.bulk.preparing import Fault, PreparedRange
    from winnowd.model import Arrival, Prepared
    from winnowd.wiring.instance import Instance

    Prepares: TypeAlias = list[tuple[RangeJob, PreparedRange]]
    """What came of the ranges of one file, in their order."""


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
                if begin < done or end < begin + block.count:
                    self._trim(block.number, range(done, cut.decided))
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

    def _trim(self, number: int, records: range) -> None:
        """Leave only these records of its file in a block: not those that were decided since, nor those at its end."""
        blocks = Blocks(self.folder, ())
        prepared = blocks.prepared(number)
        blocks.files.close()
        left = [one for one in prepared if one.provenance.record in records]
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
