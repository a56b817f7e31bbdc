"""The ordered pass: each record as it stands behind all before it. In the driver.

A judgement that was made on a guess stands where all that it hangs on turns out to be as guessed; else the record is
judged again here. So the pass costs little, and what it gives is what one judge in one order would have given.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Final, cast

import msgspec

from winnowd.bulk.blocks import block_path
from winnowd.bulk.carrying import NOTES, Changes, is_touched
from winnowd.bulk.files import write_whole
from winnowd.bulk.ordered import InOrder
from winnowd.bulk.record_file import RecordFile, write_records
from winnowd.bulk.standings import (
    packed,
    row_of,
    standings_path,
    write_rows,
    write_seeded,
)
from winnowd.layout import in_block
from winnowd.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from winnowd.bulk.blocks import Block
    from winnowd.bulk.judging import BlockJudge
    from winnowd.bulk.manifest import Run
    from winnowd.bulk.ordered import StandingsInOrder
    from winnowd.bulk.standings import Row
    from winnowd.bulk.view import Corpus
    from winnowd.model import Judged
    from winnowd.pipeline.ports import Seeds


class Resolved(msgspec.Struct, frozen=True, array_like=True):
    """How a block lies in the order of the run.

    ``at``: when its records were decided, ISO 8601; ``events``: how many of this run come before its own; ``articles``:
    of the corpus before it; ``counts``: of its file's records before it, by outcome and first code.
    """

    block: int
    at: str
    events: int
    articles: int
    counts: tuple[tuple[str, str, int], ...]
    judged: int
    """Of its records, how many the pass itself has judged."""


class OrderedPass:
    """Goes through the blocks in order; what it gives of each is in files, and is read from them if it is there."""

    def __init__(
        self,
        corpus: Corpus,
        judging: BlockJudge,
        *,
        folders: tuple[Path, Path, Path],
        seeds: Seeds,
        seeded: NDArray[np.uint8],
        run: Run,
        held: Collection[int],
        counts: Mapping[int, Counter[tuple[str, str]]],
    ) -> None:
        """Take a corpus whose standings are ``StandingsInOrder``, and its judge.

        ``folders``: of the round before the last, of the last, and where the pass keeps what it finds; ``seeded``: by
        number, whether it stood in the corpus before the run. ``held``: numbers of records that cannot be rendered;
        ``counts``: what became of a file's records (by its index) before the run, by outcome and first code.
        """
        self._standings = cast("StandingsInOrder", corpus.standings)
        self._blocks = corpus.blocks
        self._in_order = InOrder(corpus, judging, run)
        self._before, self._last, self._goal = folders
        self._seeds = seeds
        self._seeded = seeded
        self._run = run
        self._held = held
        self._before_run = counts
        self._wrong_before, self._wrong_last = Changes(), Changes()
        self.outcomes: Counter[str] = Counter()
        self._counts: Counter[tuple[str, str]] = Counter()

    def resolve(self, now: Callable[[], dt.datetime], *, articles: int, recorded: int) -> Iterator[Resolved]:
        """Each block in turn; ``articles``: of the corpus before; the first ``recorded`` blocks are in the ledger."""
        events, file = 0, -1
        for number, block in enumerate(self._blocks.table):
            if block.input != file:
                file = block.input
                self._counts = Counter(self._before_run.get(file))
            made, rows = self._resolved(block, now, (events, articles), placed=number < recorded)
            yield made
            events += block.count + sum(row.supersedes is not None for row in rows)
            articles += sum(row.is_seeded for row in rows) - sum(row.supersedes is not None for row in rows)
            for row in rows:
                self._count(row, block.input)

    def _count(self, row: Row, file: int) -> None:
        """One record more of its file; whose place it takes is no article of the corpus any more."""
        self._counts[row.outcome, _first(row)] += 1
        self.outcomes[row.outcome] += 1
        old = row.supersedes
        if old is not None and old >= self._blocks.first and self._blocks.at(old)[0].input == file:
            was = self._standings.row(old)
            self._counts[was.outcome, _first(was)] -= 1
            self._counts[Outcome.REJECTED.value, row.code] += 1

    def _resolved(
        self, block: Block, now: Callable[[], dt.datetime], begins: tuple[int, int], *, placed: bool
    ) -> tuple[Resolved, list[Row]]:
        """The rows of a block, kept; ``begins``: events and articles before it."""
        kept = read_resolved(self._goal, block.number)
        at = now() if kept is None else dt.datetime.fromisoformat(kept.at)
        rows, judged = self._rows(block, None if kept is None else standings_path(self._goal, block.number))
        counts = tuple((outcome, code, count) for (outcome, code), count in sorted((+self._counts).items()))
        made = Resolved(block.number, at.isoformat(), *begins, counts, judged if kept is None else kept.judged)
        if kept is None or not placed:
            paths = [self._path(row.name, at.date(), block) if row.is_seeded else "" for row in rows]
        if kept is None:
            write_rows(self._goal, block.number, self._standings.current)
            write_seeded(self._goal, block.number, rows)
            write_records(block_path(self._goal, block.number, "locations"), (path.encode() for path in paths))
            write_whole(block_path(self._goal, block.number, _HEADER), [msgspec.msgpack.encode(made)])
        return made, rows

    def _path(self, name: str, day: dt.date, block: Block) -> str:
        """Where the next admitted article is put."""
        return in_block(self._seeds.path_for(name, day), self._run.packed_block(block))

    def _rows(self, block: Block, kept: Path | None) -> tuple[list[Row], int]:
        """The rows of a block, and how many of its records were judged here."""
        last, before = (RecordFile(standings_path(one, block.number)) for one in (self._last, self._before))
        notes = RecordFile(block_path(self._last, block.number, "notes"))
        earlier = None if kept is None else RecordFile(kept)
        rows, judged = [], 0
        self._in_order.begin(block)
        for index in range(block.count):
            number = block.first + index
            row = (last if earlier is None else earlier)[index]
            if earlier is None and (number in self._held or self._is_touched(notes[index], block.first)):
                row = packed(row_of(self._judged(block, index)))
                judged += 1
            made = self._in_order.add(number, row)
            rows.append(made)
            if made.is_seeded:
                self._seeded[number] = 1
            self._wrong_last.add(number, last[index], row, notes[index])
            self._wrong_before.add(number, before[index], row, notes[index])
        return rows, judged

    def _is_touched(self, notes: bytes, first: int) -> bool:
        """Whether a judgement of the last round hangs on what either has wrong; mostly there is nothing."""
        is_wrong = self._wrong_before.numbers or self._wrong_last.numbers
        return bool(is_wrong) and is_touched(NOTES.decode(notes), first, self._wrong_before, self._wrong_last)

    def _judged(self, block: Block, index: int) -> Judged:
        """One record, as it stands behind all before it, and can be rendered."""
        if block.first + index in self._held:
            return self._in_order.hold(block, index)
        return self._in_order.judge(block, index).judged


_HEADER: Final = "resolved"


def _first(row: Row) -> str:
    """The first code for which a record was turned away, "" for none."""
    return next(iter(row.codes), "")


def read_resolved(folder: Path, block: int) -> Resolved | None:
    """What a pass has found of a block; None if it has not come so far."""
    try:
        return msgspec.msgpack.decode(block_path(folder, block, _HEADER).read_bytes(), type=Resolved)
    except FileNotFoundError:
        return None


def copy_resolved(source: Path, goal: Path, block: int) -> None:
    """Keep in another folder what a pass has found of a block."""
    for kind in ("standings", "seeded", "locations", _HEADER):  # the header last: it tells that all is there
        write_whole(block_path(goal, block, kind), [block_path(source, block, kind).read_bytes()])
