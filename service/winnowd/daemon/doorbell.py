"""The doorbell: inotify (through watchdog) says that something moved in the inbox; it only rings, it never judges.

Events get lost (queue overflow), lie (a moved inbox reports its old path) or stop (an unmounted folder), so the sweep
is the truth and a ring only brings it forward. What a ring may carry is what befell a file last: one that was closed or
renamed in need not wait until it settles, one that was written to and not closed waits for that.
"""

from __future__ import annotations

import logging
import os
import select
import threading
import weakref
from typing import TYPE_CHECKING, Final

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.inotify import InotifyFullEmitter, InotifyObserver
from watchdog.observers.inotify_c import InotifyConstants, Mask

from winnowd.storage.inbox.writers import Heard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LISTENED: Final = [
    FileCreatedEvent, FileModifiedEvent, FileMovedEvent, FileClosedEvent, DirCreatedEvent, DirMovedEvent,
]  # fmt: skip
NO_WATCH, DEAD, REPLACED, OVERFLOWN = "SYS923", "SYS922", "SYS924", "SYS921"
"""Why nothing is heard: the kernel gives no watch, a thread has ended, the folder is another one; or not all: its queue
was full."""
_MOST_HEARD: Final = 100_000  # files; beyond, a ring alone: those settle by time


class Wakeup:
    """What wakes the loop: any thread and any signal handler may ring; the loop waits, then takes the hints left.

    An eventfd and not a threading.Event: a signal handler that rings while the loop holds an Event's lock hangs.
    """

    def __init__(self) -> None:
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        weakref.finalize(self, os.close, self._fd)  # only when no thread can ring any more
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self._heard: dict[bytes, Heard] = {}
        self._hearing = threading.Lock()  # no signal handler tells of files

    def ring(self) -> None:
        """Wake the loop."""
        os.eventfd_write(self._fd, 1)

    def tell(self, path: bytes, what: Heard) -> None:
        """Keep what befell a file last, by its absolute path, for whenever the loop wakes."""
        with self._hearing:
            if path in self._heard or len(self._heard) < _MOST_HEARD:
                self._heard[path] = what

    def wait(self, seconds: float) -> bool:
        """Wait until rung, at most ``seconds``; True if it rang. A ring is taken once, however often it came."""
        rang = bool(self._poll.poll(max(0.0, seconds) * 1000))
        if rang:
            os.eventfd_read(self._fd)
        return rang

    def heard(self) -> dict[bytes, Heard]:
        """Take what befell files since the last call, of each the last."""
        with self._hearing:
            heard, self._heard = self._heard, {}
        return heard


class _Ringer(FileSystemEventHandler):
    """Turns events into rings. It must never raise: that would end watchdog's thread for good."""

    def __init__(self, wakeup: Wakeup) -> None:
        self._wakeup = wakeup

    def dispatch(self, event: FileSystemEvent) -> None:
        """Tell what befell a file, and ring; a file that is written on brings no sweep forward.

        A move without a goal is a file leaving the inbox: our own claim, which must not ring.
        """
        if isinstance(event, FileModifiedEvent):
            self._wakeup.tell(os.fsencode(event.src_path), Heard.WRITTEN)
            return
        if isinstance(event, FileClosedEvent):
            self._wakeup.tell(os.fsencode(event.src_path), Heard.CLOSED)
        elif isinstance(event, FileMovedEvent | DirMovedEvent):
            if not event.dest_path:
                return
            self._wakeup.tell(os.fsencode(event.dest_path), Heard.MOVED)
        elif isinstance(event, FileCreatedEvent) and not event.is_synthetic:
            self._wakeup.tell(os.fsencode(event.src_path), Heard.CREATED)
        self._wakeup.ring()


class _Arriving(InotifyFullEmitter):
    """Hears of what comes and is written, not of what goes, nor of names, owners and times that change.

    watchdog holds each departure back for half a second, to pair it with an arrival, and all that came after it waits
    behind it; every claim of ours is a departure. What is renamed within the inbox is heard of where it arrives.
    """

    def get_event_mask_from_filter(self) -> Mask:
        """The kernel's mask without departures, and without what watchdog may take for writing (a chmod, a link)."""
        unheard = InotifyConstants.IN_MOVED_FROM | InotifyConstants.IN_ATTRIB
        return Mask(super().get_event_mask_from_filter() & ~unheard)


class _Observer(InotifyObserver):
    """watchdog's observer of inotify, hearing arrivals only."""

    def __init__(self) -> None:
        super().__init__(generate_full_events=True)
        self._emitter_class = _Arriving


class _OverflowRings(logging.Handler):
    """watchdog tells of a lost event only in its own log: each of its warnings rings and is counted."""

    def __init__(self, wakeup: Wakeup) -> None:
        super().__init__(level=logging.WARNING)
        self._wakeup = wakeup
        self.overflows = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Ring once for each warning."""
        if "overflow" in record.getMessage():
            self.overflows += 1
        self._wakeup.ring()


class Doorbell:
    """A watchdog observer on the inbox, and on the orders; it can tell whether it still hears, and be made anew."""

    def __init__(self, folders: Sequence[Path], wakeup: Wakeup) -> None:
        self.folders = tuple(folders)
        self._wakeup = wakeup
        self._watched: list[tuple[int, int]] = []
        self._observer: _Observer | None = None
        self._overflow = _OverflowRings(wakeup)

    @property
    def overflows(self) -> int:
        """How often the kernel's queue overflowed since the start."""
        return self._overflow.overflows

    def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the watch was refused; ENOSPC means the user's inotify watches are used up
                (``fs.inotify.max_user_watches``), not a full disk.
        """
        watched = self._looks()
        logging.getLogger("watchdog.observers").addHandler(self._overflow)
        # full events: a rename from outside is told as a move, not as the beginning of a file
        observer = _Observer()
        for folder in self.folders:
            real = str(folder.resolve())  # of a link itself there are no events
            observer.schedule(_Ringer(self._wakeup), real, recursive=True, event_filter=list(_LISTENED))
        try:
            observer.start()
        except BaseException:
            observer.stop()  # those of its emitters that listen already would go on unheard
            raise
        self._observer, self._watched = observer, watched

    def _looks(self) -> list[tuple[int, int]]:
        found = [folder.stat() for folder in self.folders]
        return [(one.st_dev, one.st_ino) for one in found]

    def stop(self) -> None:
        """End the observer and its threads."""
        logging.getLogger("watchdog.observers").removeHandler(self._overflow)
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(timeout=5)
        self._observer = None

    def is_watching(self) -> bool:
        """Whether it hears what comes."""
        return not self.fault()

    def fault(self) -> str:
        """Why it does not hear: an ended observer or emitter, or other folders than those watched; "" if it does."""
        if self._observer is None:
            return DEAD
        try:
            replaced = self._looks() != self._watched
        except OSError:
            replaced = True
        if replaced:
            return REPLACED
        threads = (self._observer, *self._observer.emitters)
        return "" if all(thread.is_alive() for thread in threads) else DEAD
