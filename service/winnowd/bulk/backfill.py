"""A backfill from its first stage to its last, in the process that holds the instance.

Prepare, merge, compare twice, resolve, render, record. What a stage has made is a file, and is not made again: a run
that was killed goes on where it was.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from winnowd.bulk.blocks import Blocks, read_table
from winnowd.bulk.claiming import KEY, begin, only_service_events
from winnowd.bulk.comparing import CompareJob, compare, forget_files, gathered, guessed_lookups, opened
from winnowd.bulk.files import write_whole
from winnowd.bulk.index import RunIndex
from winnowd.bulk.judging import BlockJudge, FixedClock
from winnowd.bulk.lookups import ExactLookups
from winnowd.bulk.manifest import RESOLVED, ROUNDS, Run
from winnowd.bulk.ordered import StandingsInOrder
from winnowd.bulk.planning import keep_plan, prepared, read_counts, read_held, write_held
from winnowd.bulk.preparing import config_of
from winnowd.bulk.recording import clear, record
from winnowd.bulk.rendering import NamedRun, NotRenderedError, RenderJob, render
from winnowd.bulk.resolving import OrderedPass, copy_resolved
from winnowd.bulk.stages import PartitionJob, make_slots, merge_keys
from winnowd.bulk.standings import read_seeded, write_superseded
from winnowd.bulk.view import Corpus, NoLabels
from winnowd.daemon.serve import owned
from winnowd.daemon.servicelog import service_log
from winnowd.daemon.work import Work
from winnowd.storage.disk import no_hook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from winnowd.bulk.engine import Engine
    from winnowd.bulk.manifest import Manifest, Order
    from winnowd.bulk.resolving import Resolved
    from winnowd.settings import Loaded
    from winnowd.wiring.instance import Instance


class Watcher(Protocol):
    """Who is told how far a run has come."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins, of so many records (or partitions), if that is known."""
        ...

    def step(self, count: int, judged: int = 0) -> None:
        """So many more are done; ``judged``: of them by the ordered pass itself, since a guess was wrong."""
        ...


class Stage(NamedTuple):
    """What a stage took: seconds by the clock, and processor seconds of the driver."""

    name: str
    seconds: float
    cpu: float


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """What a run has decided: records by outcome, how many the ordered pass judged itself, what each stage took."""

    records: int
    outcomes: dict[str, int]
    judged_in_order: int
    stages: list[Stage]


def backfill(
    instance_dir: Path,
    loaded: Loaded,
    given: Sequence[Path],
    order: Order,
    engine: Engine,
    watcher: Watcher,
    *,
    on_effect: Callable[[str], None] = no_hook,
) -> Done:
    """Decide the records of files, in their order, by many processes, as ``winnowd run --once`` would.

    It holds the instance until it ends. One that was killed goes on when it is begun with the same files. ``on_effect``
    is called before each change on disk.

    Raises:
        OtherRunError, DamagedRunError: another one must end first.
        UnfitFileError: a file cannot be taken.
        DamagedFileError: a file that the run keeps is not as it was written.
        InputError, JobFailedError, EngineUnavailableError, DecidedOtherwiseError: it cannot go on; what is recorded
            stands.
        LockHeldError, LedgerBehindError, LedgerDamagedError, ForeignRecipeError, OSError: as ``decide_once``.
    """
    with owned(instance_dir, loaded, on_effect, processes=0) as instance:
        work = Work(instance, service_log(least="error"))
        work.resume()
        manifest = begin(instance, given, order)
        try:
            done = Stages(instance, manifest, engine, watcher).decide()
        except BaseException:
            instance.route.acknowledge_applied()
            raise
        with instance.ledger.transaction():
            instance.ledger.drop(KEY)
        files = f"{len(manifest.arrivals)} file{'s' * (len(manifest.arrivals) > 1)}"
        work.shut_down(f"the backfill of {files} is done, by keys of {manifest.bits} bits: {done.records} records")
        manifest.end(instance.instance_dir)
    return done


