"""Stage "compare": the records of a block judged on a guess of how all others stand, and what that hangs on. A task."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from winnowd.bulk.below import Below
from winnowd.bulk.blocks import Blocks, block_path, keys_path, read_table
from winnowd.bulk.carrying import NOTES, Changes, Notes, is_touched, read_changed, write_changed
from winnowd.bulk.files import let_many_be_open
from winnowd.bulk.index import RunIndex, SlotIndex
from winnowd.bulk.judging import BlockJudge, FixedClock
from winnowd.bulk.lookups import GuessedLookups
from winnowd.bulk.ordered import InOrder, StandingsInOrder
from winnowd.bulk.record_file import RecordFile, write_records
from winnowd.bulk.runs import read_keys
from winnowd.bulk.standings import (
    Standings,
    Superseded,
    packed,
    read_superseded,
    row_of,
    standings_path,
    unpacked,
    write_rows,
    write_seeded,
    write_superseded,
)
from winnowd.bulk.view import Corpus, NoLabels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from winnowd.bulk.blocks import Block
    from winnowd.bulk.judging import Noted
    from winnowd.bulk.manifest import Run


class CompareJob(NamedTuple):
    """A block (its place in the table), and which round it is, from 1 on."""

    run: Run
    round: int
    block: int


class Compared(NamedTuple):
    """What the round after this needs to know: whose place which records would take, and by which code.

    ``numbers``, ``codes``: what came out otherwise than the round before has it, as in ``Changes``.
    """

    superseding: tuple[tuple[int, int, str], ...]
    numbers: tuple[int, ...]
    codes: tuple[int, ...]


def compare(job: CompareJob) -> Compared:
    """Judge the records of a block, and keep rows, notes, and which of them enter the corpus.

    From the second round on only those whose judgement hangs on what came out otherwise in the round before than in
    that before it. What is there already is not made again.
    """
    run, goal = job.run, job.run.round_folder(job.round)
    shared = opened(run)
    block = shared.blocks.table[job.block]
    if not standings_path(goal, block.number).exists():
        judged = _all_judged(run, shared, block) if job.round == 1 else _carried(job, shared, block)
        _write(goal, block, judged)
    superseding, changes = [], Changes()
    for number, guess, row, notes in _came_out(run, job.round, block):
        changes.add(number, guess, row, notes)
        made = unpacked(row)
        if made.supersedes is not None:
            superseding.append((made.supersedes, number, made.code))
    return Compared(tuple(superseding), tuple(changes.numbers), tuple(changes.codes))


def _came_out(run: Run, judged: int, block: Block) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    """Of each record of a block the row of the round before, that of a round, and its notes; with its number."""
    before, folder = run.round_folder(judged - 1), run.round_folder(judged)
    paths = standings_path(before, block.number), standings_path(folder, block.number), _notes_path(folder, block)
    with contextlib.ExitStack() as files:
        guesses, rows, notes = (files.enter_context(RecordFile(path)) for path in paths)
        for index in range(block.count):
            yield block.first + index, guesses[index], rows[index], notes[index]


def _all_judged(run: Run, shared: Shared, block: Block) -> Iterator[tuple[bytes, bytes]]:
    """Row and notes of each record of a block, on what the gates say of all before the block."""
    prepared = shared.blocks.records(block)
    lookups = guessed_lookups(run, 0)
    standings = Standings(run.round_folder(0), shared.blocks, {})
    judging = _judge(run, Corpus(shared.blocks, shared.below, standings, lookups, NoLabels()))
    noted = judging.judged(run.arrivals[block.input], block.first, prepared)
    crowded = lookups.crowded(read_keys(keys_path(run.prepared_folder, block.number)), block.count)
    for one, kept in zip(noted, crowded, strict=True):
        yield packed(row_of(one.judged)), _packed_notes(one, kept)


def _carried(job: CompareJob, shared: Shared, block: Block) -> Iterator[tuple[bytes, bytes]]:
    """The same on what the round before has found: its own rows and notes, but of those that hang on what changed."""
    run, folder = job.run, job.run.round_folder(job.round - 1)
    superseded = {old: gone for old, gone in read_superseded(folder).items() if gone.by < block.first}
    standings = StandingsInOrder(folder, shared.blocks, superseded)
    corpus = Corpus(shared.blocks, shared.below, standings, guessed_lookups(run, job.round - 1), NoLabels())
    in_order = InOrder(corpus, _judge(run, corpus), run)
    before, last = read_changed(folder), Changes()
    in_order.begin(block)
    for number, _, guess, read in _came_out(run, job.round - 1, block):
        row, notes = guess, read
        if is_touched(hangs_on := NOTES.decode(read), block.first, before, last):
            noted = in_order.judge(block, number - block.first)
            row, notes = packed(row_of(noted.judged)), _packed_notes(noted, hangs_on.kept)
            last.add(number, guess, row, read)
        in_order.add(number, row)
        yield row, notes


def _judge(run: Run, corpus: Corpus) -> BlockJudge:
    return BlockJudge(corpus, run.plan.settings, FixedClock(_NO_TIME, _no_id))


def _packed_notes(noted: Noted, kept: tuple[int, ...]) -> bytes:
    return _ENCODER.encode(Notes(tuple(sorted(noted.reads.numbers)), tuple(sorted(noted.reads.codes)), kept))


def _write(goal: Path, block: Block, judged: Iterable[tuple[bytes, bytes]]) -> None:
    """Keep rows and notes of a block; what is written last is there only if all of it is."""
    rows, notes = list[bytes](), list[bytes]()
    for row, read in judged:
        rows.append(row)
        notes.append(read)
    write_records(_notes_path(goal, block), notes)
    write_seeded(goal, block.number, [unpacked(row) for row in rows])
    write_rows(goal, block.number, rows)


def _notes_path(folder: Path, block: Block) -> Path:
    return block_path(folder, block.number, "notes")


def gathered(goal: Path, blocks: Blocks, found: Iterable[Compared]) -> Iterator[Block]:
    """Keep with a round what the next one needs of all blocks; gives each when it is done."""
    superseded: dict[int, Superseded] = {}
    changed, codes = np.zeros(blocks.end, dtype=np.uint8), set[int]()
    for block, one in zip(blocks.table, found, strict=True):
        for old, by, code in one.superseding:
            superseded.setdefault(old, Superseded(by, code))
        changed[list(one.numbers)] = 1
        codes.update(one.codes)
        yield block
    write_superseded(goal, superseded)
    write_changed(goal, changed, codes)


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
    read_changed.cache_clear()


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
