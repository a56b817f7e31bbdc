"""The ledger as the route asks it: each step of an arrival as one set of rows."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from winnowd.model import DecidedBatch
from winnowd.storage.decided_rows import DecidedRows
from winnowd.storage.ledger import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.model import Arrival, DecisionRecord, Line, Progress, Recorded, StateChange
    from winnowd.storage.clock import SystemClock
    from winnowd.storage.ledger import Ledger


class LedgerRecords:
    """Port ``Records``. What was applied is acknowledged with the next transaction that comes anyway."""

    def __init__(self, ledger: Ledger, recipe: str, clock: SystemClock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._recipe = recipe
        self._placed: list[str] = []
        self._done: list[int] = []
        self._published = 0
        self._acknowledged = False

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what was acknowledged in vain will be acknowledged with the next one."""
        self._acknowledged = False
        with self._ledger.transaction():
            yield
        if self._acknowledged:
            self._placed, self._done, self._published = [], [], 0

    def claim(self, arrivals: Sequence[Arrival]) -> None:
        """T1: these are about to be taken."""
        self._ledger.arrivals.claim(arrivals)
        self._ledger.decisions.add({"arrivals": len(arrivals)})

    def tried(self, arrivals: Sequence[Arrival]) -> None:
        """Another try of these begins."""
        self._ledger.arrivals.tried([arrival.number for arrival in arrivals])

    def untried(self, arrivals: Sequence[Arrival]) -> None:
        """The tries of these that were begun have ended in peace, undecided."""
        self._ledger.arrivals.untried([arrival.number for arrival in arrivals])

    def counts(self, arrival: Arrival) -> Mapping[tuple[str, str], int]:
        """How many of an arrival's records became what, by outcome and first code."""
        return self._ledger.decisions.counts_of(arrival.number)

    def changed(self, arrival: Arrival) -> None:
        """The file of this arrival was changed after it was judged: it will be judged again."""
        self._ledger.arrivals.changed(arrival.number)

    def drop_arrival(self, arrival: Arrival, code: str) -> None:
        """This arrival gave no decision; should it come again, it counts as another."""
        self._ledger.arrivals.drop(arrival.number, code)
        self._ledger.decisions.add({"arrivals": -1})

    def record(
        self, entries: Sequence[DecisionRecord], progress: Sequence[Progress], changes: Sequence[StateChange]
    ) -> None:
        """T2: decisions, with all that follows from them; and what they change of older ones."""
        self.record_rows(DecidedRows.of(DecidedBatch(entries, progress, changes), self._recipe))

    def record_rows(self, batch: DecidedRows) -> None:
        """The same of records whose rows are made already, by whatever process; its lines are chained to the log."""
        rows = batch.rows
        self._ledger.decisions.record(rows)
        self._ledger.articles.record(rows)
        self._ledger.pages.record(rows.listed)
        self._ledger.outbox.add(batch.lines)
        self._ledger.arrivals.record(batch.progress)
        self._apply(batch.changes)
        self.acknowledge()

    def change(self, changes: Sequence[StateChange]) -> None:
        """What people's orders or better articles make of decisions."""
        self._ledger.outbox.add([change.line for change in changes])
        self._apply(changes)

    def _apply(self, changes: Sequence[StateChange]) -> None:
        now = self._clock.now()
        self._ledger.changes.apply(changes, now)
        self._ledger.pages.apply(changes, now)
        self._ledger.decisions.add_effects([effect for change in changes for effect in change.effects])

    def tell(self, lines: Sequence[Line]) -> None:
        """Lines of the audit log that come of no decision."""
        self._ledger.outbox.add(lines)

    def applied(self, done: Recorded) -> None:
        """Files are in place and originals moved, all of it on disk."""
        self._placed += [effect.path for effect in done.effects]
        self._done += [one.arrival.number for one in done.progress if one.location is not None]
        if lines := done.lines:
            self._published = lines[-1].sequence

    def acknowledge(self) -> None:
        """Acknowledge what was applied; inside a transaction."""
        self._ledger.decisions.placed(self._placed)
        self._ledger.arrivals.done(self._done)
        if self._published:
            self._ledger.set(PUBLISHED, str(self._published))
        self._acknowledged = True

    def unacknowledged(self) -> bool:
        """Whether something was applied that no transaction has acknowledged yet."""
        return bool(self._placed or self._done or self._published)
