"""A file's way out of the inbox, and back: no link below the inbox is followed, and nothing there is ever covered."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from winnowd.storage.copies import is_brought_back
from winnowd.storage.inbox.tree import NOT_ENTERED, is_secret, lies, opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.storage.disk import Disk
    from winnowd.storage.inbox.names import Names

_KEPT_OF_A_NAME: Final = 200  # bytes of it, from its end, that a name has room for beside what makes it a new one
_OF_A_MARKER: Final = (FileNotFoundError, NotADirectoryError, PermissionError)
_OF_A_FOLDER: Final = NOT_ENTERED | {errno.EROFS, errno.EBUSY, errno.ENOSPC, errno.EDQUOT}
"""Why a file may not be put into a folder of a sender, though the inbox itself may take it."""
_NUMBERED: Final = 10  # names that are tried before one is drawn that nobody can have laid there


class StillWrittenError(BlockingIOError):
    """Somebody has the file open for writing (EAGAIN)."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Between the inbox ``root`` and ``state/work``; the other values are those of the inbox."""

    disk: Disk
    root: Path
    work: Path
    names: Names
    max_copy_bytes: int
    writer_check: Callable[[bytes, int], bool | None]

    def claim(self, path: bytes, arrival: str, stat_key: tuple[int, int]) -> bool:
        """Move a file of the inbox to ``state/work/<arrival>``; True if it had to be copied.

        That is one from another mount, or one with a second name, which stays; but what only we may read is moved, and
        will be held unread for its second name. ``stat_key``: the size and mtime in ns that it had at rest.

        Raises:
            StillWrittenError: somebody has it open for writing.
            OSError: this file cannot be moved; FileNotFoundError if its sender took it back.
        """
        with opened(self.root, path) as (folder, name):
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            is_file = stat.S_ISREG(found.st_mode)
            if is_file and not self.names.uses_markers and self.writer_check(name, folder):
                raise StillWrittenError(errno.EAGAIN, "somebody has it open for writing", os.fsdecode(path))
            copied = is_file and found.st_nlink > 1 and not is_secret(found, folder)
            if not copied:
                copied = self._renamed_over_mounts(name, self.work / arrival, source_folder=folder)
            if copied:
                self.disk.bring(name, self.work / arrival, folder=folder, most=self.max_copy_bytes, stat_key=stat_key)
        return copied

    def _renamed_over_mounts(self, source: bytes | Path, goal: bytes | Path, **folders: int) -> bool:
        """Rename a file; True if that cannot be done, since it lies on another mount."""
        try:
            self.disk.rename_at(source, goal, **folders)
        except OSError as fault:
            if fault.errno != errno.EXDEV:
                raise
            return True
        return False

    def note_claimed(self, path: bytes, arrival: str) -> None:
        """A claim lies in ``state/work`` already: what it was copied from goes, if a kill left it in the inbox."""
        with contextlib.suppress(OSError), opened(self.root, path) as (folder, name):
            self.disk.brought(name, self.work / arrival, folder=folder)

    def remove_marker(self, path: bytes) -> None:
        """A file was taken: its marker goes with it, unless another file of its name has come since.

        One that may not be removed stays, and is told of as a marker without its file.
        """
        if not self.names.uses_markers:
            return
        with contextlib.suppress(*_OF_A_MARKER), opened(self.root, path) as (folder, name):
            if not lies(name, folder):
                self.disk.remove_at(os.fsencode(self.names.marker(os.fsdecode(name))), folder=folder)

    def give_back(self, arrival: str, path: bytes) -> bytes:
        """Put a claimed file where it lay, gives where; under a free name with its ending if another lies there now.

        In the inbox itself if its folder is gone, or does not take it: that is its sender's. Its marker is laid anew.

        Raises:
            OSError: the machine fails, or the inbox itself does not take it.
        """
        below, last = os.path.split(path)
        name = last
        for attempt in range(1, 100):
            goal = os.path.join(below, name)
            try:
                self._put_back(self.work / arrival, goal)
            except FileExistsError:
                name = _suffix(attempt) + last[-_KEPT_OF_A_NAME:]
            except OSError as fault:
                if not below or fault.errno not in _OF_A_FOLDER:
                    raise
                below = b""
            else:
                return goal
        raise FileExistsError(errno.EEXIST, "no free name in the inbox", os.fsdecode(path))

    def _put_back(self, source: Path, goal: bytes) -> None:
        """Put a file of ours where nothing lies; what a killed try has copied there is only removed here."""
        with opened(self.root, goal) as (folder, name):
            if lies(name, folder):
                if not is_brought_back(source, name, folder=folder):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fsdecode(goal))
                self.disk.remove(source)
                return
            marker = os.fsencode(self.names.marker(os.fsdecode(name)))
            is_laid = bool(marker) and self.disk.lay_at(marker, folder=folder)
            try:
                if self._renamed_over_mounts(source, name, goal_folder=folder):
                    self.disk.bring_back(source, name, folder=folder)
            except OSError:
                if is_laid:  # it would stand for whatever comes under that name
                    with contextlib.suppress(*_OF_A_MARKER):
                        self.disk.remove_at(marker, folder=folder)
                raise


def _suffix(attempt: int) -> bytes:
    """What makes a name a new one."""
    return b"again%d-" % attempt if attempt < _NUMBERED else b"again-%s-" % secrets.token_hex(8).encode()
