"""The service's loop: waits for a ring, sweeps the inbox, beats for systemd, pauses when the machine fails."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from typing import TYPE_CHECKING, Final

from winnowd.daemon.faults import LOW_SPACE, MACHINE_FAULTS, code_of
from winnowd.daemon.left import Left
from winnowd.daemon.maintenance import do_maintenance
from winnowd.daemon.pause import Pause
from winnowd.daemon.schedule import SEAL, TICK
from winnowd.daemon.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.daemon.doorbell import Doorbell, Wakeup
    from winnowd.daemon.notify import Notify
    from winnowd.daemon.schedule import Schedule
    from winnowd.daemon.work import Work
    from winnowd.storage.free_space import FreeSpace
    from winnowd.wiring.instance import Instance

HEALTH: Final = 15.0
RETRY: Final = 2.0
STARTING: Final = 60.0  # s that are asked for at each sign of life before READY
HOUR: Final = 3_600.0
MAINTENANCE: Final = 1_800.0  # s for the calendar's work: the check of a large ledger cannot beat
WAITING: Final = "waiting for files"


@dataclasses.dataclass
class Loop:
    """``run`` serves until ``stop`` is called, from any thread or signal handler; both clocks give seconds."""

    work: Work
    wakeup: Wakeup
    doorbell: Doorbell
    schedule: Schedule
    notify: Notify
    health: Callable[[str, Pause, str], None]
    free_space: FreeSpace
    reload: Callable[[Loop], str] = lambda _: ""  # the configuration stays what it was at the start
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    pause: Callable[[float], None] = time.sleep
    _refused: str = ""
    _reload_requested: bool = False
    _ready: bool = False
    _rung: bool = False
    _next_sweep: float = 0.0
    _no_sweep_before: float = 0.0
    _found_at: float = 0.0
    _maintenance: list[str] = dataclasses.field(
        default_factory=lambda: [SEAL]
    )  # a day may have ended while nobody served
    _next_beat: float = 0.0
    _next_health: float = 0.0
    _next_digest: float = 0.0
    _retry_at: float | None = None

    def __post_init__(self) -> None:
        self._pause = Pause(self.work, self.monotonic)
        self._left = Left()
        self._watch = Watch(self.work, self.wakeup, self.doorbell, self.schedule)

    def stop(self) -> None:
        """End after the batch in hand."""
        self.work.stopping = True
        self.wakeup.ring()

    def request_reload(self) -> None:
        """Read the configuration anew before the next batch."""
        self._reload_requested = True
        self.wakeup.ring()

    def go_on_with(self, instance: Instance, free_space: FreeSpace, folders: tuple[Path, ...]) -> None:
        """Work on under other settings, listening to these folders; a pause is over, since they may be its cure."""
        self.work.instance, self.free_space = instance, free_space
        self.work.requeue_claimed()
        self._pause.until = self._next_sweep = self._next_health = 0.0
        self._watch.listen_to(folders)

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until told to stop; ``ready`` is called once the inbox is watched."""
        self.notify.send(STATUS="recovering")
        self._tell_health()
        if not self._started():
            self.notify.send(STOPPING=1)
            return
        self._watch.listen()
        self.schedule.start(self.monotonic(), self.wall())
        self._ready = True
        self._tell_health()
        self._next_digest = self.monotonic() + HOUR
        self.notify.send(READY=1, STATUS=self._status())
        ready()
        try:
            while not self.work.stopping:
                if self.wakeup.wait(self.turn()) and not self.work.stopping:
                    self._rung = True
                    if not self.work.busy:  # what comes with it shares its syncs
                        self.pause(self.work.instance.loaded.settings.batch.window)
        finally:
            self.notify.send(STOPPING=1)
            self._tell_health("stopping")
            self.schedule.stop()
            self.doorbell.stop()
        self.work.shut_down("told to stop")

    def _started(self) -> bool:
        """Begin; what the machine fails is tried again after a pause. False if told to stop before it has begun."""
        while True:
            try:
                self.work.start(self.alive)
                self._pause.end()
            except MACHINE_FAULTS as fault:
                self._fall_back(code_of(fault), f"{type(fault).__name__}: {fault}")
                self._tell_health()
            else:
                return True
            while not self.work.stopping and (now := self.monotonic()) < self._pause.until:
                self.alive()
                self.wakeup.wait(min(self._pause.until, self._next_beat) - now)
            if self.work.stopping:
                return False

    def turn(self) -> float:
        """Do what is due now, if it may; gives the seconds until something is due again."""
        self.work.instance.require_same_files()
        now = self.monotonic()
        due = self.schedule.due()
        if TICK in due:
            self.schedule.heard(now)
        self._maintenance += [task for task in due if task not in {TICK, *self._maintenance}]
        self._keep_watch(now)
        try:
            if self._reload_requested:
                self._reload()
            if now >= self._pause.until:
                self._serve(now)
                self._do_maintenance()
        except MACHINE_FAULTS as fault:
            self._fall_back(code_of(fault), f"{type(fault).__name__}: {fault}")
        self._beat()
        return 0.0 if self.work.stopping else self._wait(self.monotonic())

    def _reload(self) -> None:
        """Under the new configuration from here on, or, told why, under the old one."""
        if self._pause.holds:
            self.work.recover()  # the log must be whole before the change can be told in it
        self.notify.reloading()
        try:
            self._refused = self.reload(self)
            self._reload_requested = False
        finally:
            self.notify.send(READY=1, STATUS=self._status())

    def _do_maintenance(self) -> None:
        """What came due, each until it is done: a pause, or a fault in one, drops none."""
        while self._maintenance:
            with self.notify.patience(MAINTENANCE):
                do_maintenance(self.work.instance, self.work.log, self._maintenance[:1])
            del self._maintenance[0]

    def _status(self) -> str:
        """One line for ``systemctl status``: what holds us up, if anything does."""
        if self._pause.holds:
            return f"paused: {self._pause.said}"
        return f"{WAITING}; {self._refused}" if self._refused else WAITING

    def _serve(self, now: float) -> None:
        if self._pause.holds:
            self.work.recover()  # what the fault has interrupted
        self.work.apply_waiting_orders()  # also when no file is taken: an order may make room
        if low := self.free_space.fault():
            self._fall_back(LOW_SPACE, low)
            return
        instance = self.work.instance
        if self._is_time_to_sweep():
            self._sweep(now)
        self._retry(now)
        is_busy = self.work.step()
        if self.work.index_is_stale and self.monotonic() >= self.work.flushed_at + instance.loaded.settings.index.every:
            self.work.flush()
        if now >= self._next_digest:
            self._next_digest = now + HOUR
            self.work.log_index_digest()
        if not is_busy:
            instance.route.acknowledge_applied()
        if self._pause.holds:
            self._come_back()

    def _is_time_to_sweep(self) -> bool:
        """Whether to look through the inbox: at each turn, but while files wait for theirs only when it rang or is due.

        However large the inbox, looking through it takes no more than a fifth of the time.
        """
        if not self.work.busy:
            return True
        now = self.monotonic()
        return (self._rung or now >= self._next_sweep) and now >= self._no_sweep_before

    def _sweep(self, now: float) -> None:
        self._rung = False
        begun = self.monotonic()
        deposits = self.work.instance.inbox.sweep(now, self.wakeup.heard())
        if deposits:
            self._found_at = now
        self.work.line_up(deposits)
        self._left.tell(self.work.instance.inbox.waiting, self.work.log, now)
        self._next_sweep = now + self._interval(now)
        ended = self.monotonic()
        self._no_sweep_before = ended + 4 * (ended - begun)

    def _interval(self, now: float) -> float:
        """Seconds to the next sweep without a ring: longer when nothing has come for a while and events are heard."""
        inbox = self.work.instance.loaded.settings.inbox
        heard = not inbox.poll and self.doorbell.is_watching()
        return inbox.idle if heard and now - self._found_at > inbox.idle else inbox.sweep

    def _retry(self, now: float) -> None:
        """Files that could not be read get another try after a while."""
        if not self.work.instance.route.deferred:
            self._retry_at = None
        elif self._retry_at is None:
            self._retry_at = now + RETRY
        elif now >= self._retry_at:
            self._retry_at = None
            self.work.requeue_deferred()

    def _fall_back(self, code: str, because: str) -> None:
        """Pause; what is claimed stays claimed, what is recorded will be applied."""
        self._pause.begin(code, because)
        self.notify.send(STATUS=self._status())
        self._next_health = 0.0

    def _come_back(self) -> None:
        """A whole turn has gone well: the pause is over."""
        self._pause.end()
        self._next_health = 0.0
        self.notify.send(STATUS=self._status())

    def _keep_watch(self, now: float) -> None:
        """Calendar and doorbell are made anew when they have gone silent."""
        self._watch.keep_calendar(now, self.wall())
        if now >= self._next_health:
            self._watch.keep_doorbell()
        self._watch.note_lost_events(now)

    def alive(self) -> None:
        """A sign of life, from wherever work takes long: time to start with before READY, a beat after it."""
        if self._ready:
            self._beat()
            return
        now = self.monotonic()
        if now >= self._next_beat:
            self._next_beat = now + self.notify.beat_every
            self.notify.starting(STARTING)
            self._tell_health()

    def _beat(self) -> None:
        """Tell systemd and the probes that the loop goes on, if it may; called between batches, too."""
        self.work.instance.require_same_files()
        now = self.monotonic()
        if now >= self._next_beat:
            self._next_beat = now + self.notify.beat_every
            self.notify.send(WATCHDOG=1)
        if now >= self._next_health:
            self._next_health = now + HEALTH
            self._tell_health()

    def _tell_health(self, state: str = "") -> None:
        """For probes; a disk that cannot take even this is told by what failed before."""
        up = "working" if self.work.busy else "idle"
        state = state or ("degraded" if self._pause.holds else up if self._ready else "starting")
        with contextlib.suppress(OSError):
            self.health(state, self._pause, self._watch.watcher_down)

    def _wait(self, now: float) -> float:
        """Seconds until something is due."""
        if self.work.busy and not self._pause.holds:
            return 0.0
        if self._pause.until > now:
            return min(self._pause.until, self._next_beat, self._next_health) - now
        due = [self._next_sweep, self._next_beat, self._next_health]
        if (next_rest := self.work.instance.inbox.waiting.next_in) is not None:
            due.append(now + next_rest)
        if self.work.index_is_stale:
            due.append(self.work.flushed_at + self.work.instance.loaded.settings.index.every)
        if self._retry_at is not None:
            due.append(self._retry_at)
        return max(0.0, min(due) - now)
