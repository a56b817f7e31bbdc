"""What decisions add up to: the same as counted by hand, from any angle, with the log's files alone."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
import re
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.bench.test_decisions import log_lines

from winnowd.audit.decisions import DECISIONS, Limit
from winnowd.audit.reader import Log
from winnowd.audit.sums import WHOLE
from winnowd.catalogue import Catalogue
from winnowd.operations.stats import POLICY, NoSuchMeasureError, _bins, kind_of, quantiles, stats
from winnowd.views.statistics import OUTCOMES, By
from winnowd.wiring.rules import packaged

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVERY: tuple[By, ...] = get_args(By)
KEYS: dict[str, Callable[[dict[str, Any]], str]] = {
    "day": lambda event: event["@timestamp"][:10],
    "hour": lambda event: event["@timestamp"][11:13],
    "code": lambda event: event["event"].get("code", ""),
    "feed": lambda event: event["winnowd"]["arrival"].get("feed", ""),
    "source": lambda event: event["winnowd"].get("article", {}).get("source", {}).get("domain", ""),
}


@pytest.fixture(scope="module")
def decisions(decided: Path) -> list[dict[str, Any]]:
    """All its decisions, read whole."""
    events = [json.loads(line) for line in log_lines(decided)]
    return [event for event in events if event["event"]["action"] in DECISIONS]


@pytest.mark.parametrize("by", EVERY)
def test_groups_are_what_is_counted_by_hand(decided: Path, decisions: list[dict[str, Any]], by: By) -> None:
    """By whatever they are counted, each decision is in one group, and all groups make the total."""
    by_hand = Counter((KEYS[by](event), event["winnowd"]["outcome"]) for event in decisions)

    found = stats(Log(decided), by)

    counted = {
        (key, name): count
        for key, one in found.groups.items()
        for name, count in zip(OUTCOMES, one, strict=True)
        if count
    }
    assert counted == by_hand
    assert tuple(map(sum, zip(*found.groups.values(), strict=True))) == found.total
    assert found.total.total == len(decisions)


def test_times_are_those_of_the_events(decided: Path, decisions: list[dict[str, Any]]) -> None:
    """Nearest ranks; from arrival on means from when the file was first seen."""

    def spans(event: dict[str, Any]) -> float:
        end, created = (dt.datetime.fromisoformat(event["event"][name]) for name in ("end", "created"))
        settled: int = event["winnowd"]["timings_ns"]["settle"]
        return (end - created).total_seconds() + settled / 1e9

    by_hand = {WHOLE: sorted(map(spans, decisions))}
    for name in ("read", "clean", "originality"):
        timings = (event["winnowd"]["timings_ns"] for event in decisions)
        by_hand[name] = sorted(one[name] / 1e9 for one in timings if name in one)

    found = stats(Log(decided)).times

    for name, ranked in by_hand.items():
        wanted = [ranked[math.ceil(share * len(ranked)) - 1] for share in (0.5, 0.9, 0.99)]
        assert found[name].n == len(ranked)
        assert [found[name].median, found[name].p90, found[name].p99] == pytest.approx(wanted, abs=1e-6)


def test_a_measure_is_spread_as_it_was_measured(decided: Path, decisions: list[dict[str, Any]]) -> None:
    """Every value in a bin; beyond a limit are those that the limits told last would grade so."""
    values = [event["winnowd"]["measured"]["DUP606"] for event in decisions if "DUP606" in event["winnowd"]["measured"]]

    found = stats(Log(decided), measure="DUP606").measured

    assert found is not None
    assert (found.slug, found.unit, found.doubt, found.fail) == ("rewrite", "score", 1.0, 1.3)
    assert found.n == len(values)
    assert (found.doubted, found.failed) == (sum(one >= 1.0 for one in values), sum(one >= 1.3 for one in values))
    assert found.changed  # the first half was decided by another one


def test_the_limits_of_a_start_before_the_time_are_drawn(decided: Path) -> None:
    """The time asked about has no start in it, or no event at all."""
    last = stats(Log(decided)).last
    for since in (dt.datetime.fromisoformat(last), dt.datetime.fromisoformat(last) + dt.timedelta(hours=3)):
        found = stats(Log(decided), since=since, measure="DUP606").measured

        assert found is not None
        assert (found.doubt, found.fail) == (1.0, 1.3)


def test_a_rule_that_measures_nothing_is_named(decided: Path) -> None:
    """Nor does the log tell of its limits."""
    with pytest.raises(NoSuchMeasureError, match="DUP999"):
        stats(Log(decided), measure="DUP999")


def test_without_ledger_and_all_the_rest_the_answer_is_the_same(decided: Path, tmp_path: Path) -> None:
    """The log's files are all that is read."""
    shutil.copytree(decided / "audit", tmp_path / "copy", ignore=shutil.ignore_patterns("evidence"))

    for by in EVERY:
        assert stats(Log(tmp_path, tmp_path / "copy"), by, measure="QUA401") == stats(
            Log(decided), by, measure="QUA401"
        )


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.floats(-2, 6 * 24))
def test_what_came_before_a_moment_and_after_it_is_all(decided: Path, hours: float) -> None:
    """No decision is lost or counted twice where a time is cut, across packed days or within one."""
    whole = stats(Log(decided), "code")
    cut = dt.datetime.fromisoformat(whole.first) + dt.timedelta(hours=hours)

    before = stats(Log(decided), "code", until=cut)
    after = stats(Log(decided), "code", since=cut + dt.timedelta(microseconds=1))

    assert tuple(map(sum, zip(before.total, after.total, strict=True))) == whole.total
    assert Counter(before.orders) + Counter(after.orders) == Counter(whole.orders)


