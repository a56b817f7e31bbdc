"""The steps in their order: claim, prepare, judge, record, carry out, publish, acknowledge. Pure but for its ports.

Nothing is decided after ``record``: what follows only carries out what the ledger says, and may be repeated. An arrival
that is recorded is never judged again, or it would meet itself and be turned away as its own copy.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING, Any

from winnowd import event
from winnowd.model import Finding, Grade, Judged, Outcome, Prepared, Progress, Provenance
from winnowd.pipeline.ports import Slice, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from winnowd.event import Context
    from winnowd.model import Arrival, Entry, Line
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.judge import Judge
    from winnowd.pipeline.ports import Clock, Hands, Log, Preparation, Records
    from winnowd.pipeline.scribe import Scribe

MOST_TRIES = 3
RETURNED = frozenset({"SYS905", "SYS906"})
"""Not decided: changed while it was read, or gone before it was taken."""
UNREADABLE = "INP123"


@dataclasses.dataclass(slots=True)
class Route:
    """One batch after the other. ``limit``: records in one transaction; ``decided`` is told of each entry once true."""

    records: Records
    hands: Hands
    log: Log
    preparation: Preparation
    judge: Judge
    scribe: Scribe
    chain: Chain
    clock: Clock
    limit: int = 256
    decided: Callable[[Entry], None] = lambda entry: None  # noqa: ARG005 - tell nobody
    deferred: list[Arrival] = dataclasses.field(default_factory=list)
    _carried: list[tuple[Sequence[Entry], Sequence[Progress]]] = dataclasses.field(default_factory=list)
    _articles: int | None = None

    def take_up(self, arrivals: Sequence[Arrival]) -> int:
        """Take files at rest out of the inbox and bring them all the way; gives how many records were decided."""
        with self.records.transaction():
            self.records.claim(arrivals)
        return self.bring(self._taken(arrivals))

    def _taken(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Rename them out of the inbox; what is not there or not at rest any more is closed."""
        missed = [(arrival, code) for arrival in arrivals if (code := self.hands.take(arrival)) is not None]
        self._sync()
        if missed:
            with self.records.transaction():
                for arrival, code in missed:
                    self.records.close(arrival, code)
        gone = {arrival.number for arrival, _ in missed}
        return [arrival for arrival in arrivals if arrival.number not in gone]

    def resume(self, arrivals: Sequence[Arrival], *, blame: bool = True) -> int:
        """Go on with arrivals that were claimed when the process, or a step, failed: each gets another try.

        Together once more, then each alone; after the third try one that has killed the service each time is held.
        Without ``blame`` (the machine failed, not the process) the try that was begun goes on.
        """
        if not blame:
            return self.bring(self._taken(arrivals))
        decided = 0
        for arrival in arrivals:
            if arrival.tries >= MOST_TRIES:
                because = f"the service ended during each of {arrival.tries} tries of it"
                decided += self.commit([(arrival, held("SYS909", because))])
        again = [arrival for arrival in arrivals if arrival.tries < MOST_TRIES]
        together = [arrival for arrival in again if arrival.tries == 1]
        for group in (together, *([arrival] for arrival in again if arrival.tries > 1)):
            if group:
                with self.records.transaction():
                    self.records.tried(group)
                decided += self.bring(self._taken(group))
        return decided

    def bring(self, arrivals: Sequence[Arrival]) -> int:
        """Prepare, judge and record claimed arrivals, in their order, and carry out what follows."""
        decided = 0
        batch: list[tuple[Arrival, Slice]] = []
        answers = iter(zip(arrivals, self.preparation.prepare(arrivals, self.limit), strict=True))
        waiting: deque[tuple[Arrival, Slice | Stopped]] = deque()
        for arrival, answer in _first_waiting(waiting, answers):
            prepared = self._slice(arrival, answer)
            if prepared is None:
                continue
            batch.append((arrival, prepared))
            if not prepared.last:
                waiting.extend(answers)
                decided += self.commit(batch) + self._rest_of(arrival, len(prepared.prepared))
                batch = []
            elif sum(len(one.prepared) for _, one in batch) >= self.limit:
                decided += self.commit(batch)
                batch = []
        return decided + (self.commit(batch) if batch else 0)

    def _rest_of(self, arrival: Arrival, done: int) -> int:
        """The further slices of an arrival with many records, each with a transaction of its own."""
        decided = 0
        while True:
            at = dataclasses.replace(arrival, records_done=arrival.records_done + done)
            (answer,) = self.preparation.prepare([at], self.limit)
            if isinstance(answer, Stopped):
                answer = held(answer.code, answer.because, record=at.records_done)
            decided += self.commit([(at, answer)])
            done += len(answer.prepared)
            if answer.last:
                return decided

    def _slice(self, arrival: Arrival, answer: Slice | Stopped) -> Slice | None:
        """What is to be decided of an answer; None if the arrival went back, or is tried again later."""
        if isinstance(answer, Slice):
            return answer
        if answer.code in RETURNED:
            self.hands.give_back(arrival)
            with self.records.transaction():
                self.records.close(arrival, answer.code)
            return None
        if answer.code == UNREADABLE and arrival.tries < MOST_TRIES:
            self.deferred.append(arrival)
            return None
        return held(answer.code, answer.because, record=arrival.records_done)

    def commit(self, batch: Sequence[tuple[Arrival, Slice]]) -> int:
        """Judge, and make it true in one transaction; then carry it out."""
        before = self.chain.end
        self.judge.begin()
        if self._articles is None:
            self._articles = self.judge.register.in_corpus()
        articles = self._articles
        try:
            entries: list[Entry] = []
            for arrival, part in batch:
                for prepared in part.prepared:
                    entry = self._entry(arrival, prepared, articles)
                    articles += entry.judged.decision.outcome is Outcome.ADMITTED
                    entries.append(entry)
            progress = [self._progress(arrival, part, entries) for arrival, part in batch]
            with self.records.transaction():
                self.records.record(entries, progress)
        except BaseException:
            self.chain.end = before
            self.judge.rollback()
            raise
        self.judge.settled()
        self._articles = articles
        self.carry_out(entries, progress)
        for entry in entries:
            self.decided(entry)
        return len(entries)

    def _entry(self, arrival: Arrival, prepared: Prepared, articles: int) -> Entry:
        """One record's entry; a fault of ours while judging it holds this record, and no other."""
        before = self.chain.end
        try:
            judged = self.judge.judge(arrival, prepared, sequence=before.sequence, articles=articles)
            return self.scribe.write_up(judged)
        except Exception as fault:  # noqa: BLE001 - one record's fault must not stop the others; it is recorded as SYS903
            self.chain.end = before
            self.judge.undo()
            because = f"judging it raised {type(fault).__name__}"
            finding = Finding("SYS903", "route", Grade.DOUBT, because=because)
            held = Prepared(prepared.provenance, None, (), (*prepared.findings, finding), raw=prepared.raw)
            return self.scribe.write_up(self.judge.judge(arrival, held, sequence=before.sequence, articles=articles))

    def _progress(self, arrival: Arrival, part: Slice, entries: Sequence[Entry]) -> Progress:
        done = arrival.records_done + len(part.prepared)
        if not part.last:
            return Progress(arrival, done)
        mine = [entry.judged for entry in entries if entry.judged.arrival.number == arrival.number]
        return Progress(arrival, done, self._original_home(arrival, mine))

    def _original_home(self, arrival: Arrival, mine: Sequence[Judged]) -> str:
        """Where the original goes: the home of its only record, if that is held; else the archive."""
        only = mine[-1] if mine and mine[-1].prepared.provenance.record == 0 and mine[-1].prepared.raw is None else None
        if only is not None and only.decision.outcome is not Outcome.ADMITTED:
            return only.home
        return self.judge.places.archived(arrival, self.clock.now().date())

    def carry_out(self, entries: Sequence[Entry], progress: Sequence[Progress]) -> None:
        """Place the files, publish the lines, move the originals: all from what is recorded."""
        self.hands.place([effect for entry in entries for effect in entry.effects])
        self.log.publish([entry.line for entry in entries], self.clock.now())
        for one in progress:
            if one.home is not None:
                self.hands.move_original(one.arrival, one.home)
        self._carried.append((entries, progress))

    def tell(
        self, action: str, message: str, *, carries: Mapping[str, Any] | None = None,
        error: Mapping[str, str] | None = None, failed: bool = False,
    ) -> Line:  # fmt: skip
        """Make an event of the service itself true, and publish it."""
        at, before = self.clock.now(), self.chain.end

        def made(context: Context) -> dict[str, Any]:
            return event.service(action, context, at, message, carries=carries, error=error, failed=failed)

        _, line = self.chain.next(at, made)
        try:
            with self.records.transaction():
                self.records.tell([line])
        except BaseException:
            self.chain.end = before
            raise
        self.log.publish([line], at)
        return line

    def recount(self) -> None:
        """The corpus has changed by an order: count it anew before the next batch."""
        self._articles = None

    def rest(self) -> None:
        """Nothing else to do: strike off what was carried out."""
        if self._carried:
            self._sync()
            with self.records.transaction():
                self.records.strike_off()

    def _sync(self) -> None:
        """All that was carried out before this is on disk after it: the next commit may strike it off."""
        carried, self._carried = self._carried, []
        try:
            self.hands.sync()
        except BaseException:
            self._carried = carried
            raise
        for entries, progress in carried:
            self.records.carried_out(entries, progress)


def _first_waiting(
    waiting: deque[tuple[Arrival, Slice | Stopped]], answers: Iterator[tuple[Arrival, Slice | Stopped]]
) -> Iterator[tuple[Arrival, Slice | Stopped]]:
    """Answers that had to be taken early, then those still to come."""
    while True:
        if waiting:
            yield waiting.popleft()
            continue
        following = next(answers, None)
        if following is None:
            return
        yield following


def held(code: str, because: str, record: int = 0) -> Slice:
    """An arrival that gave no record, as one that is held for it; its bytes were not read to the end."""
    finding = Finding(code, "reading", Grade.DOUBT, because=because)
    return Slice((Prepared(Provenance(record, "", 0, ""), None, (), (finding,)),), last=True)
