"""The steps in their order: claim, prepare, judge, record, carry out, publish, acknowledge. Pure but for its ports.

Nothing is decided after ``record``: what follows only carries out what the ledger says, and may be repeated. An arrival
that is recorded is never judged again, or it would meet itself and be turned away as its own copy.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, Final

from winnowd import event
from winnowd.model import REST, Carried, Filed, Finding, Grade, Judged, Outcome, Prepared, Progress, Provenance
from winnowd.pipeline import barren
from winnowd.pipeline.ports import PORTION, SUSPICIOUS, Portion, Slice, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from winnowd.event import Context
    from winnowd.model import Arrival, Change, Entry, Line
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.judge import Judge
    from winnowd.pipeline.ports import Clock, Hands, Log, Preparation, Records
    from winnowd.pipeline.registrar import Registrar
    from winnowd.pipeline.scribe import Scribe

MOST_TRIES = 3
VANISHED = "SYS906"
CHANGED = "SYS905"
RETURNED = frozenset({CHANGED, VANISHED})
"""Not decided: changed while it was read, or gone before it was taken."""
UNREADABLE = "INP123"
OVERRAN = "SYS902"
TURN_NS: Final = 3_000_000_000
"""After so long the others come first: what of a batch is not prepared by then waits for another turn."""
SOON_NS: Final = 1_000_000_000
"""What is ready is committed after so long, whatever else of its batch is being prepared."""
JUDGING_NS: Final = 2_000_000_000
"""A batch is committed after so long, whatever else of it waits to be judged."""
MOST_CHARACTERS: Final = 16 << 20
"""Of text and records' own bytes in one batch."""


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """A claimed arrival that waits for its turn.

    ``long``: for itself, behind all others, since it has many records or has cost too much; ``alone``: and in a worker
    of its own, since it is under suspicion. ``again``: with its turn begins another try; it may lie in the inbox still.
    """

    arrival: Arrival
    long: bool = False
    alone: bool = False
    again: bool = False

    @property
    def is_suspected(self) -> bool:
        """Whether it has ended, overrun or overfilled what prepared it, or the service ended during its tries."""
        return self.alone or (self.long and self.again)


@dataclasses.dataclass(slots=True)
class _Gathered:
    """What is prepared and will be judged in one transaction."""

    parts: list[tuple[Arrival, Slice]] = dataclasses.field(default_factory=list)
    records: int = 0
    characters: int = 0

    def add(self, part: tuple[Arrival, Slice]) -> None:
        """One slice more."""
        self.parts.append(part)
        self.records += len(part[1].prepared)
        self.characters += sum(one.weight for one in part[1].prepared)


