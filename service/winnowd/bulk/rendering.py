"""Stage "render": the records of a block decided, as the pass has found them, and all that follows. A task.

They are decided once more, by the route's own decider, over the corpus as it is known to be by now; so what is said of
each is what the route would have said. That it comes out as the pass had it is held, record by record.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, NamedTuple, cast

from winnowd.bulk.blocks import block_path
from winnowd.bulk.comparing import guessed_lookups, opened
from winnowd.bulk.files import write_whole
from winnowd.bulk.judging import BlockJudge, FixedClock
from winnowd.bulk.manifest import RESOLVED
from winnowd.bulk.resolving import read_resolved
from winnowd.bulk.standings import Standings, packed, read_superseded, row_of
from winnowd.bulk.view import Corpus
from winnowd.catalogue import catalogue
from winnowd.event import Context
from winnowd.model import REST, Outcome, Slice, Standing, StoredDecision
from winnowd.pipeline.batch_evidence import BatchEvidence
from winnowd.pipeline.chain import Chain, End
from winnowd.pipeline.deciding import BatchDecider
from winnowd.pipeline.decision_writer import DecisionWriter
from winnowd.pipeline.judge import FAILED
from winnowd.pipeline.observer import Observer
from winnowd.pipeline.order_planner import OrderPlanner
from winnowd.pipeline.rendering import InProcessRenderer, RecordRenderer
from winnowd.storage.clock import SystemClock
from winnowd.storage.decided_rows import DecidedRows, laid_down
from winnowd.storage.disk import Disk
from winnowd.storage.effects import Effects
from winnowd.storage.paths import Paths, Seeds
from winnowd.wiring.instance import BLAMELESS
from winnowd.wiring.rules import lexicon, rules_in_force

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from winnowd.bulk.blocks import Block, Blocks
    from winnowd.bulk.comparing import Shared
    from winnowd.bulk.manifest import Run
    from winnowd.bulk.record_file import RecordFile
    from winnowd.bulk.resolving import Resolved
    from winnowd.bulk.standings import Row
    from winnowd.model import Arrival, DecidedBatch, Prepared
    from winnowd.pipeline.order import Files
    from winnowd.pipeline.ports import Preparation, Records


class NamedRun(NamedTuple):
    """What the events of the run name, as in ``event.Context``."""

    run: str
    node: str
    pid: int
    version: str
    config: str
    ruleset: str


class RenderJob(NamedTuple):
    """A block as the pass has found it, and the sequence of its first event."""

    run: Run
    named: NamedRun
    resolved: Resolved
    sequence: int


class DecidedOtherwiseError(Exception):
    """A record was decided otherwise when it was rendered than by the ordered pass: one of the two is wrong."""


class NotRenderedError(Exception):
    """What is to be said of a record cannot be said: the route holds it (SYS903); ``number``: of the record."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def render(job: RenderJob) -> Path:
    """Decide and render a block; gives the file of its ``DecidedRows``. What it writes lies where nobody reads yet.

    Raises:
        NotRenderedError: a record must be held, and what comes after it be judged anew.
        DecidedOtherwiseError: nothing of the block may be recorded.
    """
    run, resolved = job.run, job.resolved
    shared = opened(run)
    block = shared.blocks.block(resolved.block)
    prepared = shared.blocks.records(block)
    standings = Standings(run.resolved_folder, shared.blocks, read_superseded(run.resolved_folder))
    labels = _Labels(run, shared, standings)
    lookups = guessed_lookups(run, RESOLVED)
    clock = FixedClock(dt.datetime.fromisoformat(resolved.at), SystemClock().uuid7)
    judging = BlockJudge(
        Corpus(shared.blocks, shared.below, standings, lookups, labels), run.plan.settings, clock,
        labels.admitted(block), run.packed_block(block),
    )  # fmt: skip
    judging.expect(block.first, prepared)
    decider = _decider(job, judging, labels, clock, run.packed_block(block))
    arrival = dataclasses.replace(run.arrivals[block.input], records_done=_decided_before(prepared[0]))
    batch, left = decider.decide([(arrival, Slice(tuple(prepared), block.is_last))], resolved.articles)
    if left:
        raise ValueError("a block is decided whole")
    _must_be_so(batch, [standings.row(block.first + at) for at in range(block.count)], block.first)
    folder = run.files_folder(block.number, job.sequence)
    Effects(Disk(run.instance_dir)).write(laid_down(batch, folder))
    goal = block_path(run.rendered_folder, block.number, f"{job.sequence}.rows")
    write_whole(goal, [DecidedRows.of(batch, run.plan.recipe.id, folder).pack()])
    return goal


def _decided_before(first: Prepared) -> int:
    """How many records of its file were decided before this one; what a remainder counts was not."""
    counted = sum(int(finding.measured or 0) for finding in first.findings if finding.code == REST)
    return first.provenance.record - counted


