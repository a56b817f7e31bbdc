"""Carrying out what is recorded: files written beside their goals, synced, renamed; originals moved, last."""

from __future__ import annotations

import errno
import hashlib
import os
from typing import TYPE_CHECKING

from winnowd.layout import WORK
from winnowd.storage import packed
from winnowd.storage.block_changes import BlockChanges

if TYPE_CHECKING:
    from collections.abc import Iterable

    from winnowd.model import Arrival, Effect
    from winnowd.storage.disk import Disk


class OriginalLostError(Exception):
    """An original is neither in ``state/work`` nor where it should go (SYS907 if the ledger does not know why)."""


class WriteDiffersError(OSError):
    """What the disk gives back is not what was written (SYS908): no file may be trusted until somebody looks at it."""


class Effects:
    """Every step may be repeated without harm. ``every``: one file of so many is read back before it gets its name."""

    def __init__(self, disk: Disk, *, every: int = 0) -> None:
        self._disk = disk
        self._every = every
        self._written = 0

    def write(self, effects: Iterable[Effect]) -> None:
        """Write files, then move, then remove; a reader sees each one whole, or not at all, even after a power cut.

        What a packed block holds is written, and what left one lies where it goes, before the block is written anew.
        """
        blocks = BlockChanges(self._disk)
        written: list[Effect] = []
        others: list[Effect] = []
        for effect in blocks.outside(effects):
            (written if effect.content is not None else others).append(effect)
        self._write_all([(effect.path, effect.content or b"") for effect in written])
        for effect in sorted(others, key=lambda effect: effect.source is None):
            self._shift(effect)
        if anew := list(blocks.anew()):
            self._write_all(anew)
        for block in blocks.emptied:
            self._disk.remove(self._disk.name(block))

    def _write_all(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write these beside their goals, wait until all is on disk, and give them their names."""
        temp_path = []
        for path, content in files:
            goal = self._disk.name(path)
            temp_path.append((self._disk.write_temp(goal, content), goal, content))
        self._disk.sync()
        for written, goal, content in temp_path:
            self._read_back(written, content)
            self._disk.put(written, goal)

    def _read_back(self, written: str, content: bytes) -> None:
        """Compare a file with what was written; only this finds a disk that takes writes and keeps nothing."""
        self._written += 1
        if self._every and self._written % self._every == 0 and _content_of(written) != content:
            raise WriteDiffersError(errno.EIO, "SYS908: the file does not read back as it was written", written)

    def _shift(self, effect: Effect) -> None:
        """Move or remove a file; what is gone already was moved by a killed run, or taken away by the operator."""
        goal = self._disk.name(effect.path)
        if effect.source is None:
            self._disk.remove(goal)
        elif _lies(self._disk, effect.source):
            self._disk.move(self._disk.name(effect.source), goal)

    def write_missing(self, effects: Iterable[Effect]) -> int:
        """Do what a killed batch has left out; give how many files that were.

        What it has not left out may not be on disk yet: the next sync covers that, too.
        """
        missing = []
        for effect in effects:
            self._disk.found(*(self._disk.path(path) for path in (effect.path, effect.source) if path))
            if not self._disk.doubtful and effect.content is not None and self._same(effect.path, effect.content):
                self._disk.discard_temp(self._disk.name(effect.path))
            else:
                missing.append(effect)
        self.write(missing)
        return len(missing)

    def _same(self, goal: str, content: bytes) -> bool:
        try:
            found = packed.read(self._disk.name(goal))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as fault:
            if fault.errno not in {errno.ELOOP, errno.EBADMSG}:
                raise
            return False
        return hashlib.sha256(found).digest() == hashlib.sha256(content).digest()

    def move_original(self, arrival: Arrival, location: str) -> None:
        """Move a claimed original to its location; one that was found in ``state/work`` lies there by its own name.

        Raises:
            OriginalLostError: it is in neither place.
        """
        goal = self._disk.name(location)
        try:
            self._disk.move(self._disk.name(f"{WORK}/{arrival.id}"), goal)
        except FileNotFoundError:
            if _lies(self._disk, location):
                self._disk.found(self._disk.path(location), self._disk.path(WORK))
                return
            orphan = self._disk.name(f"{WORK}/{os.fsdecode(os.path.basename(arrival.path))}")
            if not os.path.lexists(orphan) or os.lstat(orphan).st_ino != arrival.ino:
                raise OriginalLostError(arrival.id) from None
            self._disk.move(orphan, goal)


def _lies(disk: Disk, location: str) -> bool:
    return os.path.lexists(disk.name(location))


def _content_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
