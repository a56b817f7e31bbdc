"""What was changed and need not be on disk yet: remembered until a sync has covered it."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from winnowd.storage.copies import fsync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SyncMode = Literal["syncfs", "fsync"]

_libc = ctypes.CDLL(None, use_errno=True)


class Unsynced:
    """What was changed since the last sync, which is a ``syncfs`` of each file system, or an ``fsync`` of each path.

    ``doubtful``: a sync has failed: the kernel may call pages clean that are lost, so that what looks right may not be.
    """

    def __init__(self, instance_dir: Path, mode: SyncMode, on_effect: Callable[[str], None]) -> None:
        self._instance_dir = instance_dir
        self._below = f"{instance_dir}/"
        self._mode = mode
        self._on_effect = on_effect
        self._touched: dict[str, None] = {}
        self.doubtful = False

    def sync_by(self, mode: SyncMode) -> None:
        """Sync in another way from now on; what was changed before is on disk first."""
        if mode != self._mode:
            self.sync()
            self._mode = mode

    def touch(self, path: str | Path) -> None:
        """Remember that this was changed; a ``syncfs`` needs no more of it than the folder on top."""
        name = os.fspath(path)
        if self._mode == "syncfs" and name.startswith(self._below):
            name = self._below + name[len(self._below) :].partition("/")[0]
        self._touched[name] = None

    def found(self, *paths: Path) -> None:
        """Remember these as an earlier run has left them, perhaps unsynced: they and all folders above."""
        for path in paths:
            self.touch(path)
            for above in path.parents:
                self.touch(above)
                if above == self._instance_dir:
                    break

    def sync(self) -> None:
        """Wait until all that was changed since the last call is on disk.

        Raises:
            OSError: the kernel told of a failed write; what was written since the last sync must not be trusted.
        """
        if not self._touched:
            return
        self.doubtful = True
        self._on_effect("sync")
        if self._mode == "fsync":
            for path in map(Path, self._touched):
                if path.is_dir() or (path.is_file() and not path.is_symlink()):  # else renamed since, or special
                    fsync(path)
        else:
            for folder in _one_of_each_device(self._touched):
                _syncfs(folder)
        self._touched.clear()
        self.doubtful = False


def _one_of_each_device(paths: Iterable[str]) -> list[str]:
    found: dict[int, str] = {}
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            found.setdefault(os.stat(path).st_dev, path)
    return list(found.values())


def _syncfs(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.syncfs(descriptor):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), path)
    finally:
        os.close(descriptor)
