"""The instance's folders as the route moves files through them: inbox, work, and where originals go."""

from __future__ import annotations

import errno
import os
import stat
import time
from typing import TYPE_CHECKING, Final

from winnowd.layout import WORK
from winnowd.storage.effects import Effects, OriginalLostError
from winnowd.storage.originals import was_written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.model import Arrival, Effect
    from winnowd.storage.disk import Disk
    from winnowd.storage.inbox.inbox import Inbox

VANISHED = "SYS906"
CHANGED = "SYS905"
REFUSED = "SYS910"
_OF_THE_FILE: Final = frozenset(
    {errno.EACCES, errno.EPERM, errno.EXDEV, errno.ELOOP, errno.EBUSY, errno.ENOTDIR, errno.EROFS}
    | {errno.ENOTSUP, errno.EFBIG}
)
"""Why one file may not be taken, though others may: its folder is read only, or a mount point, or a link by now; or it
lies on another mount and cannot be copied."""


class FolderFileOps:
    """Port ``FileOps``."""

    def __init__(self, disk: Disk, inbox: Inbox, *, read_back: int = 0) -> None:
        """Take the folders; ``read_back``: one written file of so many is read again, 0 for none."""
        self._disk = disk
        self._inbox = inbox
        self._effects = Effects(disk, every=read_back)

    def claim(self, arrival: Arrival) -> str | None:
        """Bring a file of the inbox into ``state/work``, unless it is there already from an earlier try.

        Gives SYS906 if its sender took it back; SYS905 if it is no longer as it was seen, or still being written: then
        it stays where it is.
        SYS910 if this one file may not be moved: then it is left alone for a while.
        """
        at_work = self._disk.name(f"{WORK}/{arrival.id}")
        if os.path.lexists(at_work):
            self._disk.found(self._disk.path(WORK) / arrival.id)
            if self._inbox.holds(arrival.path, arrival.dev, arrival.ino):
                self._inbox.note_claimed(arrival.path, arrival.id)
            self._inbox.remove_marker(arrival.path)
            return None
        if not self._inbox.holds(arrival.path, arrival.dev, arrival.ino):
            self._must_be_there()
            return VANISHED
        try:
            copied = self._inbox.claim(arrival.path, arrival.id, (arrival.size, arrival.mtime_ns))
        except OSError as fault:
            return self._not_taken(arrival, fault)
        found = os.lstat(at_work)
        stat_key = (found.st_ino, found.st_size, found.st_mtime_ns)
        if not copied and stat_key != (arrival.ino, arrival.size, arrival.mtime_ns):
            self.give_back(arrival)
            return CHANGED
        self._disk.touched(at_work, self._disk.name(WORK))
        self._inbox.remove_marker(arrival.path)
        return None

    def _not_taken(self, arrival: Arrival, fault: OSError) -> str:
        """The code of a file that stays in the inbox; a fault of the machine is raised again."""
        if fault.errno == errno.ENOENT:
            self._must_be_there()
            return VANISHED
        if fault.errno == errno.EAGAIN:
            return CHANGED
        if fault.errno not in _OF_THE_FILE or not os.access(self._disk.path(WORK), os.W_OK | os.X_OK):
            raise fault
        self._inbox.block(arrival.path, time.monotonic(), fault.errno)
        return REFUSED

    def _must_be_there(self) -> None:
        """Make sure that there is a ``state/work``: without it nobody can tell what is lost, and no sender is to blame.

        Raises:
            FileNotFoundError: that folder is gone.
        """
        self._disk.path(WORK).stat()

    def give_back(self, arrival: Arrival) -> None:
        """Put a claimed file back where it lay."""
        self._inbox.give_back(arrival.id, arrival.path)

    def write(self, effects: Sequence[Effect]) -> None:
        """Write files (beside, sync, rename), move and remove others."""
        self._effects.write(effects)

    def write_missing(self, effects: Sequence[Effect]) -> int:
        """Do what a killed batch left out; give how many files that were."""
        return self._effects.write_missing(effects)

    def move_original(self, arrival: Arrival, location: str) -> bool:
        """Move a claimed original to its location; False if it is in neither place.

        Raises:
            FileNotFoundError: ``state/work`` is gone.
        """
        try:
            self._effects.move_original(arrival, location)
        except OriginalLostError:
            self._must_be_there()
            return False
        return True

    def changed(self, arrival: Arrival) -> bool:
        """Whether somebody has written to a claimed file since it was taken: he had it open all the time."""
        path = self._disk.name(f"{WORK}/{arrival.id}")
        try:
            found = os.lstat(path)
        except FileNotFoundError:
            return False
        return stat.S_ISREG(found.st_mode) and was_written(found, (arrival.ino, arrival.size, arrival.mtime_ns))

    def may_read(self, arrival: Arrival) -> bool:
        """Whether a claimed file can be judged again, and what was judged of it kept apart."""
        return os.access(self._disk.name(f"{WORK}/{arrival.id}"), os.R_OK, effective_ids=True)

    def judge_changed(self, arrival: Arrival, location: str) -> None:
        """Put a changed file back where it lay; at its location stays a copy of as many bytes as it had when judged.

        These are what was judged, if it has only grown.
        """
        self._disk.copy(self._disk.path(WORK) / arrival.id, self._disk.path(location), most=arrival.size)
        self._inbox.give_back(arrival.id, arrival.path)

    def sync(self) -> None:
        """Wait until all is on disk."""
        self._disk.sync()
