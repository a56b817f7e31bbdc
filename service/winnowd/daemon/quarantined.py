"""How many articles wait in quarantine, and since when the oldest does, without counting all decisions each time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from winnowd.model import Outcome

if TYPE_CHECKING:
    from winnowd.model import DecidedBatch
    from winnowd.storage.ledger import Ledger


class Oldest(NamedTuple):
    """A decision that stands as quarantined: its number, and when it was made."""

    number: int
    decided_at: dt.datetime


class Quarantined:
    """Counts once, when first asked; goes on by what becomes true, until told to forget."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._count: int | None = None
        self._oldest: Oldest | None = None
        self._none_until = 0  # no decision up to this number is quarantined

    def forget(self) -> None:
        """Count anew when next asked: something may have become true that nobody told of."""
        self._count, self._oldest, self._none_until = None, None, 0

    def apply(self, batch: DecidedBatch) -> None:
        """Go on by what one transaction has made true."""
        if self._count is None:
            return
        for entry in batch.entries:
            if entry.judged.decision.outcome is Outcome.QUARANTINED:
                self._add(Oldest(entry.judged.number, entry.judged.decided_at))
        for change in batch.changes:
            stored = change.stored
            if stored.outcome == Outcome.QUARANTINED.value:
                self._remove(stored.number)
            if change.outcome == Outcome.QUARANTINED.value:
                self._add(Oldest(stored.number, stored.decided_at))

    def state(self) -> tuple[int, dt.datetime | None]:
        """How many wait, and when the oldest of them was decided.

        Raises:
            LedgerFault: the ledger cannot be asked.
        """
        if self._count is None:
            self._count = self._ledger.decisions.quarantined()
        if self._count and self._oldest is None:
            found = self._ledger.decisions.first_quarantined(self._none_until)
            self._oldest = None if found is None else Oldest(found[0], dt.datetime.fromisoformat(found[1]))
        return self._count, None if self._oldest is None else self._oldest.decided_at

    def _add(self, one: Oldest) -> None:
        is_first = not self._count or one.number <= self._none_until
        if is_first or (self._oldest is not None and one.number < self._oldest.number):
            self._oldest = one
            self._none_until = min(self._none_until, one.number - 1)
        self._count = (self._count or 0) + 1

    def _remove(self, number: int) -> None:
        self._count = max(0, (self._count or 0) - 1)
        if self._oldest is not None and number == self._oldest.number:
            self._oldest, self._none_until = None, number
