"""The queue: what a person has not decided on waits in it, once; a decision on a set is one on just that set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.e2e.test_orders import ordered
from tests.instances.make import ARTICLES, cut
from tests.unprivileged import unprivileged

from winnowd.model import Selection
from winnowd.operations import order_all as parts
from winnowd.operations.order_all import order_all
from winnowd.operations.queue import (
    SetChangedError,
    must_be_expected,
    must_be_unchanged,
    position_of,
    queue,
    titled,
    waiting_count,
    waiting_feeds,
    waiting_set,
)
from winnowd.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.instance import Instance

    from winnowd.settings import Loaded

ALL = Selection()


@pytest.fixture
def instance(held_copy: Instance) -> Instance:
    """Five records wait in it."""
    return held_copy


@pytest.fixture
def loading(instance: Instance) -> Callable[[], Loaded]:
    """What gives the settings of the copy."""
    return lambda: load(instance.instance_dir, environ={}, system=None)


def quarantined(instance: Instance) -> list[str]:
    """By the log alone: the records whose last event leaves them in quarantine, in the order in which they came."""
    last: dict[str, str] = {}
    for event in instance.events():
        if "arrival" in event["winnowd"]:
            arrival = event["winnowd"]["arrival"]
            last[f"{arrival['id']}-{arrival['record']}"] = event["winnowd"]["outcome"]
    return [record for record, outcome in last.items() if outcome == "quarantined"]


def test_every_record_that_no_person_has_decided_on_waits_once(instance: Instance) -> None:
    """Confirmed or released it is gone; taken back it waits where it waited; what the log tells is what waits."""
    steps = []
    for action, name in (("confirm", "bakers"), ("release", "bridge"), ("restore", "bakers"), ("erase", "orchestra")):
        ordered(instance, action, name, yes=action == "erase")  # type: ignore[arg-type]
        steps.append((quarantined(instance), [item.record for item in queue(instance.instance_dir, ALL).items]))

    assert [len(by_log) for by_log, _ in steps] == [4, 3, 4, 3]
    assert all(by_log == by_queue for by_log, by_queue in steps)


def test_a_record_comes_with_all_that_a_person_asks_first(held_once: Instance) -> None:
    """Title and twin by their titles, the worst finding as the log has it; of what is like nothing there is no twin."""
    rewrite, *_, last = queue(held_once.instance_dir, ALL).items
    event = next(one for one in held_once.decisions() if one["file"]["name"] == "rewrite.txt")

    assert (rewrite.sequence, rewrite.id) == (event["event"]["sequence"], event["winnowd"]["article"]["id"])
    assert rewrite.finding == event["winnowd"]["findings"][0]
    assert rewrite.nearest == event["winnowd"]["nearest"]
    assert rewrite.title.startswith("Heroic ferry")
    assert rewrite.twin is not None
    assert rewrite.twin.title.startswith("Ferry crew rescue")
    assert (rewrite.twin.id, rewrite.twin.outcome) == (event["winnowd"]["nearest"]["id"], "admitted")
    assert (last.codes[0], last.nearest.get("twin"), last.twin) == ("QUA401", None, None)


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (Selection(codes=("QUA401",)), ["bakers", "bridge", "orchestra", "clockmaker"]),
        (Selection(codes=("DUP606", "DUP603")), ["rewrite"]),
        (Selection(feed="feed-a"), ["bakers", "bridge"]),
        (Selection(feed="feed-a/late"), ["bridge"]),
        (Selection(feed="feed"), []),
        (Selection(codes=("QUA4",)), []),
    ],
)
def test_a_selection_is_what_its_words_say(held_once: Instance, selection: Selection, names: list[str]) -> None:
    """A feed with those below it, a whole code; a piece of either is none."""
    found = queue(held_once.instance_dir, selection)

    assert sorted(item.file.rpartition("/")[2].removesuffix(".txt") for item in found.items) == sorted(names)
    assert found.count == sum(found.by_code.values()) == len(names)


def test_an_instance_that_has_decided_nothing_has_nothing_that_waits(tmp_path: Path) -> None:
    """There is no ledger yet; asking makes none."""
    found = queue(tmp_path, ALL)

    assert (list(found.items), found.count, waiting_set(tmp_path, ALL).records) == ([], 0, {})
    assert list(tmp_path.iterdir()) == []


def test_one_decision_on_a_set_is_one_on_each_record_of_it_and_no_other(
    instance: Instance, loading: Callable[[], Loaded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In as many orders as it takes; what came since it was shown waits on; each has its event, by that person."""
    monkeypatch.setattr(parts, "MOST_TARGETS", 3)
    chosen = waiting_set(instance.instance_dir, Selection(codes=("QUA401",)))
    instance.drop({"later.txt": cut(ARTICLES[7])})
    instance.pass_over()
    before = len(instance.events())

    given = list(order_all(instance.instance_dir, loading, "confirm", chosen, reason="too short", wait=10))

    told = [event for event in instance.events()[before:] if event["event"]["action"] == "confirm"]
    records = [f"{one['winnowd']['arrival']['id']}-{one['winnowd']['arrival']['record']}" for one in told]
    assert [len(results or ()) for _, results in given] == [3, 1]
    assert records == list(chosen.records.values())
    assert {one["winnowd"]["operator"]["reason"] for one in told} == {"too short"}
    assert [item.file for item in queue(instance.instance_dir, Selection(codes=("QUA401",))).items] == [
        "inbox/later.txt"
    ]
    assert [event["event"]["action"] for event in instance.events()[before:]].count("startup") == 1


