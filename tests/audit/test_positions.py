"""Where an event stands: by number, by day, at the end; in plain days and packed ones."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from winnowd.audit.positions import after, event_of, last_sequence, sequence_before
from winnowd.audit.reader import Log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """Nine events on three days, the first day packed, the last line torn; a name that looks like a number."""
    for day, first in (("20", 1), ("21", 4), ("23", 7)):
        lines = [
            f'{{"message":"\\"sequence\\":99,","event":{{"sequence":{number},"action":"admit"}}}}\n'
            for number in range(first, first + 3)
        ]
        content = "".join(lines).encode()
        path = tmp_path / "audit" / "2026" / "11" / f"{day}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        if day == "20":
            path.with_name("20.jsonl.gz").write_bytes(gzip.compress(content))
        else:
            path.write_bytes(content + (b'{"event":{"sequence":10' if day == "23" else b""))
    return Log(tmp_path)


def test_an_event_is_found_by_its_number(log: Log) -> None:
    """In whatever day it stands; a number that there is not gives nothing."""
    assert [found["event"]["sequence"] for number in range(1, 10) if (found := event_of(log, number))] == list(
        range(1, 10)
    )
    assert event_of(log, 11) is None


def test_a_day_begins_behind_the_last_event_before_it(log: Log) -> None:
    """Days without a file, too."""
    days = ("2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23", "2026-12-01")

    assert [sequence_before(log, day) for day in days] == [0, 0, 3, 6, 6, 9]
    assert last_sequence(log) == 9


def test_what_comes_after_begins_anywhere(log: Log, tmp_path: Path) -> None:
    """From the very first to behind the last; an empty log has nothing."""
    for number in range(10):
        found = [logged.event()["event"]["sequence"] for logged in after(log, number) if logged.line.endswith(b"}")]
        assert found == list(range(number + 1, 10))
    assert last_sequence(Log(tmp_path / "none")) == 0
    assert list(after(Log(tmp_path / "none"), 0)) == []
