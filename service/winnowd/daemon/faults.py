"""Whose fault it is: the machine's, after which the service pauses and tries again, or our own; and its code."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

from winnowd.storage.behind import LedgerBehindError
from winnowd.storage.effects import WriteDiffersError
from winnowd.storage.floor import TooLittleRoomError
from winnowd.storage.ledger import LedgerDamagedError
from winnowd.storage.lock import ReplacedError

MACHINE_FAULTS: Final = (OSError, sqlite3.OperationalError)
"""What no file is to blame for: a full or failing disk, no descriptors. The service pauses, and tries again."""

ENDING: Final = {LedgerDamagedError: "SYS944", LedgerBehindError: "SYS946", ReplacedError: "SYS947"}
"""What ends a service, since going on would do harm; with its code."""

FLOOR: Final = "SYS917"
_BY_NUMBER: Final = {
    errno.ENOSPC: "SYS911",
    errno.EDQUOT: "SYS911",
    errno.EROFS: "SYS913",
    errno.EMFILE: "SYS914",
    errno.ENFILE: "SYS914",
    errno.ENOMEM: "SYS915",
    errno.EACCES: "SYS918",
    errno.EPERM: "SYS918",
}
_BY_SQLITE: Final = {
    sqlite3.SQLITE_FULL: "SYS911",
    sqlite3.SQLITE_IOERR: "SYS912",
    sqlite3.SQLITE_READONLY: "SYS913",
    sqlite3.SQLITE_NOMEM: "SYS915",
    sqlite3.SQLITE_PERM: "SYS918",
    sqlite3.SQLITE_AUTH: "SYS918",
}

_PASSING: Final = frozenset({"SYS911", "SYS912", "SYS914", "SYS915"})
"""Codes of faults that may pass by themselves; a folder that is not ours to write to stays so."""

_NOT_NOW: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY})
"""SQLite's words for a ledger that no descriptor was free for, or that a stranger holds; of one that is not ours
opening it tells otherwise."""


def may_pass(fault: BaseException) -> bool:
    """Whether it is worth waiting for the end of a fault, where nothing has begun yet."""
    if isinstance(fault, sqlite3.Error) and _primary(fault) in _NOT_NOW:
        return True
    is_named = isinstance(fault, sqlite3.Error) or getattr(fault, "errno", None) in {errno.EIO, *_BY_NUMBER}
    return is_named and code_of(fault) in _PASSING


def is_damage(fault: BaseException) -> bool:
    """Whether a fault tells of a damaged ledger; of a file that cannot be read (EIO) SQLite says the same."""
    return isinstance(fault, sqlite3.DatabaseError) and _primary(fault) in {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    }


def code_of(fault: BaseException) -> str:
    """The code of a fault of the machine, SYS908 to SYS918; SYS912 for any other error of a disk."""
    if isinstance(fault, WriteDiffersError):
        return "SYS908"
    if isinstance(fault, TooLittleRoomError):
        return FLOOR
    if isinstance(fault, sqlite3.Error):
        return _BY_SQLITE.get(_primary(fault), "SYS916")
    return _BY_NUMBER.get(getattr(fault, "errno", None) or 0, "SYS912")


def _primary(fault: sqlite3.Error) -> int:
    number: int = getattr(fault, "sqlite_errorcode", 0)  # errors of Python's own connection have none
    return number & 0xFF
