"""The steps in their order: claim, prepare, judge, record, apply, publish, acknowledge. Pure but for its ports.

Nothing is decided after ``record``: what follows only applies what the ledger says, and may be repeated. An arrival
that is recorded is never judged again, or it would meet itself and be turned away as its own copy.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import deque
from typing import TYPE_CHECKING, Final

from winnowd.model import PORTION, SUSPICIOUS, DecidedBatch, Outcome, Portion, Queued, Slice, Stopped
from winnowd.pipeline import barren, portions
from winnowd.pipeline.portions import Gathered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from winnowd.model import Arrival, Recorded, StateChange
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.deciding import Batch, BatchDecider
    from winnowd.pipeline.events import ServiceEvents
    from winnowd.pipeline.judge import Judge
    from winnowd.pipeline.observer import Observer
    from winnowd.pipeline.ports import Clock, FileOps, Log, Preparation, Records

MOST_TRIES = 3
VANISHED = "SYS906"
RETURNED = frozenset({portions.CHANGED, VANISHED})
"""Not decided: changed while it was read, or gone before it was taken."""
UNREADABLE = "INP123"
PUT_AWAY = "SYS953"
TURN_NS: Final = 3_000_000_000
"""After so long the others come first: what of a batch is not prepared by then waits for another turn."""
SOON_NS: Final = 1_000_000_000
"""What is ready is committed after so long, whatever else of its batch is being prepared."""
MOST_CHARACTERS: Final = 16 << 20
"""Of text and records' own bytes in one batch."""


