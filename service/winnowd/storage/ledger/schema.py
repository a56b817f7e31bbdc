"""The tables of the ledger, by version: the scripts that bring an older one up to date, and what a newer one needs."""

from __future__ import annotations

import sqlite3
from typing import Final

from winnowd import __version__
from winnowd.layout import LEDGER

VERSION: Final = 7
_NEEDS: Final = "needs_winnowd"
"""The key under which the version is kept that brought the schema up to date: an older one asks for it."""
_TELL_NEEDS: Final = (  # two constants of ours
    f"INSERT INTO meta (key, value) VALUES ('{_NEEDS}', '{__version__}') "  # noqa: S608
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value;"
)


class LedgerDamagedError(Exception):
    """The ledger cannot be trusted, or was written by a newer winnowd (SYS944)."""


class LedgerNewerError(LedgerDamagedError):
    """The ledger is sound, and its schema newer than this program; the text says which version it needs."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to date, a version a transaction; in the same the ledger is told which winnowd it needs.

    Raises:
        LedgerNewerError: a newer winnowd has changed them.
    """
    import importlib.resources  # who only reads, reads no script

    must_be_known(connection)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for number in range(version + 1, VERSION + 1):
        script = importlib.resources.files(__package__).joinpath(f"{number:04d}.sql").read_text(encoding="utf-8")
        connection.executescript(f"BEGIN IMMEDIATE; {script} {_TELL_NEEDS} PRAGMA user_version = {number}; COMMIT;")


def must_be_known(connection: sqlite3.Connection) -> None:
    """See that no newer winnowd has changed the tables.

    Raises:
        LedgerNewerError: one has.
    """
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version <= VERSION:
        return
    try:
        row = connection.execute("SELECT value FROM meta WHERE key = ?", (_NEEDS,)).fetchone()
    except sqlite3.OperationalError:  # so new that it keeps that elsewhere
        row = None
    needed = "a newer winnowd" if row is None else f"winnowd {_named(row[0])} or newer"
    ours = f"this is winnowd {__version__}, which knows schema {VERSION}"
    raise LedgerNewerError(f"{LEDGER}: its schema {version} needs {needed}; {ours}")


def _named(version: object) -> str:
    """A version as it may be shown."""
    return "".join(letter for letter in str(version)[:40] if letter.isascii() and (letter.isalnum() or letter in ".+-"))
