"""The tables of the ledger, by version: the scripts that bring an older one up to date, and what a newer one needs."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Final

from winnowd import __version__
from winnowd.layout import LEDGER

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION: Final = 7
_NEEDS: Final = "needs_winnowd"
"""The key under which the version is kept that brought the schema up to date: an older one asks for it."""
_COLUMNS: Final = """
    SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite^_%' ESCAPE '^' ORDER BY t.name, c.cid
"""
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


def misshapen(connection: sqlite3.Connection) -> Iterator[str]:
    """What is not in the tables of a ledger that is up to date as the scripts make them, in words.

    A trigger or a view of somebody's does what no row shows: it changes what is written, or read, from then on.
    """
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        migrate(made)
        expected, found = _shape(made), _shape(connection)
    for kind, name in sorted(found.keys() - expected.keys()):
        yield f"has the {kind} {name[:40]!r}, which is not ours"
    for kind, name in sorted(expected.keys() - found.keys()):
        yield f"has no {kind} {name} any more"
    for kind, name in sorted(expected.keys() & found.keys()):
        if expected[kind, name] != found[kind, name]:
            yield f"has another {kind} {name} than winnowd makes"


def _shape(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Each table, index, trigger and view, and how it was made; what is SQLite's own is left out."""
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema "
        "WHERE type NOT IN ('table', 'index') OR name NOT LIKE 'sqlite^_%' ESCAPE '^'"
    )
    return {(str(kind), str(name)): "".join(str(sql).replace('"', "").split()) for kind, name, sql in rows}


def misfits(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """The columns (table, column) in which something stands that is not of the column's kind."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        migrate(made)
        kinds: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in made.execute(_COLUMNS):
            kinds.setdefault(table, []).append((column, kind.lower()))
    for table, columns in kinds.items():
        checks = ", ".join(f"max(typeof([{column}]) NOT IN ('null', '{kind}'))" for column, kind in columns)
        is_odd = connection.execute(f"SELECT {checks} FROM [{table}]").fetchone()  # noqa: S608 - our own names
        yield from ((table, column) for (column, _), odd in zip(columns, is_odd, strict=True) if odd)


def _named(version: object) -> str:
    """A version as it may be shown."""
    return "".join(letter for letter in str(version)[:40] if letter.isascii() and (letter.isalnum() or letter in ".+-"))
