"""Decisions and the corpus a page at a time, newest first, and what they add up to.

A page begins behind a number (a keyset), and looks at no more than ``WINDOW`` records: where few of them fit it is
short, and says where to go on. So no page costs more in a larger ledger, nothing needs an index of its own, and nothing
that is recorded is made slower by lists.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.model.browsing import INBOX_ITSELF, Found, Listed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    from winnowd.model.browsing import Sought

WINDOW: Final = 20_000
"""Most records that one page looks at."""
COUNTED: Final = 5_000
"""Most records of which it is counted what they have."""
_ID: Final = re.compile(r"[0-9a-f]{8,32}(?:-\d{0,9})?")
"""What is looked up as an id first: by its index, however old the record is."""
_MOST_OF_ID: Final = 500
_LONGEST_TEXT: Final = 200
_MOST_WORDS: Final = 8
_LAST: Final = "\U0010ffff"
_ROW: Final = "coalesce(p.line, t.line)"
_SHARED: Final = f"json_extract({_ROW}, '$.nearest.shared_runs')"
_SOURCE: Final = f"coalesce(json_extract({_ROW}, '$.source'), '')"
_HAS: Final = "LIKE ? ESCAPE '\\'"
_TITLED: Final = f"json_extract({_ROW}, '$.title') {_HAS}"
_NAMED: Final = f"CAST(a.path AS TEXT) {_HAS}"
_ALL: Final = """
    FROM decision d JOIN arrival a ON a.number = d.arrival
    LEFT JOIN page_row p ON p.number = d.number LEFT JOIN held_text t ON t.number = d.number
"""
_CORPUS: Final = """
    FROM page_row p JOIN decision d ON d.number = p.number JOIN arrival a ON a.number = d.arrival
    LEFT JOIN held_text t ON t.number = -1
"""
_SHOWN: Final = f"SELECT d.*, a.id AS arrival_id, a.path, a.feed, {_ROW} AS line"
_BY_NAME: Final = """
    SELECT number FROM decision WHERE name >= :key AND name < :end
    UNION SELECT d.number FROM arrival a JOIN decision d ON d.arrival = a.number
          WHERE a.id >= :arrival AND a.id < :arrival_end AND (:record = '' OR d.record = CAST(:record AS INTEGER))
    ORDER BY number DESC LIMIT :most
"""
_DAY: Final = "SELECT min(sequence) AS first, max(sequence) AS last FROM outbox WHERE day BETWEEN ? AND ?"
_FROM: Final = "SELECT number FROM decision WHERE sequence >= ? ORDER BY sequence LIMIT 1"
_UNTIL: Final = "SELECT number FROM decision WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1"


class Kind(NamedTuple):
    """What some records have in common, by all facets."""

    outcome: str
    codes: str
    feed: str
    source: str
    day: str


class _Query(NamedTuple):
    """Where a selection lies, by numbers, both included, and its condition; ``window``: how many a page looks at."""

    first: int
    last: int
    where: str
    given: tuple[object, ...]
    rows: str
    window: int


class Browse:
    """Asks; nothing is written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def page(self, sought: Sought, *, before: int | None, after: int | None, most: int) -> Found:
        """At most so many records, newest first: those next below ``before``, next above ``after``, or the newest."""
        query = self._query(sought)
        if after is not None:
            return self._above(query._replace(first=max(query.first, after + 1)), most)
        top = query.last if before is None else min(query.last, before - 1)
        low = max(query.first, top - query.window + 1)
        rows = self._rows(query, low, top, most + 1, "DESC")
        items, is_cut = [_listed(row) for row in rows[:most]], len(rows) <= most and low > query.first
        older = items[-1].number if len(rows) > most else low if is_cut else None
        return Found(items, older, top if before is not None and top < query.last else None, is_cut)

    def _above(self, query: _Query, most: int) -> Found:
        """The page that ends just above where ``query`` begins."""
        high = min(query.last, query.first + query.window - 1)
        rows = self._rows(query, query.first, high, most + 1, "ASC")
        items = [_listed(row) for row in reversed(rows[:most])]
        is_cut = len(rows) <= most and high < query.last
        newer = items[0].number if len(rows) > most else high if is_cut else None
        return Found(items, query.first, newer, is_cut)

    def kinds(self, sought: Sought) -> tuple[Counter[Kind], int, int]:
        """What the newest ``COUNTED`` records are that fit text and score; how many were looked at, and how many are.

        Outcome, code, feed, source and day of what is sought are left to who counts.
        """
        query = self._query(sought, facets=False)
        first = max(1, query.last - COUNTED + 1)
        statement = (
            f"SELECT d.outcome, d.codes, a.feed, {_SOURCE}, substr(d.decided_at, 1, 10) "
            f"{query.rows} WHERE d.number BETWEEN ? AND ? AND {query.where}"
        )
        rows = self._connection.execute(statement, (first, query.last, *query.given))
        counts = Counter(map(tuple, rows))  # counting here takes half of what sorting them there does
        return Counter({Kind(*kind): n for kind, n in counts.items()}), query.last - first + 1, query.last

    def of_file(self, path: str) -> tuple[frozenset[str], list[Listed]]:
        """The states of a file's arrivals, by its path below the inbox, and what was decided of it, oldest first.

        Most files have one arrival: a second one where it was changed after it was judged. Paths have no index, which
        every article would pay for: 100,000 of them are looked through in 10 ms.
        """
        arrivals = self._connection.execute("SELECT number, state FROM arrival WHERE path = ?", (path.encode(),))
        states = {row["number"]: row["state"] for row in arrivals}
        statement = f"{_SHOWN} {_ALL} WHERE d.arrival = ? ORDER BY d.number LIMIT {WINDOW}"
        rows = [row for number in states for row in self._connection.execute(statement, (number,))]
        return frozenset(states.values()), [_listed(row) for row in rows]

    def _rows(self, query: _Query, low: int, high: int, most: int, order: str) -> list[sqlite3.Row]:
        span = "d.number BETWEEN ? AND ?"
        statement = f"{_SHOWN} {query.rows} WHERE {span} AND {query.where} ORDER BY d.number {order} LIMIT ?"
        return self._connection.execute(statement, (low, high, *query.given, most)).fetchall()

    def _query(self, sought: Sought, *, facets: bool = True) -> _Query:
        """What is sought as a query; without ``facets`` by text and score alone."""
        last = self._last()
        numbers = self._named(sought.text)
        parts = [*_score(sought)]
        if facets:
            parts += [*_facets(sought)]
        if numbers:
            parts.append((f"d.number IN ({','.join('?' * len(numbers))})", tuple(numbers)))
        else:
            parts += [*_words(sought.text)]
        first, last = self._of_day(sought.day, last) if facets and sought.day else (1, last)
        where = " AND ".join(["1", *(part for part, _ in parts)])
        given = tuple(value for _, values in parts for value in values)
        return _Query(first, last, where, given, _CORPUS if sought.in_corpus else _ALL, last if numbers else WINDOW)

    def _last(self) -> int:
        return int(self._connection.execute("SELECT max(number) AS last FROM decision").fetchone()["last"] or 0)

    def _of_day(self, day: str, until: int) -> tuple[int, int]:
        """The numbers of the decisions that stand in the log's files of a day and of the next."""
        first, last = self._connection.execute(_DAY, (day, _next(day))).fetchone()
        begun = None if first is None else self._connection.execute(_FROM, (first,)).fetchone()
        ended = None if last is None else self._connection.execute(_UNTIL, (last,)).fetchone()
        return (until + 1, until) if begun is None or ended is None else (begun["number"], ended["number"])

    def _named(self, text: str) -> list[int]:
        """The newest records whose id, or whose arrival's, begins so; none of what looks like no id."""
        key = text.strip().lower()
        if not _ID.fullmatch(key):
            return []
        arrival, _, record = key.partition("-")
        wanted = {"key": key, "end": key + _LAST, "arrival": arrival, "arrival_end": arrival + _LAST}
        rows = self._connection.execute(_BY_NAME, {**wanted, "record": record, "most": _MOST_OF_ID})
        return [row["number"] for row in rows]