def test_what_is_refused_is_told_by_kind(decided: Path, decisions: list[dict[str, Any]]) -> None:
    """Copies, defects and policy apart, each by its first code; together all that was not admitted."""
    by_hand = Counter(event["event"]["code"] for event in decisions if event["winnowd"]["outcome"] != "admitted")

    found = stats(Log(decided))

    assert {code: count for codes in found.refused.values() for code, count in codes.items()} == by_hand
    assert set(found.refused["policy"]) == {"QUA460", "SCH212"}
    assert all(code.startswith("DUP") for code in found.refused["copies"])
    others = found.total.total - by_hand["QUA460"] - by_hand["SCH212"]
    assert found.acceptance_but_policy == pytest.approx(found.total.admitted / others)


def test_policy_is_made_of_rules_that_there_are() -> None:
    """Every code has a kind."""
    rules = Catalogue.parse(packaged("rules.toml").decode())

    assert set(rules) >= POLICY
    assert {kind_of(code) for code in rules} == {"policy", "copies", "orders", "defects"}


def test_damage_is_counted_and_the_rest_is_read(decided: Path, tmp_path: Path) -> None:
    """Lines that are no events of ours, a day that cannot be unpacked, an unfinished last line."""
    shutil.copytree(decided / "audit", tmp_path / "audit", ignore=shutil.ignore_patterns("evidence"))
    log, whole = Log(tmp_path), stats(Log(decided))
    sealed, last = log.days()[0], log.days()[-1]
    log.path(sealed).write_bytes(b"no gzip")
    content = log.path(last).read_bytes()
    first = next(line for line in content.splitlines() if b'"action":"admit"' in line)
    forged = [
        first.replace(b'"outcome":"admitted"', b'"outcome":"lost"'),
        first.replace(b'"settle":', b'"settle":-'),
        first.replace(b'"settle":', b'"settle":9999999999'),
        re.sub(rb'"created":"[^"]*"', b'"created":"2026-11-22T03:47:12"', first),
    ]
    assert first not in forged
    log.path(last).write_bytes(b"\n".join([b"rubbish", b'{"event":{}}', *forged, content + first]))

    found = stats(log)

    assert [file for file, _ in found.unread] == [sealed]
    assert found.broken == 6
    assert found.groups == {key: one for key, one in whole.groups.items() if key != "2026-11-17"}


def test_a_log_without_decisions_is_all_zeros(tmp_path: Path) -> None:
    """Nothing is divided by it."""
    found = stats(Log(tmp_path))

    assert (found.total.total, found.total.acceptance, found.acceptance_but_policy) == (0, None, None)
    assert (found.groups, found.times, found.first) == ({}, {}, "")


@example(values=[1.0, 2.2250738585e-313], limits=(None, None))
@given(
    values=st.lists(st.floats(-1e6, 1e6) | st.integers(0, 50).map(float), min_size=1, max_size=60),
    limits=st.tuples(st.none() | st.floats(-10, 10), st.none() | st.floats(-10, 10)),
)
def test_bins_hold_every_value_once(values: list[float], limits: tuple[float | None, float | None]) -> None:
    """They touch, go from the least to the largest, and none reaches over a limit."""
    bins = _bins(sorted(values), Limit(doubt=limits[0], fail=limits[1]))

    assert (bins[0].start, bins[-1].end) == (min(values), max(values))
    assert all(one.end == two.start for one, two in itertools.pairwise(bins))
    for one in bins[:-1]:
        assert one.n == sum(one.start <= value < one.end for value in values)
    assert sum(one.n for one in bins) == len(values)
    assert not any(one.start < limit < one.end for one in bins for limit in limits if limit is not None)


@given(
    pieces=st.lists(st.lists(st.integers(0, (1 << 62) - 1) | st.integers(0, 20), min_size=1), min_size=1, max_size=6)
)
def test_quantiles_of_pieces_are_those_of_the_whole(pieces: list[list[int]]) -> None:
    """Nearest ranks, as one ranks them by hand."""
    ranked = sorted(itertools.chain.from_iterable(pieces))

    found = quantiles([sorted(piece) for piece in pieces])

    by_hand = [ranked[math.ceil(share * len(ranked)) - 1] / 1_000_000_000 for share in (0.5, 0.9, 0.99)]
    assert found == (len(ranked), *by_hand)
