"""Who may still be writing a file of the inbox: what the kernel's events told of it, and asking the kernel."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import signal
from enum import Enum
from typing import Final

_OPEN_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_OTHERWISE: Final = frozenset({0x6969, 0xFF534D42, 0xFE534D42, 0x517B})
"""NFS, CIFS, SMB2, SMB (statfs(2)): these refuse a lease because the server has not delegated the file, too."""

_libc = ctypes.CDLL(None, use_errno=True)


class Heard(Enum):
    """The last that the kernel's events told of a file."""

    CREATED = "created"
    """It has got its name: its writer has just begun, or it was linked in whole."""
    WRITTEN = "written"
    """It was written to, and its writer has not closed it since."""
    CLOSED = "closed"
    """Somebody who could write to it has closed it."""
    MOVED = "moved"
    """It was renamed in."""


def is_written(name: bytes, folder: int) -> bool | None:
    """Whether somebody has a file of a folder (its descriptor) open for writing; None where we may not ask.

    We ask for a lease, which the kernel refuses while there is a writer (fcntl(2)); only the owner of a file may, or
    who has CAP_LEASE. A writer who comes while we hold it, for some microseconds, waits so long; the signal that tells
    us of it is one that is ignored unless asked for. Another machine's writers are not known to it.
    """
    try:
        descriptor = os.open(name, _OPEN_FLAGS, dir_fd=folder)
    except OSError:  # not ours to read, or gone: whoever takes it finds out
        return None
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as fault:
        return True if fault.errno == errno.EAGAIN and _kind(descriptor) not in _OTHERWISE else None
    finally:
        os.close(descriptor)  # gives the lease back
    return False


def _kind(descriptor: int) -> int:
    """The number of the kind of file system, which ``statfs`` gives first; 0 if it does not tell."""
    answer = (ctypes.c_ulong * 64)()
    return 0 if _libc.fstatfs(descriptor, answer) else answer[0] & 0xFFFFFFFF
