"""The loop: the one thread that owns all state; it waits for a ring, sweeps the inbox, sends batches down the route."""

from __future__ import annotations

import dataclasses
import itertools
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final

from winnowd.daemon.recovery import adopt_orphans, finish
from winnowd.daemon.schedule import SEAL, SELF_CHECK, TICK, UPKEEP
from winnowd.model import Arrival
from winnowd.storage.places import arrival_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from structlog.typing import FilteringBoundLogger

    from winnowd.daemon.doorbell import Bell, Doorbell
    from winnowd.daemon.notify import Notify
    from winnowd.daemon.schedule import Schedule
    from winnowd.storage.inbox import Deposit
    from winnowd.wiring import Instance

AFTERGLOW: Final = 2.0  # s after a find in which the inbox is swept without a ring: watchdog holds moves back for 0.5 s
AFTERGLOW_STEP: Final = 0.1
BEAT: Final = 10.0
HEALTH: Final = 15.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0

MACHINE_FAULTS: Final = (OSError, sqlite3.OperationalError)
"""What no file is to blame for: a full or failing disk, no descriptors. The service pauses, and tries again."""


@dataclasses.dataclass(slots=True)
class Watch:
    """What wakes the loop in a service: events, the calendar; and who is told that it is well."""

    bell: Bell
    doorbell: Doorbell
    schedule: Schedule
    notify: Notify
    health: Callable[[str, str], None]


