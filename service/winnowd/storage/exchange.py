"""A new ledger in the old one's place: at no moment is there none, nor the old one's write-ahead log beside the new."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

from winnowd.layout import LEDGER

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

NEW: Final = f"{LEDGER}.new"
OLD: Final = f"{LEDGER}.before-rebuild"
_SIDES: Final = ("-wal", "-shm")


def set_aside_as(now: dt.datetime) -> str:
    """The name of an old ledger that knows less than the log; no two are the same, and no rebuild takes one away."""
    return f"{LEDGER}.{now:%Y%m%dT%H%M%S.%fZ}"


def clear_new(instance_dir: Path) -> None:
    """Take away what a rebuild that was killed has left."""
    for side in ("", *_SIDES):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(instance_dir / f"{NEW}{side}")


def put_in_place(instance_dir: Path, kept_as: str = OLD) -> None:
    """Let a new ledger that is closed take the old one's place; the old one, as far as there is one, is kept whole.

    The old one's write-ahead log must not be found beside the new one: SQLite would play it back.
    """
    for side in ("", *_SIDES):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(instance_dir / f"{kept_as}{side}")
        with contextlib.suppress(FileNotFoundError):
            os.link(instance_dir / f"{LEDGER}{side}", instance_dir / f"{kept_as}{side}")
    for side in _SIDES:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(instance_dir / f"{LEDGER}{side}")
    _sync(instance_dir / NEW)
    os.rename(instance_dir / NEW, instance_dir / LEDGER)
    _sync((instance_dir / LEDGER).parent)
    clear_new(instance_dir)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
