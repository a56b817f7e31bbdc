"""The rows of the ledger as they are held to the log: each decision with all that is kept of it; nothing is written."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.event.kept import (
    digest_of,
    fingerprint_digest,
    paragraphs_digest,
    relation_digests,
    standing_digest,
    text_digest,
)
from winnowd.model import Standing
from winnowd.storage.ledger.schema import misfits, misshapen

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

_ROWS: Final = """
    SELECT d.number, d.name, d.record, d.text_sha256, d.outcome, d.standing, d.root, d.codes, d.home, d.sequence,
           d.decided_at, a.id AS arrival, a.feed, a.path, a.size, a.home AS original,
           s.recipe, s.raw_digest, s.word_digest, s.minima, s.keys, s.words, s.language, s.publisher, s.published,
           s.seeded, s.integrity, s.host, s.stated, s.lexicon, b.shingles, b.sketch,
           h.text AS held, h.line AS held_row, p.line AS page_row, r.reason, s.number AS signed, b.number AS has_body,
           (SELECT o.before FROM done_order o WHERE o.number = d.number ORDER BY o.sequence LIMIT 1) AS first_before
    FROM decision d LEFT JOIN arrival a ON a.number = d.arrival LEFT JOIN signature s ON s.number = d.number
         LEFT JOIN body b ON b.number = d.number LEFT JOIN held_text h ON h.number = d.number
         LEFT JOIN page_row p ON p.number = d.number LEFT JOIN held_reason r ON r.number = d.number
"""
_SIDES: Final = ("signature", "body", "held_text", "page_row", "held_reason", "relation", "paragraph", "done_order")
"""Tables whose rows belong to a decision."""
_OF_EVENTS: Final = ("decision", "done_order", "binding", "tombstone")
"""Tables whose rows name the event that made them."""
_SUMS: Final = """
    SELECT p.page, p.articles = coalesce(r.n, 0) AND p.words = coalesce(r.words, 0) AND p.bytes = coalesce(r.bytes, 0)
           AND p.first_published IS r.first AND p.last_published IS r.last AS agrees
    FROM page p LEFT JOIN (
        SELECT page, count(*) AS n, sum(json_extract(line, '$.words')) AS words,
               sum(json_extract(line, '$.bytes')) AS bytes, min(json_extract(line, '$.published')) AS first,
               max(json_extract(line, '$.published')) AS last
        FROM page_row GROUP BY page
    ) r ON r.page = p.page
