"""Opening the ledger, its transactions; the parts ask and write one kind of rows each."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

from winnowd.storage.disk import no_hook
from winnowd.storage.ledger.arrivals import Arrivals
from winnowd.storage.ledger.audited import Audited
from winnowd.storage.ledger.bindings import Bindings
from winnowd.storage.ledger.browse import Browse
from winnowd.storage.ledger.changes import Changes
from winnowd.storage.ledger.corpus import CorpusRows
from winnowd.storage.ledger.decisions import Decisions
from winnowd.storage.ledger.history import History
from winnowd.storage.ledger.outbox import Outbox
from winnowd.storage.ledger.pages import Pages
from winnowd.storage.ledger.queue import Queue
from winnowd.storage.ledger.schema import VERSION, LedgerDamagedError, LedgerNewerError, migrate, must_be_known
from winnowd.storage.lock import opened_alone

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from winnowd.storage.ledger.articles import Articles

_CHECKPOINT_PAGES: Final = 4096  # 16 MiB of WAL
_NOT_OPENED: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})


PUBLISHED: Final = "published"
"""The key under which the sequence of the last line that the log is known to have is kept."""


class Ledger:
    """One connection. ``open`` gives the only one that may write; ``read`` one that cannot."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        on_effect: Callable[[str], None] = no_hook,
        lock: int | None = None,
    ) -> None:
        connection.row_factory = sqlite3.Row
        self._lock = lock
        self._connection = connection
        self._on_effect = on_effect
        self.arrivals = Arrivals(connection)
        self.audited = Audited(connection)
        self.bindings = Bindings(connection)
        self.browse = Browse(connection)
        self.changes = Changes(connection)
        self.corpus = CorpusRows(connection)
        self.decisions = Decisions(connection)
        self.history = History(connection)
        self.outbox = Outbox(connection)
        self.pages = Pages(connection)
        self.queue = Queue(connection)

    @cached_property
    def articles(self) -> Articles:
        """Fingerprints and held texts; numpy comes with them, which who only asks does not need."""
        from winnowd.storage.ledger.articles import Articles

        return Articles(self._connection)

    @classmethod
    def open(cls, path: Path, on_effect: Callable[[str], None] = no_hook) -> Self:
        """Open for writing; make it, or bring its schema up to date. Only the holder of the lock may.

        The file itself is locked, too: whoever has removed ``state/lock`` meets that.

        Raises:
            LockHeldError: another process has it open for writing.
            LedgerDamagedError: it is no ledger, or it is damaged.
            LedgerNewerError: its schema is newer than this program.
            sqlite3.OperationalError: the machine fails: its disk is full, say; it is no fault of the ledger.
            PermissionError: it is no file, or belongs to somebody else.
        """
        with contextlib.ExitStack() as held, _distinguished(path):
            held.callback(os.close, lock := opened_alone(path))  # after the connection: closing it frees SQLite's locks
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            held.callback(connection.close)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.execute("PRAGMA foreign_keys = ON")
            must_write(connection)
            migrate(connection)
            held.pop_all()
        return cls(connection, on_effect, lock)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Open for reading; close it soon, since a long reader keeps the write-ahead log from shrinking.

        One that an earlier winnowd made is read as it will be once it is opened for writing, from a copy.

        Raises:
            FileNotFoundError: there is no ledger yet.
            LedgerDamagedError: it cannot be read.
            LedgerNewerError: its schema is newer than this program.
        """
        if not path.exists():
            raise FileNotFoundError(path)
        connection = sqlite3.connect(_to_read(path), uri=True, isolation_level=None)
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if 0 < version < VERSION:
                connection = _brought_up_to_date(connection)
                version = VERSION
            must_be_known(connection)
        except LedgerNewerError:
            connection.close()
            raise
        except sqlite3.DatabaseError as fault:
            connection.close()
            raise LedgerDamagedError(f"{path.name}: {fault}") from fault
        if version != VERSION:
            connection.close()
            what = f"schema {version}, this winnowd knows {VERSION}; its next start brings it up to date"
            raise LedgerDamagedError(f"{path.name}: {what}")
        return cls(connection)

    @classmethod
    @contextlib.contextmanager
    def glance(cls, path: Path) -> Iterator[Self | None]:
        """Ask a ledger of whatever version before it is opened; None if there is none, or nothing in it yet.

        Nothing is changed, nor made: where no write-ahead log lies beside it nobody writes, and SQLite need make none.
        But what a kill has left half written is undone, as any opening does.

        Raises:
            LedgerDamagedError, PermissionError, sqlite3.OperationalError: as ``open``.
        """
        if not path.exists():
            yield None
            return
        is_still = not any(os.path.exists(f"{path}{side}") for side in ("-wal", "-journal"))
        with _distinguished(path), contextlib.closing(_asking(path, is_still=is_still)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            yield cls(connection) if version else None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; on disk when it ends."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._on_effect("commit")
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._on_effect("committed")

    def get(self, key: str) -> str | None:
        """A value kept under a key."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row["value"])

    def set(self, key: str, value: str) -> None:
        """Keep a value under a key; inside a transaction."""
        self._connection.execute(
            "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    def drop(self, key: str) -> None:
        """Keep nothing under a key any more; inside a transaction."""
        self._connection.execute("DELETE FROM meta WHERE key = ?", (key,))

    def note_config(self, sha256: str, settings: str, now: dt.datetime) -> None:
        """Keep a configuration whole, once; inside a transaction."""
        self._connection.execute(
            "INSERT INTO config (sha256, settings, used_at) VALUES (?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
            (sha256, settings, now.isoformat()),
        )

    def faults(self) -> list[str]:
        """What SQLite's own check finds wrong, nothing if all is well."""
        rows = self._connection.execute("PRAGMA integrity_check(20)").fetchall()
        found = [str(row[0]) for row in rows]
        return [] if found == ["ok"] else found

    def snapshot(self, path: Path) -> None:
        """Copy it as it is, into one file that needs none beside it to be read."""
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
            self._connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file, as far as readers let it."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the connection; what is not committed is undone."""
        self._connection.close()
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None


def _is_ours(path: Path) -> bool:
    """Whether a ledger is a file that we may write, or make; SQLite says of any reason only that it cannot open it."""
    return os.access(path if path.exists() else path.parent, os.R_OK | os.W_OK) and not path.is_dir()


def _to_read(path: Path) -> str:
    """The address of a ledger that is only read.

    Where nobody writes SQLite would make a write-ahead log first; who may make none reads the file as it lies.
    """
    is_still = not any(os.path.exists(f"{path}{side}") for side in ("-wal", "-journal"))
    as_it_lies = is_still and not os.access(path.parent, os.W_OK, effective_ids=True)
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if as_it_lies else ''}"


