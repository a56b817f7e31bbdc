"""A small file that is written once, in a folder of others in which, at best, nothing can be undone.

Such a folder may let files be made and grow, and nothing else (``chattr +a``, a share that keeps all versions): no name
is taken beside the goal, nothing renamed or removed.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from winnowd.storage.copies import fsync, write_all
from winnowd.storage.modes import FILE

if TYPE_CHECKING:
    from pathlib import Path

_OPENED: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def write_once(path: Path, content: bytes) -> None:
    """Write a file, on disk when this returns; the beginning of it that a crash has left is gone on with.

    Raises:
        FileExistsError: there is one with another content; it is left as it is.
        OSError: the folder is not there or not ours to write to, or the machine fails.
    """
    descriptor = os.open(path, _OPENED, FILE)
    try:
        there = os.pread(descriptor, len(content) + 1, 0)
        if not content.startswith(there):
            raise FileExistsError(errno.EEXIST, "is there already, and says something else", str(path))
        if there != content:
            write_all(descriptor, content[len(there) :], path)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fsync(path.parent)
