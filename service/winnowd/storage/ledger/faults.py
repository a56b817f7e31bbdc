"""What SQLite says when it cannot do its work, in the words of the service: nobody else need know that it is SQLite."""

from __future__ import annotations

import sqlite3
from typing import Final

LedgerFault = sqlite3.Error
"""Anything that the ledger could not do."""

LedgerUnavailableError = sqlite3.OperationalError
"""What no row is to blame for: a full or failing disk, a file that cannot be opened, a stranger who holds it."""

SQLITE_VERSION: Final = sqlite3.sqlite_version

_CODES: Final = {
    sqlite3.SQLITE_FULL: "SYS911",
    sqlite3.SQLITE_IOERR: "SYS912",
    sqlite3.SQLITE_READONLY: "SYS913",
    sqlite3.SQLITE_NOMEM: "SYS915",
    sqlite3.SQLITE_PERM: "SYS918",
    sqlite3.SQLITE_AUTH: "SYS918",
}
_NOT_NOW: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY})
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def code_of(fault: LedgerFault) -> str:
    """The rule code of a fault, SYS911 to SYS918."""
    return _CODES.get(_primary(fault), "SYS916")


def is_not_now(fault: BaseException) -> bool:
    """Whether no descriptor was free for the ledger, or a stranger holds it; one that is not ours says otherwise."""
    return isinstance(fault, LedgerFault) and _primary(fault) in _NOT_NOW


def is_damage(fault: BaseException) -> bool:
    """Whether a fault tells of a damaged ledger; of a file that cannot be read (EIO) SQLite says the same."""
    return isinstance(fault, sqlite3.DatabaseError) and _primary(fault) in _DAMAGE


def _primary(fault: LedgerFault) -> int:
    number: int = getattr(fault, "sqlite_errorcode", 0)  # errors of Python's own connection have none
    return number & 0xFF