def test_who_stops_has_given_no_further_order(
    instance: Instance, loading: Callable[[], Loaded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one in hand is carried out whole; what it did not name waits as it waited, and no order of it lies there."""
    monkeypatch.setattr(parts, "MOST_TARGETS", 2)
    chosen = waiting_set(instance.instance_dir, ALL)
    stopped = iter([False, True])

    given = list(
        order_all(
            instance.instance_dir, loading, "confirm", chosen, reason="no", wait=10, is_stopped=lambda: next(stopped)
        )
    )

    assert len(given) == 1
    assert [item.record for item in queue(instance.instance_dir, ALL).items] == list(chosen.records.values())[2:]
    assert [path for path in instance.files("state/orders") if "/" not in path] == []


def test_what_somebody_else_decides_meanwhile_is_refused_and_the_rest_is_done(
    instance: Instance, loading: Callable[[], Loaded]
) -> None:
    """A set is no lock: each record is asked about as it is carried out."""
    chosen = waiting_set(instance.instance_dir, ALL)
    ordered(instance, "confirm", "bakers")

    ((_, results),) = order_all(instance.instance_dir, loading, "confirm", chosen, reason="no", wait=10)

    assert sorted(one["state"] for one in results or ()) == ["done"] * 4 + ["refused"]
    assert queue(instance.instance_dir, ALL).count == 0


def test_a_set_that_changed_is_not_the_one_that_was_shown(instance: Instance) -> None:
    """It says what came, and what became of what left; as it was, nothing is said."""
    before = waiting_set(instance.instance_dir, ALL)
    must_be_unchanged(instance.instance_dir, ALL, before)
    ordered(instance, "release", "bakers")
    instance.drop({"later.txt": cut(ARTICLES[7])})
    instance.pass_over()

    with pytest.raises(SetChangedError) as raised:
        must_be_unchanged(instance.instance_dir, ALL, before)

    change = raised.value.change
    assert change is not None
    assert [item.file for item in change.came] == ["inbox/later.txt"]
    assert [outcome for _, outcome in change.left] == ["admitted"]
    assert (change.came_count, change.left_count) == (1, 1)


def test_a_set_is_expected_by_its_size_or_by_its_name(instance: Instance) -> None:
    """One more, or another one in the place of one, is another set; another selection with the same records is none."""
    chosen = waiting_set(instance.instance_dir, ALL)
    must_be_expected(chosen, "5")
    must_be_expected(chosen, chosen.set_id)
    ordered(instance, "confirm", "bakers")
    instance.drop({"later.txt": cut(ARTICLES[7])})
    instance.pass_over()
    now = waiting_set(instance.instance_dir, ALL)

    must_be_expected(now, "5")
    with pytest.raises(SetChangedError):
        must_be_expected(now, chosen.set_id)
    with pytest.raises(SetChangedError):
        must_be_expected(now, "6")
    assert queue(instance.instance_dir, ALL).set_id == now.set_id


def test_who_may_only_read_is_answered_when_the_service_has_stopped(held_copy: Instance) -> None:
    """It has taken its write-ahead log away, and a reader without rights cannot make one."""
    state = held_copy.instance_dir / "state"
    state.chmod(0o555)
    try:
        with unprivileged():
            assert waiting_count(held_copy.instance_dir) == 5
    finally:
        state.chmod(0o755)


def test_a_record_has_its_place_in_what_was_chosen(held_once: Instance) -> None:
    """With its neighbours; one that is not of the selection has none, but still neighbours; nothing has neither."""
    short = Selection(codes=("QUA401",))
    first, second, third, last = queue(held_once.instance_dir, short).items
    (rewrite,) = queue(held_once.instance_dir, Selection(codes=("DUP606",))).items

    middle = position_of(held_once.instance_dir, short, second.record)
    end = position_of(held_once.instance_dir, short, last.record)
    outside = position_of(held_once.instance_dir, short, rewrite.record)
    nowhere = position_of(held_once.instance_dir, short, "nothing")

    assert (middle.at, middle.count, middle.previous, middle.following) == (2, 4, first, third)
    assert (end.at, end.previous, end.following) == (4, third, None)
    assert (outside.at, outside.following) == (0, first)
    assert (nowhere.at, nowhere.count, nowhere.previous, nowhere.following) == (0, 0, None, None)


def test_feeds_and_titles_of_what_waits_are_told(held_once: Instance) -> None:
    """How many by each feed, its sub-folders apart; an article by its id."""
    assert waiting_feeds(held_once.instance_dir, ALL) == {"": 2, "feed-a": 1, "feed-a/late": 1, "feed-b": 1}
    (rewrite,) = queue(held_once.instance_dir, Selection(codes=("DUP606",))).items
    assert rewrite.twin is not None
    assert titled(held_once.instance_dir, rewrite.twin.id) == rewrite.twin
    assert titled(held_once.instance_dir, "0" * 16) is None
