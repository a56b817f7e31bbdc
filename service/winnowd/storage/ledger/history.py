"""What the ledger knows of the log: where events stand, what they made of the corpus; nothing is written."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

_LAST: Final = "\U0010ffff"
_MOST_DIGITS: Final = 15
# CROSS JOIN: paths are looked through one after the other, and decisions looked up of those alone that fit.
_FITTING: Final = """
    SELECT sequence FROM decision WHERE name >= :key AND name < :key_end
    UNION SELECT d.sequence FROM decision d JOIN arrival a ON a.number = d.arrival
          WHERE a.id >= :arrival AND a.id < :arrival_end
    UNION SELECT d.sequence FROM arrival a CROSS JOIN decision d ON d.arrival = a.number WHERE instr(a.path, :path)
    ORDER BY sequence LIMIT :most
"""
_NAMED: Final = """
    SELECT sequence FROM decision WHERE name = :key
    UNION SELECT d.sequence FROM decision d JOIN arrival a ON a.number = d.arrival
          WHERE a.id = :arrival AND d.record = :record
    ORDER BY sequence LIMIT :most
"""
_OF: Final = """
    SELECT sequence FROM decision WHERE name = ?
    UNION SELECT o.sequence FROM done_order o JOIN decision d ON d.number = o.number WHERE d.name = ?
    ORDER BY sequence
"""


class History:
    """Asks by what a person knows of a record, and by its name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def fitting(self, key: str, most: int) -> list[int]:
        """The sequences of decisions that a key may fit, at most so many; ``key`` as it stands in events."""
        arrival = key.partition("-")[0]
        wanted = {
            "key": key,
            "key_end": key + _LAST,
            "arrival": arrival,
            "arrival_end": arrival + _LAST,
            "path": key.encode(),
            "most": most,
        }
        return [row["sequence"] for row in self._connection.execute(_FITTING, wanted)]

    def named(self, key: str, most: int) -> list[int]:
        """The same of those alone whose whole name it is, or whose ``<arrival>-<record>``; by index."""
        arrival, _, record = key.rpartition("-")
        number = int(record) if record.isdecimal() and len(record) <= _MOST_DIGITS else -1
        wanted = {"key": key, "arrival": arrival, "record": number, "most": most}
        return [row["sequence"] for row in self._connection.execute(_NAMED, wanted)]

    def of(self, names: Iterable[str]) -> list[int]:
        """The sequences of all decisions and orders on the records of these names."""
        return sorted({row["sequence"] for name in names for row in self._connection.execute(_OF, (name, name))})

    def text(self, text_sha256: str) -> str | None:
        """A text that is not in the corpus, as it is kept here."""
        row = self._connection.execute(
            "SELECT t.text FROM decision d JOIN held_text t ON t.number = d.number WHERE d.text_sha256 = ? LIMIT 1",
            (text_sha256,),
        ).fetchone()
        return None if row is None else zlib.decompress(row["text"]).decode()

    def used_since(self, config: str) -> str | None:
        """The day (``2026-11-22``) from which a configuration was in force."""
        row = self._connection.execute("SELECT used_at FROM config WHERE sha256 = ?", (config,)).fetchone()
        return None if row is None else str(row["used_at"])[:10]

    def corpus(self) -> Iterator[tuple[str, bytes]]:
        """The files of the corpus, and the SHA-256 of each text."""
        for row in self._connection.execute("SELECT home, text_sha256 FROM decision WHERE standing = 'admitted'"):
            yield row["home"], bytes.fromhex(row["text_sha256"] or "")

    def decided_until(self, sequence: int) -> int:
        """How many records were decided up to an event."""
        row = self._connection.execute("SELECT count(*) AS n FROM decision WHERE sequence <= ?", (sequence,))
        return int(row.fetchone()["n"])

    def touched_since(self, sequence: int) -> set[str]:
        """The files that events after this one have put somewhere, or taken away."""
        rows = self._connection.execute(
            "SELECT home, NULL AS before FROM decision WHERE sequence > ? UNION ALL SELECT d.home, o.before "
            "FROM done_order o JOIN decision d ON d.number = o.number WHERE o.sequence > ?",
            (sequence, sequence),
        ).fetchall()
        before = {json.loads(row["before"])["home"] for row in rows if row["before"]}
        return before | {row["home"] for row in rows}

    def number_of(self, arrival: str, record: int) -> int | None:
        """The number of the decision on a record of an arrival."""
        row = self._connection.execute(
            "SELECT d.number FROM decision d JOIN arrival a ON a.number = d.arrival WHERE a.id = ? AND d.record = ?",
            (arrival, record),
        ).fetchone()
        return None if row is None else int(row["number"])

    def number_at(self, location: str) -> tuple[int, int | None] | None:
        """The number of the decision whose record lies there, and that of what it is a copy of."""
        row = self._connection.execute("SELECT number, root FROM decision WHERE home = ?", (location,)).fetchone()
        return None if row is None else (row["number"], row["root"])

    def has_arrival(self, arrival: str) -> bool:
        """Whether an arrival has a row."""
        return self._connection.execute("SELECT 1 FROM arrival WHERE id = ?", (arrival,)).fetchone() is not None

    def latest(self, name: str) -> int:
        """The number of the last decision on a record of this name.

        Raises:
            KeyError: there is none.
        """
        row = self._connection.execute("SELECT max(number) AS number FROM decision WHERE name = ?", (name,)).fetchone()
        if row["number"] is None:
            raise KeyError(name)
        return int(row["number"])
