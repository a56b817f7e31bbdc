"""The corpus as a whole, asked piece by piece: each piece is read at once, so no long reader holds up the service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.layout import split_block
from winnowd.model import Effect

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

PIECE: Final = 500
_ENTERED: Final = "json_extract(p.line, '$.sequence')"
_ROWS: Final = f"""
    SELECT p.number, p.line, d.home FROM page_row p JOIN decision d ON d.number = p.number
    WHERE p.number > :after AND {_ENTERED} > :since AND {_ENTERED} <= :until ORDER BY p.number LIMIT :most
"""  # noqa: S608 - our own words
_COUNT: Final = f"SELECT count(*) AS n FROM page_row p WHERE {_ENTERED} > ? AND {_ENTERED} <= ?"  # noqa: S608 - our own
_SIGNATURES: Final = f"""
    SELECT p.number, d.name, s.recipe, s.minima
    FROM page_row p JOIN decision d ON d.number = p.number JOIN signature s ON s.number = p.number
    WHERE p.number > :after AND {_ENTERED} > :since AND {_ENTERED} <= :until ORDER BY p.number LIMIT :most
"""  # noqa: S608 - our own words


class ListedArticle(NamedTuple):
    """An article of the corpus: its number, its index row, and where its text lies below the instance folder."""

    number: int
    row: Mapping[str, Any]
    location: str


class StoredSignature(NamedTuple):
    """The MinHash signature of an article: u32[num_perm], little-endian; None of a text without words."""

    id: str
    recipe: str
    minima: bytes | None


class CorpusRows:
    """Articles that are in the corpus now, by the event that let them in; all orders are by number, oldest first.

    ``since`` and ``until`` are sequences: what came in after the one, and not after the other.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count(self, since: int, until: int) -> int:
        """How many there are."""
        return int(self._connection.execute(_COUNT, (since, until)).fetchone()["n"])

    def articles(self, since: int, until: int) -> Iterator[ListedArticle]:
        """All of them; one that leaves while they are read may be among them or not."""
        for row in self._pieces(_ROWS, since, until):
            yield ListedArticle(row["number"], json.loads(row["line"]), row["home"])

    def signatures(self, since: int, until: int) -> Iterator[StoredSignature]:
        """Their signatures."""
        for row in self._pieces(_SIGNATURES, since, until):
            yield StoredSignature(row["name"], row["recipe"], row["minima"])

    def _pieces(self, query: str, since: int, until: int) -> Iterator[sqlite3.Row]:
        wanted = {"after": 0, "since": since, "until": until, "most": PIECE}
        while rows := self._connection.execute(query, wanted).fetchall():
            yield from rows
            wanted["after"] = rows[-1]["number"]

    def contains(self, number: int) -> bool:
        """Whether an article is in the corpus still."""
        return self._connection.execute("SELECT 1 FROM page_row WHERE number = ?", (number,)).fetchone() is not None

    def awaited(self, location: str) -> Effect | None:
        """What becomes of a file that is recorded, and not in its place yet, or of the packed block that holds it."""
        block, name = split_block(location)
        for path in filter(None, (location, block)):
            row = self._connection.execute("SELECT * FROM effect WHERE path = ?", (path,)).fetchone()
            if row is not None:
                is_block = path == block and row["source"] is not None
                return Effect(location, row["content"], f"{row['source']}/{name}" if is_block else row["source"])
        return None
