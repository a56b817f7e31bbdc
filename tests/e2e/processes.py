"""Looking at other processes: which came from one, what they take, which of them has a certain file open."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_GONE = (FileNotFoundError, ProcessLookupError)


def descendants(pid: int) -> Iterator[int]:
    """All processes that came from one and are alive."""
    with contextlib.suppress(*_GONE):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                yield int(child)
                yield from descendants(int(child))


def has_open(pid: int, file: tuple[int, int]) -> bool:
    """Whether a process has this file (device, inode) open, under whatever name."""
    with contextlib.suppress(*_GONE):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(*_GONE):
                found = descriptor.stat()
                if (found.st_dev, found.st_ino) == file:
                    return True
    return False


def memory(pid: int, kind: str = "VmRSS") -> int:
    """Bytes of a process that are in memory; ``kind`` as the kernel calls it: VmHWM is the most there ever were."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == kind:
            return int(value.split()[0]) * 1024
    return 0


def identity(path: Path) -> tuple[int, int]:
    """What a file keeps while it is renamed: device, inode."""
    found = path.lstat()
    return found.st_dev, found.st_ino


class Shadow:
    """Follows one file: each process below ``daemon`` that is seen with it for the first time gets the ``deed``."""

    def __init__(self, daemon: int, file: tuple[int, int], deed: Callable[[int], object]) -> None:
        self._daemon = daemon
        self._file = file
        self._deed = deed
        self.seen: list[int] = []

    def stat_key(self) -> None:
        """Look once."""
        for pid in descendants(self._daemon):
            if pid not in self.seen and has_open(pid, self._file):
                self.seen.append(pid)
                self._deed(pid)