@dataclasses.dataclass(slots=True)
class Route:
    """One batch after the other.

    ``limit``: records in one transaction; ``portion``: what one file gives in its turn; ``require_free_space``
    raises if so many bytes cannot be written. ``waiting``: what needs another turn; ``deferred``: what could not be
    read now.
    """

    records: Records
    file_ops: FileOps
    log: Log
    preparation: Preparation
    judge: Judge
    decider: BatchDecider
    chain: Chain
    clock: Clock
    events: ServiceEvents
    observer: Observer
    require_free_space: Callable[[int], None]
    limit: int = 256
    portion: Portion = PORTION
    deferred: list[Arrival] = dataclasses.field(default_factory=list)
    waiting: list[Queued] = dataclasses.field(default_factory=list)
    _applied: list[Recorded] = dataclasses.field(default_factory=list)
    _articles: int | None = None

    def bring_new(self, arrivals: Sequence[Arrival], resumed: Sequence[Queued] = ()) -> Iterator[None]:
        """Take files at rest out of the inbox and bring them as far as their turn goes; ``resumed`` come first.

        Yields between two commits: whatever must not wait for the end of a batch may come there.
        """
        if arrivals:
            with self.records.transaction():
                self.records.claim(arrivals)
        begun = self._begun(resumed)
        yield from self.bring([*begun, *self._claimed(arrivals)], alone=any(one.alone for one in resumed))

    def _begun(self, waiting: Sequence[Queued]) -> list[Arrival]:
        """Arrivals whose turn has come; where another try begins with it, that is counted before anything is done."""
        new_try = [one.arrival for one in waiting if one.new_try]
        tried = self._claimed(self._count_try(new_try)) if new_try else []
        return [*(one.arrival for one in waiting if not one.new_try), *tried]

    def _count_try(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Count another try of these."""
        with self.records.transaction():
            self.records.tried(arrivals)
        return [dataclasses.replace(arrival, tries=arrival.tries + 1) for arrival in arrivals]

    def _claimed(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Rename them out of the inbox; what is not there or not at rest any more is dropped."""
        if not arrivals:
            return []
        missed = [(arrival, code) for arrival in arrivals if (code := self.file_ops.claim(arrival)) is not None]
        self._sync()
        for arrival, code in missed:
            self._drop(arrival, code)
        gone = {arrival.number for arrival, _ in missed}
        return [arrival for arrival in arrivals if arrival.number not in gone]

    def _drop(self, arrival: Arrival, code: str) -> None:
        """End an arrival without a decision; that its sender took it back is told, since it was claimed."""
        if code == VANISHED:
            error = {"type": "ClaimVanished", "message": "neither in the inbox nor in state/work", "code": code}
            carries = {"arrival": {"id": arrival.id}}
            drop = functools.partial(self.records.drop_arrival, arrival, code)
            self.events.tell("failure", "its sender took a file back", carries=carries, error=error, within=drop)
            return
        with self.records.transaction():
            self.records.drop_arrival(arrival, code)

    def resume(self, arrivals: Sequence[Arrival], *, blame: bool = True) -> list[Queued]:
        """How to go on with arrivals that were claimed when the process, or a step, failed: each gets another try.

        Together once more, then each alone; after the third try one that has killed the service each time is held.
        Without ``blame`` (the machine failed, not the process) the try that was begun goes on.
        """
        self.waiting.clear()
        if not blame:
            return [Queued(one, long=bool(one.records_done)) for one in self._claimed(arrivals)]
        for arrival in self._claimed([arrival for arrival in arrivals if arrival.tries >= MOST_TRIES]):
            because = f"the service ended during each of {arrival.tries} tries of it"
            self.commit_all([(arrival, portions.held("SYS909", because, record=arrival.records_done))])
        together = [arrival for arrival in arrivals if arrival.tries <= 1]
        going_on = self._claimed(self._count_try(together)) if together else []
        alone = [arrival for arrival in arrivals if 1 < arrival.tries < MOST_TRIES]
        return [
            *(Queued(one, long=bool(one.records_done)) for one in going_on),
            *(Queued(one, long=True, new_try=True) for one in alone),
        ]

    def bring(self, arrivals: Sequence[Arrival], *, alone: bool = False) -> Iterator[None]:
        """Prepare, judge and record claimed arrivals, in their order; yields between two commits.

        What needs another turn is in ``waiting`` at the end: further records, whoever is suspected of having ended or
        held up what prepared it, and those that came behind it or behind the end of this turn.
        """
        begun = since = self.clock.nanoseconds()
        gathered = Gathered()
        left = deque(arrivals)
        for answer in self.preparation.prepare(arrivals, self.portion, alone=alone):
            self.observer.alive()
            if answer is not None and (part := self._sort_answer(left.popleft(), answer, alone=alone)) is not None:
                gathered.add(part)
            now = self.clock.nanoseconds()
            if left and answer is not None and (portions.overran(answer) or now >= begun + TURN_NS):
                self.waiting += [Queued(one) for one in left]
                break
            is_full = gathered.records >= self.limit or gathered.characters >= MOST_CHARACTERS
            if answer is None or is_full or now >= since + SOON_NS:
                yield from self._commit_in_steps(gathered.parts)
                gathered, since = Gathered(), self.clock.nanoseconds()
                if left:
                    yield
        yield from self._commit_in_steps(gathered.parts)

    def _sort_answer(self, arrival: Arrival, answer: Slice | Stopped, *, alone: bool) -> tuple[Arrival, Slice] | None:
        """What is to be decided of an answer; None if the arrival went back, or waits for another turn."""
        if isinstance(answer, Slice):
            return self._sort_slice(arrival, answer)
        if answer.code in RETURNED and not arrival.records_done:
            self.file_ops.give_back(arrival)
            self._drop(arrival, answer.code)
            return None
        if answer.code == UNREADABLE and arrival.tries < MOST_TRIES:
            self.deferred.append(arrival)
            return None
        if answer.code in SUSPICIOUS and not alone:
            self.waiting.append(Queued(arrival, long=True, alone=True))
            return None
        return arrival, portions.held(answer.code, answer.because, record=arrival.records_done)

    def _sort_slice(self, arrival: Arrival, answer: Slice) -> tuple[Arrival, Slice] | None:
        """The records to be decided now, if any; a file that has more goes to the end of the line."""
        if barren.is_counted(arrival):
            arrival, remainder = portions.counted(arrival, answer)
            if remainder is None:
                self.waiting.append(Queued(arrival, long=True))
            return None if remainder is None else (arrival, remainder)
        now, more = portions.portion(arrival, answer)
        if more is not None:
            self.waiting.append(more)
        return arrival, now

    def commit_all(self, batch: Batch, claims: Sequence[Arrival] = ()) -> None:
        """Judge, and make it true, together with ``claims``; then apply it; commit by commit, until all is decided."""
        undecided = self._commit_once(batch, claims)
        while undecided:
            undecided = self._commit_once(undecided)

    def _commit_in_steps(self, batch: Batch) -> Iterator[None]:
        """The same, but yields between two commits."""
        while batch:
            batch = self._commit_once(batch)
            if batch:
                yield

    def _commit_once(self, batch: Batch, claims: Sequence[Arrival] = ()) -> Batch:
        """One transaction, and what follows from it; gives what is left to judge."""
        if self._applied:
            self._sync()  # what was applied is acknowledged with this transaction: a long file leaves no trail
        decided, undecided = self._record(batch, claims)
        self.judge.committed()
        self.observer.recorded(decided)
        self.apply(decided)
        for entry in decided.entries:
            self.observer.decided(entry)
        return undecided

    def _record(self, batch: Batch, claims: Sequence[Arrival]) -> tuple[DecidedBatch, Batch]:
        """Decide as much as one transaction takes, and record it; as before if that fails."""
        before = self.chain.end
        self.judge.begin()
        if self._articles is None:
            self._articles = self.judge.register.in_corpus()
        try:
            decided, undecided = self.decider.decide(batch, self._articles)
            self.require_free_space(decided.nbytes)
            begun = self.clock.nanoseconds()
            with self.records.transaction():
                if claims:
                    self.records.claim(claims)
                self.records.record(decided.entries, decided.progress, decided.changes)
        except BaseException:
            self.chain.end = before
            self.judge.rollback()
            raise
        self.observer.committed(self.clock.nanoseconds() - begun)
        admitted = sum(entry.judged.decision.outcome is Outcome.ADMITTED for entry in decided.entries)
        self._articles += admitted - len(decided.changes)
        return decided, undecided

    def apply_order(self, make: Callable[[], Sequence[StateChange]]) -> Sequence[StateChange]:
        """Make what an order changes true, and apply it; nothing has changed if that fails.

        It is acknowledged at once: a move that is applied again, after a later one that brought the file back, would
        undo that. Removals may wait for the next ``acknowledge_applied``.
        """
        before = self.chain.end
        try:
            changes = make()
            with self.records.transaction():
                self.records.change(changes)
        except BaseException:
            self.chain.end = before
            self.judge.seeds.restart()
            raise
        self._articles = None
        self.observer.recorded(done := DecidedBatch((), (), changes))
        self.apply(done)
        if any(one.content is not None or one.source is not None for change in changes for one in change.effects):
            self.acknowledge_applied()
        return changes

    def apply(self, done: Recorded) -> None:
        """Place the files, publish the lines, move the originals: all from what is recorded."""
        self.file_ops.write(done.effects)
        self.log.publish(done.lines, self.clock.now())
        locations = [(one.arrival, one.location) for one in done.progress if one.location is not None]
        lost = [arrival for arrival, location in locations if not self.acknowledge(arrival, location)]
        self._applied.append(done)
        for arrival in lost:  # somebody took it away; what was decided of it stands
            error = {"type": "OriginalLost", "message": f"of arrival {arrival.id}; it is not in state/work any more"}
            self.events.tell("failure", "an original is gone", error=error)

    def acknowledge(self, arrival: Arrival, location: str) -> bool:
        """Move an original to its location, last; False if it is nowhere.

        What was written to after it was judged goes back to the inbox (SYS951): the decision stands for what was
        judged, which is kept, and the file comes again as an arrival that continues this one. One that may not be read
        any more cannot: it is moved as it is now, which is told (SYS953) before.
        """
        if not self.file_ops.changed(arrival):
            return self.file_ops.move_original(arrival, location)
        name = arrival.path.rpartition(b"/")[2].decode("utf-8", "backslashreplace")
        if not self.file_ops.may_read(arrival):
            message = f"{name} was written to after it was judged, and may not be read any more; it is kept as it is"
            error = {"type": "ChangedUnreadable", "message": f"{location} is not what was judged", "code": PUT_AWAY}
            self.events.tell("failure", message, carries={"arrival": {"id": arrival.id}}, error=error)
            return self.file_ops.move_original(arrival, location)
        if not arrival.changed:
            message = f"{name} was written to after it was judged; it is judged again"
            changed = functools.partial(self.records.changed, arrival)
            self.events.tell("changed-after", message, carries={"arrival": {"id": arrival.id}}, within=changed)
        self.file_ops.judge_changed(arrival, location)
        return True

    def acknowledge_applied(self) -> None:
        """Acknowledge what was applied now, instead of with the next commit: nothing else is to do."""
        if self._applied:
            self._sync()
        if self.records.unacknowledged():
            with self.records.transaction():
                self.records.acknowledge()

    def _sync(self) -> None:
        """All that was applied before this is on disk after it: the next commit may acknowledge it."""
        applied, self._applied = self._applied, []
        try:
            self.file_ops.sync()
        except BaseException:
            self._applied = applied
            raise
        for done in applied:
            self.records.applied(done)
