"""One instance, one owner: a lock on ``state/lock`` that the kernel frees with its holder, however that ends."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class LockHeldError(Exception):
    """Another process owns this instance; ``pid`` is what it wrote down, 0 if that cannot be read (SYS945)."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"pid {pid} works on this instance")
        self.pid = pid


class Lock:
    """Held from ``take`` until ``free`` or the end of the process. A file left behind is no lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock at once.

        Raises:
            LockHeldError: somebody else has it.
            OSError: the pid cannot be written down; the lock is free again.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            _hold(descriptor)
        except BaseException:
            os.close(descriptor)  # else the next try would find the lock held, by ourselves
            raise
        self._descriptor = descriptor

    def free(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None


def _hold(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(descriptor, 20).strip()
        raise LockHeldError(int(pid) if pid.isdigit() else 0) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())


def holder(path: Path) -> int | None:
    """The pid of the process that holds the lock now, None if nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(descriptor, 20).strip()
        return int(pid) if pid.isdigit() else 0
    finally:
        os.close(descriptor)
    return None
