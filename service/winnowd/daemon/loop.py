"""The service's loop: waits for a ring, sweeps the inbox, beats for systemd, pauses when the machine fails."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from typing import TYPE_CHECKING, Final

from winnowd.daemon.chores import do_chores
from winnowd.daemon.schedule import TICK
from winnowd.daemon.work import MACHINE_FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.daemon.doorbell import Bell, Doorbell
    from winnowd.daemon.notify import Notify
    from winnowd.daemon.schedule import Schedule
    from winnowd.daemon.work import Work
    from winnowd.storage.floor import Floor

AFTERGLOW: Final = 2.0  # s after a find in which the inbox is swept without a ring: watchdog holds moves back for 0.5 s
AFTERGLOW_STEP: Final = 0.1
BEAT: Final = 10.0
HEALTH: Final = 15.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
RETRY: Final = 2.0


@dataclasses.dataclass
class Loop:
    """``run`` serves until ``stop`` is called, from any thread or signal handler; ``monotonic`` gives seconds."""

    work: Work
    bell: Bell
    doorbell: Doorbell
    schedule: Schedule
    notify: Notify
    health: Callable[[str, str, str | None], None]
    floor: Floor
    monotonic: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    _pause: float = 0.0
    _paused_until: float = 0.0
    _because: str = ""
    _next_sweep: float = 0.0
    _glow_until: float = 0.0
    _found_at: float = 0.0
    _next_beat: float = 0.0
    _next_health: float = 0.0
    _retry_at: float | None = None

    def stop(self) -> None:
        """End after the batch in hand."""
        self.work.stopping = True
        self.bell.ring()

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until told to stop; ``ready`` is called once the inbox is watched."""
        self.notify.send(STATUS="recovering")
        self.work.start()
        self._listen()
        self.schedule.start(self.monotonic(), time.time())
        self._tell_health("idle")
        self.notify.send(READY=1, STATUS="waiting for files")
        ready()
        try:
            while not self.work.stopping:
                if self.bell.wait(self.turn()) and not self.work.stopping:
                    self.pause(self.work.instance.loaded.settings.batch.window)  # what comes with it shares its syncs
        finally:
            self.notify.send(STOPPING=1)
            self._tell_health("stopping")
            self.schedule.stop()
            self.doorbell.stop()
        self.work.close("told to stop")

    def turn(self) -> float:
        """Do what is due now; gives the seconds until something is due again."""
        now = self.monotonic()
        due = self.schedule.due()
        if TICK in due:
            self.schedule.heard(now)
        self._keep_watch(now)
        if now >= self._paused_until:
            try:
                self._serve(now)
                do_chores(self.work.instance, self.work.log, [chore for chore in due if chore != TICK])
            except MACHINE_FAULTS as fault:
                self._fall_back(f"{type(fault).__name__}: {fault}")
        self._beat()
        return 0.0 if self.work.stopping else self._wait(self.monotonic())

    def _serve(self, now: float) -> None:
        if self._pause:
            self._come_back()
        if low := self.floor.fault():
            self._fall_back(low)
            return
        instance = self.work.instance
        self.work.obey()
        deposits = instance.inbox.sweep(now, self._hints())
        if deposits:
            self._found_at = now
            self._glow_until = self.monotonic() + AFTERGLOW
        self._next_sweep = now + self._interval(now)
        self.work.take(deposits, self._beat)
        self._retry(now)
        if self.work.unflushed and self.monotonic() >= self.work.flushed_at + instance.loaded.settings.index.every:
            self.work.flush()
        instance.route.rest()

    def _interval(self, now: float) -> float:
        """Seconds to the next sweep without a ring: longer when nothing has come for a while and events are heard."""
        inbox = self.work.instance.loaded.settings.inbox
        heard = not inbox.poll and self.doorbell.hears()
        return inbox.idle if heard and now - self._found_at > inbox.idle else inbox.sweep

    def _hints(self) -> list[bytes]:
        hints = self.bell.hints()
        return hints if self.work.instance.loaded.settings.inbox.closed_settles else []

    def _retry(self, now: float) -> None:
        """Files that could not be read get another try after a while."""
        if not self.work.instance.route.deferred:
            self._retry_at = None
        elif self._retry_at is None:
            self._retry_at = now + RETRY
        elif now >= self._retry_at:
            self._retry_at = None
            self.work.retry()

    def _fall_back(self, because: str) -> None:
        """Pause; what is claimed stays claimed, what is recorded will be carried out."""
        self._pause = min(LONGEST_PAUSE, 2 * self._pause) if self._pause else FIRST_PAUSE
        self._paused_until = self.monotonic() + self._pause
        if because != self._because:
            self.work.log.error("paused", because=because, retry_in=self._pause)
            self.notify.send(STATUS=f"paused: {because}"[:200].replace("\n", " "))
        self._because = because
        self._next_health = 0.0

    def _come_back(self) -> None:
        """What the fault has interrupted is carried out; only then is the pause over."""
        self.work.go_on()
        if not self.floor.fault():
            self.work.log.info("resumed", after=self._because)
            self.notify.send(STATUS="waiting for files")
            self._pause, self._because, self._next_health = 0.0, "", 0.0

    def _listen(self) -> None:
        try:
            self.doorbell.start()
        except OSError as fault:
            self.work.log.warning("not listening for events, sweeping only", code="SYS923", error=str(fault))

    def _keep_watch(self, now: float) -> None:
        """Calendar and doorbell are made anew when they have gone silent."""
        if (fault := self.schedule.fault(now, time.time())) is not None:
            self.work.log.warning("calendar set anew", code=fault)
            self.schedule.restart(now, time.time())
        if now >= self._next_health and not self.doorbell.hears():
            self.work.log.warning("listening anew", code="SYS922")
            self.doorbell.stop()
            self._listen()

    def _beat(self) -> None:
        """Tell systemd and the probes that the loop goes on; called between batches, too."""
        now = self.monotonic()
        if now >= self._next_beat:
            self._next_beat = now + BEAT
            self.notify.send(WATCHDOG=1)
        if now >= self._next_health:
            self._next_health = now + HEALTH
            self._tell_health("degraded" if self._because else "idle")

    def _tell_health(self, state: str) -> None:
        """For probes; a disk that cannot take even this is told by what failed before."""
        with contextlib.suppress(OSError):
            self.health(state, self._because, self.work.last_batch)

    def _wait(self, now: float) -> float:
        """Seconds until something is due."""
        if self._paused_until > now:
            return min(self._paused_until, self._next_beat, self._next_health) - now
        due = [self._next_sweep, self._next_beat, self._next_health]
        if now < self._glow_until:
            due.append(now + AFTERGLOW_STEP)
        if (settled := self.work.instance.inbox.waiting.next_in) is not None:
            due.append(now + settled)
        if self.work.unflushed:
            due.append(self.work.flushed_at + self.work.instance.loaded.settings.index.every)
        if self._retry_at is not None:
            due.append(self._retry_at)
        return max(0.0, min(due) - now)
