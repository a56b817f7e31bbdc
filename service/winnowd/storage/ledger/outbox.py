"""The audit log's lines, fixed where they become true: sequence, bytes, chain, and place in the day's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from winnowd.model import Line

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator


class End(NamedTuple):
    """Where the log ends: the next line has ``sequence`` + 1, its ``prev`` is ``sha256``, its day at least ``day``."""

    sequence: int = 0
    sha256: str = ""
    day: str = ""
    size: int = 0


class Outbox:
    """Lines not yet known to be in the log, and the places of all; writes only inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def end(self) -> End:
        """The end of the log as it will be once all is published."""
        row = self._connection.execute("SELECT * FROM outbox ORDER BY sequence DESC LIMIT 1").fetchone()
        return End() if row is None else End(row["sequence"], row["sha256"], row["day"], row["start"] + row["size"])

    def add(self, lines: Iterable[Line]) -> None:
        """Fix lines."""
        self._connection.executemany(
            "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?)",
            [(one.sequence, one.day, one.start, len(one.line), one.sha256, one.line) for one in lines],
        )

    def lines(self, day: str, start: int = 0) -> Iterator[Line]:
        """The lines of a day from an offset on, as far as their bytes are kept."""
        rows = self._connection.execute(
            "SELECT * FROM outbox WHERE day = ? AND start >= ? AND line IS NOT NULL ORDER BY sequence", (day, start)
        )
        for row in rows:
            yield Line(row["sequence"], row["day"], row["start"], row["line"], row["sha256"])

    def days(self) -> dict[str, int]:
        """The days whose lines are kept, oldest first, with the size that the day's file must have."""
        rows = self._connection.execute(
            "SELECT day, max(start + size) AS size FROM outbox WHERE line IS NOT NULL GROUP BY day ORDER BY day"
        )
        return {row["day"]: row["size"] for row in rows}

    def position(self, sequence: int) -> tuple[str, int, int] | None:
        """Day, offset and size of an event's line."""
        row = self._connection.execute("SELECT day, start, size FROM outbox WHERE sequence = ?", (sequence,)).fetchone()
        return None if row is None else (row["day"], row["start"], row["size"])

    def sha256(self, sequence: int) -> str | None:
        """The hash of an event's line."""
        row = self._connection.execute("SELECT sha256 FROM outbox WHERE sequence = ?", (sequence,)).fetchone()
        return None if row is None else str(row["sha256"])

    def last_of(self, day: str) -> int | None:
        """The number of the last event of a day."""
        row = self._connection.execute("SELECT max(sequence) AS last FROM outbox WHERE day = ?", (day,)).fetchone()
        return None if row["last"] is None else int(row["last"])

    def seal(self, day: str) -> None:
        """Drop the bytes of a day that was read back from its file."""
        self._connection.execute("UPDATE outbox SET line = NULL WHERE day = ?", (day,))
