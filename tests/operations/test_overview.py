"""The overview: the same figures as stats gives of thirty days, and what stats does not tell; nothing is invented."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bench.test_decisions import log_lines

from winnowd.audit.behind import LedgerBehindError
from winnowd.audit.reader import Log
from winnowd.audit.rollup import Copy
from winnowd.model import Selection
from winnowd.operations.overview import NODES, anomalies, overview, stars
from winnowd.operations.queue import queue
from winnowd.operations.stats import stats
from winnowd.operations.status import status
from winnowd.views.statistics import Outcomes

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.date(2026, 11, 22)
"""The last day of ``decided``, which is not sealed."""


@pytest.fixture(scope="module")
def instance_dir(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of its log and ledger."""
    found = tmp_path_factory.mktemp("overview") / "home"
    ignored = shutil.ignore_patterns("evidence", "work")
    for folder in ("audit", "state"):
        shutil.copytree(decided / folder, found / folder, ignore=ignored)
    return found


def test_days_causes_and_scores_are_those_of_stats(instance_dir: Path) -> None:
    """Thirty days, of which the log tells six; times and shares as well."""
    whole = stats(Log(instance_dir), measure="DUP606")

    found = overview(instance_dir, TODAY)

    assert list(found.days)[-1] == "2026-11-22"
    assert len(found.days) == 30
    assert {day: one for day, one in found.days.items() if one.total} == whole.groups
    assert (found.causes, found.slugs, found.scores) == (whole.refused, whole.slugs, whole.measured)
    assert found.tiles.acceptance == whole.total.acceptance
    assert found.tiles.arrival_to_decision == whole.times["arrival to decision"]
    assert found.tiles.admitted_today == found.days["2026-11-22"].admitted
    assert found.unread == ()


def test_the_ledger_tells_what_is_there_now(instance_dir: Path) -> None:
    """How many articles the corpus has, how many wait."""
    waiting = queue(instance_dir, Selection()).count

    tiles = overview(instance_dir, TODAY).tiles

    assert (tiles.corpus, tiles.waiting) == (status(instance_dir).corpus, waiting)


def test_copies_are_those_of_which_the_log_names_the_twin(instance_dir: Path) -> None:
    """Each with its original; together no more nodes than can be seen."""
    events = [json.loads(line) for line in log_lines(instance_dir)]
    by_hand = {
        (event["winnowd"]["nearest"]["id"], event["winnowd"]["article"]["id"])
        for event in events
        if event["winnowd"].get("nearest", {}).get("twin") and event["event"]["action"] in {"reject", "quarantine"}
    }

    found = overview(instance_dir, TODAY).stars

    assert found
    assert {(one.original, copy.article) for one in found for copy in one.copies} <= by_hand
    assert sum(1 + len(one.copies) for one in found) <= NODES


def test_the_latest_decisions_come_first(instance_dir: Path) -> None:
    """Ten, with what they are on."""
    events = [json.loads(line) for line in log_lines(instance_dir)]
    decisions = [event for event in events if event["event"]["action"] in {"admit", "quarantine", "reject"}]

    found = overview(instance_dir, TODAY).latest

    by_hand = [(one["event"]["sequence"], one["file"]["name"], one["winnowd"]["outcome"]) for one in decisions[-10:]]
    assert [(one.sequence, one.name, one.outcome) for one in found] == by_hand[::-1]


def test_a_day_with_a_line_that_is_no_event_is_named(instance_dir: Path, tmp_path: Path) -> None:
    """The rest of it is counted."""
    shutil.copytree(instance_dir, tmp_path, dirs_exist_ok=True)
    file = Log(tmp_path).days()[-1]
    with Log(tmp_path).path(file).open("ab") as content:
        content.write(b"rubbish\n")

    found = overview(tmp_path, TODAY)

    assert found.unread == (file,)
    assert found.days == overview(instance_dir, TODAY).days


def test_a_ledger_that_is_gone_is_not_taken_for_an_empty_corpus(instance_dir: Path, tmp_path: Path) -> None:
    """The log tells of articles."""
    shutil.copytree(instance_dir / "audit", tmp_path / "audit")

    with pytest.raises(LedgerBehindError):
        overview(tmp_path, TODAY)


def test_an_instance_without_a_log_is_all_zeros(tmp_path: Path) -> None:
    """Nothing is divided by it."""
    found = overview(tmp_path, TODAY)

    assert found.tiles == (None, None, 0, None, 0, None)
    assert (set(found.days.values()), found.causes, found.scores, found.latest) == ({Outcomes()}, {}, None, ())


def test_a_flood_of_copies_stands_out_on_its_day_and_in_its_feed_alone() -> None:
    """By three sigma of the other days; a feed that is always so is none."""
    days = {f"2026-11-{day:02}": {"quiet": 2 + day % 3, "busy": 100 + day % 5} for day in range(1, 15)}
    days["2026-11-09"]["quiet"] = 118

    (found,) = anomalies(days)

    assert (found.day, found.feed, found.refused) == ("2026-11-09", "quiet", 118)
    assert found.mean == pytest.approx(3, abs=0.2)
    assert list(anomalies({day: days[day] for day in list(days)[5:12]})) == []  # too few days to tell


@given(st.lists(st.integers(0, 40), max_size=400))
def test_stars_have_most_copies_first_and_fit(originals: list[int]) -> None:
    """Counts are of all copies, shown are as many as there is room for."""
    copies = [Copy(str(original), f"{number}", "DUP603") for number, original in enumerate(originals)]

    found = list(stars(copies))

    counts = [one.n for one in found]
    assert counts == sorted(counts, reverse=True)
    assert all(one.n == originals.count(int(one.original)) for one in found)
    assert all({copy.original for copy in one.copies} == {one.original} for one in found)
    assert sum(1 + len(one.copies) for one in found) <= NODES
    assert bool(found) == bool(originals)
