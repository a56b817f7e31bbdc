"""The records of a run one after the other, behind all before: for whoever judges only some of them. Reads files."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from winnowd.bulk.standings import Standings, Superseded, unpacked

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.bulk.blocks import Block, Blocks
    from winnowd.bulk.judging import BlockJudge, Noted
    from winnowd.bulk.manifest import Run
    from winnowd.bulk.standings import Row
    from winnowd.bulk.view import Corpus
    from winnowd.model import Judged


class StandingsInOrder(Standings):
    """Rows of the records before one: those of finished blocks from files, those of the block in hand from memory."""

    def __init__(self, folder: Path, blocks: Blocks, superseded: dict[int, Superseded]) -> None:
        super().__init__(folder, blocks, superseded)
        self.gave_way = superseded
        self.first = blocks.end
        self.current: list[bytes] = []

    def begin(self, block: Block) -> None:
        """This block is next."""
        self.first, self.current = block.first, []

    def row(self, number: int) -> Row:
        """What became of a record by itself, whoever takes its place later."""
        return unpacked(self.current[number - self.first]) if number >= self.first else super().row(number)


class InOrder:
    """The records of a run, one after the other, behind rows that are known: of earlier blocks, and of this one."""

    def __init__(self, corpus: Corpus, judging: BlockJudge, run: Run) -> None:
        """Take a corpus whose standings are ``StandingsInOrder``, and its judge."""
        self._blocks = corpus.blocks
        self._standings = cast("StandingsInOrder", corpus.standings)
        self._judging = judging
        self._run = run

    def begin(self, block: Block) -> None:
        """This block is next."""
        self._standings.begin(block)

    def judge(self, block: Block, index: int) -> Noted:
        """One record, as it stands behind all before it."""
        number = block.first + index
        (noted,) = self._judging.judged(self._run.arrivals[block.input], number, [self._blocks.record(number)])
        self._judging.judge.committed()
        return noted

    def hold(self, block: Block, index: int) -> Judged:
        """One that cannot be rendered."""
        number = block.first + index
        judged = self._judging.held(self._run.arrivals[block.input], number, self._blocks.record(number))
        self._judging.judge.committed()
        return judged

    def add(self, number: int, data: bytes) -> Row:
        """The row of the next one is known; whose place it takes has given way to it from now on."""
        self._standings.current.append(data)
        row = unpacked(data)
        if row.supersedes is not None:
            self._standings.gave_way[row.supersedes] = Superseded(number, row.code)
            self._judging.library.forget([row.supersedes])
        return row
