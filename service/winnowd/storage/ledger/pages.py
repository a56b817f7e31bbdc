"""Rows of the corpus index: which article stands on which page, and which pages are behind on disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.views.index import row_json

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from winnowd.model import StateChange

PAGE_ROWS: Final = 1_000
_SPAN: Final = """
    UPDATE page SET (first_published, last_published) = (
        SELECT min(json_extract(line, '$.published')), max(json_extract(line, '$.published'))
        FROM page_row WHERE page = :page
    ) WHERE page = :page AND :day IN (first_published, last_published)
"""
_ADD: Final = """
    INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, '', 1) ON CONFLICT (page) DO UPDATE SET
        placed = page.placed + excluded.placed, articles = page.articles + excluded.articles,
        words = page.words + excluded.words, bytes = page.bytes + excluded.bytes, dirty = 1,
        first_published = min(coalesce(page.first_published, excluded.first_published),
                              coalesce(excluded.first_published, page.first_published)),
        last_published = max(coalesce(page.last_published, excluded.last_published),
                             coalesce(excluded.last_published, page.last_published))
"""


class Page(NamedTuple):
    """One page of the index, e.g. ``2026-11/001``, with the sums of the articles that stand on it."""

    page: str
    placed: int
    articles: int
    words: int
    bytes: int
    first_published: str | None
    last_published: str | None
    sha256: str
    dirty: int

    @property
    def month(self) -> str:
        """The month of its articles' admission."""
        return self.page.split("/")[0]


class Listed(NamedTuple):
    """An article that goes on a page of the index: what the page adds up, and its row in JSON as it is kept."""

    number: int
    id: str
    month: str
    line: str
    words: int
    bytes: int
    published: str | None

    @classmethod
    def of(cls, number: int, row: Mapping[str, Any], line: str) -> Listed:
        """``line`` is the row in JSON."""
        return cls(number, row["id"], row["admitted"][:7], line, row["words"], row["bytes"], row.get("published"))


class Pages:
    """The pages and their rows; writes only inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def record(self, rows: Sequence[Listed]) -> None:
        """Put articles at the end of their month's last page, in their order; a page's sums change once."""
        self._connection.executemany("DELETE FROM tombstone WHERE id = ?", [(one.id,) for one in rows])
        on_pages = self._on_pages(rows)
        self._connection.executemany(
            "INSERT INTO page_row VALUES (?, ?, ?)",
            [(one.number, page, one.line) for page, placed in on_pages.items() for one in placed],
        )
        self._connection.executemany(_ADD, [_sums(page, placed) for page, placed in on_pages.items()])

    def _on_pages(self, rows: Iterable[Listed]) -> dict[str, list[Listed]]:
        """Each page that gets some of these, and which."""
        counts: dict[str, int] = {}
        on_pages: dict[str, list[Listed]] = {}
        for one in rows:
            placed = counts.get(one.month)
            placed = self.placed(one.month) if placed is None else placed
            counts[one.month] = placed + 1
            on_pages.setdefault(f"{one.month}/{placed // PAGE_ROWS + 1:03d}", []).append(one)
        return on_pages

    def apply(self, changes: Iterable[StateChange], at: dt.datetime) -> None:
        """Put rows on pages, and take others off: nothing is numbered anew, a tombstone tells of each that left.

        An id that comes back loses its tombstone: of a row and a tombstone the one with the higher sequence is true.
        """
        for change in changes:
            if change.unlisted:
                self._remove(change.stored.number)
                self._connection.execute(
                    "INSERT INTO tombstone VALUES (?, ?, ?, ?)",
                    (change.line.sequence, change.stored.name, change.unlisted, at.isoformat(timespec="seconds")),
                )
            if change.listed is not None:
                self.record([Listed.of(change.stored.number, change.listed, row_json(change.listed))])

    def _remove(self, number: int) -> None:
        """Take a row off its page, and what it added to the page's sums."""
        found = self._connection.execute("SELECT page, line FROM page_row WHERE number = ?", (number,)).fetchone()
        if found is None:
            return
        page, row = found["page"], json.loads(found["line"])
        self._connection.execute("DELETE FROM page_row WHERE number = ?", (number,))
        self._connection.execute(
            "UPDATE page SET articles = articles - 1, words = words - ?, bytes = bytes - ?, dirty = 1 WHERE page = ?",
            (row["words"], row["bytes"], page),
        )
        if row["published"]:
            self._connection.execute(_SPAN, {"page": page, "day": row["published"]})

    def tombstones(self) -> list[dict[str, Any]]:
        """What left the corpus, in order: {id, at, action, sequence}."""
        rows = self._connection.execute("SELECT id, at, action, sequence FROM tombstone ORDER BY sequence")
        return [dict(zip(row.keys(), row, strict=True)) for row in rows]

    def placed(self, month: str) -> int:
        """How many articles were ever placed on the pages of a month; one that was retracted counts."""
        row = self._connection.execute(
            "SELECT coalesce(sum(placed), 0) AS n FROM page WHERE page >= ? AND page < ?", (f"{month}/", f"{month}0")
        ).fetchone()
        return int(row["n"])

    def all(self) -> list[Page]:
        """All pages, oldest first."""
        return [Page(*row) for row in self._connection.execute("SELECT * FROM page ORDER BY page")]

    def sums(self) -> tuple[int, int]:
        """How many articles stand on all pages, and how many bytes their texts have."""
        row = self._connection.execute(
            "SELECT coalesce(sum(articles), 0) AS articles, coalesce(sum(bytes), 0) AS bytes FROM page"
        ).fetchone()
        return int(row["articles"]), int(row["bytes"])

    def dirty(self) -> list[str]:
        """The pages whose files are behind."""
        return [row["page"] for row in self._connection.execute("SELECT page FROM page WHERE dirty = 1 ORDER BY page")]

    def lines(self, page: str) -> list[str]:
        """The rows of a page, oldest first, each in JSON."""
        rows = self._connection.execute("SELECT line FROM page_row WHERE page = ? ORDER BY number", (page,))
        return [row["line"] for row in rows]

    def newest(self, most: int) -> list[dict[str, Any]]:
        """The rows of the articles admitted last, newest first."""
        rows = self._connection.execute("SELECT line FROM page_row ORDER BY number DESC LIMIT ?", (most,))
        return [json.loads(row["line"]) for row in rows]

    def written(self, hashes: Mapping[str, str]) -> None:
        """These pages are on disk as they are here: page to SHA-256 of its JSON Lines."""
        self._connection.executemany(
            "UPDATE page SET sha256 = ?, dirty = 0 WHERE page = ?", [(sha256, page) for page, sha256 in hashes.items()]
        )


def _sums(page: str, rows: Sequence[Listed]) -> tuple[str, int, int, int, int, str | None, str | None]:
    """What these add to their page."""
    days = [one.published for one in rows if one.published is not None]
    words, size = sum(one.words for one in rows), sum(one.bytes for one in rows)
    return page, len(rows), len(rows), words, size, min(days, default=None), max(days, default=None)
