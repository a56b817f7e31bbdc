"""An instance of so many decisions that were never judged: the test bed for all that reads log and ledger.

    python -m tests.bench.decisions [--n 100000] [--days 60] [--seed 7] DIR

Records and their measures (``made_records``), and what they resemble (``made_originality``), are drawn; all else is the
program's own: decisions, names, ledger rows, lines of log and evidence, people's orders, starts and ends of runs on two
hosts, a configuration that was changed, sealed days. The last day is today, and not sealed. ``winnowd verify
--chain-only`` holds it; files of articles and originals are not written, but for those that orders have moved.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import itertools
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from tests.bench.made_originality import Drawn
from tests.bench.made_parts import NoPreparation, Renderer, StagedClock
from tests.e2e.instance import silent_log

from winnowd.daemon.maintenance import do_maintenance
from winnowd.daemon.notices import note_start, tell_end
from winnowd.daemon.schedule import SEAL
from winnowd.event import Operator
from winnowd.layout import LEDGER, LOCK, SETTINGS
from winnowd.model import DecidedBatch, Outcome, Slice
from winnowd.operations.lay_out import lay_out
from winnowd.pipeline.chain import Chain
from winnowd.pipeline.order import FROM, Order
from winnowd.settings import load
from winnowd.storage.disk import no_hook
from winnowd.storage.inbox.deposits import Deposit
from winnowd.storage.ledger import Ledger
from winnowd.storage.lock import Lock
from winnowd.wiring.instance import assemble
from winnowd.wiring.kept import kept_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.gates.originality import Originality
    from winnowd.model import Arrival, Judged, StateChange
    from winnowd.pipeline.deciding import Batch
    from winnowd.pipeline.ports import Preparation
    from winnowd.pipeline.rendering import InProcessRenderer
    from winnowd.settings import Loaded
    from winnowd.wiring.instance import Instance

UNTIL: Final = dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC)
"""When the instance ends that tests are given."""
CONFIGURATION: Final = '[schema]\nrights_reserved = "doubt"\n'
BEFORE: Final = ("gates.originality.rewrite.fail=1.5",)
"""What was in force during the first half."""
FEEDS: Final = {"agency": 0.45, "regional/north": 0.25, "regional/south": 0.18, "": 0.13}
MANY: Final = ("wire", 40, 0.006)
"""The feed of files of many records, how many these have at most, and how many files are such."""
NODES: Final = ("press-1", "press-2")
RUN_DAYS: Final = 10
COMMITTED: Final = 400
PEOPLE: Final = (("ana", 1001), ("ben", 1002), ("chloe", 1003))
ORDERS: Final = (
    ("quarantined", "confirm", 0.45, "confirmed after a look"),
    ("quarantined", "release", 0.15, "a court report, no copy"),
    ("admitted", "retract", 0.0005, "its publisher asked for it"),
)
"""Of how many records of an outcome people want what, and why."""
MOST_TARGETS: Final = 60
ODD: Final = 83
"""One file of so many has an odd name."""
WEEKEND: Final = 0.5
HOURS: Final = np.array([1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 9, 8, 9, 10, 9, 8, 7, 5, 4, 3, 2, 2, 1], dtype=float)


@dataclasses.dataclass(slots=True)
class Maker:
    """Makes decisions in one instance, run after run."""

    instance: Instance
    drawn: Drawn
    clock: StagedClock
    made: int = 0
    taken: int = 0
    _batches: list[DecidedBatch] = dataclasses.field(default_factory=list)
    _arrivals: list[Arrival] = dataclasses.field(default_factory=list)
    _today: list[Judged] = dataclasses.field(default_factory=list)

    @property
    def rng(self) -> np.random.Generator:
        """Where all is drawn from."""
        return self.drawn.rng

    def begin_run(self, loaded: Loaded, node: str) -> None:
        """A start on a node, under these settings."""
        kept = self.instance.kept
        context = dataclasses.replace(
            kept.chain.context, run=self.clock.uuid7(), node=node, pid=int(self.rng.integers(300, 32_000)),
            config=loaded.sha256,
        )  # fmt: skip
        chain = Chain(context, self.clock.uuid7, kept.chain.end)
        self.instance = assemble(dataclasses.replace(kept, chain=chain), loaded, no_preparation)
        decider = self.instance.route.decider
        decider.writer = dataclasses.replace(decider.writer, renderer=Renderer(self.drawn))
        self.drawn.under(loaded.settings)
        with self.instance.ledger.transaction():
            self.instance.ledger.note_config(loaded.sha256, loaded.canonical(), self.clock.now())
        self.instance.log.publish([note_start(self.instance)], self.clock.now())

    def end_run(self) -> None:
        """Its end."""
        self.commit()
        tell_end(self.instance, "SIGTERM")

    def hour(self, at: dt.datetime, count: int) -> None:
        """So many decisions from a moment on."""
        self.clock.at = max(at + dt.timedelta(seconds=float(self.rng.uniform(0, 3_000))), self.clock.at)
        route = self.instance.route
        if not self._batches:
            route.judge.begin()
        batch: Batch = list(self._files(count))
        self._arrivals += [arrival for arrival, _ in batch]
        while batch:
            decided, batch = route.decider.decide(batch, self._articles())
            bare = [dataclasses.replace(entry, effects=()) for entry in decided.entries]
            self._batches.append(dataclasses.replace(decided, entries=bare))
            self._today += [entry.judged for entry in bare]
        if sum(len(one.entries) for one in self._batches) >= COMMITTED:
            self.commit()

    def _articles(self) -> int:
        """How many the corpus has, those included that are not committed."""
        entries = (entry for one in self._batches for entry in one.entries)
        added = sum(entry.judged.decision.outcome is Outcome.ADMITTED for entry in entries)
        return self.instance.ledger.decisions.in_corpus() + added

    def _files(self, count: int) -> Iterator[tuple[Arrival, Slice]]:
        """Files that hold so many records together."""
        feed_of_many, most, share = MANY
        feeds, bounds = list(FEEDS), np.cumsum(list(FEEDS.values()))
        while count:
            of_many = count > 1 and self.rng.random() < share
            feed = feed_of_many if of_many else feeds[int(np.searchsorted(bounds, self.rng.random()))]
            size = min(most, count) if of_many else 1
            records = [self.drawn.prepared(self.made + at, at, of_many=of_many) for at in range(size)]
            yield self._arrival(feed, of_many=of_many), Slice(tuple(records), last=True)
            count -= size
            self.made += size

    def _arrival(self, feed: str, *, of_many: bool) -> Arrival:
        """A file of a feed, which was seen, and taken, some time before now."""
        self.taken = number = self.taken + 1
        name = f"story-{number:06d}.{'jsonl' if of_many else 'html'}".encode()
        if number % ODD == 0:
            name = b"odd \xff\x1b[31m" + name
        path = f"{feed}/".encode() + name if feed else name
        claimed = self.clock.at - dt.timedelta(seconds=float(self.rng.lognormal(0.4, 1.2)))
        seen = claimed - dt.timedelta(seconds=2 + float(self.rng.exponential(1.0)))
        deposit = Deposit(path, 1, number, int(self.rng.lognormal(8.3, 0.6)), int(seen.timestamp() * 1e9))
        arrival = deposit.claimed(number, int(self.rng.integers(0, 1 << 32)), claimed)
        return dataclasses.replace(arrival, seen_at=seen)

    def commit(self) -> None:
        """Record what was decided, and publish it."""
        if not self._batches:
            return
        entries = [entry for one in self._batches for entry in one.entries]
        progress = [step for one in self._batches for step in one.progress]
        records, done = self.instance.records, DecidedBatch(entries, progress)
        with records.transaction():
            records.claim(self._arrivals)
            records.record(entries, progress, ())
        self.instance.route.judge.committed()
        self.instance.file_ops.write(done.effects)
        self.instance.log.publish(done.lines, self.clock.at)
        records.applied(done)
        self._batches, self._arrivals = [], []

    def order(self) -> None:
        """What people want of the records of this day."""
        self.commit()
        for outcome, action, share, reason in ORDERS:
            mine = [one for one in self._today if one.decision.outcome.value == outcome and one.prepared.article]
            chosen = [one.number for one in mine if self.rng.random() < share]
            for at in range(0, len(chosen), MOST_TARGETS):
                self._give(action, chosen[at : at + MOST_TARGETS], reason)
        self._today = []

    def _give(self, action: str, numbers: Sequence[int], reason: str) -> None:
        name, uid = PEOPLE[int(self.rng.integers(0, len(PEOPLE)))]
        order = Order(self.clock.uuid7(), action, Operator(name, reason, "cli", self.clock.uuid7(), uid))
        instance = self.instance
        found = [instance.ledger.changes.stored(number) for number in numbers]
        stored = {one.text_sha256: one for one in found if one is not None and one.outcome in FROM[action]}
        if action == "release":
            stored = {sha: one for sha, one in stored.items() if not instance.ledger.decisions.admitted(sha or "")}

        def planned() -> Sequence[StateChange]:
            changes = instance.planner.plan(order, list(stored.values()), lambda: None)
            instance.planner.remember(changes)
            return changes

        if stored:
            instance.route.apply_order(planned)

    def seal(self, midnight: dt.datetime) -> None:
        """The end of a day."""
        self.clock.at = max(self.clock.at, midnight)
        self.instance.route.acknowledge_applied()
        do_maintenance(self.instance, silent_log(), [SEAL])


def no_preparation(_: object, renderer: InProcessRenderer) -> tuple[Preparation, InProcessRenderer]:
    """Prepares nothing, and renders here."""
    return cast("Preparation", NoPreparation()), renderer


def make(instance_dir: Path, count: int, *, days: int = 60, seed: int = 7, until: dt.datetime | None = None) -> None:
    """Make an instance of so many decisions within so many days, which end ``until`` (now)."""
    until = until or dt.datetime.now(dt.UTC)
    (instance_dir / SETTINGS).parent.mkdir(parents=True)
    (instance_dir / SETTINGS).write_text(CONFIGURATION, encoding="utf-8")
    lay_out(instance_dir)
    settings = [load(instance_dir, environ={}, overrides=one, system=None) for one in (BEFORE, ())]
    drawn = Drawn(settings[0].settings, seed)
    cells = _cells(until, days, count, drawn.rng)
    first = min(cells)
    lock = Lock(instance_dir / LOCK)
    lock.acquire()
    with contextlib.closing(Ledger.open(instance_dir / LEDGER)) as ledger:
        clock = StagedClock(first, drawn.rng)
        kept = dataclasses.replace(
            kept_of(instance_dir, settings[0], ledger, no_hook), clock=clock, originality=cast("Originality", drawn)
        )
        maker = Maker(assemble(kept, settings[0], no_preparation), drawn, clock)
        _run(maker, settings, cells, days)
        maker.instance.index.flush(until)
        ledger.checkpoint()
    lock.release()


def _run(maker: Maker, settings: Sequence[Loaded], cells: dict[dt.datetime, int], days: int) -> None:
    """Day after day: starts and ends of runs, what comes by the hour, orders, the seal."""
    by_day = itertools.groupby(cells.items(), key=lambda cell: cell[0].date())
    every = max(1, min(RUN_DAYS, days // 4))
    for number, (day, hours) in enumerate(by_day):
        if number % every == 0:
            if number:
                maker.end_run()
            maker.begin_run(settings[number >= days // 2], NODES[number // every % len(NODES)])
        for at, of_hour in hours:
            maker.hour(at, of_hour)
        maker.order()
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0, 0, 5), dt.UTC)
        if midnight.date() <= max(cells).date():
            maker.seal(midnight)
    maker.end_run()
    maker.instance.route.acknowledge_applied()


def _cells(until: dt.datetime, days: int, count: int, rng: np.random.Generator) -> dict[dt.datetime, int]:
    """How many decisions come in each hour, by when it begins; hours without any are left out."""
    last = until.replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=1)
    first = dt.datetime.combine(last.date() - dt.timedelta(days=days - 1), dt.time(), dt.UTC)
    hours = [first + dt.timedelta(hours=at) for at in range(int((last - first).total_seconds() // 3_600) + 1)]
    weights = np.array([HOURS[at.hour] * (WEEKEND if at.weekday() > 4 else 1) for at in hours])
    drawn = rng.multinomial(count, weights / weights.sum()).tolist()
    return {at: n for at, n in zip(hours, drawn, strict=True) if n}


def main() -> None:
    """Make it, and say how long that took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("folder", type=Path, metavar="DIR")
    given = parser.parse_args()
    begun = time.perf_counter()
    make(given.folder.absolute(), given.n, days=given.days, seed=given.seed)
    print(f"{given.n:,} decisions in {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
