"""The calendar work (apscheduler): a job only rings for its task; the loop does it in its own thread.

Jobs run on UTC wall time, which can jump; what must not stop when the clock is set back (the sweep, settling, the
heartbeat) hangs on the loop's monotonic clock instead (docs/design/daemon.md, "Two clocks").
"""

from __future__ import annotations

import concurrent.futures.thread  # noqa: F401 - the scheduler asks for it only when it starts: no descriptor may be free then
import datetime as dt
from collections import deque
from typing import TYPE_CHECKING, Final

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

if TYPE_CHECKING:
    from winnowd.daemon.doorbell import Wakeup

TICK: Final = "tick"
SEAL: Final = "seal"
SELF_CHECK: Final = "self-check"
UPKEEP: Final = "upkeep"
RETENTION: Final = "retention"

_MAX_STEP: Final = 30.0  # s between the two clocks before jobs are set anew (SYS925)
_MAX_SILENCE: Final = 180.0  # s without the 60 s tick before the scheduler is made anew (SYS926)


class Schedule:
    """The calendar: which tasks are due, and whether the scheduler itself is well."""

    def __init__(self, wakeup: Wakeup) -> None:
        self._wakeup = wakeup
        self._due: deque[str] = deque()
        self._scheduler: BackgroundScheduler | None = None
        self._offset = 0.0
        self._heard = 0.0

    def start(self, monotonic: float, wall: float) -> None:
        """Set the jobs: a tick each minute, the day's seal, the nightly self-check, the ledger's upkeep."""
        scheduler = BackgroundScheduler(
            timezone=dt.UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        jobs = (
            (TICK, IntervalTrigger(seconds=60, timezone=dt.UTC)),
            (SEAL, CronTrigger(hour=0, minute=0, second=5, timezone=dt.UTC)),
            (SELF_CHECK, CronTrigger(hour=2, minute=30, timezone=dt.UTC)),
            (UPKEEP, CronTrigger(hour=3, minute=30, timezone=dt.UTC)),
            (RETENTION, CronTrigger(hour=4, minute=0, timezone=dt.UTC)),
        )
        for name, trigger in jobs:
            scheduler.add_job(self.ring, trigger, args=(name,), id=name)
        scheduler.start()
        self._scheduler = scheduler
        self._offset = wall - monotonic
        self._heard = monotonic

    def ring(self, task: str) -> None:
        """Note that a task is due and wake the loop."""
        self._due.append(task)
        self._wakeup.ring()

    def due(self) -> list[str]:
        """Take the tasks that came due, each once."""
        due: dict[str, None] = {}
        while self._due:
            due[self._due.popleft()] = None
        return list(due)

    def heard(self, monotonic: float) -> None:
        """The loop has seen a tick."""
        self._heard = monotonic

    def fault(self, monotonic: float, wall: float) -> str | None:
        """Tell what is wrong with the calendar: SYS925 the clock was stepped, SYS926 the scheduler is silent."""
        if abs(wall - monotonic - self._offset) > _MAX_STEP:
            return "SYS925"
        return "SYS926" if monotonic - self._heard > _MAX_SILENCE else None

    def restart(self, monotonic: float, wall: float) -> None:
        """Make a new scheduler: its jobs are set from the clock of now."""
        self.stop()
        self.start(monotonic, wall)

    def stop(self) -> None:
        """End the scheduler's thread."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
        self._scheduler = None
