"""The work itself: begin, claim what lies at rest, keep the index fresh, end. The loop says when, step by step."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from winnowd.daemon.counting import Counting
from winnowd.daemon.faults import MACHINE_FAULTS
from winnowd.daemon.line import Line
from winnowd.daemon.notices import DecisionLog, note_start, tell_end, tell_recovered
from winnowd.daemon.orders import apply_orders
from winnowd.daemon.recovery import adopt_orphans, finish
from winnowd.layout import FOLDERS
from winnowd.model import Outcome, Queued
from winnowd.wiring.renewal import renew

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from structlog.typing import FilteringBoundLogger

    from winnowd.daemon.line import InLine
    from winnowd.daemon.recovery import Finished
    from winnowd.model import Arrival, DecisionRecord
    from winnowd.storage.inbox.deposits import Deposit
    from winnowd.wiring.instance import Instance


RENDERER_FELL: Final = "SYS927"
_BATCHES: Final = 4
"""Claimed together: while one is judged and committed, workers prepare the next."""


@dataclasses.dataclass(frozen=True, slots=True)
class RunningBatch:
    """What is in hand: the steps that bring these arrivals all the way, each up to a commit."""

    steps: Iterator[None]
    arrivals: Sequence[Arrival]
    resumed: Sequence[Queued] = ()
    """How those of them waited that had been claimed before."""
    decided: set[int] = dataclasses.field(default_factory=set)
    """The numbers of those of which a record was decided."""


@dataclasses.dataclass
class Work:
    """Everything that is done with one instance, in one thread; ``on_decided`` is told of each entry once it is true.

    ``unflushed``: articles that the index does not list yet; ``index_is_stale``: INDEX.md lacks a decision.
    """

    instance: Instance
    log: FilteringBoundLogger
    on_decided: Callable[[DecisionRecord], None] = lambda entry: None  # noqa: ARG005 - tell nobody
    decided_count: int = 0
    last_batch: str | None = None
    unflushed: int = 0
    index_is_stale: bool = False
    flushed_at: float = 0.0
    stopping: bool = False
    _index_published: str = ""
    _start_published: bool = False
    _blame: bool = True
    _in_hand: RunningBatch | None = None
    _line: Line = dataclasses.field(default_factory=Line)
    _decision_log: DecisionLog = dataclasses.field(default_factory=DecisionLog)

    def __post_init__(self) -> None:
        self.counting = Counting(self.instance.ledger)

    def start(self, alive: Callable[[], None] = lambda: None) -> None:
        """Finish what an earlier run has left, bring fingerprints up to date, load the index, tell that we are up.

        What was claimed waits for its turn again. ``alive`` is called on the way, and from then on with each file that
        was prepared and each record that was judged. After a fault of the machine it may be called again.
        """
        instance, route = self.instance, self.instance.route
        route.observer.decided, route.observer.alive = self._tell, alive
        self.counting.listen(route.observer)
        finished = self._finish(alive)
        instance.build_originality()
        self._publish_start()
        claimed = instance.ledger.arrivals.claimed()
        orphans = adopt_orphans(instance)
        blame, self._blame = self._blame, False  # a start that the machine fails is no try of any file
        self._forget_turns()
        self._retry_alone(route.resume(claimed, blame=blame))
        if (
            finished.anything or orphans or any(arrival.tries for arrival in claimed)
        ):  # none is begun: it waits in peace
            tell_recovered(instance, self.log, finished, {"arrivals": len(claimed), "orphans": orphans})
        self.flush()
        self.log.info("started", home=str(instance.instance_dir), corpus=instance.ledger.decisions.in_corpus())

    def resume(self) -> None:
        """The same for who brings no file of the inbox: what was claimed stays so, and no index is loaded."""
        finished = self._finish(lambda: None)
        self._publish_start()
        if finished.anything:
            tell_recovered(self.instance, self.log, finished, {"arrivals": 0, "orphans": 0})

    def _finish(self, alive: Callable[[], None]) -> Finished:
        """Apply what an earlier run has only recorded, and bring fingerprints up to date."""
        instance = self.instance
        instance.disk.found(*(instance.disk.path(folder) for folder in FOLDERS))  # made just now, or by a killed run
        # first, so that the texts of what was only recorded lie in their place when fingerprints are made of them
        finished = finish(instance)
        for renewal in renew(instance.kept, alive):
            self.log.info("fingerprints of an earlier recipe are made anew", **dataclasses.asdict(renewal))
        return finished

    def _publish_start(self) -> None:
        """Put the start into the log, once, and the settings into the ledger."""
        instance = self.instance
        with instance.ledger.transaction():
            instance.ledger.note_config(instance.loaded.sha256, instance.loaded.canonical(), instance.clock.now())
        if not self._start_published:
            line = note_start(instance)
            self._start_published = True
            instance.log.publish([line], instance.clock.now())

    def _retry_alone(self, waiting: Sequence[Queued]) -> None:
        """Try by themselves those that were in hand at two deaths, at once: they were taken before all others."""
        alone = deque(one for one in waiting if one.new_try)
        while alone and not self.stopping:
            one = alone.popleft()
            self._in_hand = RunningBatch(self.instance.route.bring_new((), [one]), [one.arrival], [one])
            while self._in_hand is not None:
                self.step()
        self._line.put([*alone, *(one for one in waiting if not one.new_try)])

    def warn(self, code: str, kind: str, because: str, message: str) -> None:
        """Tell of a fault that the service goes on with: in its own log, and if the disk lets us in the audit log."""
        self.log.warning(message, code=code, because=because)
        self.tell_failure(code, kind, because, message)

    def tell_failure(self, code: str, kind: str, because: str, message: str) -> bool:
        """Put a fault into the audit log; False if the ledger cannot take it now."""
        error = {"type": kind, "message": because, "code": code}
        try:
            line = self.instance.route.events.note("failure", message, error=error)
        except MACHINE_FAULTS:
            return False
        with contextlib.suppress(*MACHINE_FAULTS):  # it is true by now; going on mends the log
            self.instance.log.publish([line], self.instance.clock.now())
        return True

    def _tell(self, entry: DecisionRecord) -> None:
        judged = entry.judged
        self.decided_count += 1
        if self._in_hand is not None:
            self._in_hand.decided.add(judged.arrival.number)
        self.unflushed += judged.decision.outcome is Outcome.ADMITTED
        self.index_is_stale = True
        self.last_batch = judged.decided_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        self.counting.decided(judged)
        self._decision_log.decided(self.log, judged)
        self.on_decided(entry)

    @property
    def busy(self) -> bool:
        """Whether something waits for its turn, or is in hand."""
        return self._in_hand is not None or len(self._line) > 0

    def in_line(self) -> InLine:
        """What waits for its turn or has it, without changing anything."""
        if self._in_hand is None:
            return self._line.snapshot()
        waiting, decided = self.instance.route.waiting, self._in_hand.decided
        second = {one.arrival.number for one in waiting}
        resumed = [one for one in self._in_hand.resumed if one.arrival.number not in second]
        begun = {one.arrival.number for one in (*waiting, *resumed)} | decided
        undecided = sum(one.number not in begun for one in self._in_hand.arrivals)
        return self._line.snapshot([*waiting, *resumed], undecided)

    def line_up(self, deposits: Sequence[Deposit]) -> None:
        """Let files at rest wait for their turn, instead of those that a sweep before has found."""
        self._line.line_up(deposits)

    def step(self) -> bool:
        """Go on with the batch in hand up to its next commit, or begin the next one; False if nothing waits.

        Files of all feeds by turns, then the next slice of one that has many records, or one file that is suspected of
        having ended what prepared it.

        Raises:
            OSError, LedgerUnavailableError: the machine fails; ``recover`` once it is well.
        """
        if self._in_hand is None:
            self._in_hand = self._next_batch()
        if self._in_hand is None:
            return False
        try:
            is_done = next(self._in_hand.steps, self) is self
        except BaseException:
            self._in_hand = None
            raise
        if is_done:
            self._finished(self._in_hand)
            self._in_hand = None
        if because := self.instance.renderer.fault():
            self.warn(RENDERER_FELL, "RendererFell", because, "what it had in hand was rendered in the service itself")
        if self.unflushed >= self.instance.loaded.settings.index.articles:
            self.flush()
        return True

    def _next_batch(self) -> RunningBatch | None:
        batch = self.instance.loaded.settings.batch
        group = self._line.next(_BATCHES * batch.limit, batch.bytes)
        if not group:
            return None
        resumed = [one for one in group if isinstance(one, Queued)]
        claims = self._arrivals_for([one for one in group if not isinstance(one, Queued)])
        arrivals = [*(one.arrival for one in resumed), *claims]
        return RunningBatch(self.instance.route.bring_new(claims, resumed), arrivals, resumed)

    def _finished(self, batch: RunningBatch) -> None:
        """What a batch has left over goes back into the line."""
        waiting, self.instance.route.waiting = self.instance.route.waiting, []
        self._line.put_back(waiting, batch.arrivals, batch.resumed)
        self._decision_log.finished(self.log, batch.arrivals, {one.arrival.number for one in waiting})

    def consume(self, deposits: Sequence[Deposit]) -> None:
        """Bring files at rest all the way, unless told to stop.

        Raises:
            TooLittleRoomError: less is free than must stay so; nothing more is taken.
        """
        self.line_up(deposits)
        while self.busy and not self.stopping:
            self.instance.route.require_free_space(0)
            self.step()

    def _arrivals_for(self, deposits: Sequence[Deposit]) -> list[Arrival]:
        clock, arrivals = self.instance.clock, self.instance.ledger.arrivals
        now, numbers = clock.now(), itertools.count(arrivals.next_number())
        return [
            one.claimed(number, clock.salt(), now, continues=arrivals.continued(one.path, one.dev, one.ino))
            for number, one in zip(numbers, deposits, strict=False)
        ]

    def apply_waiting_orders(self) -> None:
        """Carry out people's orders that wait; a file that one of them has judged further waits for its turn."""
        if apply_orders(self.instance, self.log):
            self.flush()
            held_numbers = {one.number for one in self._held_arrivals()}
            claimed = self.instance.ledger.arrivals.claimed()
            self._line.put([Queued(one, long=True) for one in claimed if one.number not in held_numbers])

    def _held_arrivals(self) -> list[Arrival]:
        """What is claimed and known to be: in hand, in the line, or to be read again later."""
        in_hand = [] if self._in_hand is None else list(self._in_hand.arrivals)
        return [*in_hand, *(one.arrival for one in self._line.waiting()), *self.instance.route.deferred]

    def recover(self) -> None:
        """After a fault of the machine: apply what it has interrupted; what was claimed waits for its turn.

        An order may have been interrupted after it had become true: what it changed is asked of the ledger anew.
        """
        finish(self.instance)
        self.instance.planner.forget()
        self.counting.quarantined.forget()
        self.requeue_claimed()
        self.flush()

    def requeue_claimed(self) -> None:
        """Begin anew with all that is claimed, without another try of it, as the ledger has it."""
        self._forget_turns()
        later = {one.number for one in self.instance.route.deferred}
        claimed = [one for one in self.instance.ledger.arrivals.claimed() if one.number not in later]
        self._line.put(self.instance.route.resume(claimed, blame=False))

    def _forget_turns(self) -> None:
        """Nothing claimed is in hand or waits any more, as far as this knows."""
        self._in_hand = None
        self._line.forget_claimed()

    def requeue_deferred(self) -> None:
        """Files that could not be read get another try."""
        deferred = self.instance.route.deferred
        self._line.put([Queued(one, new_try=True) for one in deferred])
        deferred.clear()

    def flush(self) -> None:
        """Write the pages that are behind, and INDEX.md."""
        self.instance.index.flush(self.instance.clock.now())
        self.unflushed, self.index_is_stale = 0, False
        self.flushed_at = time.monotonic()

    def log_index_digest(self) -> None:
        """Put into the log what INDEX.md vouches for, unless it says so already: the two witness each other."""
        index = self.instance.index.written
        if index is not None and index.index_sha256 != self._index_published:
            covers = {"sha256": index.index_sha256, "sequence": index.audit_sequence, "articles": index.articles}
            self.instance.route.events.tell(
                "index-written", f"INDEX.md lists {index.articles}", carries={"index": covers}
            )
            self._index_published = index.index_sha256

    def shut_down(self, because: str) -> None:
        """Bring everything to disk, and tell that we end; what waits has had no try that failed."""
        instance = self.instance
        instance.route.acknowledge_applied()
        not_begun = {one.arrival.number for one in self._line.waiting() if one.new_try}
        if begun := [one for one in instance.ledger.arrivals.claimed() if one.number not in not_begun]:
            with instance.ledger.transaction():
                instance.records.untried(begun)
        self.flush()
        self.log_index_digest()
        tell_end(instance, because)
        instance.route.acknowledge_applied()
        instance.ledger.checkpoint()
        self.log.info("stopped", because=because, decided=self.decided_count)
