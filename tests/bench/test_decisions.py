"""The test bed of made decisions: a log that holds, and a ledger that agrees with it."""

from __future__ import annotations

import contextlib
import gzip
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.bench.decisions import UNTIL, make
from tests.bench.made_originality import ANGLES

from winnowd.audit.chain_check import check
from winnowd.audit.reader import Log
from winnowd.event.schema import EVENT
from winnowd.layout import LEDGER
from winnowd.operations.explain import explain
from winnowd.operations.replay import replay
from winnowd.settings import load
from winnowd.storage.ledger import Ledger
from winnowd.views.account import DECISIONS

if TYPE_CHECKING:
    from pathlib import Path


def log_lines(instance_dir: Path) -> list[bytes]:
    """All lines of a log, oldest first."""
    files = sorted(instance_dir.glob("audit/[0-9]*/*/*.jsonl*"))
    contents = [gzip.decompress(one.read_bytes()) if one.suffix == ".gz" else one.read_bytes() for one in files]
    return [line for content in contents for line in content.splitlines()]


@pytest.fixture(scope="module")
def events(decided: Path) -> list[dict[str, Any]]:
    """All its events."""
    return [json.loads(line) for line in log_lines(decided)]


def test_the_log_is_one_chain_with_all_but_the_last_day_sealed(decided: Path) -> None:
    """As ``winnowd verify --chain-only`` checks it."""
    checked = check(decided, ())

    assert not checked.faults
    assert (checked.days, checked.sealed) == (6, 5)


def test_every_line_is_an_event_by_the_schema(events: list[dict[str, Any]]) -> None:
    """They are made by the code that makes them for judged records."""
    for event in events:
        EVENT.validate_python(event)


def test_there_is_some_of_everything(events: list[dict[str, Any]]) -> None:
    """Outcomes, orders, runs on two hosts, two configurations, feeds, families of codes, twins, files of many."""
    decisions = [event for event in events if event["event"]["action"] in DECISIONS]
    actions = Counter(event["event"]["action"] for event in events)
    families = {code[:3] for event in decisions for code in event["winnowd"]["codes"]}

    assert len(decisions) == 500
    assert min(actions[name] for name in ("admit", "quarantine", "reject", "release", "confirm", "startup")) > 0
    assert {event["host"]["name"] for event in events} == {"press-1", "press-2"}
    assert len({event["winnowd"]["config"]["sha256"] for event in decisions}) == 2
    assert len({event["winnowd"]["arrival"].get("feed", "") for event in decisions}) > 3
    assert families >= {"DUP", "QUA", "TXT", "SCH", "INP"}
    assert sum(event["winnowd"].get("nearest", {}).get("twin", False) for event in decisions) > 30
    assert {event["winnowd"]["arrival"]["record"] for event in decisions} >= {0, 1, 2}


def test_each_decision_follows_from_its_measures(decided: Path) -> None:
    """Graded anew by them, under the limits of then, none differs."""
    found = replay(Log(decided), {})

    assert found.decisions == 500
    assert found.unknown == 0
    assert found.differences == []


def test_the_ledger_agrees_with_the_log(decided: Path, events: list[dict[str, Any]]) -> None:
    """As many decisions of each outcome, and the log's last line is known to be published."""
    with contextlib.closing(Ledger.read(decided / LEDGER)) as ledger:
        totals, end = ledger.decisions.totals(), ledger.outbox.end()

    told = Counter(event["winnowd"]["outcome"] for event in events if event["event"]["action"] in DECISIONS)
    assert {name: totals[name] for name in told} == told
    assert end.sequence == len(events)


def test_each_decision_can_be_explained_with_its_evidence(decided: Path, events: list[dict[str, Any]]) -> None:
    """One of each first code: history, limits of its time, evidence as it was written."""
    settings = load(decided, environ={}, system=None).settings
    first = {event["event"].get("code"): event for event in events if event["event"]["action"] in DECISIONS}

    for code, event in first.items():
        arrival = event["winnowd"]["arrival"]
        account = explain(decided, settings, f"{arrival['id']}-{arrival['record']}")
        assert account.then is not None
        assert account.decision["event"].get("code") == code
        assert not account.no_evidence


def test_the_same_seed_makes_the_same_log(tmp_path: Path) -> None:
    """So that what is measured on it can be measured anew."""
    for name in ("one", "other"):
        make(tmp_path / name, 60, days=3, until=UNTIL)

    assert log_lines(tmp_path / "one") == log_lines(tmp_path / "other")


def test_shares_of_what_is_resembled_add_up() -> None:
    """Each record resembles something in one way, or nothing."""
    assert sum(one.share for one in ANGLES.values()) == pytest.approx(1)
