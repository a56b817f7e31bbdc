"""SQLite: a table of articles with indexes for facets, searched by its words; opens in datasette as it is."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sqlite3
from typing import TYPE_CHECKING, Any, Final

from winnowd.views.card import ARTICLE

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.operations.corpus import Extract

_TYPES: Final = {"string": "TEXT", "date32": "TEXT", "strings": "TEXT", "int64": "INTEGER", "float64": "REAL"}
_FACETS: Final = ("source", "language", "feed", "licence", "published", "admitted")
_COLUMNS: Final = ", ".join(f'"{name}" {_TYPES[kind]}' for name, kind in ARTICLE.items())
_TABLES: Final = f"""
    CREATE TABLE article (
        number INTEGER PRIMARY KEY, {_COLUMNS}, UNIQUE (id)
    );
    CREATE TABLE departure (id TEXT PRIMARY KEY, left_by TEXT, at TEXT, sequence INTEGER) WITHOUT ROWID;
    CREATE TABLE export (since INTEGER, until INTEGER);
"""
_INSERT: Final = f"INSERT INTO article VALUES (NULL, {', '.join('?' * len(ARTICLE))})"  # noqa: S608 - only question marks
_SEARCH: Final = """
    CREATE VIRTUAL TABLE article_fts USING fts5 (title, text, content="article", content_rowid="number");
    INSERT INTO article_fts (article_fts) VALUES ('rebuild');
"""


def write(extract: Extract, out: Path) -> None:
    """Write a database: tables ``article``, ``departure``, ``export``, and ``article_fts`` where SQLite has FTS5.

    Lists are JSON, by which datasette facets; ``export`` has the sequence from which the next increment goes on.
    """
    with contextlib.closing(sqlite3.connect(out, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")  # it takes its place when it is whole, or goes
        database.executescript(_TABLES)
        database.execute("BEGIN")
        database.executemany(
            _INSERT, ([_cell(one) for one in article.fields().values()] for article in extract.articles())
        )
        departures = [dataclasses.astuple(one) for one in extract.departures]
        database.executemany("INSERT OR REPLACE INTO departure VALUES (?, ?, ?, ?)", departures)
        database.execute("INSERT INTO export VALUES (?, ?)", (extract.since, extract.until))
        for name in _FACETS:
            database.execute(f'CREATE INDEX "article_{name}" ON article ("{name}")')
        database.execute("COMMIT")
        if _has_search(database):
            database.executescript(_SEARCH)


def _cell(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _has_search(database: sqlite3.Connection) -> bool:
    used = {row[0] for row in database.execute("PRAGMA compile_options")}
    return "ENABLE_FTS5" in used
