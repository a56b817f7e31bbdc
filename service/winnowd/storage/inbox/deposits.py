"""What lies in the inbox and may be taken, and the arrival it becomes: the one way in which an arrival begins."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from winnowd.model import Arrival
from winnowd.storage.paths import arrival_id

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True, slots=True)
class Deposit:
    """A file in the inbox at rest; ``path`` is below the inbox, as the file system gave it."""

    path: bytes
    dev: int
    ino: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: bytes, found: os.stat_result) -> Deposit:
        """What was found to lie there."""
        return cls(path, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)

    @property
    def feed(self) -> str:
        """The sub-folder it lies in, "" for the inbox itself; bytes that are no UTF-8 as U+FFFD."""
        return os.path.dirname(self.path).decode("utf-8", "replace")

    def claimed(self, number: int, salt: int, at: dt.datetime, *, continues: tuple[int, str] | None = None) -> Arrival:
        """The arrival of this number that it becomes when it is claimed; ``continues``: the one it was before."""
        return Arrival(
            id=arrival_id(number, salt),
            number=number,
            feed=self.feed,
            path=self.path,
            dev=self.dev,
            ino=self.ino,
            size=self.size,
            mtime_ns=self.mtime_ns,
            seen_at=at,
            claimed_at=at,
            continues=continues,
        )
