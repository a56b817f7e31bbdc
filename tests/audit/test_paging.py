"""The log by pages: joined they are what is wanted, newest first, over sealed days and today's."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnowd.audit import paging
from winnowd.audit.paging import page
from winnowd.audit.reader import Log
from winnowd.audit.search import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from winnowd.audit.reader import Logged

DAY = dt.timedelta(days=1)


def joined(log: Log, wanted: Wanted, most: int) -> list[Mapping[str, Any]]:
    """The events of all pages; each begins behind the one before, and none goes on for ever."""
    found: list[Mapping[str, Any]] = []
    before = None
    for _ in range(2_000):
        one = page(log, wanted, most, before)
        found += one.events
        assert len(one.events) <= most
        if one.older is None:
            return found
        assert before is None or one.older < before
        before = one.older
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("window", [4_000, 45])
@given(data=st.data())
@settings(max_examples=12)
def test_pages_joined_are_what_is_wanted(decided: Path, window: int, data: st.DataObject) -> None:
    """By action, code, day, feed and text, with pages of any length, however few lines a page looks at."""
    log = Log(decided)
    events = [line.event() for line in log]
    day = data.draw(st.none() | st.sampled_from(sorted({event["@timestamp"][:10] for event in events})))
    since = None if day is None else dt.datetime.fromisoformat(f"{day}T00:00:00+00:00")
    wanted = Wanted(
        since=since,
        until=None if since is None else since + DAY - dt.timedelta(microseconds=1),
        actions=data.draw(st.sampled_from([(), ("admit",), ("startup", "shutdown"), ("release", "confirm")])),
        codes=data.draw(st.sampled_from([(), ("DUP606",), ("QUA499",)])),
        feed=data.draw(st.sampled_from(["", "agency", "regional"])),
    )

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(paging, "WINDOW", window)
        found = joined(log, wanted, data.draw(st.sampled_from([9, 50])))

    expected = [line.event() for line in log if wanted.event(line.line) is not None]
    assert found == expected[::-1]


def test_a_page_reads_no_day_that_it_does_not_need(decided: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the middle of the log: of other days at most the first line."""
    log = Log(decided)
    whole: list[str] = []

    class Counted(Log):
        """Notes of which files more than one line was read."""

        def lines(self, file: str) -> Iterator[Logged]:
            for number, line in enumerate(super().lines(file)):
                if number == 1:
                    whole.append(file)
                yield line

    middle = max(line.event()["event"]["sequence"] for line in log) // 2
    monkeypatch.setattr(paging, "WINDOW", 20)

    assert page(Counted(decided), Wanted(), 5, middle).events
    assert len(set(whole)) == 1


def test_a_line_that_is_no_event_is_counted_and_passed_over(decided: Path, tmp_path: Path) -> None:
    """In today's file, wherever halving meets it."""
    shutil.copytree(decided / "audit", tmp_path / "audit")
    log = Log(tmp_path)
    last = log.path(log.days()[-1])
    lines = last.read_bytes().splitlines(keepends=True)
    spoilt = itertools.chain.from_iterable((line, b"{torn\n") for line in lines)
    last.write_bytes(b"".join(spoilt))
    sequences = [line.event()["event"]["sequence"] for line in Log(decided)][::-1]

    found: list[int] = []
    broken, before = 0, None
    while len(found) < len(lines):
        one = page(log, Wanted(), 10, before)
        found += [event["event"]["sequence"] for event in one.events]
        broken, before = broken + one.broken, one.older

    assert found[: len(lines)] == sequences[: len(lines)]
    assert broken >= len(lines) - 1