class Stages:
    """One run, stage by stage."""

    def __init__(self, instance: Instance, manifest: Manifest, engine: Engine, watcher: Watcher) -> None:
        self._instance = instance
        self._manifest = manifest
        self._engine = engine
        self._watcher = watcher
        self._stages: list[Stage] = []
        plan = config_of(instance.loaded.settings, instance.kept.recipe)
        epoch, self._goes_on = self._epoch()
        forget_files()
        run = Run(
            id=manifest.id,
            instance_dir=instance.instance_dir,
            plan=plan,
            arrivals=manifest.arrivals,
            partitions=manifest.partitions,
            bits=manifest.bits,
            epoch=epoch,
            has_below=epoch > 1,
            packed=manifest.packed,
        )
        self._run = dataclasses.replace(run, held=len(read_held(run)) if self._goes_on else 0)

    def _epoch(self) -> tuple[int, bool]:
        """From which decision on the run is judged, and whether it was begun there and nobody has decided since."""
        reached = self._instance.ledger.get(KEY)
        next_number = self._instance.ledger.decisions.next_number()
        if reached is not None:
            run, epoch, number, sequence = reached.split()
            is_same = run == self._manifest.id and int(number) == next_number
            if is_same and only_service_events(self._instance, int(sequence)):
                return int(epoch), True
        return next_number, False

    def decide(self) -> Done:
        """All of it; a run that was killed goes on.

        Raises:
            InputError, JobFailedError, DecidedOtherwiseError, OSError, LedgerFault: it cannot be ended now; what is
                recorded stands.
        """
        run = self._run
        self._make_folders()
        with self._timed("prepare", None):
            if not self._goes_on:
                made = prepared(run, self._manifest.block, self._engine, self._watcher.step)
                keep_plan(self._instance, run, made)
                with self._instance.ledger.transaction():
                    self._note(run.epoch)
        blocks = Blocks(run.prepared_folder, read_table(run.epoch_folder))
        count = blocks.end - blocks.first if blocks.table else 0
        if not count:
            return Done(0, {}, 0, self._stages)
        with self._timed("propose", run.partitions):
            self._all_partitions(merge_keys)
        for judged in range(1, ROUNDS + 1):
            with self._timed(f"compare {judged}" if ROUNDS > 1 else "compare", count):
                self._make_slots(blocks, judged - 1)
                self._compare(blocks, judged)
        while True:
            with self._timed("resolve", count):
                resolved, outcomes = self._resolve(blocks)
            try:
                with self._timed("record", count):
                    self._make_slots(blocks, RESOLVED)
                    self._record(blocks, resolved)
            except NotRenderedError as fault:
                self._hold(fault.number, blocks)
            else:
                return Done(count, outcomes, sum(one.judged for one in resolved), self._stages)

    def _make_folders(self) -> None:
        """Make all folders of the run; what was judged is forgotten where others have decided since."""
        run = self._run
        if not self._goes_on:
            for epoch in run.folder.glob("from-*"):  # killed before it was known, or others have decided since
                clear(epoch)
        for folder in (run.prepared_folder, run.epoch_folder, run.rendered_folder):
            folder.mkdir(parents=True, exist_ok=True)
        for judged in range(RESOLVED + 1):
            run.round_folder(judged).mkdir(exist_ok=True)
            run.slots_folder(judged).mkdir(exist_ok=True)

    def _hold(self, number: int, blocks: Blocks) -> None:
        """Have the ordered pass made again from the block of a record on which cannot be rendered: it is held."""
        held, before = sorted({*read_held(self._run), number}), self._run.resolved_folder
        self._run = dataclasses.replace(self._run, held=len(held))
        self._run.resolved_folder.mkdir(exist_ok=True)
        self._run.slots_folder(RESOLVED).mkdir(exist_ok=True)
        at, _ = blocks.at(number)
        for block in itertools.takewhile(lambda one: one.number < at.number, blocks.table):
            copy_resolved(before, self._run.resolved_folder, block.number)
        write_held(self._run, held)

    @contextlib.contextmanager
    def _timed(self, name: str, total: int | None) -> Iterator[None]:
        """A stage, told of as it begins, and what it took."""
        self._watcher.stage(name, total)
        begun, cpu = time.monotonic(), time.process_time()
        yield
        self._stages.append(Stage(name, time.monotonic() - begun, time.process_time() - cpu))

    def _note(self, next_number: int) -> None:
        """Keep how far the run is recorded; inside a transaction."""
        sequence = self._instance.kept.chain.end.sequence
        self._instance.ledger.set(KEY, f"{self._run.id} {self._run.epoch} {next_number} {sequence}")

    def _all_partitions(self, function: Callable[[PartitionJob], None], judged: int = 0) -> None:
        jobs = (PartitionJob(self._run, partition, judged) for partition in range(self._run.partitions))
        for _ in self._engine.map(function, jobs):
            self._watcher.step(1)

    def _make_slots(self, blocks: Blocks, judged: int) -> None:
        """Keep what can matter of the runs, if those are seeded that a round has found to be."""
        run = self._run
        seeded = (read_seeded(run.round_folder(judged), one.number)[: one.count] for one in blocks.table)
        before = (run.epoch_folder / "seeded").read_bytes()
        write_whole(run.seeded_path(judged), itertools.chain([before], seeded))
        jobs = (PartitionJob(run, partition, judged) for partition in range(run.partitions))
        for _ in self._engine.map(make_slots, jobs):
            pass

    def _compare(self, blocks: Blocks, judged: int) -> None:
        jobs = (CompareJob(self._run, judged, at) for at in range(len(blocks.table)))
        for block in gathered(self._run.round_folder(judged), blocks, self._engine.map(compare, jobs)):
            self._watcher.step(block.count)

    def _resolve(self, blocks: Blocks) -> tuple[list[Resolved], dict[str, int]]:
        """The ordered pass: what it has found of each block, and how many records became what."""
        run, instance = self._run, self._instance
        instance.route.judge.seeds.restart()  # an earlier pass has counted paths that nothing got
        shared = opened(run)
        standings = StandingsInOrder(run.resolved_folder, shared.blocks, {})
        seeded = np.zeros(blocks.end, dtype=np.uint8)
        seeded[: run.epoch] = np.fromfile(run.epoch_folder / "seeded", dtype=np.uint8)
        guessed = guessed_lookups(run, ROUNDS - 1)
        runs = RunIndex([run.run_path(partition) for partition in range(run.partitions)])
        corpus = Corpus(
            shared.blocks, shared.below, standings, ExactLookups(runs, guessed.slots, seeded, run.bits), NoLabels()
        )
        clock = FixedClock(instance.clock.now(), instance.clock.uuid7)
        in_order = OrderedPass(
            corpus,
            BlockJudge(corpus, run.plan.settings, clock),
            folders=(run.round_folder(ROUNDS - 1), run.round_folder(ROUNDS), run.resolved_folder),
            seeds=instance.route.judge.seeds,
            seeded=seeded,
            run=run,
            held=frozenset(read_held(run)),
            counts=read_counts(run),
        )
        articles = int((run.epoch_folder / "articles").read_bytes())
        found = []
        for block, made in zip(
            blocks.table,
            in_order.resolve(instance.clock.now, articles=articles, recorded=self._recorded(blocks)),
            strict=True,
        ):
            found.append(made)
            self._watcher.step(block.count, made.judged)
        write_superseded(run.resolved_folder, standings.superseded)
        return found, dict(in_order.outcomes)

    def _recorded(self, blocks: Blocks) -> int:
        """How many blocks are in the ledger."""
        next_number = self._instance.ledger.decisions.next_number()
        return sum(one.first + one.count <= next_number for one in blocks.table)

    def _record(self, blocks: Blocks, resolved: Sequence[Resolved]) -> None:
        """Render block after block, and make each true, in order."""
        run, instance = self._run, self._instance
        begin = self._recorded(blocks)
        context = instance.kept.chain.context
        named = NamedRun(context.run, context.node, context.pid, context.version, context.config, context.ruleset)
        if begin == len(resolved):
            return
        base = instance.kept.chain.end.sequence + 1 - resolved[begin].events
        jobs = (RenderJob(run, named, one, base + one.events) for one in resolved[begin:])
        rendered = self._engine.map(render, jobs)
        for block, found, path in zip(blocks.table[begin:], resolved[begin:], rendered, strict=True):
            record(instance, path, functools.partial(self._note, block.first + block.count))
            clear(instance.instance_dir / run.files_folder(block.number, base + found.events))
            self._watcher.step(block.count)