@dataclasses.dataclass(slots=True)
class Route:
    """One batch after the other.

    ``limit``: records in one transaction; ``portion``: what one file gives in its turn; ``decided`` is told of each
    entry once true; ``room`` raises if so many bytes cannot be written. ``waiting``: what needs another turn.
    """

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
    portion: Portion = PORTION
    decided: Callable[[Entry], None] = lambda entry: None  # noqa: ARG005 - tell nobody
    machine_faults: tuple[type[Exception], ...] = (OSError,)
    stopping: Callable[[], bool] = lambda: False
    alive: Callable[[], None] = lambda: None
    room: Callable[[int], None] = lambda size: None  # noqa: ARG005 - all the room in the world
    deferred: list[Arrival] = dataclasses.field(default_factory=list)
    waiting: list[Waiting] = dataclasses.field(default_factory=list)
    _carried: list[Carried] = dataclasses.field(default_factory=list)
    _articles: int | None = None

    def take_up(self, arrivals: Sequence[Arrival], behind: Sequence[Waiting] = ()) -> Iterator[None]:
        """Take files at rest out of the inbox and bring them as far as their turn goes, ``behind`` what waits already.

        Yields between two commits: whatever must not wait for the end of a batch may come there.
        """
        if arrivals:
            with self.records.transaction():
                self.records.claim(arrivals)
        begun = self._begun(behind)
        yield from self.bring([*begun, *self._taken(arrivals)], alone=any(one.alone for one in behind))

    def _begun(self, waiting: Sequence[Waiting]) -> list[Arrival]:
        """Arrivals whose turn has come; where another try begins with it, that is counted before anything is done."""
        again = [one.arrival for one in waiting if one.again]
        tried = self._taken(self._tried(again)) if again else []
        return [*(one.arrival for one in waiting if not one.again), *tried]

    def _tried(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Count another try of these."""
        with self.records.transaction():
            self.records.tried(arrivals)
        return [dataclasses.replace(arrival, tries=arrival.tries + 1) for arrival in arrivals]

    def _taken(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Rename them out of the inbox; what is not there or not at rest any more is closed."""
        if not arrivals:
            return []
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

    def resume(self, arrivals: Sequence[Arrival], *, blame: bool = True) -> list[Waiting]:
        """How to go on with arrivals that were claimed when the process, or a step, failed: each gets another try.

        Together once more, then each alone; after the third try one that has killed the service each time is held.
        Without ``blame`` (the machine failed, not the process) the try that was begun goes on.
        """
        self.waiting.clear()
        if not blame:
            return [Waiting(one, long=bool(one.records_done)) for one in self._taken(arrivals)]
        for arrival in self._taken([arrival for arrival in arrivals if arrival.tries >= MOST_TRIES]):
            because = f"the service ended during each of {arrival.tries} tries of it"
            self.commit([(arrival, held("SYS909", because, record=arrival.records_done))])
        together = [arrival for arrival in arrivals if arrival.tries <= 1]
        going_on = self._taken(self._tried(together)) if together else []
        alone = [arrival for arrival in arrivals if 1 < arrival.tries < MOST_TRIES]
        return [
            *(Waiting(one, long=bool(one.records_done)) for one in going_on),
            *(Waiting(one, long=True, again=True) for one in alone),
        ]

    def bring(self, arrivals: Sequence[Arrival], *, alone: bool = False) -> Iterator[None]:
        """Prepare, judge and record claimed arrivals, in their order; yields between two commits.

        What needs another turn is in ``waiting`` at the end: further records, whoever is suspected of having ended or
        held up what prepared it, and those that came behind it or behind the end of this turn.
        """
        begun = since = self.clock.nanoseconds()
        gathered = _Gathered()
        left = deque(arrivals)
        for answer in self.preparation.prepare(arrivals, self.portion, alone=alone):
            self.alive()
            if answer is not None and (part := self._part(left.popleft(), answer, alone=alone)) is not None:
                gathered.add(part)
            now = self.clock.nanoseconds()
            if left and answer is not None and (_overran(answer) or now >= begun + TURN_NS):
                self.waiting += [Waiting(one) for one in left]
                break
            is_full = gathered.records >= self.limit or gathered.characters >= MOST_CHARACTERS
            if answer is None or is_full or now >= since + SOON_NS:
                yield from self._committed(gathered.parts)
                gathered, since = _Gathered(), self.clock.nanoseconds()
                if left:
                    yield
        yield from self._committed(gathered.parts)

    def _part(self, arrival: Arrival, answer: Slice | Stopped, *, alone: bool) -> tuple[Arrival, Slice] | None:
        """What is to be decided of an answer; None if the arrival went back, or waits for another turn."""
        if isinstance(answer, Slice):
            return self._count(arrival, answer) if barren.is_counted(arrival) else self._portion(arrival, answer)
        if answer.code in RETURNED and not arrival.records_done:
            self.hands.give_back(arrival)
            self._close(arrival, answer.code)
            return None
        if answer.code == UNREADABLE and arrival.tries < MOST_TRIES:
            self.deferred.append(arrival)
            return None
        if answer.code in SUSPICIOUS and not alone:
            self.waiting.append(Waiting(arrival, long=True, alone=True))
            return None
        return arrival, held(answer.code, answer.because, record=arrival.records_done)

    def _portion(self, arrival: Arrival, answer: Slice) -> tuple[Arrival, Slice]:
        """The records to be decided now; a file that has more goes to the end of the line."""
        prepared = barren.until_barren(arrival.barren, answer.prepared)
        if arrival.barren < 0:
            prepared = tuple(map(_behind_the_rest, prepared))
        last = answer.last and len(prepared) == len(answer.prepared)
        if not last:
            self.waiting.append(Waiting(_after(arrival, prepared), long=True))
        return arrival, Slice(prepared, last)

    def _count(self, arrival: Arrival, answer: Slice) -> tuple[Arrival, Slice] | None:
        """What of a file is only counted; once its end is reached, the rest as one decision."""
        counted = dataclasses.replace(arrival, counted=arrival.counted + answer.read_over)
        if not answer.last:
            self.waiting.append(Waiting(counted, long=True))
            return None
        return counted, Slice((barren.rest(counted),), last=True)

    def commit(self, batch: Sequence[tuple[Arrival, Slice]], claims: Sequence[Arrival] = ()) -> int:
        """Judge, and make it true, together with ``claims``; then carry it out. Gives how many records were decided."""
        done, rest = self._commit(batch, claims)
        while rest:
            more, rest = self._commit(rest)
            done += more
        return done

    def _committed(self, batch: Sequence[tuple[Arrival, Slice]]) -> Iterator[None]:
        """Commit by commit, each after so long at the latest."""
        while batch:
            _, batch = self._commit(batch)
            if batch:
                yield

    def _commit(
        self, batch: Sequence[tuple[Arrival, Slice]], claims: Sequence[Arrival] = ()
    ) -> tuple[int, Sequence[tuple[Arrival, Slice]]]:
        """One transaction, and what follows from it; gives how many records it decided, and what is left to judge."""
        if self._carried:
            self._sync()  # what was carried out is struck off with this transaction: a long file leaves no trail
        before = self.chain.end
        self.judge.begin()
        if self._articles is None:
            self._articles = self.judge.register.in_corpus()
        try:
            done, rest = self._decided(batch, self._articles)
            self.room(sum(len(one.line) for one in done.lines) + sum(len(one.content or b"") for one in done.effects))
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
        return len(done.entries), rest

    def _decided(
        self, batch: Sequence[tuple[Arrival, Slice]], articles: int
    ) -> tuple[Carried, Sequence[tuple[Arrival, Slice]]]:
        """One record after the other, each against the corpus as those before it have left it; and what is left."""
        until = self.clock.nanoseconds() + JUDGING_NS
        entries: list[Entry] = []
        changes: list[Change] = []
        progress: list[Progress] = []
        for number, (arrival, part) in enumerate(batch):
            for done, prepared in enumerate(part.prepared):
                if entries and self.clock.nanoseconds() >= until:
                    taken, left = part.prepared[:done], Slice(part.prepared[done:], part.last)
                    progress += [self._progress(arrival, Slice(taken, last=False), entries)] if taken else []
                    return Carried(entries, progress, changes), [(_after(arrival, taken), left), *batch[number + 1 :]]
                self.alive()
                entry = self._entry(arrival, prepared, articles)
                articles += entry.judged.decision.outcome is Outcome.ADMITTED
                if entry.judged.supersedes is not None:
                    change = self._superseded(entry.judged, entries)
                    self.judge.superseded(change.filed.number, entry.judged.number, change.home, change.unlisted)
                    changes.append(change)
                    articles -= 1
                entries.append(entry)
            progress.append(self._progress(arrival, part, entries))
            if part.last and _is_of_many(entries[-1].judged.prepared):
                entries[-1] = self.scribe.write_up_file(entries[-1], self._counts(arrival, entries))
        return Carried(entries, progress, changes), ()

    def _counts(self, arrival: Arrival, entries: Sequence[Entry]) -> Counter[tuple[str, str]]:
        """How many records of a file became what, by outcome and first code: those of the ledger, and of this batch.

        What stands for a rest, held or reopened, is no record.
        """
        counts = Counter({one: n for one, n in self.records.counts(arrival).items() if one[1] != REST})
        counts.update(
            (entry.judged.decision.outcome.value, next(iter(entry.judged.decision.codes), ""))
            for entry in entries
            if entry.judged.arrival.number == arrival.number and not entry.judged.prepared.is_rest
        )
        return counts

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
            held = Prepared(prepared.provenance, None, (), (finding,), raw=prepared.raw)  # what else it has may be why
            return self.scribe.write_up(self.judge.judge(arrival, held, sequence=before.sequence, articles=articles))

    def _progress(self, arrival: Arrival, part: Slice, entries: Sequence[Entry]) -> Progress:
        after = _after(arrival, part.prepared)
        if not part.last:
            return Progress(arrival, after.records_done, barren=after.barren)
        mine = [entry.judged for entry in entries if entry.judged.arrival.number == arrival.number]
        return Progress(arrival, after.records_done, self._original_home(arrival, mine))

    def _original_home(self, arrival: Arrival, mine: Sequence[Judged]) -> str:
        """Where the original goes: the home of its only record, if that is held; else the archive."""
        only = mine[-1] if mine and mine[-1].prepared.raw is None else None
        if only is not None and not (only.prepared.provenance.record == 0 or only.prepared.is_rest):
            only = None
        if only is not None and only.decision.outcome is not Outcome.ADMITTED:
            return only.home
        return self.judge.places.archived(arrival, self.clock.now().date())

    def change(self, make: Callable[[], Sequence[Change]], *, only_removes: bool = False) -> Sequence[Change]:
        """Make what an order changes true, and carry it out; nothing has changed if that fails.

        It is struck off at once: a move that is carried out again, after a later one that brought the file back, would
        undo that. What ``only_removes`` files may wait for the next ``rest``.
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
        self.carry_out(Carried((), (), changes))
        if not only_removes:
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


def _after(arrival: Arrival, prepared: Sequence[Prepared]) -> Arrival:
    """An arrival after these records of it."""
    done = sum(not one.is_rest for one in prepared)
    return dataclasses.replace(
        arrival, records_done=arrival.records_done + done, barren=barren.row_after(arrival.barren, prepared)
    )


def _behind_the_rest(prepared: Prepared) -> Prepared:
    """That a reopened file has changed, with a number of its own: the one after its last record is that of its rest."""
    if all(finding.code != CHANGED for finding in prepared.findings):
        return prepared
    there = prepared.provenance
    return dataclasses.replace(prepared, provenance=dataclasses.replace(there, record=there.record + 1))


def _overran(answer: Slice | Stopped) -> bool:
    return isinstance(answer, Stopped) and answer.code == OVERRAN


def _is_of_many(prepared: Prepared) -> bool:
    """Whether a record is not all that its file has."""
    return prepared.raw is not None or prepared.provenance.record > 0


def _text(judged: Judged) -> str | None:
    return None if judged.prepared.article is None else judged.prepared.article.text


def held(code: str, because: str, record: int = 0) -> Slice:
    """An arrival that gave no record, as one that is held for it; its bytes were not read to the end."""
    finding = Finding(code, "reading", Grade.DOUBT, because=because)
    return Slice((Prepared(Provenance(record, "", 0, ""), None, (), (finding,)),), last=True)
