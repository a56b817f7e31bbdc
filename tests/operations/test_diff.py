"""What changed between two points of a log, whatever they are named by."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from tests.cli.test_check import FILES
from tests.e2e.instance import ROOT, Instance
from tests.e2e.test_orders import ordered

from winnowd.audit.reader import Log
from winnowd.operations.diff import NoSuchPointError, Stated, diff


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """Every outcome, orders, and a second run under another configuration."""
    made = Instance(tmp_path_factory.mktemp("changing"))
    made.drop(FILES)
    made.pass_over()
    ordered(made, "release", "d-list")
    ordered(made, "retract", "a-original")
    other = Instance(made.instance_dir, profile="strict")
    other.drop({"k-new.txt": (ROOT / "tests" / "cases" / "letter-words-pass.txt").read_bytes()})
    other.pass_over()
    ordered(other, "retract", "k-new")
    ordered(other, "restore", "k-new")
    return other


def corpus_by(events: list[dict[str, Any]], last: int) -> set[str]:
    """The ids of which some record stands in the corpus behind an event, by the last outcome of each record."""
    records: dict[tuple[str, int], tuple[str, str]] = {}
    for ours in (event["winnowd"] for event in events[:last]):
        if "outcome" in ours and "article" in ours:
            records[ours["arrival"]["id"], ours["arrival"]["record"]] = ours["article"]["id"], ours["outcome"]
    return {name for name, outcome in records.values() if outcome == "admitted"}


def test_what_came_and_left_is_the_difference_of_both_corpora(instance: Instance) -> None:
    """Between any two events; in either order of the points the older one comes first."""
    log, events = Log(instance.instance_dir), instance.events()

    for older, newer in itertools.combinations(range(0, len(events) + 1, 3), 2):
        found = diff(log, f"#{newer}", f"#{older}")
        before, behind = corpus_by(events, older), corpus_by(events, newer)
        assert {one.id for one in found.came} == behind - before
        assert {one.id for one in found.left} == before - behind
        assert sum(found.outcomes.values()) == sum(
            event["event"]["action"] in {"admit", "quarantine", "reject"} for event in events[older:newer]
        )


def test_settings_decisions_and_orders_are_counted(instance: Instance) -> None:
    """From before the first event there was no configuration to differ from."""
    found = diff(Log(instance.instance_dir), "#2", "HEAD")

    assert found.settings == (Stated("profile", "balanced", "strict"),)
    assert {action: count for (action, _), count in found.orders.items()} == {"release": 1, "retract": 2, "restore": 1}
    assert found.outcomes["admitted"] >= 1
    assert sum(found.codes.values()) == sum(found.outcomes.values()) - found.outcomes["admitted"]
    assert diff(Log(instance.instance_dir), "#0", "HEAD").settings == ()


def test_nothing_changes_between_a_point_and_itself(instance: Instance) -> None:
    """Whatever it is named by."""
    log, day = Log(instance.instance_dir), instance.events()[-1]["@timestamp"][:10]
    sha256 = instance.events()[-1]["winnowd"]["config"]["sha256"]

    for one, other in (("HEAD", "HEAD"), (day, day), ("#3", "#3"), (f"config:{sha256[:8]}", "HEAD"), (day, "#0")):
        assert diff(log, one, other).is_equal


def test_two_configurations_are_compared_by_their_settings_alone(instance: Instance) -> None:
    """With each other, or with that in force at a point."""
    log = Log(instance.instance_dir)
    first, last = (event["winnowd"]["config"]["sha256"] for event in (instance.events()[0], instance.events()[-1]))

    for older in (f"config:{first}", "#1"):
        found = diff(log, older, f"config:{last[:12]}")
        assert found.settings == (Stated("profile", "balanced", "strict"),)
        assert found.outcomes == {}


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ("#999999", "the log has no event"),
        ("config:abcdef012345", "was never in force"),
        ("yesterweek", "is no point"),
        ("2026-13-01", "is no point"),
        ("#", "is no point"),
    ],
)
def test_what_is_no_point_is_refused(instance: Instance, point: str, said: str) -> None:
    """With what there is."""
    with pytest.raises(NoSuchPointError, match=said) as refused:
        diff(Log(instance.instance_dir), point, "HEAD")

    assert refused.value.advice
