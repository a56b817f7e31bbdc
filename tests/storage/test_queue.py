"""The queue as the ledger gives it: by whatever is chosen, page by page, it is what waits, once and oldest first."""

from __future__ import annotations

import datetime as dt
import importlib.resources
import json
import sqlite3
from collections import Counter
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnowd.model import Selection
from winnowd.storage.ledger.queue import Queue
from winnowd.storage.ledger.schema import VERSION

BEGUN: Final = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
FEEDS: Final = ("", "a", "a/b", "a%", "ab", "A")
CODES: Final = ("DUP606", "QUA401", "QUA402")
Row = tuple[str, str, tuple[str, ...], int]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["quarantined", "admitted", "rejected", "erased", "reopened"]),
        st.sampled_from(FEEDS),
        st.lists(st.sampled_from(CODES), max_size=3, unique=True).map(tuple),
        st.integers(0, 5),
    ),
    max_size=25,
)
SELECTIONS = st.builds(
    Selection,
    feed=st.sampled_from(FEEDS),
    codes=st.lists(st.sampled_from(CODES), max_size=2, unique=True).map(tuple),
    since=st.none() | st.integers(0, 5).map(lambda hours: BEGUN + dt.timedelta(hours=hours)),
    until=st.none() | st.integers(0, 5).map(lambda hours: BEGUN + dt.timedelta(hours=hours, microseconds=1)),
)


def scripts(first: int, last: int) -> str:
    """The migrations of a ledger, from one to another."""
    folder = importlib.resources.files("winnowd.storage.ledger")
    return "".join(
        folder.joinpath(f"{number:04d}.sql").read_text(encoding="utf-8") for number in range(first, last + 1)
    )


def ledger(rows: list[Row]) -> sqlite3.Connection:
    """A ledger of these decisions: outcome, feed, codes, hours after the first."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.executescript(scripts(1, VERSION))
    for number, row in enumerate(rows, 1):
        add(connection, number, row)
    return connection


def add(connection: sqlite3.Connection, number: int, row: Row) -> None:
    """One decision more."""
    outcome, feed, codes, hours = row
    at = (BEGUN + dt.timedelta(hours=hours)).isoformat()
    connection.execute(
        "INSERT INTO arrival (number, id, feed, path, dev, ino, size, mtime_ns, seen_at, claimed_at, state, tries, "
        "records_done) VALUES (?, ?, ?, ?, '', '', 1, 0, '', '', 'done', 1, 1)",
        (number, f"{number:016x}", feed, f"{number}.txt".encode()),
    )
    connection.execute(
        "INSERT INTO decision VALUES (?, ?, ?, 0, NULL, ?, NULL, NULL, ?, ?, ?, ?)",
        (number, f"{number:016x}", number, outcome, " ".join(codes), f"{number}", number, at),
    )


def is_meant(row: Row, selection: Selection) -> bool:
    """The selection, said once more."""
    outcome, feed, codes, hours = row
    at = BEGUN + dt.timedelta(hours=hours)
    return (
        outcome == "quarantined"
        and (not selection.feed or feed.split("/")[: len(selection.feed.split("/"))] == selection.feed.split("/"))
        and (not selection.codes or bool(set(codes) & set(selection.codes)))
        and (selection.since is None or at >= selection.since)
        and (selection.until is None or at <= selection.until)
    )


@given(ROWS, SELECTIONS, st.integers(1, 7))
def test_all_that_is_meant_comes_once_and_oldest_first(rows: list[Row], selection: Selection, size: int) -> None:
    """Whatever the size of a page; list, set and pages agree."""
    queue = Queue(ledger(rows))
    expected = [number for number, row in enumerate(rows, 1) if is_meant(row, selection)]

    paged: list[int] = []
    while page := queue.page(selection, after=paged[-1] if paged else 0, most=size):
        assert len(page) <= size
        paged += [item.number for item in page]

    assert paged == expected
    assert queue.numbers(selection) == ",".join(map(str, expected))
    assert list(queue.records(selection).items()) == [(number, f"{number:016x}-0") for number in expected]
    assert queue.counts(selection) == Counter(" ".join(rows[number - 1][2]) for number in expected)
    assert [item.number for item in queue.numbered(range(1, len(rows) + 1))] == [
        number for number, row in enumerate(rows, 1) if row[0] == "quarantined"
    ]


@pytest.mark.parametrize("line", ["no JSON", "[]", "{}", '{"title": null}', '{"title": 5}'])
def test_a_row_that_cannot_be_read_ends_no_list(line: str) -> None:
    """It has no title; what comes behind it is shown."""
    connection = ledger([("quarantined", "", ("QUA401",), 0)] * 2)
    connection.execute("INSERT INTO held_text VALUES (1, x'', ?)", (line,))
    connection.execute("INSERT INTO held_reason VALUES (1, ?)", (line,))

    first, second = Queue(connection).page(Selection())

    assert first.title in {"", "5"}
    assert (first.finding, first.twin, second.number) == ({}, None, 2)


def test_of_what_an_older_version_held_the_reason_is_what_its_line_says() -> None:
    """As far as its line is still kept; else there are its codes, and the article that it is related to."""
    finding = {"code": "DUP606", "rule": "rewrite", "grade": "doubt", "measured": 1.25}
    nearest = {"id": f"{1:016x}", "twin": True, "shared_runs": 0.5}
    event: dict[str, Any] = {"winnowd": {"findings": [finding, {"code": "QUA401"}], "nearest": nearest}}
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.executescript(scripts(1, 5))
    for number, outcome in enumerate(("admitted", "quarantined", "quarantined"), 1):
        add(connection, number, (outcome, "", ("DUP606",), 0))
    connection.execute("INSERT INTO page_row VALUES (1, '', ?)", (json.dumps({"title": "The tide mill"}),))
    lines = ((1, b"{}"), (2, json.dumps(event).encode()), (3, None))
    connection.executemany("INSERT INTO outbox VALUES (?, '', 0, 0, '', ?)", lines)
    connection.execute("INSERT INTO relation VALUES (3, 1, 'DUP606', 'doubt', 1.25, 'admitted', '')")

    connection.executescript(scripts(6, VERSION))
    kept, sealed = Queue(connection).page(Selection())

    assert (kept.finding, kept.nearest) == (finding, nearest)
    assert (sealed.finding, sealed.nearest, sealed.codes) == ({}, {}, ("DUP606",))
    assert [item.twin.title for item in (kept, sealed) if item.twin] == ["The tide mill"] * 2
