"""What each event of the log is told to, from the first that is looked at on: files, pages, ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.audit.expected import DECISIONS, ORDERS, ExpectedState
from winnowd.audit.pages_beside import PagesBeside
from winnowd.audit.strangers import LoggedFiles

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.audit.ledger_check import LedgerCheck
    from winnowd.audit.reader import Logged


class EventChecks:
    """``tell`` each line; ``begin``: the number of the first event that is looked at, ``first`` then the one met first.

    ``reads``: files are looked at, too, and not the ledger alone.
    """

    def __init__(self, instance_dir: Path, ledger: LedgerCheck | None, *, reads: bool, begin: int = 0) -> None:
        self.state = ExpectedState(instance_dir, reads=reads)
        self.pages = PagesBeside(instance_dir)
        self.files = LoggedFiles()
        self.ledger = ledger
        self.first = 0
        self._begin, self._reads = begin, reads

    def tell(self, logged: Logged) -> None:
        """The next line; one that is no event is told of by the check of the log itself."""
        try:
            event = logged.event()
            sequence, action = int(event["event"]["sequence"]), event["event"]["action"]
            if sequence < self._begin:
                return
            self.first = self.first or sequence
            self.state.tell(event, logged.position)
            if self._reads:
                self.files.tell(event)
                if action in DECISIONS or action in ORDERS:
                    self.pages.tell(event, logged.position)
        except (ValueError, KeyError, TypeError):
            return
        if self.ledger is not None:
            self.ledger.tell(logged, event)
