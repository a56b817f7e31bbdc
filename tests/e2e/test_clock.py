"""A clock that is set back: a day of the log that has ended stays as it is, and what comes next goes on behind it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import events, faults
from tests.crash.scenes import configured
from tests.e2e.instance import Instance, silent_log
from tests.instances.make import ARTICLES

from winnowd.cli import main
from winnowd.daemon.maintenance import do_maintenance
from winnowd.daemon.schedule import SEAL
from winnowd.daemon.serve import owned
from winnowd.storage.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = dt.datetime(2026, 11, 21, 23, 58, tzinfo=dt.UTC)
AFTER = dt.datetime(2026, 11, 22, 0, 1, tzinfo=dt.UTC)
BACK = dt.datetime(2026, 11, 21, 23, 59, tzinfo=dt.UTC)
FOLDER = "audit/2026/11"


@pytest.mark.parametrize("sealed", [True, False])
def test_a_clock_set_back_over_midnight_writes_into_no_finished_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, sealed: bool
) -> None:
    """Whether it was sealed or not: the lines that follow stand in the later day's file, with the times they had."""
    instance = Instance(tmp_path)
    for number, moment in enumerate((BEFORE, AFTER)):
        monkeypatch.setattr(SystemClock, "now", lambda _, at=moment: at)
        instance.drop({f"{number}.txt": ARTICLES[number]})
        instance.pass_over()
    if sealed:
        with owned(tmp_path, configured(instance), processes=0) as opened:
            do_maintenance(opened, silent_log(), [SEAL])
    finished = {path.name: path.read_bytes() for path in (tmp_path / FOLDER).glob("21.*")}
    known = len(events(tmp_path))

    monkeypatch.setattr(SystemClock, "now", lambda _: BACK)
    instance.drop({"2.txt": ARTICLES[2]})
    instance.pass_over()

    assert {path.name: path.read_bytes() for path in (tmp_path / FOLDER).glob("21.*")} == finished
    later = events(tmp_path)[known:]
    assert [event["event"]["action"] for event in later] == ["startup", "admit", "index-written", "shutdown"]
    assert {event["@timestamp"] for event in later} == {"2026-11-21T23:59:00.000000Z"}
    assert [event["event"]["sequence"] for event in events(tmp_path)] == list(range(1, known + len(later) + 1))
    assert faults(tmp_path, sent=3) == []
    assert main(["--home", str(tmp_path), "verify"]) == 0
