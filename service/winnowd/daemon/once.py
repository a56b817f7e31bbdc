"""One pass over an inbox that nobody serves: all that lies there, and comes to rest meanwhile, is decided."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from winnowd.daemon.faults import MACHINE_FAULTS, code_of

if TYPE_CHECKING:
    from winnowd.daemon.work import Work


def once(work: Work) -> int:
    """Begin, take all that lies in the inbox and comes to rest, end; gives how many records were decided.

    Raises:
        OSError, LedgerUnavailableError: the machine fails; what is not decided is kept, and the next run goes on.
    """
    work.start()
    before = work.decided_count
    try:
        work.apply_waiting_orders()
        _consume_all(work)
        work.shut_down("told to stop" if work.stopping else "all that lay in the inbox is decided")
    except MACHINE_FAULTS as fault:
        _end_by(work, fault)
        raise
    return work.decided_count - before


def _consume_all(work: Work) -> None:
    """Take what lies at rest and what comes to rest, until nothing is left that could."""
    while not work.stopping:
        deposits = work.instance.inbox.sweep(time.monotonic())
        was_busy = work.busy
        work.consume(deposits)
        left = work.instance.inbox.waiting
        wait = left.next_in if left.unsettled else None  # what may not be taken is not waited for
        if not deposits and not was_busy and wait is None:
            if not work.instance.route.deferred:
                break
            work.requeue_deferred()
        elif not deposits and wait is not None:
            time.sleep(min(wait, work.instance.loaded.settings.inbox.settle))


def _end_by(work: Work, fault: Exception) -> None:
    """Tell of the machine's fault that ends us, and count no try for it, as far as the machine lets us."""
    work.tell_failure(code_of(fault), "Ended", f"{type(fault).__name__}: {fault}", "the machine failed; winnowd ends")
    with contextlib.suppress(*MACHINE_FAULTS), work.instance.ledger.transaction():
        work.instance.records.untried(work.instance.ledger.arrivals.claimed())
