"""One instance, one owner: a lock on ``state/lock`` that the kernel frees with its holder, however that ends.

Whoever removes that file, or the ledger, does not know of its holder: so what is held is compared with what lies there.
"""

from __future__ import annotations

import errno
import fcntl
import os
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from pathlib import Path


class LockHeldError(Exception):
    """Another process owns this instance; ``pid`` is what it wrote down, 0 if that cannot be read (SYS945)."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"{f'pid {pid}' if pid else 'another process'} works on this instance")
        self.pid = pid


class ReplacedError(Exception):
    """A file that this process holds is gone, or is another one by now; the text says which (SYS947)."""


class Held(NamedTuple):
    """A file that this process holds open, and by what it is told from another of its name."""

    path: Path
    device: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """The file that lies there, which was opened just now."""
        found = os.stat(path)
        return cls(path, found.st_dev, found.st_ino)

    def must_lie_there(self) -> None:
        """Compare; that the disk does not let us look says nothing.

        Raises:
            ReplacedError: there is none any more, or another.
        """
        name = f"{self.path.parent.name}/{self.path.name}"
        try:
            found = os.stat(self.path)
        except OSError as fault:
            if fault.errno in {errno.ENOENT, errno.ENOTDIR}:
                raise ReplacedError(f"{name} was removed while this process worked with it") from fault
            return
        if (found.st_dev, found.st_ino) != (self.device, self.inode):
            raise ReplacedError(f"{name} was replaced by another file while this process worked with it")


class Lock:
    """Held from ``acquire`` until ``release`` or the end of the process. A file left behind is no lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock at once.

        Raises:
            LockHeldError: somebody else has it.
            OSError: the pid cannot be written down; the lock is free again.
        """
        descriptor = opened_alone(self._path, os.O_NOFOLLOW)
        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
        except BaseException:
            os.close(descriptor)  # else the next try would find the lock held, by ourselves
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None


def opened_alone(path: Path, flags: int = 0) -> int:
    """Open a file, made if need be, as the only process that does so; gives the descriptor, which holds it.

    Raises:
        LockHeldError: another process has it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | flags, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(descriptor, 20).strip()
        os.close(descriptor)
        raise LockHeldError(int(pid) if pid.isdigit() else 0) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


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
