"""Whether the loop is rung: doorbell and calendar, made anew when they have gone silent, and what is told of that."""

from __future__ import annotations

import dataclasses
import errno
from typing import TYPE_CHECKING, Final

from winnowd.daemon.doorbell import DEAD, NO_WATCH, OVERFLOWN, REPLACED

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.daemon.doorbell import Doorbell, Wakeup
    from winnowd.daemon.schedule import Schedule
    from winnowd.daemon.work import Work

UNSURE: Final = 10.0  # s after lost events in which one may be told whose end was among them
SILENT: Final = {
    "SYS925": "the clock was set by more than 30 s",
    "SYS926": "the calendar told of nothing for three minutes",
}
UNHEARD: Final = {DEAD: "its thread has ended", REPLACED: "the inbox is not the folder that was watched"}


@dataclasses.dataclass
class Watch:
    """``watcher_down``: the code of why no events of the inbox come, "" if they do; times are monotonic seconds."""

    work: Work
    wakeup: Wakeup
    doorbell: Doorbell
    schedule: Schedule
    watcher_down: str = ""
    _overflows: int = 0

    def listen(self) -> None:
        """Begin to listen, all heard before being forgotten; that it cannot be done is told once, until it can."""
        self.wakeup.heard()
        self.work.instance.inbox.forget_events()
        try:
            self.doorbell.start()
        except OSError as fault:
            code = NO_WATCH if fault.errno in {errno.ENOSPC, errno.EMFILE, errno.ENFILE} else DEAD
            if code != self.watcher_down:
                self.work.warn(code, "WatcherFailed", str(fault), "the inbox is only swept")
            self.watcher_down = code
        else:
            self.watcher_down = ""

    def listen_to(self, folders: tuple[Path, ...]) -> None:
        """Listen to these folders from now on."""
        if folders != self.doorbell.folders:
            self.doorbell.stop()
            self.doorbell.folders = folders
            self.listen()

    def keep_calendar(self, now: float, wall: float) -> None:
        """Make the calendar anew if it has gone silent; ``wall``: the time of day in s."""
        if (fault := self.schedule.fault(now, wall)) is not None:
            self.schedule.restart(now, wall)
            self.work.warn(fault, "ScheduleFailed", SILENT[fault], "the calendar's jobs were set anew")

    def keep_doorbell(self) -> None:
        """Make the doorbell anew if it has gone silent."""
        if code := self.doorbell.fault():
            self.doorbell.stop()
            if not self.watcher_down:
                self.work.warn(code, "WatcherFailed", UNHEARD[code], "the inbox is watched anew")
            self.listen()

    def note_lost_events(self, now: float) -> None:
        """Where events were lost since, what was heard is not believed."""
        if (overflows := self.doorbell.overflows) > self._overflows:
            self._overflows = overflows
            self.work.instance.inbox.forget_events(now + UNSURE)
            self.work.log.warning("events were lost", code=OVERFLOWN, overflows=overflows, because="too many at once")
