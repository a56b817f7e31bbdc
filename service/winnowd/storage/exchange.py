"""A new ledger in the old one's place: at no moment is there none, nor the old one's write-ahead log beside the new."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

from winnowd.storage.places import LEDGER

if TYPE_CHECKING:
    from pathlib import Path

NEW: Final = f"{LEDGER}.new"
OLD: Final = f"{LEDGER}.before-rebuild"
_SIDES: Final = ("-wal", "-shm")


def clear_new(home: Path) -> None:
    """Take away what a rebuild that was killed has left."""
    for side in ("", *_SIDES):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(home / f"{NEW}{side}")


def put_in_place(home: Path) -> None:
    """Let a new ledger that is closed take the old one's place; the old one, as far as there is one, is kept as OLD.

    The old one's write-ahead log must not be found beside the new one: SQLite would play it back.
    """
    for side in ("", *_SIDES):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(home / f"{OLD}{side}")
        with contextlib.suppress(FileNotFoundError):
            os.link(home / f"{LEDGER}{side}", home / f"{OLD}{side}")
    for side in _SIDES:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(home / f"{LEDGER}{side}")
    _sync(home / NEW)
    os.rename(home / NEW, home / LEDGER)
    _sync((home / LEDGER).parent)
    clear_new(home)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
