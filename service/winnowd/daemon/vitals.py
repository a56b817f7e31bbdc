"""How the service is, measured every 15 s, so cheaply: what waits, what the corpus holds, what is free."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from winnowd.layout import INBOX
from winnowd.storage.free_space import WRITTEN_TO
from winnowd.storage.verified import last_verification

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from winnowd.daemon.work import Work
    from winnowd.storage.verified import Verification


@dataclasses.dataclass(frozen=True, slots=True)
class Vitals:
    """Measured at ``at``: counts, ages in seconds, bytes.

    ``inbox_files``: those in the inbox that will be taken; ``inbox_oldest``: how long the one has lain unchanged that
    has waited for the service longest. ``quarantine_since``: when the oldest of those held was decided. ``index_lag``:
    articles that the index does not list yet. ``free``: by folder.
    """

    at: dt.datetime
    inbox_files: int
    inbox_oldest: float
    orders: int
    quarantine: int
    quarantine_since: dt.datetime | None
    corpus_articles: int
    corpus_bytes: int
    sequence: int
    verified: Verification | None
    index_lag: int
    free: Mapping[str, int]

    @property
    def quarantine_oldest(self) -> float:
        """The age of the oldest article in quarantine, in seconds; 0 if there is none."""
        return 0.0 if self.quarantine_since is None else max(0.0, (self.at - self.quarantine_since).total_seconds())


def measure(work: Work, now: float) -> Vitals:
    """Measure; ``now``: monotonic seconds, as the inbox was swept by.

    Raises:
        OSError, LedgerFault: the machine fails.
    """
    instance = work.instance
    quarantine, since = work.counting.quarantined.state()
    articles, nbytes = instance.ledger.pages.sums()
    return Vitals(
        at=instance.clock.now(),
        inbox_files=instance.inbox.count(),
        inbox_oldest=instance.inbox.oldest_due(now),
        orders=len(instance.orders.waiting()),
        quarantine=quarantine,
        quarantine_since=since,
        corpus_articles=articles,
        corpus_bytes=nbytes,
        sequence=instance.route.chain.end.sequence,
        verified=last_verification(instance.instance_dir),
        index_lag=work.unflushed,
        free={folder: _free(instance.disk.name(folder)) for folder in (INBOX, *WRITTEN_TO)},
    )


def _free(folder: str) -> int:
    space = os.statvfs(folder)
    return space.f_bavail * space.f_frsize
