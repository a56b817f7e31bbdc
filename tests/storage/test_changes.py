"""By what a person knows of a record the ledger finds it, and no other in its stead."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from winnowd.storage.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARRIVAL = "7d0c51e2a94b3f60"
AT = "2026-11-22T03:47:12+00:00"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A file of twelve records: the second has a text, the others have none, and are called by arrival and number."""
    path = tmp_path / "winnowd.db"
    Ledger.open(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO arrival (number, id, feed, path, dev, ino, size, mtime_ns, seen_at, claimed_at, state, tries, "
            "records_done, home) VALUES (1, ?, '', ?, '0', '0', 1, 0, ?, ?, 'done', 1, 12, 'archive/many.jsonl')",
            (ARRIVAL, b"many.jsonl", AT, AT),
        )
        for record in range(12):
            name = "c41f7a90d2b86e35" if record == 1 else f"{ARRIVAL}-{record}"
            connection.execute(
                "INSERT INTO decision VALUES (?, ?, 1, ?, NULL, 'quarantined', NULL, NULL, 'SYS903', ?, ?, ?)",
                (record + 1, name, record, f"quarantine/{record}", record + 1, AT),
            )
    with contextlib.closing(Ledger.read(path)) as read:
        yield read


@pytest.mark.parametrize("record", [0, 1, 10, 11])
def test_a_record_by_its_number_is_that_record(ledger: Ledger, record: int) -> None:
    """Record 1 is no beginning of records 10 and 11, whatever it is called itself."""
    found = ledger.changes.find(f"{ARRIVAL}-{record}")

    assert [one.record for one in found] == [record]


def test_the_beginning_of_an_arrival_is_every_record_of_it(ledger: Ledger) -> None:
    """As it always was; with a record's number it is that one."""
    every, one = ledger.changes.find(ARRIVAL[:6]), ledger.changes.find(f"{ARRIVAL[:6]}-1")

    assert len(every) >= 11
    assert [stored.record for stored in one] == [1]
