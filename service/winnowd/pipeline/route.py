"""The steps in their order: claim, prepare, judge, record, carry out, publish, acknowledge. Pure but for its ports.

Nothing is decided after ``record``: what follows only carries out what the ledger says, and may be repeated. An arrival
that is recorded is never judged again, or it would meet itself and be turned away as its own copy.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import deque
from typing import TYPE_CHECKING, Any

from winnowd import event
from winnowd.model import Carried, Filed, Finding, Grade, Judged, Outcome, Prepared, Progress, Provenance
from winnowd.pipeline.ports import Slice, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from winnowd.event import Context
    from winnowd.model import Arrival, Change, Entry, Line
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.judge import Judge
    from winnowd.pipeline.orders import Registrar
    from winnowd.pipeline.ports import Clock, Hands, Log, Preparation, Records
    from winnowd.pipeline.scribe import Scribe

MOST_TRIES = 3
VANISHED = "SYS906"
RETURNED = frozenset({"SYS905", VANISHED})
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
    registrar: Registrar
    clock: Clock
    limit: int = 256
    decided: Callable[[Entry], None] = lambda entry: None  # noqa: ARG005 - tell nobody
    machine_faults: tuple[type[Exception], ...] = (OSError,)
    stopping: Callable[[], bool] = lambda: False
    alive: Callable[[], None] = lambda: None
    deferred: list[Arrival] = dataclasses.field(default_factory=list)
    _carried: list[Carried] = dataclasses.field(default_factory=list)
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
        for arrival, code in missed:
            self._close(arrival, code)
        gone = {arrival.number for arrival, _ in missed}
        return [arrival for arrival in arrivals if arrival.number not in gone]

    def _close(self, arrival: Arrival, code: str) -> None:
        """End an arrival without a decision; that its sender took it back is told, since it was claimed."""
        if code == VANISHED:
            error = {"type": "ClaimVanished", "message": "neither in the inbox nor in state/work", "code": code}
            carries = {"arrival": {"id": arrival.id}}
            close = functools.partial(self.records.close, arrival, code)
            self.tell("failure", "its sender took a file back", carries=carries, error=error, within=close)
            return
        with self.records.transaction():
            self.records.close(arrival, code)

    def resume(self, arrivals: Sequence[Arrival], *, blame: bool = True) -> int:
        """Go on with arrivals that were claimed when the process, or a step, failed: each gets another try.

        Together once more, then each alone; after the third try one that has killed the service each time is held.
        Without ``blame`` (the machine failed, not the process) the try that was begun goes on.
        """
        if not blame:
            return self.bring(self._taken(arrivals))
        decided = 0
        for arrival in self._taken([arrival for arrival in arrivals if arrival.tries >= MOST_TRIES]):
            because = f"the service ended during each of {arrival.tries} tries of it"
            decided += self.commit([(arrival, held("SYS909", because, record=arrival.records_done))])
        again = [arrival for arrival in arrivals if arrival.tries < MOST_TRIES]
        together = [arrival for arrival in again if arrival.tries == 1]
        for group in (together, *([arrival] for arrival in again if arrival.tries > 1)):
            if group:
                with self.records.transaction():
                    self.records.tried(group)
                once_more = [dataclasses.replace(arrival, tries=arrival.tries + 1) for arrival in group]
                decided += self.bring(self._taken(once_more))
        return decided

    def bring(self, arrivals: Sequence[Arrival]) -> int:
        """Prepare, judge and record claimed arrivals, in their order, and carry out what follows."""
        decided = size = 0
        batch: list[tuple[Arrival, Slice]] = []
        answers = iter(zip(arrivals, self.preparation.prepare(arrivals, self.limit), strict=True))
        waiting: deque[tuple[Arrival, Slice | Stopped]] = deque()
        for arrival, answer in _first_waiting(waiting, answers):
            self.alive()
            prepared = self._slice(arrival, answer)
            if prepared is None:
                continue
            batch.append((arrival, prepared))
            size += len(prepared.prepared)
            if not prepared.last:
                waiting.extend(answers)
                decided += self.commit(batch) + self._rest_of(arrival, len(prepared.prepared))
                batch, size = [], 0
            elif size >= self.limit:
                decided += self.commit(batch)
                batch, size = [], 0
        return decided + (self.commit(batch) if batch else 0)

    def _rest_of(self, arrival: Arrival, done: int) -> int:
        """The further slices of an arrival with many records, each with a transaction of its own."""
        decided = 0
        while not self.stopping():
            at = dataclasses.replace(arrival, records_done=arrival.records_done + done)
            (answer,) = self.preparation.prepare([at], self.limit)
            self.alive()
            if isinstance(answer, Stopped):
                answer = held(answer.code, answer.because, record=at.records_done)
            decided += self.commit([(at, answer)])
            done += len(answer.prepared)
            if answer.last:
                break
        return decided

    def _slice(self, arrival: Arrival, answer: Slice | Stopped) -> Slice | None:
        """What is to be decided of an answer; None if the arrival went back, or is tried again later."""
        if isinstance(answer, Slice):
            return answer
        if answer.code in RETURNED and not arrival.records_done:
            self.hands.give_back(arrival)
            self._close(arrival, answer.code)
            return None
        if answer.code == UNREADABLE and arrival.tries < MOST_TRIES:
            self.deferred.append(arrival)
            return None
        return held(answer.code, answer.because, record=arrival.records_done)

    def commit(self, batch: Sequence[tuple[Arrival, Slice]], claims: Sequence[Arrival] = ()) -> int:
        """Judge, and make it true in one transaction, together with ``claims``; then carry it out."""
        before = self.chain.end
        self.judge.begin()
        if self._articles is None:
            self._articles = self.judge.register.in_corpus()
        try:
            done = self._decided(batch, self._articles)
            with self.records.transaction():
                if claims:
                    self.records.claim(claims)
                self.records.record(done.entries, done.progress, done.changes)
        except BaseException:
            self.chain.end = before
            self.judge.rollback()
            raise
        self.judge.settled()
        admitted = sum(entry.judged.decision.outcome is Outcome.ADMITTED for entry in done.entries)
        self._articles += admitted - len(done.changes)
        self.carry_out(done)
        for entry in done.entries:
            self.decided(entry)
        return len(done.entries)

    def _decided(self, batch: Sequence[tuple[Arrival, Slice]], articles: int) -> Carried:
        """One record after the other, each against the corpus as those before it have left it."""
        entries: list[Entry] = []
        changes: list[Change] = []
        for arrival, part in batch:
            for prepared in part.prepared:
                entry = self._entry(arrival, prepared, articles)
                articles += entry.judged.decision.outcome is Outcome.ADMITTED
                if entry.judged.supersedes is not None:
                    changes.append(self._superseded(entry.judged, entries))
                    articles -= 1
                entries.append(entry)
        return Carried(entries, [self._progress(arrival, part, entries) for arrival, part in batch], changes)

    def _superseded(self, by: Judged, entries: Sequence[Entry]) -> Change:
        """What becomes of the article whose place a better one takes: one of the ledger, or one of this batch."""
        for entry in entries:
            if entry.judged.number == by.supersedes:
                return self.registrar.supersede(self._filed(entry.judged), _text(entry.judged), by)
        filed = self.registrar.files.filed(by.supersedes or 0)
        if filed is None:
            raise ValueError(f"{by.name} supersedes what the ledger does not know")
        return self.registrar.supersede(filed, self.registrar.files.text(filed.number), by)

    def _filed(self, judged: Judged) -> Filed:
        """An article of this batch as the ledger will have it."""
        prepared = judged.prepared
        return Filed(
            number=judged.number,
            name=judged.name,
            arrival=judged.arrival.id,
            record=prepared.provenance.record,
            path=judged.arrival.path,
            text_sha256=prepared.text_sha256,
            outcome=judged.decision.outcome.value,
            standing=judged.standing,
            root=judged.root,
            codes=judged.decision.codes,
            home=judged.home,
            decided_at=judged.decided_at,
            alone=prepared.raw is None,
        )

    def _entry(self, arrival: Arrival, prepared: Prepared, articles: int) -> Entry:
        """One record's entry; a fault of ours while judging it holds this record, and no other."""
        before = self.chain.end
        try:
            judged = self.judge.judge(arrival, prepared, sequence=before.sequence, articles=articles)
            return self.scribe.write_up(judged)
        except self.machine_faults:
            raise  # no record is to blame: it is judged again when the machine is well
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

    def change(self, make: Callable[[], Sequence[Change]]) -> Sequence[Change]:
        """Make what an order changes true, and carry it out; nothing has changed if that fails."""
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
        self.carry_out(Carried((), (), changes))
        self.rest()
        return changes

    def carry_out(self, done: Carried) -> None:
        """Place the files, publish the lines, move the originals: all from what is recorded."""
        self.hands.place(done.effects)
        self.log.publish(done.lines, self.clock.now())
        homes = [(one.arrival, one.home) for one in done.progress if one.home is not None]
        lost = [arrival for arrival, home in homes if not self.acknowledge(arrival, home)]
        self._carried.append(done)
        for arrival in lost:  # somebody took it out of our hands; what was decided of it stands
            error = {"type": "OriginalLost", "message": f"of arrival {arrival.id}; it is not in state/work any more"}
            self.tell("failure", "an original is gone", error=error)

    def acknowledge(self, arrival: Arrival, home: str) -> bool:
        """Move an original to its home, last; False if it is nowhere.

        What was written to after it was judged goes back to the inbox (SYS951): the decision stands for what was
        judged, which is kept, and the file comes again as an arrival that continues this one.
        """
        if not self.hands.changed(arrival):
            return self.hands.move_original(arrival, home)
        if not arrival.changed:
            name = arrival.path.rpartition(b"/")[2].decode("utf-8", "backslashreplace")
            message = f"{name} was written to after it was judged; it is judged again"
            changed = functools.partial(self.records.changed, arrival)
            self.tell("changed-after", message, carries={"arrival": {"id": arrival.id}}, within=changed)
        self.hands.judge_again(arrival, home)
        return True

    def tell(
        self, action: str, message: str, *, carries: Mapping[str, Any] | None = None,
        error: Mapping[str, str] | None = None, failed: bool = False, within: Callable[[], None] | None = None,
    ) -> Line:  # fmt: skip
        """Make an event of the service itself true, together with ``within``, and publish it."""
        line = self.note(action, message, carries=carries, error=error, failed=failed, within=within)
        self.log.publish([line], self.clock.now())
        return line

    def note(
        self, action: str, message: str, *, carries: Mapping[str, Any] | None = None,
        error: Mapping[str, str] | None = None, failed: bool = False, within: Callable[[], None] | None = None,
    ) -> Line:  # fmt: skip
        """Make an event of the service itself true; mending the log will publish it."""
        at, before = self.clock.now(), self.chain.end

        def made(context: Context) -> dict[str, Any]:
            return event.service(action, context, at, message, carries=carries, error=error, failed=failed)

        _, line = self.chain.next(at, made)
        try:
            with self.records.transaction():
                if within is not None:
                    within()
                self.records.tell([line])
        except BaseException:
            self.chain.end = before
            raise
        return line

    def rest(self) -> None:
        """Nothing else to do: strike off what was carried out."""
        if self._carried:
            self._sync()
        if self.records.unstruck():
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
        for done in carried:
            self.records.carried_out(done)


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


def _text(judged: Judged) -> str | None:
    return None if judged.prepared.article is None else judged.prepared.article.text


def held(code: str, because: str, record: int = 0) -> Slice:
    """An arrival that gave no record, as one that is held for it; its bytes were not read to the end."""
    finding = Finding(code, "reading", Grade.DOUBT, because=because)
    return Slice((Prepared(Provenance(record, "", 0, ""), None, (), (finding,)),), last=True)
