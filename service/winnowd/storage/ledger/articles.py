"""Rows of fingerprints and held texts: what originality compares newcomers with."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from winnowd.model import IndexedArticle, QualityKey, Standing
from winnowd.originality import Recipe, pack, unpack
from winnowd.originality.paragraphs import paragraphs

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.model import Fingerprint
    from winnowd.storage.ledger.rows import Rows

_INDEXED = """
    SELECT d.number, d.name, d.home, d.text_sha256, d.standing, d.root, d.codes, s.raw_digest, s.word_digest, s.minima,
           s.keys, s.words, s.language, s.publisher, s.published, s.lexicon, s.integrity, s.host, s.stated, b.shingles,
           b.sketch
    FROM decision d JOIN signature s ON s.number = d.number JOIN body b ON b.number = d.number
    WHERE d.number IN ({})
"""
_SIGNATURES = """
    SELECT s.number, s.raw_digest, s.word_digest, s.minima, s.keys, s.seeded, d.standing
    FROM signature s JOIN decision d ON d.number = s.number ORDER BY s.number
"""
_HOLDERS = """
    SELECT p.number FROM paragraph p JOIN decision d ON d.number = p.number
    WHERE p.hash = ? AND d.standing = 'admitted' LIMIT ?
"""


_OLDER = """
    SELECT s.number, s.raw_digest, s.language, s.publisher, s.published,
           s.words > 0 AND b.shingles = x'' AS without_passages
    FROM signature s JOIN body b ON b.number = s.number WHERE s.recipe <> ? AND s.number > ? ORDER BY s.number LIMIT ?
"""
_RENEW = """
    UPDATE signature SET recipe = :recipe, word_digest = :word_digest, minima = :minima, keys = :keys, words = :words,
        lexicon = :lexicon
    WHERE number = :number
"""


_AT_ONCE = 500
"""Numbers asked for in one query: a library may allow 999 at most."""
_MARKS = ", ".join("?" * 15)


def _mapping(row: sqlite3.Row) -> dict[str, Any]:
    return dict(zip(row.keys(), row, strict=True))


def _indexed(row: sqlite3.Row) -> IndexedArticle:
    return IndexedArticle(
        number=row["number"],
        id=row["name"],
        path=row["home"],
        text_sha256=row["text_sha256"],
        standing=Standing(row["standing"]),
        fingerprint=unpack(_mapping(row)),
        root=row["root"],
        codes=tuple(row["codes"].split()),
        quality_key=QualityKey(row["integrity"], row["host"], row["stated"]),
    )


class Articles:
    """All articles met before, admitted or not; writes only inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def record(self, rows: Rows) -> None:
        """Keep the fingerprints and paragraphs of new articles, and the texts of those that are not in the corpus."""
        self._connection.executemany(f"INSERT INTO signature VALUES ({_MARKS})", rows.signature)  # noqa: S608 - only question marks
        self._connection.executemany("INSERT INTO body VALUES (?, ?, ?)", rows.body)
        self._connection.executemany("INSERT INTO paragraph VALUES (?, ?)", rows.paragraph)
        self._connection.executemany("INSERT INTO held_text VALUES (?, ?, ?)", rows.held_text)

    def of(self, numbers: Sequence[int]) -> Mapping[int, IndexedArticle]:
        """Give the articles of these numbers that are there."""
        found = {}
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            query = _INDEXED.format(", ".join("?" * len(some)))
            for row in self._connection.execute(query, some):
                found[row["number"]] = _indexed(row)
        return found

    def holders(self, paragraph: int, most: int) -> Sequence[int]:
        """Give the numbers of at most so many articles of the corpus that hold a paragraph, by its hash."""
        rows = self._connection.execute(_HOLDERS, (paragraph, most))
        return [row["number"] for row in rows]

    def held_text(self, number: int) -> str | None:
        """The cleaned text of an article that is not in the corpus."""
        row = self._connection.execute("SELECT text FROM held_text WHERE number = ?", (number,)).fetchone()
        return None if row is None else zlib.decompress(row["text"]).decode()

    def drop_text(self, number: int) -> None:
        """Keep the text of an article no longer: it is not the one that was decided on."""
        self._connection.execute("DELETE FROM held_text WHERE number = ?", (number,))

    def location(self, number: int) -> tuple[str, str] | None:
        """Where an article of the corpus lies, and the SHA-256 of its text."""
        row = self._connection.execute(
            "SELECT home, text_sha256 FROM decision WHERE number = ? AND standing = 'admitted'", (number,)
        ).fetchone()
        return None if row is None else (row["home"], row["text_sha256"])

    def signatures(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """What the index in memory is built from, in the order of the numbers."""
        for row in self._connection.execute(_SIGNATURES):
            yield row["number"], row

    def recipe(self) -> Recipe | None:
        """The recipe by which the stored fingerprints were made, None in a new ledger."""
        row = self._connection.execute("SELECT * FROM recipe").fetchone()
        return None if row is None else Recipe.from_row(_mapping(row))

    def older(self, recipe: str, after: int, most: int) -> Sequence[Mapping[str, Any]]:
        """What the next fingerprints of another recipe need to be made anew, in the order of their numbers."""
        return [_mapping(row) for row in self._connection.execute(_OLDER, (recipe, after, most))]

    def count_older(self, recipe: str, after: int) -> int:
        """How many there are."""
        query = "SELECT count(*) FROM signature WHERE recipe <> ? AND number > ?"
        return int(self._connection.execute(query, (recipe, after)).fetchone()[0])

    def renew(self, number: int, made: Fingerprint, text: str, recipe: str) -> None:
        """Put another fingerprint of the same text in the place of one, and its paragraphs, if they are not there."""
        row = {**pack(made), "number": number, "recipe": recipe}
        self._connection.execute(_RENEW, row)
        self._connection.execute("UPDATE body SET shingles = :shingles, sketch = :sketch WHERE number = :number", row)
        parts = [(number, one) for one in paragraphs(text)]
        self._connection.executemany("INSERT OR IGNORE INTO paragraph VALUES (?, ?)", parts)

    def replace_recipe(self, recipe: Recipe, made_at: str) -> None:
        """Keep another recipe than before."""
        self._connection.execute("DELETE FROM recipe")
        self.keep_recipe(recipe, made_at)

    def keep_recipe(self, recipe: Recipe, made_at: str) -> None:
        """Keep the recipe of a new ledger."""
        row = {**recipe.to_row(), "made_at": made_at}
        names = ", ".join(f'"{name}"' for name in row)
        placeholders = ", ".join("?" for _ in row)
        self._connection.execute(f"INSERT INTO recipe ({names}) VALUES ({placeholders})", list(row.values()))  # noqa: S608 - our own names
