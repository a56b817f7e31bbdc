"""Trying a limit out: the same answer as the replay of the log, from its newest decisions; nothing changes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from tests.bench.decisions import UNTIL

from winnowd.audit.reader import Log
from winnowd.operations import tune
from winnowd.operations.changes import changes_from
from winnowd.operations.replay import logged_decisions, regrade, replay
from winnowd.operations.tune import KEPT, NoLimitError, Tuning, recent
from winnowd.settings import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def files_of(instance_dir: Path) -> dict[str, int]:
    """Every file, and when it was changed last; but for SQLite's note of who reads."""
    return {
        path.as_posix(): path.stat().st_mtime_ns
        for path in instance_dir.rglob("*")
        if path.is_file() and path.suffix != ".db-shm"
    }


@pytest.mark.parametrize(
    "changes", [[], ["DUP606.fail=2"], ["DUP606.doubt=0.2", "DUP606.fail=0.3"], ["QUA401.fail=off"], ["TXT501.fail=9"]]
)
def test_what_was_read_once_is_graded_as_by_a_replay(decided: Path, changes: list[str]) -> None:
    """Counts, differences and what people made of it are the same, under any limits."""
    log, limits = Log(decided), changes_from(changes)

    assert regrade(logged_decisions(log), limits) == replay(log, limits)


@pytest.mark.parametrize("code", ["DUP606", "QUA401", "QUA402"])
def test_each_point_of_a_curve_counts_what_its_limit_catches(decided: Path, code: str) -> None:
    """Of all that was measured, and of what people confirmed and released: counted one by one."""
    made = recent(decided, UNTIL)
    curve = made.curve(code)
    last: dict[tuple[str, int], str] = {}
    for line in Log(decided):
        event = line.event()
        if "operator" in event.get("winnowd", {}):
            ours = event["winnowd"]
            last[ours["arrival"]["id"], ours["arrival"]["record"]] = event["event"]["action"]
    measured = [
        (event["winnowd"]["measured"][code], (event["winnowd"]["arrival"]["id"], event["winnowd"]["arrival"]["record"]))
        for _, event in made.read.decisions
        if code in event["winnowd"].get("measured", {})
    ]

    assert curve.totals[0] == len(measured)
    assert {curve.doubt, curve.fail} <= {point.limit for point in curve.points}
    for point in curve.points:
        sign = -1 if curve.side == "min" else 1
        caught = [
            record
            for value, record in measured
            if sign * value > sign * point.limit or (curve.is_reached and value == point.limit)
        ]
        people = [last.get(record) for record in caught]
        assert point[1:] == (len(caught), people.count("confirm"), people.count("release"))


def test_trying_changes_nothing(decided: Path) -> None:
    """No file of the instance is written to, nor made."""
    before = files_of(decided)

    found = recent(decided, UNTIL).tried("DUP606", {"doubt": "0.2", "fail": "0.4"})

    assert found.differences
    assert files_of(decided) == before


@pytest.mark.parametrize("ends", [{"fail": "0.1"}, {"fail": "much"}, {"worst": "1"}])
def test_what_cannot_be_a_limit_is_said(decided: Path, ends: dict[str, str]) -> None:
    """As the command says it: out of order, no number, no such end."""
    with pytest.raises(SettingsError):
        recent(decided, UNTIL).tried("DUP606", ends)


@pytest.mark.parametrize("code", ["SYS901", "", "no code"])
def test_a_code_without_a_limit_has_no_curve(decided: Path, code: str) -> None:
    """Nor has what is no code."""
    with pytest.raises(NoLimitError):
        recent(decided, UNTIL).curve(code)


def test_only_the_newest_are_looked_at(decided: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many, and so old; the configuration of older days is found all the same."""
    whole = recent(decided, UNTIL)
    monkeypatch.setattr(tune, "NEWEST", 40)

    few = recent(decided, UNTIL)

    assert few.count == 40
    assert list(few.read.decisions) == list(whole.read.decisions)[-40:]
    assert few.tried("DUP606", {"fail": "2"}).unknown == 0
    assert few.curve("DUP606").fail == whole.curve("DUP606").fail
    assert recent(decided, UNTIL + dt.timedelta(days=60)).count == 0


def test_for_a_minute_all_answers_are_of_the_same_decisions(decided: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read once; after it anew."""
    seconds, read = [100.0], []

    def counted(*given: Any) -> tune.Recent:
        read.append(given)
        return recent(*given)

    monkeypatch.setattr(tune, "recent", counted)
    tuning = Tuning(decided, lambda: UNTIL, lambda: seconds[0])

    first = tuning.recent()
    seconds[0] += KEPT
    assert tuning.recent() is first
    seconds[0] += 1
    assert tuning.recent() is not first
    assert len(read) == 2