@dataclasses.dataclass
class Loop:
    """``run`` serves until ``stop`` is called (from any thread or signal handler); ``once`` takes what lies there."""

    instance: Instance
    log: FilteringBoundLogger
    watch: Watch | None = None
    monotonic: Callable[[], float] = time.monotonic
    _stopping: bool = False
    _pause: float = 0.0
    _paused_until: float = 0.0
    _because: str = ""
    _next_sweep: float = 0.0
    _glow_until: float = 0.0
    _next_beat: float = 0.0
    _next_health: float = 0.0
    _next_flush: float | None = None
    _unflushed: int = 0
    _retry_at: float = 0.0
    _started: float = dataclasses.field(default_factory=time.time)
    _decided: int = 0

    def stop(self) -> None:
        """End after the batch in hand."""
        self._stopping = True
        if self.watch is not None:
            self.watch.bell.ring()

    # -- begin and end

    def start(self) -> None:
        """Recover, load the index, tell that we are up."""
        instance, route = self.instance, self.instance.route
        route.decided = self._tell_decision(route.decided)
        if instance.originality is not None:
            instance.originality.build(instance.ledger.articles.signatures())
        finished = finish(instance)
        with instance.ledger.transaction():
            instance.ledger.note_config(instance.loaded.sha256, instance.loaded.canonical(), instance.clock.now())
        route.tell("startup", "winnowd started", carries={"limits": dict(instance.limits)})
        claimed = instance.ledger.arrivals.claimed()
        orphans = adopt_orphans(instance)
        resumed = route.resume(claimed)
        if finished.anything or claimed or orphans:
            self._tell_recovered(finished, len(claimed), orphans)
        self._flush()
        self.log.info("started", home=str(instance.home), corpus=instance.ledger.decisions.in_corpus(), resumed=resumed)

    def _tell_recovered(self, finished: Any, claimed: int, orphans: int) -> None:  # noqa: ANN401 - Finished
        carries = {
            "recovered": {
                "arrivals": claimed,
                "orphans": orphans,
                "files": finished.files,
                "originals": finished.originals,
                "lines": finished.log.lines,
                "torn_bytes": finished.log.torn,
                "foreign_bytes": finished.log.foreign,
                "lost_lines": finished.log.lost,
            }
        }
        bad = bool(finished.log.foreign or finished.log.lost or finished.lost)
        self.instance.route.tell("recovered", "went on after an unfinished run", carries=carries, failed=bad)
        self.log.warning("recovered", **carries["recovered"])

    def _tell_decision(self, further: Callable[[Any], None]) -> Callable[[Any], None]:
        def tell(entry: Any) -> None:  # noqa: ANN401 - Entry
            judged = entry.judged
            self._decided += 1
            self._unflushed += judged.decision.outcome.value == "admitted"
            self.log.info(
                judged.decision.outcome.value,
                name=judged.arrival.path,
                id=judged.name,
                codes=" ".join(judged.decision.codes) or None,
                twin=judged.nearest.id if judged.nearest is not None and judged.nearest.twin else None,
            )
            further(entry)

        return tell

    def close(self, because: str) -> None:
        """Bring everything to disk, tell that we end."""
        self.instance.route.rest()
        self._flush()
        totals = self.instance.ledger.decisions.totals()
        self.instance.route.tell("shutdown", f"winnowd ends: {because}", carries={"because": because, "counts": totals})
        self.instance.route.rest()
        self.instance.ledger.checkpoint()
        self.log.info("stopped", because=because, decided=self._decided)

    # -- one pass over what lies there

    def once(self) -> int:
        """Take everything that lies in the inbox and comes to rest; gives how many records were decided."""
        self.start()
        before = self._decided
        while not self._stopping:
            now = self.monotonic()
            deposits = self.instance.inbox.sweep(now)
            self._take(deposits)
            waiting = self.instance.inbox.waiting
            if deposits or waiting.unsettled == 0 or waiting.next_in is None:
                if deposits:
                    continue
                break
            time.sleep(min(waiting.next_in, self.instance.loaded.settings.inbox.settle))
        self.close("all that lay in the inbox is decided")
        return self._decided - before

    # -- serving

    def run(self) -> None:
        """Serve until told to stop."""
        watch = self.watch
        if watch is None:
            raise ValueError("a loop without a bell cannot wait; give it a watch, or call once()")
        self.start()
        self._listen(watch)
        watch.schedule.start(self.monotonic(), time.time())
        watch.notify.send(READY=1, STATUS="waiting for files")
        try:
            while not self._stopping:
                wait = self._turn(watch)
                if not self._stopping:
                    watch.bell.wait(wait)
        finally:
            watch.notify.send(STOPPING=1)
            watch.schedule.stop()
            watch.doorbell.stop()
        self.close("told to stop")

    def _listen(self, watch: Watch) -> None:
        try:
            watch.doorbell.start()
        except OSError as fault:
            self.log.warning("not listening for events: sweeping only", code="SYS923", error=str(fault))

    def _turn(self, watch: Watch) -> float:
        """Do what is due now; gives the seconds until something is due again."""
        now = self.monotonic()
        for chore in watch.schedule.due():
            self._do(chore, watch, now)
        self._keep_watch(watch, now)
        if now >= self._paused_until:
            try:
                self._work(watch, now)
            except MACHINE_FAULTS as fault:
                self._fall_back(fault)
        self._beat(watch)
        return self._wait(self.monotonic())

    def _work(self, watch: Watch, now: float) -> None:
        if self._pause:
            self._come_back()
        hints = watch.bell.hints()
        deposits = self.instance.inbox.sweep(now, hints)
        self._next_sweep = now + self.instance.loaded.settings.inbox.sweep
        if deposits:
            self._glow_until = self.monotonic() + AFTERGLOW
        self._take(deposits, watch)
        self._retry(now)
        if self._unflushed and (self._next_flush is None or self.monotonic() >= self._next_flush):
            self._flush()
        self.instance.route.rest()

    def _take(self, deposits: Sequence[Deposit], watch: Watch | None = None) -> None:
        for group in self._batches(deposits):
            if self._stopping:
                return
            self.instance.route.take_up(self._claims(group))
            if self._unflushed >= self.instance.loaded.settings.index.articles:
                self._flush()
            if watch is not None:
                self._beat(watch)

    def _batches(self, deposits: Sequence[Deposit]) -> Iterator[list[Deposit]]:
        """Batches of bounded number and bytes; a file that may hold many records goes alone."""
        batch = self.instance.loaded.settings.batch
        group: list[Deposit] = []
        size = 0
        for deposit in deposits:
            alone = _may_hold_many(deposit)
            if group and (alone or len(group) >= batch.limit or size + deposit.size > batch.bytes):
                yield group
                group, size = [], 0
            group.append(deposit)
            size += deposit.size
            if alone:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _claims(self, deposits: Sequence[Deposit]) -> list[Arrival]:
        now, clock = self.instance.clock.now(), self.instance.clock
        numbers = itertools.count(self.instance.ledger.arrivals.next_number())
        return [
            Arrival(
                id=arrival_id(number, clock.salt()),
                number=number,
                feed=deposit.feed,
                path=deposit.path,
                dev=deposit.dev,
                ino=deposit.ino,
                size=deposit.size,
                mtime_ns=deposit.mtime_ns,
                seen_at=now,
                claimed_at=now,
            )
            for number, deposit in zip(numbers, deposits, strict=False)
        ]

    def _retry(self, now: float) -> None:
        """Files that could not be read get another try after a while."""
        deferred = self.instance.route.deferred
        if not deferred:
            return
        if not self._retry_at:
            self._retry_at = now + 2.0 * max(arrival.tries for arrival in deferred)
        elif now >= self._retry_at:
            self._retry_at = 0.0
            self.instance.route.deferred = []
            self.instance.route.resume(self.instance.ledger.arrivals.claimed())

    def _flush(self) -> None:
        self.instance.index.flush(self.instance.clock.now())
        self._unflushed = 0
        self._next_flush = self.monotonic() + self.instance.loaded.settings.index.every

    # -- the machine's faults

    def _fall_back(self, fault: BaseException) -> None:
        """Pause; what is claimed stays claimed, what is recorded will be carried out."""
        self._pause = min(LONGEST_PAUSE, 2 * self._pause) if self._pause else FIRST_PAUSE
        self._paused_until = self.monotonic() + self._pause
        if not self._because:
            self.log.error("paused", error=f"{type(fault).__name__}: {fault}", retry_in=self._pause)
        self._because = f"{type(fault).__name__}: {fault}"

    def _come_back(self) -> None:
        """Carry out what the fault has interrupted, then go on with what was claimed; nobody is blamed for it."""
        finish(self.instance)
        self.instance.route.resume(self.instance.ledger.arrivals.claimed(), blame=False)
        self.log.info("resumed", after=self._because)
        self._pause, self._because = 0.0, ""

    # -- chores

    def _do(self, chore: str, watch: Watch, now: float) -> None:
        if chore == TICK:
            watch.schedule.heard(now)
        elif chore == SELF_CHECK:
            faults = self.instance.ledger.faults()
            self.log.log(40 if faults else 20, "self-check", faults=faults or None)
            if faults:
                error = {"type": "LedgerDamaged", "message": "; ".join(faults), "code": "SYS944"}
                self.instance.route.tell("failure", "the ledger's own check found damage", error=error)
        elif chore == UPKEEP:
            self.instance.ledger.checkpoint()
        elif chore == SEAL:
            self.log.info("day ended")

    def _keep_watch(self, watch: Watch, now: float) -> None:
        if (fault := watch.schedule.fault(now, time.time())) is not None:
            self.log.warning("calendar set anew", code=fault)
            watch.schedule.restart(now, time.time())
        if now >= self._next_health and not watch.doorbell.hears():
            self.log.warning("listening anew", code="SYS922")
            watch.doorbell.stop()
            self._listen(watch)

    def _beat(self, watch: Watch) -> None:
        now = self.monotonic()
        if now >= self._next_beat:
            self._next_beat = now + BEAT
            watch.notify.send(WATCHDOG=1)
        if now >= self._next_health:
            self._next_health = now + HEALTH
            watch.health("degraded" if self._because else "idle", self._because)

    def _wait(self, now: float) -> float:
        due = [self._next_sweep, self._next_beat, self._next_health]
        if now < self._glow_until:
            due.append(now + AFTERGLOW_STEP)
        if (settled := self.instance.inbox.waiting.next_in) is not None:
            due.append(now + settled)
        if self._unflushed and self._next_flush is not None:
            due.append(self._next_flush)
        if self._retry_at:
            due.append(self._retry_at)
        if self._paused_until > now:
            return max(0.0, self._paused_until - now)
        return max(0.0, min(due) - now)


_MANY: Final = (b".json", b".jsonl", b".ndjson", b".gz", b".zst", b".warc")
_SMALL: Final = 1 << 16


def _may_hold_many(deposit: Deposit) -> bool:
    return deposit.size > _SMALL and deposit.path.lower().endswith(_MANY)
