"""What is counted while the route works: metrics since the start, and what waits in quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.catalogue import catalogue
from winnowd.daemon.metrics import Metrics
from winnowd.daemon.quarantined import Quarantined

if TYPE_CHECKING:
    from winnowd.model import DecidedBatch, Judged
    from winnowd.pipeline.observer import Observer
    from winnowd.storage.ledger import Ledger


class Counting:
    """Told of all that becomes true of one instance, from ``listen`` on."""

    def __init__(self, ledger: Ledger) -> None:
        self.metrics = Metrics(code for code in catalogue() if code.startswith("SYS"))
        self.quarantined = Quarantined(ledger)
        self._listens = False

    def listen(self, observer: Observer) -> None:
        """Be told of transactions and failures, from now on; called again, something may have been missed."""
        if self._listens:
            self.quarantined.forget()
        self._listens = True
        observer.recorded, observer.committed, observer.failed = (
            self._recorded, self.metrics.committed, self.metrics.failed,
        )  # fmt: skip

    def decided(self, judged: Judged) -> None:
        """Count a decision that is true."""
        self.metrics.decided(judged)

    def _recorded(self, batch: DecidedBatch) -> None:
        self.metrics.recorded(batch)
        self.quarantined.apply(batch)