def _must_be_so(batch: DecidedBatch, rows: list[Row], first: int) -> None:
    for number, (entry, row) in enumerate(zip(batch.entries, rows, strict=True), first):
        found = row_of(entry.judged)
        if packed(found) != packed(row):
            if found.codes == (FAILED,):
                raise NotRenderedError(number)
            raise DecidedOtherwiseError(f"record {number}: {found} when it was rendered, {row} in the ordered pass")


def _decider(
    job: RenderJob, judging: BlockJudge, labels: _Labels, clock: FixedClock, packed_block: str
) -> BatchDecider:
    rules = rules_in_force(job.run.plan.settings)
    context = Context(*job.named, catalogue=catalogue())
    chain = Chain(context, clock.uuid7, End(job.sequence - 1, "0" * 64, clock.now().date().isoformat(), 0))
    renderer = InProcessRenderer(RecordRenderer(lexicon, rules), judging.library.text)
    evidence = BatchEvidence(block=packed_block)
    writer = DecisionWriter(chain, renderer, rules, Paths(packed_block), evidence)
    files = cast("Files", labels)  # of the ledger it is asked these two things alone: see ``BatchDecider``
    planner = OrderPlanner(files, None, chain, clock, judging.judge.seeds)
    counts = {(outcome, code): count for outcome, code, count in job.resolved.counts}
    records, nobody = cast("Records", _Counts(counts)), cast("Preparation", _Nobody())
    return BatchDecider(judging.judge, writer, planner, records, nobody, chain, clock, Observer(), BLAMELESS)


@dataclasses.dataclass(frozen=True, slots=True)
class _Counts:
    """What a decider asks of port ``Records``: what became of a file's records before the block."""

    of: Mapping[tuple[str, str], int]

    def counts(self, arrival: Arrival) -> Mapping[tuple[str, str], int]:
        """By outcome and first code."""
        del arrival
        return self.of


class _Nobody:
    """What a decider asks of port ``Preparation``: nothing is prepared meanwhile."""

    def keep_busy(self) -> None:
        """Nobody waits."""


class _Labels:
    """Where all records lie that are decided, and how they stood when they were: as ledger and folders will have it."""

    def __init__(self, run: Run, shared: Shared, standings: Standings) -> None:
        self._run = run
        self._blocks: Blocks = shared.blocks
        self._below = shared.below
        self._standings = standings

    def admitted(self, block: Block) -> dict[str, str]:
        """The paths of a block's records that were admitted, by their names."""
        paths = (path.decode() for path in self._locations(block))
        return {self._standings.row(number).name: path for number, path in enumerate(paths, block.first) if path}

    def path(self, number: int, row: Row) -> str:
        """Where a record was put when it was decided."""
        block, index = self._blocks.at(number)
        if row.is_seeded:
            return self._locations(block)[index].decode()
        arrival, day = self._run.arrivals[block.input], self._at(block).date()
        return Paths(self._run.packed_block(block)).held(
            Outcome(row.outcome), arrival, day, self._blocks.outline(number)
        )

    def _locations(self, block: Block) -> RecordFile:
        return self._blocks.files.open(block_path(self._run.resolved_folder, block.number, "locations"))

    def aside(self, number: int) -> str:
        """Where it lies since its place was taken."""
        stored = self.stored(number)
        by, _ = self._blocks.at(self._standings.superseded[number].by)
        return "" if stored is None else Seeds(lambda _: 0).set_aside(stored, self._at(by).date())

    def stored(self, number: int) -> StoredDecision | None:
        """An article of the corpus as the ledger has it, or will."""
        if number < self._blocks.first:
            return self._below.stored(number)
        block, _ = self._blocks.at(number)
        row, outline = self._standings.row(number), self._blocks.outline(number)
        arrival = self._run.arrivals[block.input]
        return StoredDecision(
            number=number,
            name=row.name,
            arrival=arrival.id,
            record=outline.provenance.record,
            path=arrival.path,
            text_sha256=outline.text_sha256,
            outcome=row.outcome,
            standing=None if row.standing is None else Standing(row.standing),
            root=row.root,
            codes=row.codes,
            location=self.path(number, row),
            decided_at=self._at(block),
            alone=outline.raw is None,
        )

    def text(self, number: int) -> str | None:
        """The text of an article that leaves the corpus."""
        return self._below.text(number) if number < self._blocks.first else self._blocks.text(number)

    def _at(self, block: Block) -> dt.datetime:
        """When the records of a block were decided."""
        found = read_resolved(self._run.resolved_folder, block.number)
        if found is None:
            raise ValueError(f"block {block.number} is not resolved")
        return dt.datetime.fromisoformat(found.at)
