"""What waits for a person, as the ledger has it: records in quarantine, oldest first, and why they are there."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

from winnowd.layout import INBOX
from winnowd.model import Twin, Waiting

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.model import Selection

_FROM: Final = "FROM decision d INDEXED BY decision_waiting"
_SHOWN: Final = f"""
    SELECT d.*, a.id AS arrival_id, a.path, a.feed, r.reason, t.line
    {_FROM} JOIN arrival a ON a.number = d.arrival
    LEFT JOIN held_reason r ON r.number = d.number LEFT JOIN held_text t ON t.number = d.number
"""
_TITLE: Final = """
    SELECT d.name, d.outcome, coalesce(p.line, t.line) AS line
    FROM decision d LEFT JOIN page_row p ON p.number = d.number LEFT JOIN held_text t ON t.number = d.number
"""
_TWIN_OF: Final = "SELECT twin FROM relation WHERE number = ? AND grade <> 'pass' ORDER BY code = ? DESC, code LIMIT 1"


class Queue:
    """Asks."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def page(self, selection: Selection, *, after: int = 0, most: int = -1) -> list[Waiting]:
        """Those of a selection that come behind this number, oldest first, at most so many (-1: all)."""
        where, given = _where(selection)
        query = f"{_SHOWN} WHERE {where} AND d.number > ? ORDER BY d.number LIMIT ?"
        return [self._waiting(row) for row in self._connection.execute(query, (*given, after, most))]

    def numbered(self, numbers: Sequence[int]) -> list[Waiting]:
        """Those of these numbers that wait."""
        query = f"{_SHOWN} WHERE d.outcome = 'quarantined' AND d.number = ?"
        rows = (self._connection.execute(query, (number,)).fetchone() for number in numbers)
        return [self._waiting(row) for row in rows if row is not None]

    def counts(self, selection: Selection) -> dict[str, int]:
        """How many of a selection have which codes (``DUP607 QUA401``, the worst first)."""
        where, given = _where(selection)
        query = f"SELECT d.codes, count(*) {_FROM} WHERE {where} GROUP BY d.codes"
        return dict(map(tuple, self._connection.execute(query, given)))

    def feeds(self, selection: Selection) -> dict[str, int]:
        """How many of a selection came by which feed, most first."""
        where, given = _where(selection)
        query = f"SELECT a.feed, count(*) AS n {_FROM} JOIN arrival a ON a.number = d.arrival WHERE {where}"
        return dict(map(tuple, self._connection.execute(f"{query} GROUP BY a.feed ORDER BY n DESC, a.feed", given)))

    def position_in(self, selection: Selection, number: int) -> tuple[int, int | None, int | None]:
        """How many of a selection come before a number; the nearest number before it, and behind it."""
        where, given = _where(selection)
        before = f"SELECT count(*), max(d.number) {_FROM} WHERE {where} AND d.number < ?"
        behind = f"SELECT min(d.number) {_FROM} WHERE {where} AND d.number > ?"
        count, previous = self._connection.execute(before, (*given, number)).fetchone()
        (following,) = self._connection.execute(behind, (*given, number)).fetchone()
        return count, previous, following

    def oldest(self) -> str | None:
        """When the oldest that waits was decided."""
        query = f"SELECT d.decided_at {_FROM} WHERE d.outcome = 'quarantined' ORDER BY d.number LIMIT 1"
        row = self._connection.execute(query).fetchone()
        return None if row is None else str(row[0])

    def numbers(self, selection: Selection) -> str:
        """The numbers of a selection, oldest first, in one text: ``4,8,15``."""
        where, given = _where(selection)
        query = f"SELECT group_concat(number) FROM (SELECT d.number {_FROM} WHERE {where} ORDER BY d.number)"  # noqa: S608 - our own words
        return str(self._connection.execute(query, given).fetchone()[0] or "")

    def records(self, selection: Selection) -> dict[int, str]:
        """``<arrival>-<record>`` of each of a selection, oldest first, by its number."""
        where, given = _where(selection)
        query = f"SELECT d.number, a.id || '-' || d.record {_FROM} JOIN arrival a ON a.number = d.arrival WHERE {where}"
        return dict(map(tuple, self._connection.execute(f"{query} ORDER BY d.number", given)))

    def titled(self, name: str) -> Twin | None:
        """What article has this name, by its title, and how it stands; None if none has."""
        query = f"{_TITLE} WHERE d.name = ? ORDER BY d.standing = 'admitted' DESC, d.number LIMIT 1"
        row = self._connection.execute(query, (name,)).fetchone()
        return None if row is None else Twin(row["name"], _title(row["line"]), row["outcome"])

    def _waiting(self, row: sqlite3.Row) -> Waiting:
        reason = _parsed(row["reason"])
        codes = tuple(row["codes"].split())
        nearest = reason.get("nearest") or {}
        return Waiting(
            number=row["number"],
            sequence=row["sequence"],
            id=row["name"],
            record=f"{row['arrival_id']}-{row['record']}",
            file=f"{INBOX}/{row['path'].decode('utf-8', 'backslashreplace')}",  # as events have it
            feed=row["feed"],
            title=_title(row["line"]),
            codes=codes,
            decided_at=dt.datetime.fromisoformat(row["decided_at"]),
            finding=reason.get("finding") or {},
            nearest=nearest,
            twin=self._twin(row["number"], codes[0] if codes else "", nearest),
        )

    def _twin(self, number: int, code: str, nearest: Mapping[str, Any]) -> Twin | None:
        """The article that its event names as its twin; where that is not kept, the one that the worst rule names."""
        if nearest:
            return self.titled(nearest["id"]) if nearest["twin"] else None
        related = self._connection.execute(_TWIN_OF, (number, code)).fetchone()
        if related is None:
            return None
        row = self._connection.execute(f"{_TITLE} WHERE d.number = ?", (related["twin"],)).fetchone()
        return None if row is None else Twin(row["name"], _title(row["line"]), row["outcome"])


def _where(selection: Selection) -> tuple[str, list[object]]:
    """The condition of a selection, and its values."""
    parts = [*_conditions(selection)]
    return " AND ".join(["d.outcome = 'quarantined'", *(part for part, _ in parts)]), [
        value for _, values in parts for value in values
    ]


def _conditions(selection: Selection) -> Iterator[tuple[str, tuple[object, ...]]]:
    if selection.since is not None:
        yield "d.decided_at >= ?", (_stamp(selection.since),)
    if selection.until is not None:
        yield "d.decided_at <= ?", (_stamp(selection.until),)
    if selection.codes:
        one = "instr(' ' || d.codes || ' ', ?) > 0"
        yield f"({' OR '.join([one] * len(selection.codes))})", tuple(f" {code} " for code in selection.codes)
    if feed := selection.feed:
        of_feed = "SELECT 1 FROM arrival f WHERE f.number = d.arrival AND (f.feed = ? OR substr(f.feed, 1, ?) = ?)"
        yield f"EXISTS ({of_feed})", (feed, len(feed) + 1, f"{feed}/")


def _stamp(at: dt.datetime) -> str:
    """A moment as decisions have theirs."""
    return at.astimezone(dt.UTC).isoformat()


def _parsed(text: str | None) -> Mapping[str, Any]:
    with contextlib.suppress(ValueError):
        found = json.loads(text or "{}")
        if isinstance(found, dict):
            return found
    return {}


def _title(line: str | None) -> str:
    """The title in an index row; "" if it has none, or cannot be read: a list must not end for one row."""
    return str(_parsed(line).get("title") or "")
