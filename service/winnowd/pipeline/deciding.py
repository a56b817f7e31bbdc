"""Deciding a batch: one record after the other, each against the corpus as those before it have left it. Pure.

First all are decided, from measures alone; then what follows from each is rendered: event, evidence, why-file.
Rendering rests on one record and the texts of two articles, and no decision on it; only the places of lines are closed
in order.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.model import REST, DecidedBatch, Finding, Grade, Outcome, Prepared, Progress, Slice, StoredDecision
from winnowd.pipeline.portions import after

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from winnowd.model import Arrival, DecisionRecord, Judged, StateChange
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.decision_writer import DecisionWriter
    from winnowd.pipeline.judge import Judge
    from winnowd.pipeline.observer import Observer
    from winnowd.pipeline.order import Supersession
    from winnowd.pipeline.order_planner import OrderPlanner
    from winnowd.pipeline.ports import Clock, Preparation, Records

    Batch = Sequence[tuple[Arrival, Slice]]

JUDGING_NS: Final = 2_000_000_000
"""A batch is committed after so long, whatever else of it waits to be judged."""


class Decided(NamedTuple):
    """One record that is decided and not yet rendered.

    ``superseded``: the article whose place it takes; ``counts``: of the last record of a file of many, how many of that
    became what, by outcome and first code.
    """

    judged: Judged
    superseded: Supersession | None = None
    counts: Mapping[tuple[str, str], int] | None = None


class RenderingError(Exception):
    """A record could not be rendered: whose arrival and number it is, and why."""

    def __init__(self, key: tuple[int, int], because: str) -> None:
        super().__init__(because)
        self.key = key
        self.because = because


@dataclasses.dataclass(slots=True)
class BatchDecider:
    """Decides what one transaction will make true; nothing is true yet.

    ``machine_faults``: exceptions for which no record is to blame; any other one that judging a record, or rendering
    what follows, raises holds it.
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

        A record that cannot be rendered is held, and all are decided anew: those behind it had met it as it was.
        """
        end, faulty = self.chain.end, dict[tuple[int, int], str]()
        while True:
            self.judge.expect([prepared for _, part in batch for prepared in part.prepared])
            decided, progress, undecided = self._decided(batch, articles, faulty)
            self.writer.batch_evidence.begin()
            try:
                return self._rendered(decided, progress), undecided
            except RenderingError as fault:
                if fault.key in faulty:
                    raise  # not even that it is held can be told
                faulty[fault.key] = fault.because
                self.chain.end = end
                self.judge.rollback()

    def _decided(
        self, batch: Batch, articles: int, faulty: Mapping[tuple[int, int], str]
    ) -> tuple[list[Decided], list[Progress], Batch]:
        """Decide as many as time is for, those that are ``faulty`` held; how far their files are, and what is left."""
        until = self.clock.nanoseconds() + JUDGING_NS
        decided: list[Decided] = []
        progress: list[Progress] = []
        lines = self.chain.end.sequence
        for number, (arrival, part) in enumerate(batch):
            for done, prepared in enumerate(part.prepared):
                if decided and self.clock.nanoseconds() >= until:
                    first, left = part.prepared[:done], Slice(part.prepared[done:], part.last)
                    progress += [self._progress(arrival, Slice(first, last=False), decided)] if first else []
                    return decided, progress, [(after(arrival, first), left), *batch[number + 1 :]]
                self.observer.alive()
                self.preparation.keep_busy()
                one = self._one(arrival, prepared, decided, (lines, articles), faulty)
                articles += (one.judged.decision.outcome is Outcome.ADMITTED) - (one.superseded is not None)
                lines += 1 + (one.superseded is not None)
                decided.append(one)
            progress.append(self._progress(arrival, part, decided))
            if part.last and _is_of_many(decided[-1].judged.prepared):
                decided[-1] = decided[-1]._replace(counts=self._counts(arrival, decided))
        return decided, progress, ()

    def _one(
        self,
        arrival: Arrival,
        prepared: Prepared,
        before: Sequence[Decided],
        state: tuple[int, int],
        faulty: Mapping[tuple[int, int], str],
    ) -> Decided:
        """Decide one record; ``state``: the sequence of the last event before it, and the size of the corpus."""
        sequence, articles = state
        if (because := faulty.get(_key(arrival, prepared))) is not None:
            prepared = _held(prepared, because)
        try:
            judged = self.judge.judge(arrival, prepared, sequence=sequence, articles=articles)
        except self.machine_faults:
            raise  # no record is to blame: it is judged again when the machine is well
        except Exception as fault:  # noqa: BLE001 - one record's fault must not stop the others; it is recorded as SYS903
            self.judge.undo()
            held = _held(prepared, f"judging it raised {type(fault).__name__}")
            judged = self.judge.judge(arrival, held, sequence=sequence, articles=articles)
        if judged.supersedes is None:
            return Decided(judged)
        superseded = self._superseded(judged, before)
        self.judge.superseded(superseded.stored.number, judged.number, superseded.location, superseded.note.code)
        return Decided(judged, superseded)

    def _rendered(self, decided: Sequence[Decided], progress: Sequence[Progress]) -> DecidedBatch:
        """What follows from these, with the places of their lines."""
        entries: list[DecisionRecord] = []
        changes: list[StateChange] = []
        for one in decided:
            self.observer.alive()
            self.preparation.keep_busy()
            entry = self._entry(one)
            entries.append(entry)
            if one.superseded is not None:
                changes.append(self.planner.supersede(dataclasses.replace(one.superseded, by=entry.judged)))
        return DecidedBatch(entries, progress, changes)

    def _entry(self, one: Decided) -> DecisionRecord:
        """What follows from one record; a fault of ours while rendering it is told with whose it is."""
        try:
            entry = self.writer.render(self.judge.presented(one.judged))
            return entry if one.counts is None else self.writer.render_file(entry, one.counts)
        except self.machine_faults:
            raise
        except Exception as fault:
            key = _key(one.judged.arrival, one.judged.prepared)
            raise RenderingError(key, f"rendering it raised {type(fault).__name__}") from fault

    def _counts(self, arrival: Arrival, decided: Sequence[Decided]) -> Counter[tuple[str, str]]:
        """How many records of a file became what, by outcome and first code: those of the ledger, and of this batch.

        What stands for a rest, held or reopened, is no record.
        """
        counts = Counter({one: n for one, n in self.records.counts(arrival).items() if one[1] != REST})
        counts.update(
            (judged.decision.outcome.value, next(iter(judged.decision.codes), ""))
            for judged in (one.judged for one in decided)
            if judged.arrival.number == arrival.number and not judged.prepared.is_rest
        )
        return counts

    def _superseded(self, by: Judged, before: Sequence[Decided]) -> Supersession:
        """The article whose place a better one takes: one of the ledger, or one of this batch."""
        for one in before:
            if one.judged.number == by.supersedes:
                return self.planner.superseding(self._stored(one.judged), _text(one.judged), by)
        stored = self.planner.files.stored(by.supersedes or 0)
        if stored is None:
            raise ValueError(f"{by.name} supersedes what the ledger does not know")
        return self.planner.superseding(stored, self.planner.files.text(stored.number), by)

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

    def _progress(self, arrival: Arrival, part: Slice, decided: Sequence[Decided]) -> Progress:
        now = after(arrival, part.prepared)
        if not part.last:
            return Progress(arrival, now.records_done, barren=now.barren)
        mine = (one.judged for one in reversed(decided) if one.judged.arrival.number == arrival.number)
        return Progress(arrival, now.records_done, self._original_location(arrival, next(mine, None)))

    def _original_location(self, arrival: Arrival, last: Judged | None) -> str:
        """Where the original goes: the location of its only record, if that is held; else the archive."""
        only = last if last is not None and last.prepared.raw is None else None
        if only is not None and not (only.prepared.provenance.record == 0 or only.prepared.is_rest):
            only = None
        if only is not None and only.decision.outcome is not Outcome.ADMITTED:
            return only.location
        return self.judge.paths.archived(arrival, self.clock.now().date())


def _key(arrival: Arrival, prepared: Prepared) -> tuple[int, int]:
    """Which record of a batch: the numbers of its arrival and of itself in that."""
    return arrival.number, prepared.provenance.record


def _held(prepared: Prepared, because: str) -> Prepared:
    """A record for whose fault of ours it is held; what else it has may be why."""
    finding = Finding("SYS903", "route", Grade.DOUBT, because=because)
    return Prepared(prepared.provenance, None, (), (finding,), raw=prepared.raw)


def _is_of_many(prepared: Prepared) -> bool:
    """Whether a record is not all that its file has."""
    return prepared.raw is not None or prepared.provenance.record > 0


def _text(judged: Judged) -> str | None:
    return None if judged.prepared.article is None else judged.prepared.article.text
