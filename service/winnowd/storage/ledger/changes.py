"""Decisions as they stand today, and the changes that people's orders and better articles make of them."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

from winnowd.model import Standing, StoredDecision
from winnowd.storage.ledger.arrivals import Arrivals
from winnowd.storage.ledger.bindings import Bindings

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping

    from winnowd.model import StateChange

_FILED: Final = """
    SELECT d.*, a.id AS arrival_id, a.path, a.home AS original, EXISTS (
        SELECT 1 FROM decision o WHERE o.arrival = d.arrival AND o.number <> d.number AND o.outcome <> 'erased'
    ) AS others
    FROM decision d JOIN arrival a ON a.number = d.arrival
"""
_MOST: Final = 1_000


def _stored(row: sqlite3.Row) -> StoredDecision:
    standing = row["standing"]
    return StoredDecision(
        number=row["number"],
        name=row["name"],
        arrival=row["arrival_id"],
        record=row["record"],
        path=row["path"],
        text_sha256=row["text_sha256"],
        outcome=row["outcome"],
        standing=None if standing is None else Standing(standing),
        root=row["root"],
        codes=tuple(row["codes"].split()),
        location=row["home"],
        decided_at=dt.datetime.fromisoformat(row["decided_at"]),
        alone=not row["others"] and row["original"] is not None,
        original=row["original"] or "",
    )


class Changes:
    """Asks by number or by whatever a person knows of a record; writes only inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._bindings = Bindings(connection)

    def stored(self, number: int) -> StoredDecision | None:
        """How a decision stands."""
        row = self._connection.execute(f"{_FILED} WHERE d.number = ?", (number,)).fetchone()
        return None if row is None else _stored(row)

    def find(self, key: str) -> list[StoredDecision]:
        """The decisions that a key fits, oldest first: the beginning of an id, an arrival (``-record``), a file."""
        return list(self._find(key))[:_MOST]

    def _find(self, key: str) -> Iterator[StoredDecision]:
        arrival, _, record = key.partition("-")
        if arrival and record.isdecimal() and record.isascii():
            found = self._of_arrival(arrival, " AND d.record = ?", int(record))
        else:
            query = f"{_FILED} WHERE d.name >= ? AND d.name < ? ORDER BY d.number"
            begun = [_stored(row) for row in self._connection.execute(query, (key, key + "\U0010ffff"))]
            found = [one for one in begun if one.name == key] or begun
            found = found or (self._of_arrival(arrival) if not record else [])
        yield from found or self._named(key)

    def _of_arrival(self, begun: str, condition: str = "", *values: int) -> list[StoredDecision]:
        """The records of the arrivals whose ids begin so; a record by its number is no beginning of another's."""
        query = f"{_FILED} WHERE a.id >= ? AND a.id < ?{condition} ORDER BY d.number"
        return [_stored(row) for row in self._connection.execute(query, (begun, begun + "\U0010ffff", *values))]

    def _named(self, key: str) -> Iterator[StoredDecision]:
        """By the file's name: the whole of it, else what it begins with."""
        wanted = key.encode("utf-8", "surrogateescape")
        rows = self._connection.execute(f"{_FILED} WHERE instr(a.path, ?) > 0 ORDER BY d.number", (wanted,))
        begun = [one for row in rows if (one := _stored(row)).path.rpartition(b"/")[2].startswith(wanted)]
        exact = [one for one in begun if one.path.rpartition(b"/")[2] == wanted]
        yield from exact or begun

    def applied(self, order: str, number: int) -> bool:
        """Whether this order was carried out here, by a run that was killed before it took the file away."""
        row = self._connection.execute("SELECT 1 FROM done_order WHERE id = ? AND number = ?", (order, number))
        return row.fetchone() is not None

    def resembling(self, number: int) -> list[str]:
        """The records that name this one as what they resemble: their evidence quotes it, and copies hold its words."""
        rows = self._connection.execute(
            "SELECT name FROM decision WHERE outcome <> 'erased' AND number IN "
            "(SELECT number FROM relation WHERE twin = ?) ORDER BY number",
            (number,),
        )
        return [row["name"] for row in rows]

    def of_text(self, stored: StoredDecision) -> list[StoredDecision]:
        """All records of its text, oldest first; of what has no text itself."""
        query = f"{_FILED} WHERE d.name = ? ORDER BY d.number"
        return [_stored(row) for row in self._connection.execute(query, (stored.name,))]

    def last_order(self, number: int) -> tuple[int, str] | None:
        """The sequence and the id of the last order that changed a decision."""
        row = self._connection.execute(
            "SELECT sequence, id FROM done_order WHERE number = ? ORDER BY sequence DESC LIMIT 1", (number,)
        ).fetchone()
        return None if row is None else (row["sequence"], row["id"])

    def changed_by(self, order: str) -> list[StoredDecision]:
        """The decisions that an order changed, in that order, as they stand now."""
        query = f"{_FILED} JOIN done_order o ON o.number = d.number WHERE o.id = ? ORDER BY o.sequence"
        return [_stored(row) for row in self._connection.execute(query, (order,))]

    def before(self, number: int) -> tuple[int, Mapping[str, Any]] | None:
        """The sequence of the last order on a decision, and how it stood before."""
        row = self._connection.execute(
            "SELECT sequence, before FROM done_order WHERE number = ? ORDER BY sequence DESC LIMIT 1", (number,)
        ).fetchone()
        return None if row is None else (row["sequence"], json.loads(row["before"]))

    def row(self, number: int) -> Mapping[str, Any] | None:
        """The index row that an article has, or would have."""
        for query in ("SELECT line FROM page_row WHERE number = ?", "SELECT line FROM held_text WHERE number = ?"):
            row = self._connection.execute(query, (number,)).fetchone()
            if row is not None:
                found: dict[str, Any] = json.loads(row["line"])
                return found
        return None

    def apply(self, changes: Iterable[StateChange], at: dt.datetime) -> None:
        """Make changes true, but for index pages, log and files."""
        for change in changes:
            self._keep_text(change)
            self._stand(change, at)
            if change.erased:
                self._erase(change)
            if change.outcome == "reopened":
                Arrivals(self._connection).reopen(change.stored.arrival)
            self._bindings.apply(change)

    def _stand(self, change: StateChange, at: dt.datetime) -> None:
        stored = change.stored
        standing = None if change.standing is None else change.standing.value
        codes = stored.codes if change.codes is None else change.codes
        self._connection.execute(
            "UPDATE decision SET outcome = ?, standing = ?, root = ?, home = ?, codes = ? WHERE number = ?",
            (change.outcome, standing, change.root, change.location, " ".join(codes), stored.number),
        )
        if change.standing is Standing.ADMITTED:
            self._connection.execute("UPDATE signature SET seeded = 1 WHERE number = ?", (stored.number,))
        for effect in change.effects:
            if effect.source is not None:
                self._connection.execute(
                    "UPDATE arrival SET home = ? WHERE id = ? AND home = ?",
                    (effect.path, stored.arrival, effect.source),
                )
        before = {
            "outcome": stored.outcome,
            "standing": None if stored.standing is None else stored.standing.value,
            "root": stored.root,
            "home": stored.location,
            "codes": list(stored.codes),
        }
        self._connection.execute(
            "INSERT INTO done_order VALUES (?, ?, ?, ?, ?, ?)",
            (change.line.sequence, change.order, change.action, stored.number, json.dumps(before), at.isoformat()),
        )

    def _keep_text(self, change: StateChange) -> None:
        number = change.stored.number
        row = self.row(number)
        self._connection.execute("DELETE FROM held_text WHERE number = ?", (number,))
        if change.text is not None and row is not None:
            self._connection.execute(
                "INSERT INTO held_text VALUES (?, ?, ?)",
                (number, zlib.compress(change.text.encode(), 1), json.dumps(row, ensure_ascii=False)),
            )

    def _erase(self, change: StateChange) -> None:
        number = change.stored.number
        for table in ("paragraph", "held_reason"):
            self._connection.execute(f"DELETE FROM {table} WHERE number = ?", (number,))  # noqa: S608 - our own words
        if change.erased == "all":
            self._connection.execute("DELETE FROM body WHERE number = ?", (number,))
            self._connection.execute("DELETE FROM signature WHERE number = ?", (number,))
            self._connection.execute("UPDATE decision SET text_sha256 = NULL WHERE number = ?", (number,))
        else:
            self._connection.execute("UPDATE body SET shingles = x'', sketch = NULL WHERE number = ?", (number,))
            self._connection.execute(
                "UPDATE signature SET minima = NULL, keys = x'', words = 0, language = '', publisher = '', "
                "published = NULL, integrity = 0, host = '', stated = 0, lexicon = '' WHERE number = ?",
                (number,),
            )
        self._connection.execute("DELETE FROM relation WHERE number = ? OR twin = ?", (number, number))
