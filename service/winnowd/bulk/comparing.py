"""Stage "compare": the records of a block judged on a guess of how all others stand, and what that hangs on. A task."""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from winnowd.bulk.below import Below
from winnowd.bulk.blocks import Blocks, block_path, read_table
from winnowd.bulk.files import let_many_be_open
from winnowd.bulk.index import RunIndex, SlotIndex
from winnowd.bulk.judging import BlockJudge, FixedClock
from winnowd.bulk.lookups import GuessedLookups
from winnowd.bulk.record_file import RecordFile, write_records
from winnowd.bulk.standings import (
    Standings,
    packed,
    read_superseded,
    row_of,
    standings_path,
    unpacked,
    write_rows,
    write_seeded,
)
from winnowd.bulk.view import Corpus, NoLabels

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.bulk.blocks import Block
    from winnowd.bulk.manifest import Run


class Notes(msgspec.Struct, frozen=True, array_like=True):
    """What the judgement of one record hangs on: the standings of some, and what stands under crowded codes.

    ``kept``: the crowded codes that it stands under itself, so that others hang on what becomes of it.
    """

    numbers: tuple[int, ...]
    query: tuple[int, ...]
    kept: tuple[int, ...]


class CompareJob(NamedTuple):
    """A block (its place in the table), and which round it is, from 1 on."""

    run: Run
    round: int
    block: int


class Compared(NamedTuple):
    """What the round after this needs to know: whose place which records would take, and by which code."""

    superseding: tuple[tuple[int, int, str], ...]


def compare(job: CompareJob) -> Compared:
    """Judge the records of a block, and keep rows, notes, and which of them enter the corpus.

    What is there already is not made again.
    """
    run, goal = job.run, job.run.round_folder(job.round)
    shared = opened(run)
    block = shared.blocks.table[job.block]
    if not standings_path(goal, block.number).exists():
        _judge(job, shared, block)
    with RecordFile(standings_path(goal, block.number)) as file:
        rows = [unpacked(data) for data in file]
    return Compared(
        tuple(
            (row.supersedes, number, row.code)
            for number, row in enumerate(rows, block.first)
            if row.supersedes is not None
        )
    )


def _judge(job: CompareJob, shared: Shared, block: Block) -> None:
    run, goal = job.run, job.run.round_folder(job.round)
    prepared = shared.blocks.records(block)
    corpus = guessed_corpus(run, shared, job.round - 1)
    judging = BlockJudge(corpus, run.plan.settings, FixedClock(_NO_TIME, _no_id))
    noted = list(judging.judged(run.arrivals[block.input], block.first, prepared))
    kept = guessed_lookups(run, job.round - 1).crowded(prepared)
    rows = [row_of(one.judged) for one in noted]
    notes = (
        Notes(tuple(sorted(one.reads.numbers)), tuple(sorted(one.reads.codes)), of)
        for one, of in zip(noted, kept, strict=True)
    )
    write_records(block_path(goal, block.number, "notes"), map(_ENCODER.encode, notes))
    write_seeded(goal, block.number, rows)
    write_rows(goal, block.number, map(packed, rows))


class Shared(NamedTuple):
    """What all tasks of a run read."""

    blocks: Blocks
    below: Below


def opened(run: Run) -> Shared:
    """The files of a run, in this process."""
    return _opened(run.prepared_folder, run.epoch_folder, run.snapshot, run.instance_dir)


@functools.lru_cache(maxsize=1)
def _opened(prepared: Path, epoch: Path, snapshot: Path | None, instance_dir: Path) -> Shared:
    return Shared(Blocks(prepared, read_table(epoch)), Below(snapshot, instance_dir))


def forget_files() -> None:
    """Open all files anew: those of a run that begins again have the names of others."""
    _opened.cache_clear()
    _runs.cache_clear()
    _slots.cache_clear()


def guessed_corpus(run: Run, shared: Shared, judged: int) -> Corpus:
    """The corpus as round ``judged`` has left it; 0: as the gates alone would."""
    folder = run.round_folder(judged)
    standings = Standings(folder, shared.blocks, read_superseded(folder))
    return Corpus(shared.blocks, shared.below, standings, guessed_lookups(run, judged), NoLabels())


def guessed_lookups(run: Run, judged: int) -> GuessedLookups:
    """What is compared with what, if those stand in the corpus that a round has found to."""
    runs = _runs(tuple(map(run.run_path, range(run.partitions))))
    return GuessedLookups(_slots(run.slots_folder(judged), run.partitions), runs, run.bits)


@functools.lru_cache(maxsize=1)
def _runs(paths: tuple[Path, ...]) -> RunIndex:
    let_many_be_open()
    return RunIndex(paths)


@functools.lru_cache(maxsize=2)
def _slots(folder: Path, partitions: int) -> SlotIndex:
    return SlotIndex([folder / slots_name(partition) for partition in range(partitions)])


def slots_name(partition: int) -> str:
    """The file of a partition's slots."""
    return f"{partition:04}.slots"


_ENCODER: Final = msgspec.msgpack.Encoder()
_NO_TIME: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Nobody reads the time of what is judged on a guess."""


def _no_id() -> str:
    return ""