def _asking(path: Path, *, is_still: bool) -> sqlite3.Connection:
    """A connection that asks; SQLite cannot undo what a kill has left half written where it may only read."""
    uri = path.absolute().as_uri()
    connection = sqlite3.connect(f"{uri}?mode=ro{'&immutable=1' if is_still else ''}", uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError as fault:
        connection.close()
        if getattr(fault, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_READONLY:
            raise
        return sqlite3.connect(f"{uri}?mode=rw", uri=True, isolation_level=None)
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _distinguished(path: Path) -> Iterator[None]:
    """A damaged ledger, a file that is not ours, and a machine that fails: SQLite does not tell the last two apart."""
    try:
        yield
    except sqlite3.OperationalError as fault:
        is_not_opened = getattr(fault, "sqlite_errorcode", 0) & 0xFF in _NOT_OPENED or path.is_dir()
        if is_not_opened and not _is_ours(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path)) from fault
        raise
    except sqlite3.DatabaseError as fault:
        raise LedgerDamagedError(f"{path.name}: {fault}") from fault


def must_write(connection: sqlite3.Connection) -> None:
    """Try to write; a file that it cannot open for writing just now SQLite silently opens for reading, for good."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("ROLLBACK")


def _brought_up_to_date(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A copy with today's schema, in a temporary file that goes with its connection; the one given is closed."""
    copy = sqlite3.connect("", isolation_level=None)
    with contextlib.closing(connection):
        connection.backup(copy)
    migrate(copy)
    return copy
