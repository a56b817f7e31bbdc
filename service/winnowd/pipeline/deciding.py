"""Deciding a batch: one record after the other, each against the corpus as those before it have left it. Pure.

What is said of them comes after, when all are decided.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Final

from winnowd.model import REST, DecidedBatch, Outcome, Progress, Slice, StoredDecision
from winnowd.pipeline.portions import after, counts_after
from winnowd.pipeline.rendering import Numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.model import Arrival, DecisionRecord, Judged, Prepared, StateChange
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.decision_writer import DecisionWriter
    from winnowd.pipeline.judge import Judge
    from winnowd.pipeline.observer import Observer
    from winnowd.pipeline.order import Supersession
    from winnowd.pipeline.order_planner import OrderPlanner
    from winnowd.pipeline.ports import Clock, Preparation, Records

    Batch = Sequence[tuple[Arrival, Slice]]

JUDGING_NS: Final = 2_000_000_000
"""A batch is rendered and committed after so long, whatever else of it waits to be judged."""


@dataclasses.dataclass(slots=True)
class _Decisions:
    """What is decided of a batch so far, every event numbered, no line closed.

    By the index of a record: the article whose place it takes, whose event comes next; and what became of its file's
    records, with the last of them.
    """

    records: list[Numbered] = dataclasses.field(default_factory=list)
    judged: list[Judged] = dataclasses.field(default_factory=list)
    superseded: dict[int, Supersession] = dataclasses.field(default_factory=dict)
    counts: dict[int, Counter[tuple[str, str]]] = dataclasses.field(default_factory=dict)
    progress: list[Progress] = dataclasses.field(default_factory=list)

    @property
    def events(self) -> int:
        """How many are numbered."""
        return len(self.records) + len(self.superseded)

    def add(self, one: Numbered) -> None:
        """The next record."""
        self.records.append(one)
        self.judged.append(one.judged)


@dataclasses.dataclass(slots=True)
class BatchDecider:
    """Decides what one transaction will make true; nothing is true yet.

    ``machine_faults``: exceptions for which no record is to blame; any other holds the record it comes from.
    """

    judge: Judge
    writer: DecisionWriter
    planner: OrderPlanner
    records: Records
    preparation: Preparation
    chain: Chain
    clock: Clock
    observer: Observer
    machine_faults: tuple[type[Exception], ...] = (OSError,)

    def decide(self, batch: Batch, articles: int) -> tuple[DecidedBatch, Batch]:
        """The decisions on these, in their order, and what ``JUDGING_NS`` leave; ``articles``: of the corpus.

        All are decided before any is rendered. Where rendering one fails, those after it were judged against what it
        cannot be: then all are decided again, and each is rendered on trial before the next is judged.
        """
        before = self.chain.end
        decisions, undecided = self._decisions(batch, articles)
        try:
            return self._written(decisions), undecided
        except self.machine_faults:
            raise
        except Exception:  # noqa: BLE001 - whichever record it was: the trial finds it, and records it as SYS903
            self.chain.end = before
            self.judge.rollback()
            decisions, undecided = self._decisions(batch, articles, on_trial=True)
            return self._written(decisions), undecided

    def _decisions(self, batch: Batch, articles: int, *, on_trial: bool = False) -> tuple[_Decisions, Batch]:
        """What is decided of these, and what ``JUDGING_NS`` leave; no text is laid beside another for it."""
        until = self.clock.nanoseconds() + JUDGING_NS
        made = _Decisions()
        self.writer.renderer.begin()
        self.judge.expect([prepared for _, part in batch for prepared in part.prepared])
        for number, (arrival, part) in enumerate(batch):
            for done, prepared in enumerate(part.prepared):
                if made.records and self.clock.nanoseconds() >= until:
                    first, left = part.prepared[:done], Slice(part.prepared[done:], part.last)
                    made.progress += [self._progress(arrival, Slice(first, last=False), made.judged)] if first else []
                    return made, [(after(arrival, first), left), *batch[number + 1 :]]
                self._stay_alive()
                one = self._numbered(arrival, prepared, (made.events, articles), on_trial=on_trial)
                if not on_trial:
                    self.writer.renderer.add(one)
                articles += one.judged.decision.outcome is Outcome.ADMITTED
                made.add(one)
                if one.judged.supersedes is not None:
                    self._supersede(one.judged, made)
                    articles -= 1
            made.progress.append(self._progress(arrival, part, made.judged))
            if part.last and made.records[-1].judged.prepared.is_of_many:
                made.counts[len(made.records) - 1] = self._counts(arrival, made)
        return made, ()

    def _stay_alive(self) -> None:
        self.observer.alive()
        self.preparation.keep_busy()

    def _written(self, decisions: _Decisions) -> DecidedBatch:
        """The batch with every line closed, in the order of its numbers."""
        entries: list[DecisionRecord] = []
        changes: list[StateChange] = []
        self.writer.batch_evidence.begin()
        for number, entry in enumerate(self.writer.write(decisions.records)):
            self._stay_alive()
            counts, due = decisions.counts.get(number), decisions.superseded.get(number)
            entries.append(entry if counts is None else self.writer.render_file(entry, counts))
            if due is not None:
                changes.append(self.planner.supersede(due, self._text(due.stored.number, decisions.judged)))
        return DecidedBatch(entries, decisions.progress, changes)

    def _text(self, number: int, judged: Sequence[Judged]) -> str | None:
        """The text of an article of this batch, or of the ledger."""
        for one in judged:
            if one.number == number:
                return None if one.prepared.article is None else one.prepared.article.text
        return self.planner.files.text(number)

    def _counts(self, arrival: Arrival, made: _Decisions) -> Counter[tuple[str, str]]:
        """How many records of a file became what, by outcome and first code: those of the ledger, and of this batch.

        What stands for a rest, held or reopened, is no record; whose place was taken is counted as it stands by now,
        in whatever batch that was.
        """
        counts = Counter({one: n for one, n in self.records.counts(arrival).items() if one[1] != REST})
        counts.update(
            (one.decision.outcome.value, next(iter(one.decision.codes), ""))
            for one in made.judged
            if one.arrival.number == arrival.number and not one.prepared.is_rest
        )
        for due in made.superseded.values():
            if due.stored.arrival == arrival.id:
                counts[due.stored.outcome, next(iter(due.stored.codes), "")] -= 1
                counts[Outcome.REJECTED.value, due.note.code] += 1
        return +counts

    def _supersede(self, by: Judged, made: _Decisions) -> None:
        """Let an article give way, of the ledger or of this batch: so the next record meets it."""
        stored = next((self._stored(one) for one in made.judged if one.number == by.supersedes), None)
        stored = stored or self.planner.files.stored(by.supersedes or 0)
        if stored is None:
            raise ValueError(f"{by.name} supersedes what the ledger does not know")
        due = self.planner.supersession(stored, by, made.events)
        self.judge.superseded(stored.number, by.number, due.location, due.note.code)
        made.superseded[len(made.records) - 1] = due

    def _stored(self, judged: Judged) -> StoredDecision:
        """An article of this batch as the ledger will have it."""
        prepared = judged.prepared
        return StoredDecision(
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
            location=judged.location,
            decided_at=judged.decided_at,
            alone=prepared.raw is None,
        )

    def _numbered(self, arrival: Arrival, prepared: Prepared, meets: tuple[int, int], *, on_trial: bool) -> Numbered:
        """One decision; a fault of ours while making it, or rendering it on trial, holds this record, and no other.

        ``meets``: the events that are numbered and not closed, and the articles of the corpus.
        """
        ahead, articles = meets
        sequence = self.chain.end.sequence + ahead
        try:
            judged = self.judge.judge(arrival, prepared, sequence=sequence, articles=articles)
            one = Numbered(judged, self.chain.numbered(ahead))
            if on_trial:
                self.writer.rehearse(one)
        except self.machine_faults:
            raise  # no record is to blame: it is judged again when the machine is well
        except Exception as fault:  # noqa: BLE001 - one record's fault must not stop the others; it is recorded as SYS903
            self.judge.undo()
            because = f"judging it raised {type(fault).__name__}"
            judged = self.judge.hold(arrival, prepared, because, sequence=sequence, articles=articles)
            return Numbered(judged, self.chain.numbered(ahead))
        return one

    def _progress(self, arrival: Arrival, part: Slice, judged: Sequence[Judged]) -> Progress:
        records_done, barren = counts_after(arrival, part.prepared)
        if not part.last:
            return Progress(arrival, records_done, barren=barren)
        mine = (one for one in reversed(judged) if one.arrival.number == arrival.number)
        return Progress(arrival, records_done, self._original_location(arrival, next(mine, None)))

    def _original_location(self, arrival: Arrival, last: Judged | None) -> str:
        """Where the original goes: the location of its only record, if that is held; else the archive."""
        only = last if last is not None and last.prepared.raw is None else None
        if only is not None and not (only.prepared.provenance.record == 0 or only.prepared.is_rest):
            only = None
        if only is not None and only.decision.outcome is not Outcome.ADMITTED:
            return only.location
        return self.judge.paths.archived(arrival, self.clock.now().date())
