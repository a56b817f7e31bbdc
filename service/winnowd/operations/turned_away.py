"""What was turned away, and up to which event of the log that is told: for a report that others read."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.audit.behind import asked_ledger
from winnowd.audit.reader import Log
from winnowd.audit.search import Wanted, newest
from winnowd.model.browsing import Sought
from winnowd.operations.browse import MOST

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from winnowd.model.browsing import Listed
    from winnowd.storage.ledger.browse import Browse

OUTCOMES: Final = ("quarantined", "rejected", "retracted")


class Head(NamedTuple):
    """The last event of a log: its number, and when it was; 0 and "" where there is none."""

    sequence: int
    at: str


def head(instance_dir: Path) -> Head:
    """The last event of an instance's log.

    Raises:
        OSError, EOFError, zlib.error: the newest days of the log cannot be read.
    """
    for line in newest(Log(instance_dir), Wanted(), 1):
        event = line.event()
        return Head(event["event"]["sequence"], event["@timestamp"])
    return Head(0, "")


def turned_away(instance_dir: Path, until: Head, since: dt.datetime | None = None) -> Iterator[Listed]:
    """What is not in the corpus of all that was decided, newest first; what was erased is not told.

    ``since``: not what was decided before.

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    with asked_ledger(instance_dir) as ledger:
        if ledger is None:
            return
        lists = [_newest(ledger.browse, Sought(outcome=outcome)) for outcome in OUTCOMES]
        for item in heapq.merge(*lists, key=lambda item: -item.number):
            if since is not None and item.decided_at < since:
                return
            if item.sequence <= until.sequence:
                yield item


def _newest(browse: Browse, sought: Sought) -> Iterator[Listed]:
    """All that fits, page after page."""
    found = browse.page(sought, before=None, after=None, most=MOST)
    yield from found.items
    while found.older is not None:
        found = browse.page(sought, before=found.older, after=None, most=MOST)
        yield from found.items
