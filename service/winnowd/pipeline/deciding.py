"""Deciding a batch: one record after the other, each against the corpus as those before it have left it. Pure."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Final

from winnowd.model import REST, DecidedBatch, Finding, Grade, Outcome, Prepared, Progress, Slice, StoredDecision
from winnowd.pipeline.portions import after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.model import Arrival, DecisionRecord, Judged, StateChange
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.decision_writer import DecisionWriter
    from winnowd.pipeline.judge import Judge
    from winnowd.pipeline.observer import Observer
    from winnowd.pipeline.order_planner import OrderPlanner
    from winnowd.pipeline.ports import Clock, Preparation, Records

    Batch = Sequence[tuple[Arrival, Slice]]

JUDGING_NS: Final = 2_000_000_000
"""A batch is committed after so long, whatever else of it waits to be judged."""


@dataclasses.dataclass(slots=True)
class BatchDecider:
    """Decides what one transaction will make true; nothing is true yet.

    ``machine_faults``: exceptions for which no record is to blame; any other one that judging a record raises holds it.
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
        """The decisions on these, in their order, and what ``JUDGING_NS`` leave; ``articles``: of the corpus."""
        until = self.clock.nanoseconds() + JUDGING_NS
        entries: list[DecisionRecord] = []
        changes: list[StateChange] = []
        progress: list[Progress] = []
        self.judge.expect([prepared for _, part in batch for prepared in part.prepared])
        self.writer.batch_evidence.begin()
        for number, (arrival, part) in enumerate(batch):
            for done, prepared in enumerate(part.prepared):
                if entries and self.clock.nanoseconds() >= until:
                    first, left = part.prepared[:done], Slice(part.prepared[done:], part.last)
                    progress += [self._progress(arrival, Slice(first, last=False), entries)] if first else []
                    undecided = [(after(arrival, first), left), *batch[number + 1 :]]
                    return DecidedBatch(entries, progress, changes), undecided
                self.observer.alive()
                self.preparation.keep_busy()
                entry = self._entry(arrival, prepared, articles)
                articles += entry.judged.decision.outcome is Outcome.ADMITTED
                if entry.judged.supersedes is not None:
                    change = self._superseded(entry.judged, entries)
                    self.judge.superseded(change.stored.number, entry.judged.number, change.location, change.unlisted)
                    changes.append(change)
                    articles -= 1
                entries.append(entry)
            progress.append(self._progress(arrival, part, entries))
            if part.last and _is_of_many(entries[-1].judged.prepared):
                entries[-1] = self.writer.render_file(entries[-1], self._counts(arrival, entries))
        return DecidedBatch(entries, progress, changes), ()

    def _counts(self, arrival: Arrival, entries: Sequence[DecisionRecord]) -> Counter[tuple[str, str]]:
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

    def _superseded(self, by: Judged, entries: Sequence[DecisionRecord]) -> StateChange:
        """What becomes of the article whose place a better one takes: one of the ledger, or one of this batch."""
        for entry in entries:
            if entry.judged.number == by.supersedes:
                return self.planner.supersede(self._stored(entry.judged), _text(entry.judged), by)
        stored = self.planner.files.stored(by.supersedes or 0)
        if stored is None:
            raise ValueError(f"{by.name} supersedes what the ledger does not know")
        return self.planner.supersede(stored, self.planner.files.text(stored.number), by)

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

    def _entry(self, arrival: Arrival, prepared: Prepared, articles: int) -> DecisionRecord:
        """One record's entry; a fault of ours while judging it holds this record, and no other."""
        before, evidence = self.chain.end, self.writer.batch_evidence.end
        try:
            judged = self.judge.judge(arrival, prepared, sequence=before.sequence, articles=articles)
            return self.writer.render(judged)
        except self.machine_faults:
            raise  # no record is to blame: it is judged again when the machine is well
        except Exception as fault:  # noqa: BLE001 - one record's fault must not stop the others; it is recorded as SYS903
            self.chain.end, self.writer.batch_evidence.end = before, evidence
            self.judge.undo()
            because = f"judging it raised {type(fault).__name__}"
            finding = Finding("SYS903", "route", Grade.DOUBT, because=because)
            held = Prepared(prepared.provenance, None, (), (finding,), raw=prepared.raw)  # what else it has may be why
            return self.writer.render(self.judge.judge(arrival, held, sequence=before.sequence, articles=articles))

    def _progress(self, arrival: Arrival, part: Slice, entries: Sequence[DecisionRecord]) -> Progress:
        now = after(arrival, part.prepared)
        if not part.last:
            return Progress(arrival, now.records_done, barren=now.barren)
        mine = (entry.judged for entry in reversed(entries) if entry.judged.arrival.number == arrival.number)
        return Progress(arrival, now.records_done, self._original_location(arrival, next(mine, None)))

    def _original_location(self, arrival: Arrival, last: Judged | None) -> str:
        """Where the original goes: the location of its only record, if that is held; else the archive."""
        only = last if last is not None and last.prepared.raw is None else None
        if only is not None and not (only.prepared.provenance.record == 0 or only.prepared.is_rest):
            only = None
        if only is not None and only.decision.outcome is not Outcome.ADMITTED:
            return only.location
        return self.judge.paths.archived(arrival, self.clock.now().date())


def _is_of_many(prepared: Prepared) -> bool:
    """Whether a record is not all that its file has."""
    return prepared.raw is not None or prepared.provenance.record > 0


def _text(judged: Judged) -> str | None:
    return None if judged.prepared.article is None else judged.prepared.article.text
