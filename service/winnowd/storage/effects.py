"""Carrying out what is recorded: files written beside their goals, synced, renamed; originals moved, last."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from winnowd.storage.places import WORK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from winnowd.model import Arrival
    from winnowd.storage.disk import Disk


class OriginalLostError(Exception):
    """An original is neither in ``state/work`` nor where it should go (SYS907 if the ledger does not know why)."""


class Effects:
    """Every step may be repeated without harm."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def place(self, effects: Mapping[str, bytes]) -> None:
        """Write files; a reader sees each one whole, or not at all, even after a power cut."""
        beside = [(self._disk.write_beside(self._disk.path(goal), content), goal) for goal, content in effects.items()]
        self._disk.sync()
        for written, goal in beside:
            self._disk.put(written, self._disk.path(goal))

    def place_missing(self, effects: Iterable[tuple[str, bytes]]) -> int:
        """Write those files of a killed batch that are not there, or not the same; give their number."""
        missing = {}
        for goal, content in effects:
            if self._same(goal, content):
                self._disk.discard_beside(self._disk.path(goal))
            else:
                missing[goal] = content
        self.place(missing)
        return len(missing)

    def _same(self, goal: str, content: bytes) -> bool:
        try:
            found = self._disk.path(goal).read_bytes()
        except FileNotFoundError:
            return False
        return hashlib.sha256(found).digest() == hashlib.sha256(content).digest()

    def move_original(self, arrival: Arrival, home: str) -> None:
        """Move a claimed original to its home.

        Raises:
            OriginalLostError: it is in neither place.
        """
        try:
            self._disk.move(self._disk.path(f"{WORK}/{arrival.id}"), self._disk.path(home))
        except FileNotFoundError:
            if not _lies(self._disk, home):
                raise OriginalLostError(arrival.id) from None


def _lies(disk: Disk, home: str) -> bool:
    path = disk.path(home)
    return path.is_symlink() or path.exists()
