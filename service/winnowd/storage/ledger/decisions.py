"""Rows of decisions, the sums that follow from them, and the files they still have to become."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from winnowd.model import Effect
from winnowd.storage.ledger.bindings import Bindings

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from winnowd.model import Binding
    from winnowd.storage.ledger.rows import Rows


_EFFECT = (
    "INSERT INTO effect VALUES (?, ?, ?) "
    "ON CONFLICT (path) DO UPDATE SET content = excluded.content, source = excluded.source"
)
_CONTINUED: Final = """
    WITH RECURSIVE one (number) AS (
        VALUES (?) UNION SELECT a.continues FROM arrival a JOIN one USING (number) WHERE a.continues IS NOT NULL
    )
"""
_OF_ARRIVAL: Final = f"""{_CONTINUED}
    SELECT d.number FROM decision d JOIN one ON d.arrival = one.number
    WHERE d.outcome NOT IN ('retracted', 'erased')
      AND NOT EXISTS (SELECT 1 FROM binding b WHERE b.text_sha256 = d.text_sha256 AND b.lifted IS NULL)
    ORDER BY d.number DESC
"""  # noqa: S608 - our own words
_STOOD_IN: Final = f"""{_CONTINUED}
    SELECT 1 FROM decision d
    WHERE d.name = ? AND d.text_sha256 = ? AND +d.arrival IN (SELECT number FROM one) LIMIT 1
"""  # noqa: S608 - our own words
"""Found by the name, and not by the arrival, which may have many records."""
_TAKEN: Final = """
    SELECT value AS name,
           (SELECT d.text_sha256 FROM decision d WHERE d.name = value AND d.text_sha256 IS NOT NULL LIMIT 1) AS sha256
    FROM json_each(?)
"""
"""One row of each name: a text that is delivered all day has thousands."""


class Decisions:
    """What was decided of each record; writes only inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._bindings = Bindings(connection)

    def next_number(self) -> int:
        """The number that the next decision gets; numbers are never used again."""
        row = self._connection.execute("SELECT max(number) AS last FROM decision").fetchone()
        return int(row["last"] or 0) + 1

    def sequence(self, number: int) -> int:
        """The sequence of the event that tells of a decision; 0 if there is none."""
        row = self._connection.execute("SELECT sequence FROM decision WHERE number = ?", (number,)).fetchone()
        return 0 if row is None else int(row["sequence"])

    def names_taken(self, names: Sequence[str]) -> dict[str, str | None]:
        """For each of these names the full hash of the text that has it already, None if there is none."""
        return {row["name"]: row["sha256"] for row in self._connection.execute(_TAKEN, (json.dumps(names),))}

    def admitted(self, text_sha256: str) -> int | None:
        """The number of the corpus article of this very text."""
        row = self._connection.execute(
            "SELECT number FROM decision WHERE text_sha256 = ? AND standing = 'admitted'", (text_sha256,)
        ).fetchone()
        return None if row is None else int(row["number"])

    def binds(self) -> bool:
        """Whether a person has decided about any text, lifted or not."""
        return self._bindings.exist()

    def bound(self, text_sha256: str, raw_digest: bytes, word_digest: bytes) -> Binding | None:
        """What a person has decided about this text, and nobody has lifted."""
        return self._bindings.of(text_sha256, raw_digest, word_digest)

    def of_arrival(self, arrival: int) -> list[int]:
        """The numbers of the decisions on the records of an arrival, and of those that it continues, newest first.

        Left out is what a person has taken out of the corpus, or confirmed to stay out: that binds its file, too.
        """
        rows = self._connection.execute(_OF_ARRIVAL, (arrival,))
        return [row["number"] for row in rows]

    def stood_in(self, arrival: int, name: str, text_sha256: str) -> bool:
        """Whether a record of an arrival, or of those that it continues, has this very text, whose name is given."""
        return self._connection.execute(_STOOD_IN, (arrival, name, text_sha256)).fetchone() is not None

    def standing_in(self, numbers: Sequence[int]) -> int | None:
        """The first of these decisions whose article stands in the corpus."""
        for number in numbers:
            query = "SELECT 1 FROM decision WHERE number = ? AND standing = 'admitted'"
            if self._connection.execute(query, (number,)).fetchone():
                return number
        return None

    def record(self, rows: Rows) -> None:
        """Note decisions with their relations, why they hold, their files to be written and the sums."""
        self._connection.executemany("INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows.decision)
        self._connection.executemany("INSERT INTO held_reason VALUES (?, ?)", rows.held_reason)
        self._connection.executemany(
            "INSERT INTO relation VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows.relation
        )
        self._connection.executemany(_EFFECT, rows.effect)
        self.add(rows.total)
        self._connection.executemany(
            "INSERT INTO refused VALUES (?, ?, ?) "
            "ON CONFLICT (day, code) DO UPDATE SET articles = refused.articles + excluded.articles",
            rows.refused,
        )

    def add(self, sums: Mapping[str, int]) -> None:
        """Add to running sums."""
        self._connection.executemany(
            "INSERT INTO total VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = total.n + excluded.n",
            list(sums.items()),
        )

    def totals(self) -> dict[str, int]:
        """All running sums by name: outcomes, arrivals."""
        return {row["name"]: row["n"] for row in self._connection.execute("SELECT name, n FROM total")}

    def in_corpus(self) -> int:
        """How many articles the corpus has."""
        row = self._connection.execute("SELECT coalesce(sum(articles), 0) AS n FROM page").fetchone()
        return int(row["n"])

    def quarantined(self) -> int:
        """How many stand as quarantined."""
        row = self._connection.execute("SELECT count(*) AS n FROM decision WHERE outcome = 'quarantined'").fetchone()
        return int(row["n"])

    def first_quarantined(self, after: int) -> tuple[int, str] | None:
        """The first behind a number that stands as quarantined: its number, and when it was decided."""
        row = self._connection.execute(
            "SELECT number, decided_at FROM decision WHERE number > ? AND outcome = 'quarantined' "
            "ORDER BY number LIMIT 1",
            (after,),
        ).fetchone()
        return None if row is None else (int(row["number"]), str(row["decided_at"]))

    def counts_of(self, arrival: int) -> dict[tuple[str, str], int]:
        """How many records of an arrival are what today, by outcome and first code."""
        rows = self._connection.execute(
            "SELECT outcome, codes, count(*) AS n FROM decision WHERE arrival = ? GROUP BY outcome, codes", (arrival,)
        )
        counts: dict[tuple[str, str], int] = {}
        for row in rows:
            key = (row["outcome"], row["codes"].partition(" ")[0])
            counts[key] = counts.get(key, 0) + int(row["n"])
        return counts

    def refused_since(self, day: str) -> dict[str, int]:
        """How many articles were turned away since a day, by their first code."""
        rows = self._connection.execute(
            "SELECT code, sum(articles) AS n FROM refused WHERE day >= ? GROUP BY code ORDER BY n DESC, code", (day,)
        )
        return {row["code"]: row["n"] for row in rows}

    def add_effects(self, effects: Iterable[Effect]) -> None:
        """Note what must become of files for another reason than a decision."""
        self._connection.executemany(_EFFECT, [(one.path, one.content, one.source) for one in effects])

    def effects(self) -> list[Effect]:
        """What may still have to become of files."""
        return [Effect(*row) for row in self._connection.execute("SELECT * FROM effect ORDER BY path")]

    def placed(self, paths: Iterable[str]) -> None:
        """These files are in their place, and on disk."""
        self._connection.executemany("DELETE FROM effect WHERE path = ?", [(path,) for path in paths])