def _words(text: str) -> Iterator[tuple[str, tuple[object, ...]]]:
    """That each word stands in title or file name; SQLite knows no half of a surrogate, and NUL ends a pattern."""
    for word in text[:_LONGEST_TEXT].replace("\0", " ").encode(errors="replace").decode().split()[:_MOST_WORDS]:
        like = f"%{_escaped(word)}%"
        if word.isalnum():  # as it is in JSON: then most rows are told without being parsed
            yield f"(CASE WHEN {_ROW} {_HAS} THEN {_TITLED} ELSE 0 END OR {_NAMED})", (like,) * 3
        else:
            yield f"({_TITLED} OR {_NAMED})", (like,) * 2


def _score(sought: Sought) -> Iterator[tuple[str, tuple[object, ...]]]:
    if sought.least is not None:
        yield f"{_SHARED} >= ?", (sought.least,)
    if sought.most is not None:
        yield f"{_SHARED} <= ?", (sought.most,)


def _facets(sought: Sought) -> Iterator[tuple[str, tuple[object, ...]]]:
    if sought.outcome:
        yield "d.outcome = ?", (sought.outcome,)
    if sought.code:
        yield "instr(' ' || d.codes || ' ', ?) > 0", (f" {sought.code} ",)
    if sought.feed == INBOX_ITSELF:
        yield "a.feed = ''", ()
    elif feed := sought.feed:
        yield "(a.feed = ? OR substr(a.feed, 1, ?) = ?)", (feed, len(feed) + 1, f"{feed}/")
    if sought.source:
        yield f"{_SOURCE} = ?", (sought.source,)
    if sought.day:
        yield "substr(d.decided_at, 1, 10) = ?", (sought.day,)


def _escaped(word: str) -> str:
    """A word in which ``LIKE`` finds no sign of its own."""
    return re.sub(r"([\\%_])", r"\\\1", word)


def _next(day: str) -> str:
    """The day after: an event stands in the file of its day, or in the next if the clock stepped back."""
    return (dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat()


def _listed(row: sqlite3.Row) -> Listed:
    line: Mapping[str, Any] = json.loads(row["line"] or "{}")
    nearest = line.get("nearest") or {}
    return Listed(
        number=row["number"],
        sequence=row["sequence"],
        id=row["name"],
        record=f"{row['arrival_id']}-{row['record']}",
        outcome=row["outcome"],
        codes=tuple(row["codes"].split()),
        decided_at=dt.datetime.fromisoformat(row["decided_at"]),
        file=row["path"].decode("utf-8", "backslashreplace"),
        feed=row["feed"],
        location=row["home"],
        title=str(line.get("title") or ""),
        source=str(line.get("source") or ""),
        published=str(line.get("published") or ""),
        language=str(line.get("language") or ""),
        words=line.get("words"),
        shared=nearest.get("shared_runs"),
        nearest=str(nearest.get("id") or ""),
    )