"""


class DoneOrder(NamedTuple):
    """An order as the ledger has it; ``before``: the digest of how the record stood, "" if that cannot be read."""

    sequence: int
    id: str
    action: str
    number: int
    before: str


@dataclasses.dataclass(frozen=True, slots=True)
class AuditedRow:
    """One decision as the ledger has it, with its digests; ``columns`` are those of all its tables."""

    columns: Mapping[str, Any]
    relations: tuple[tuple[int, str, str, float, str, str], ...]
    paragraphs: tuple[int, ...]

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401 - a column of SQLite
        """One column."""
        return self.columns[column]

    @property
    def standing_digest(self) -> str:
        """Of how it stands."""
        return standing_digest(
            self["number"], self["outcome"], self["standing"], self["root"], str(self["codes"]).split(), self["home"],
            self["text_sha256"],
        )  # fmt: skip

    def first_before(self, text_sha256: str | None) -> str | None:
        """The digest of how it stood before the first order on it, with this text; None without one."""
        before = self["first_before"]
        return None if before is None else _before_digest(self["number"], before, text_sha256)

    @property
    def fingerprint_digest(self) -> str:
        """Of all that is compared with newcomers, "" where there is nothing, or half of it."""
        if self["signed"] is None or self["has_body"] is None:
            return ""
        return fingerprint_digest(self.columns)

    @property
    def paragraphs_digest(self) -> str:
        """Of its paragraphs."""
        return paragraphs_digest(self.paragraphs) if all(type(one) is int for one in self.paragraphs) else ""

    @property
    def relation_digests(self) -> dict[str, str]:
        """Of what it resembles, by number."""
        try:
            return relation_digests(self.relations)
        except TypeError:
            return {"": "no number"}

    @property
    def row(self) -> str | None:
        """Its row of the index, or the one that it would have."""
        found: str | None = self["page_row"] if self["standing"] == Standing.ADMITTED else self["held_row"]
        return found

    @property
    def row_digest(self) -> str:
        """Of that row, "" without one."""
        return "" if self.row is None else text_digest(self.row)

    @property
    def held_sha256(self) -> str | None:
        """The SHA-256 of the text that is kept of it, "" of what is no text; None if none is."""
        if self["held"] is None:
            return None
        try:
            return hashlib.sha256(zlib.decompress(self["held"])).hexdigest()
        except (zlib.error, TypeError):
            return ""


class Audited:
    """Asks for rows as they stand in one moment; ``steady`` first."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def steady(self) -> None:
        """From now on until the ledger is closed all rows are those of this moment."""
        self._connection.execute("BEGIN")
        self._connection.execute("SELECT count(*) FROM meta").fetchone()

    def rows(self, since: int = 0) -> Iterator[AuditedRow]:
        """All decisions from an event on, by the number of their event."""
        query = f"{_ROWS} WHERE d.sequence >= ? ORDER BY d.sequence"
        return map(self._audited, self._connection.execute(query, (since,)))

    def of(self, arrival: str, record: int) -> AuditedRow | None:
        """The decision on a record."""
        row = self._connection.execute(f"{_ROWS} WHERE a.id = ? AND d.record = ?", (arrival, record)).fetchone()
        return None if row is None else self._audited(row)

    def _audited(self, row: sqlite3.Row) -> AuditedRow:
        number = row["number"]
        relations = self._connection.execute("SELECT * FROM relation WHERE number = ?", (number,))
        paragraphs = self._connection.execute("SELECT hash FROM paragraph WHERE number = ?", (number,))
        return AuditedRow(
            dict(zip(row.keys(), row, strict=True)),
            tuple(tuple(one)[1:] for one in relations),
            tuple(one["hash"] for one in paragraphs),
        )

    def order(self, sequence: int, text_sha256: str | None) -> DoneOrder | None:
        """The order of an event; the SHA-256 of the text that it was given for is not in its row."""
        row = self._connection.execute("SELECT * FROM done_order WHERE sequence = ?", (sequence,)).fetchone()
        if row is None:
            return None
        before = _before_digest(row["number"], row["before"], text_sha256)
        return DoneOrder(row["sequence"], row["id"], row["action"], row["number"], before)

    def orders(self, since: int, until: int) -> set[int]:
        """The sequences of all orders between two events."""
        rows = self._connection.execute(
            "SELECT sequence FROM done_order WHERE sequence BETWEEN ? AND ?", (since, until)
        )
        return {row["sequence"] for row in rows}

    def lines(self, since: int = 0) -> Iterator[tuple[int, str, str, int, int, bytes | None]]:
        """What is kept of the lines of the log: sequence, SHA-256, day, offset, size, the bytes of an unsealed day."""
        rows = self._connection.execute(
            "SELECT sequence, sha256, day, start, size, line FROM outbox WHERE sequence >= ? ORDER BY sequence",
            (since,),
        )
        return map(tuple, rows)

    def bindings(self) -> dict[int, tuple[str, str, str, bytes | None, bytes | None, int | None, int | None]]:
        """What binds texts, by the event that bound them: action, person, SHA-256, digests, lifted, rebound."""
        rows = self._connection.execute("SELECT * FROM binding")
        return {
            row["sequence"]: (
                row["action"], row["person"], row["text_sha256"], row["raw_digest"], row["word_digest"],
                row["lifted"], row["rebound"],
            )
            for row in rows
        }  # fmt: skip

    def configurations(self) -> dict[str, str]:
        """The settings that ever decided, by the hash that they must have: the hash that they have."""
        rows = self._connection.execute("SELECT sha256, settings FROM config")
        return {row["sha256"]: hashlib.sha256(str(row["settings"]).encode()).hexdigest() for row in rows}

    def refused(self) -> dict[tuple[str, str], int]:
        """How many were turned away, by day and first code."""
        return {(row["day"], row["code"]): row["articles"] for row in self._connection.execute("SELECT * FROM refused")}

    def tombstones(self) -> dict[int, tuple[str, str]]:
        """What left the corpus: id and why, by the event."""
        rows = self._connection.execute("SELECT sequence, id, action FROM tombstone")
        return {row["sequence"]: (row["id"], row["action"]) for row in rows}

    def placed(self) -> dict[str, int]:
        """How many articles were ever placed on the pages of each month."""
        rows = self._connection.execute("SELECT substr(page, 1, 7) AS month, sum(placed) AS n FROM page GROUP BY 1")
        return {row["month"]: row["n"] for row in rows}

    def wrong_pages(self) -> list[str]:
        """The pages whose sums are not those of their rows."""
        return [row["page"] for row in self._connection.execute(_SUMS) if not row["agrees"]]

    def recipes(self) -> set[str]:
        """The recipes that fingerprints say they are made by."""
        return {str(row["recipe"]) for row in self._connection.execute("SELECT DISTINCT recipe FROM signature")}

    def nobodys(self) -> list[str]:
        """The tables in which rows stand of no decision."""
        query = "SELECT 1 FROM {0} s WHERE NOT EXISTS (SELECT 1 FROM decision d WHERE d.number = s.number) LIMIT 1"
        return [one for one in _SIDES if self._connection.execute(query.format(one)).fetchone() is not None]

    def beyond(self, end: int) -> list[str]:
        """The tables with rows of events that there cannot be, when this is the last: rows that no event is held to."""
        query = "SELECT 1 FROM {0} WHERE sequence NOT BETWEEN 1 AND ? LIMIT 1"
        return [one for one in _OF_EVENTS if self._connection.execute(query.format(one), (end,)).fetchone() is not None]

    def misshapen(self) -> Iterator[str]:
        """What of its tables is not as winnowd makes them."""
        return misshapen(self._connection)

    def misfits(self) -> Iterator[tuple[str, str]]:
        """The columns (table, column) in which something stands that is not of the column's kind."""
        return misfits(self._connection)

    def effects(self) -> list[str]:
        """The files that are still to be written, or moved to."""
        query = "SELECT path FROM effect WHERE content IS NOT NULL OR source IS NOT NULL ORDER BY path"
        return [row["path"] for row in self._connection.execute(query)]

    def originals(self, folder: str, since: int = 0) -> Iterator[tuple[str, str]]:
        """Where the originals of decided arrivals lie below a folder: path, id; of all, or decided since an event."""
        rows = self._connection.execute(
            "SELECT home, id FROM arrival a WHERE state = 'done' AND home >= ? AND home < ? AND EXISTS ("
            "SELECT 1 FROM decision d WHERE d.arrival = a.number AND d.sequence >= ?)",
            (f"{folder}/", f"{folder}0", since),
        )
        return map(tuple, rows)

    def lies_at(self, path: str) -> bool:
        """Whether a record has its home there."""
        return self._connection.execute("SELECT 1 FROM decision WHERE home = ?", (path,)).fetchone() is not None

    def arrival(self, number: int, since: int = 0) -> Mapping[str, Any] | None:
        """An arrival: id, home, size, how many records it has, the raw digest of one that has a fingerprint.

        ``is_recent``: one of them was decided from an event on.
        """
        row = self._connection.execute(
            "SELECT a.id, a.home, a.size, count(d.number) AS records, max(s.raw_digest) AS raw_digest, "
            "coalesce(max(d.sequence) >= ?, 0) AS is_recent "
            "FROM arrival a LEFT JOIN decision d ON d.arrival = a.number LEFT JOIN signature s ON s.number = d.number "
            "WHERE a.number = ? GROUP BY a.number",
            (since, number),
        ).fetchone()
        return None if row is None else dict(zip(row.keys(), row, strict=True))

    def was_ordered(self, arrival: int, record: int) -> bool:
        """Whether an order was ever carried out on a record."""
        query = "SELECT 1 FROM decision d JOIN done_order o ON o.number = d.number WHERE d.arrival = ? AND d.record = ?"
        return self._connection.execute(query, (arrival, record)).fetchone() is not None


def _before_digest(number: int, before: str, text_sha256: str | None) -> str:
    try:
        found = json.loads(before)
        return standing_digest(
            number, found["outcome"], found["standing"], found["root"], found["codes"], found["home"], text_sha256
        )
    except (ValueError, KeyError, TypeError):
        return digest_of(before)
