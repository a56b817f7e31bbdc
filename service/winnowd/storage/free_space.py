"""The space that must stay free: below it nothing is taken from the inbox (SYS917)."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from winnowd.layout import AUDIT, ORIGINALS, SEEDS, STATE

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN_TO: Final = (STATE, SEEDS, AUDIT, *ORIGINALS)
_WRITTEN: Final = 3  # times what is written: as a file or line, in the write-ahead log, in the ledger
EASE: Final = 1.25
"""Work goes on only when so many times the floor are free, so that it does not stop and start."""


class TooLittleRoomError(OSError):
    """What is to be written next would leave less free than must stay so (SYS917)."""


class FreeSpace:
    """Asks each file system that an instance lies on; remembers that it was too low until there is ease."""

    def __init__(self, instance_dir: Path, *, free_bytes: int, free_inodes: int) -> None:
        self._folders = [instance_dir / folder for folder in WRITTEN_TO]
        self._bytes = free_bytes
        self._inodes = free_inodes
        self._low = False

    def fault(self) -> str:
        """Why nothing may be taken, "" if there is room."""
        factor = EASE if self._low else 1.0
        found = self._found(factor)
        self._low = bool(found)
        return found

    def need(self, size: int) -> None:
        """Make sure that files, log and ledger have room for what is about to be written; ``size``: its own bytes.

        Raises:
            TooLittleRoomError: it would go below the floor.
        """
        if found := self._found(1.0, _WRITTEN * size):
            raise TooLittleRoomError(errno.ENOSPC, found)

    def _found(self, factor: float, need: int = 0) -> str:
        checked: set[int] = set()
        for folder in self._folders:
            device = folder.stat().st_dev
            if device in checked:
                continue
            checked.add(device)
            space = os.statvfs(folder)
            free = space.f_bavail * space.f_frsize
            where = f"free where {folder.name}/ lies" + (f" and {need:,} are to be written" if need else "")
            if free - need < self._bytes * factor:
                return f"{free:,} bytes are {where}, disk.floor_bytes is {self._bytes:,}"
            if space.f_files and space.f_favail < self._inodes * factor:
                has = f"{space.f_favail:,} inodes are free where {folder.name}/ lies"
                return f"{has}, disk.floor_inodes is {self._inodes:,}"
        return ""
