"""Walking the inbox by descriptors: below it no link is ever followed; the inbox itself may be one."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from winnowd.storage.inbox.names import Says
from winnowd.storage.inbox.waiting import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from winnowd.storage.inbox.names import Names
    from winnowd.storage.inbox.waiting import LeftInInbox, Reason

DEPTH: Final = 32
"""Folders deeper are not entered: who needs more has lost count, or wants us to."""
NOT_ENTERED: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.EPERM})
_LEFT: Final[dict[Says, Reason]] = {
    Says.IGNORED: "ignored",
    Says.UNMARKED: "unmarked",
    Says.LONELY: "markers",
}
_ROOT: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FOLDER: Final = _ROOT | os.O_NOFOLLOW


@contextlib.contextmanager
def opened(root: Path, path: bytes) -> Iterator[tuple[int, bytes]]:
    """The folder that holds a file below ``root``, each step without following a link; and the file's own name."""
    *steps, name = path.split(b"/")
    descriptor = os.open(root, _ROOT)
    try:
        for step in steps:
            below = os.open(step, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield descriptor, name
    finally:
        os.close(descriptor)


def found_at(root: Path, path: bytes) -> os.stat_result | None:
    """What lies at a path below ``root``, no link followed; None if there is nothing.

    Raises:
        OSError: the machine fails (no descriptors, a disk): that says nothing of the file.
    """
    try:
        with opened(root, path) as (folder, name):
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError as fault:
        if fault.errno not in NOT_ENTERED:
            raise
        return None


def is_secret(found: os.stat_result, folder: int) -> bool:
    """Whether a file is our own, and others may not read it, who may yet have linked it into their folder."""
    ours = found.st_uid == os.geteuid() and not found.st_mode & stat.S_IROTH
    return ours and bool(os.fstat(folder).st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def lies(name: bytes, folder: int) -> bool:
    """Whether there is something of a name in a folder (its descriptor)."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Walk:
    """One look at all that lies below ``root``; ``waiting`` is told of what is left for its name or its place."""

    root: Path
    names: Names
    waiting: LeftInInbox

    def files(self) -> Iterator[tuple[bytes, os.stat_result, Says]]:
        """The files that may be taken, with what their names say; a folder that waits its turn holds no descriptor.

        Raises:
            OSError: the machine fails, or the inbox may not be read.
        """
        folders = deque([b""])
        while folders:
            below = folders.popleft()
            try:
                with opened(self.root, below + b".") as (descriptor, _):
                    yield from self._entries(below, descriptor, folders)
            except OSError as fault:
                if fault.errno not in (NOT_ENTERED if below else {errno.ENOENT}):
                    raise
                self._note(below, fault)

    def _entries(
        self, below: bytes, descriptor: int, folders: deque[bytes]
    ) -> Iterator[tuple[bytes, os.stat_result, Says]]:
        """The files of one folder; its sub-folders are opened later, step by step, so that no link is followed."""
        marker_names = self.names.marker_names(os.listdir(descriptor))
        with os.scandir(descriptor) as entries:
            for entry in entries:
                path = below + os.fsencode(entry.name)
                try:
                    if entry.is_dir(follow_symlinks=False):
                        self._enter(path, entry.name, folders)
                    elif (says := self.names.says(entry.name, marker_names)) in _LEFT:
                        self.waiting.leave(path, _LEFT[says])
                    elif says is not Says.MARKER:
                        yield path, entry.stat(follow_symlinks=False), says
                except OSError as fault:
                    self._note(path, fault)

    def _enter(self, path: bytes, name: str, folders: deque[bytes]) -> None:
        if self.names.ignores(name):
            self.waiting.leave(path, "ignored")
        elif path.count(b"/") >= DEPTH:
            self.waiting.leave(path, "too_deep")
        else:
            folders.append(path + b"/")

    def _note(self, path: bytes, fault: OSError) -> None:
        """A file that went away since it was listed is nobody's loss; what may not be entered is blocked."""
        if fault.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            self.waiting.refuse(Refused(path, fault.errno or 0))
