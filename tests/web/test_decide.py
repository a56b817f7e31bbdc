"""What is decided on the page becomes orders, of exactly what was seen, and can be taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from winnowd.daemon.serve import apply_orders_once
from winnowd.layout import ORDERS
from winnowd.model import Selection
from winnowd.operations.queue import queue
from winnowd.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.instance import Instance
    from tests.web.client import Answer, Client

Visit = "Callable[..., Client]"


def waiting(instance: Instance, **chosen: Any) -> list[str]:
    """The records that wait, oldest first."""
    return [item.record for item in queue(instance.instance_dir, Selection(**chosen)).items]


def orders(instance: Instance) -> list[dict[str, Any]]:
    """The orders that wait, in the order they were given."""
    return [json.loads(path.read_bytes()) for path in sorted((instance.instance_dir / ORDERS).glob("*.json"))]


def carry_out(instance: Instance) -> None:
    """Be the service for a moment."""
    apply_orders_once(
        instance.instance_dir, load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)
    )


def test_a_decision_is_an_order_and_leads_to_the_next(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """Of this record, by whoever has logged in, with the note; within what was chosen."""
    client, (one, following, *_) = visit(held_copy), waiting(held_copy, codes=("QUA401",))
    page = client.get(f"/a/{one}?code=QUA401")

    answer = client.send(page, f"/a/{one}/decide", action="confirm", reason=" too  short ")

    assert answer.status == 303
    assert answer.location.startswith(f"/a/{following}?code=QUA401&order=")
    (order,) = orders(held_copy)
    assert {name: order[name] for name in ("user", "via", "action", "targets", "reason", "replace")} == {
        "user": "anna", "via": "web", "action": "confirm", "targets": [one], "reason": "too short", "replace": False,
    }  # fmt: skip
    assert "1 order waits to be carried out." in client.get(answer.location).words()


def test_what_was_done_is_told_and_can_be_undone(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """The next page says what became of it; undo brings it back into the list; the log names who did both."""
    client, (one, *_) = visit(held_copy), waiting(held_copy)
    led = client.send(client.get(f"/a/{one}"), f"/a/{one}/decide", action="confirm").location
    carry_out(held_copy)
    told = client.get(led)
    assert "1 record is rejected now." in told.words()
    assert one not in waiting(held_copy)

    back = client.send(told, "/undo").location
    assert back.startswith(f"/a/{one}?order=")
    carry_out(held_copy)

    assert "1 record is quarantined now." in client.get(back).words()
    assert one in waiting(held_copy)
    done = [one for one in held_copy.events() if one["event"]["action"] in {"confirm", "restore"}]
    assert [(one["user"]["name"], one["winnowd"]["operator"]["claimed"]) for one in done] == [("anna", True)] * 2


def test_an_original_is_replaced(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """The flag of the order says so."""
    client, (one, *_) = visit(held_copy), waiting(held_copy)

    client.send(client.get(f"/a/{one}"), f"/a/{one}/decide", action="replace")

    assert [(order["action"], order["replace"]) for order in orders(held_copy)] == [("release", True)]


def test_what_is_refused_is_told(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """With the reason of whoever refused it."""
    client, (one, *_) = visit(held_copy), waiting(held_copy)
    page = client.get(f"/a/{one}")
    client.send(page, f"/a/{one}/decide", action="confirm")
    led = client.send(page, f"/a/{one}/decide", action="confirm").location
    carry_out(held_copy)

    assert "1 record was refused:" in client.get(led).words()


def test_those_selected_are_one_order(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """Of exactly these; without a selection there is none."""
    client, (one, _, third, *_) = visit(held_copy), waiting(held_copy)
    fields = client.get("/quarantine").fields("/quarantine/decide") | {"action": "release", "reason": "good"}

    client.post("/quarantine/decide", fields)
    assert orders(held_copy) == []
    client.post("/quarantine/decide", [*fields.items(), ("record", one), ("record", third)])

    assert [order["targets"] for order in orders(held_copy)] == [[one, third]]


def test_all_of_a_selection_are_decided_on_as_shown(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """The page says how many, by what and which; then it is one order of all of them."""
    client = visit(held_copy)
    page = client.get("/quarantine/all?code=QUA401")
    assert "Decide on 4 records together" in page.words()

    answer = client.send(page, "/quarantine/all", action="confirm", reason="short")

    assert answer.location.startswith("/quarantine?order=")
    assert [order["targets"] for order in orders(held_copy)] == [waiting(held_copy, codes=("QUA401",))]


def test_many_go_in_several_orders_and_come_back_together(
    held_copy: Instance, visit: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No order has more than an order may have; undo takes back all that were given together."""
    monkeypatch.setattr("winnowd.web.actions.MOST_AT_ONCE", 3)
    client = visit(held_copy)
    before = waiting(held_copy)

    led = client.send(client.get("/quarantine/all"), "/quarantine/all", action="confirm").location
    assert [len(order["targets"]) for order in orders(held_copy)] == [3, 2]
    carry_out(held_copy)
    client.send(client.get(led), "/undo")
    carry_out(held_copy)

    assert waiting(held_copy) == before


def test_undo_takes_back_nothing_that_came_after(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """What somebody else has decided since stands, and is told; undo that is pressed twice is no redo."""
    client, (one, *_) = visit(held_copy), waiting(held_copy)
    told = client.get(decided(client, held_copy, one, "confirm"))
    decided(visit(held_copy), held_copy, one, "release", replace=True)

    first = carried_out(client, held_copy, told)

    assert "1 record was refused:" in first
    assert "was changed since" in first
    assert " admitted now" not in first
    assert one not in waiting(held_copy)

    another = waiting(held_copy)[0]
    told = client.get(decided(client, held_copy, another, "confirm"))
    carried_out(client, held_copy, told)
    assert "was changed since" in carried_out(client, held_copy, told)
    assert another in waiting(held_copy)


def decided(client: Client, instance: Instance, record: str, action: str, *, replace: bool = False) -> str:
    """Decide on a record, whatever it is now, and be the service; gives the address that one is led to."""
    fields = client.get("/").fields("/logout") | {"action": "replace" if replace else action}
    led = client.post(f"/a/{record}/decide", fields).location
    carry_out(instance)
    return led


def carried_out(client: Client, instance: Instance, told: Answer) -> str:
    """Press undo, and be the service: what is said then."""
    led = client.send(told, "/undo").location
    carry_out(instance)
    return client.get(led).words()


@pytest.mark.parametrize("address", ["/a/RECORD/decide", "/quarantine/decide", "/quarantine/all"])
def test_nobody_overrules_what_they_have_not_seen(
    held_copy: Instance, visit: Callable[..., Client], address: str
) -> None:
    """Who releases what a colleague has confirmed in the meantime is told; who sees that it was rejected may."""
    client, (one, *_) = visit(held_copy), waiting(held_copy)
    address = address.replace("RECORD", one)
    fields = client.get(address.removesuffix("/decide")).fields(address)
    sent = [*fields.items(), ("action", "release"), ("record", one)]
    colleague = client.get("/").fields("/logout") | {"action": "confirm"}
    client.post(f"/a/{one}/decide", colleague)  # waits before the other order, and is carried out first

    led = client.post(address, sent).location
    carry_out(held_copy)

    assert "1 record was refused:" in client.get(led).words()
    assert "is rejected now, and was quarantined when that was ordered" in client.get(led).words()
    decided(client, held_copy, one, "release", replace=True)
    assert "admitted" in client.get(f"/a/{one}").words()


def test_orders_given_together_are_taken_back_each_by_itself(
    held_copy: Instance, visit: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though one of them was refused in part, so that they are no longer of a size."""
    monkeypatch.setattr("winnowd.web.actions.MOST_AT_ONCE", 3)
    client = visit(held_copy)
    before = waiting(held_copy)
    page = client.get("/quarantine/all")
    led = client.send(page, "/quarantine/all", action="confirm").location
    fields = client.get("/").fields("/logout") | {"action": "release"}
    first = sorted((held_copy.instance_dir / ORDERS).glob("*.json"))
    away = [path.rename(path.with_suffix(".away")) for path in first]
    client.post(f"/a/{before[1]}/decide", fields)  # somebody is faster
    carry_out(held_copy)
    for path in away:
        path.rename(path.with_suffix(".json"))
    carry_out(held_copy)
    told = client.get(led)
    assert "1 record was refused" in told.words()

    assert "4 records are quarantined now." in carried_out(client, held_copy, told)
    assert waiting(held_copy) == [one for one in before if one != before[1]]


@pytest.mark.parametrize("is_remembered", [True, False], ids=["shown by this process", "shown by one before"])
def test_another_set_is_not_decided_on(
    held_copy: Instance, visit: Callable[..., Client], *, is_remembered: bool
) -> None:
    """What has changed since it was shown is said, nothing is done, and the form is for what is meant now."""
    client = visit(held_copy)
    page = client.get("/quarantine/all?code=QUA401")
    gone = waiting(held_copy, codes=("QUA401",))[0]
    client.send(client.get(f"/a/{gone}"), f"/a/{gone}/decide", action="confirm")
    carry_out(held_copy)
    if not is_remembered:
        client = visit(held_copy)
        page = client.get("/quarantine/all?code=QUA401&feed=feed-b")

    fields = page.fields("/quarantine/all") | {"feed": "", "action": "confirm"}
    answer = client.post("/quarantine/all", fields | {"form": client.get("/").fields("/logout")["form"]})

    assert answer.status == 409
    assert "Nothing was decided" in answer.words()
    assert ("0 records came, 1 left" in answer.words()) == is_remembered or "came" in answer.words()
    assert orders(held_copy) == []
    assert answer.fields("/quarantine/all")["set"].startswith("3-")


@pytest.mark.parametrize("name", ["", "4", "5-00000000", "4-", "x"])
def test_a_set_is_named_whole(held_copy: Instance, visit: Callable[..., Client], name: str) -> None:
    """A number alone would fit another set of as many."""
    client = visit(held_copy)
    fields = client.get("/quarantine/all?code=QUA401").fields("/quarantine/all")

    assert client.post("/quarantine/all", fields | {"set": name, "action": "confirm"}).status == 409
    assert orders(held_copy) == []


def test_erasing_asks_twice(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """Only whoever has said so on the second page gives the order."""
    client, (one, *_) = visit(held_copy), waiting(held_copy)
    asked = client.get(f"/a/{one}/erase")
    assert "This cannot be undone." in asked.words()

    unsure = client.send(asked, f"/a/{one}/decide", reason="asked to")
    assert (unsure.location, orders(held_copy)) == (f"/a/{one}/erase", [])
    client.send(asked, f"/a/{one}/decide", reason="asked to", sure="yes", forget="yes")

    (order,) = orders(held_copy)
    assert (order["action"], order["yes"], order["forget"]) == ("erase", True, True)
    carry_out(held_copy)
    assert "erased" in client.get(f"/a/{one}").words()


@pytest.mark.parametrize("action", ["", "delete", "retract; confirm", "CONFIRM"])
def test_what_is_no_action_is_refused(held_copy: Instance, visit: Callable[..., Client], action: str) -> None:
    """In words, and nothing is written."""
    client, (one, *_) = visit(held_copy), waiting(held_copy)

    assert client.send(client.get(f"/a/{one}"), f"/a/{one}/decide", action=action).status == 400
    assert (
        client.post(
            "/quarantine/decide",
            client.get("/quarantine").fields("/quarantine/decide") | {"record": one, "action": action},
        ).status
        == 400
    )
    assert orders(held_copy) == []


@pytest.mark.parametrize("order", ["../../config/winnowd.toml", "0" * 36, "x", ""])
def test_an_order_is_named_by_an_id_of_ours(client: Client, order: str) -> None:
    """No path comes out of it."""
    assert client.get(f"/quarantine?order={order}").status == 200
    fields = client.get("/quarantine").fields("/quarantine/decide")
    assert client.post("/undo", fields | {"order": order, "back": "//evil.example"}).location == "/"


def test_an_address_of_no_record_is_none(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """However many digits it has: what was ordered beside it is no fault of ours then."""
    client = visit(held_copy)
    fields = client.get("/").fields("/logout") | {"action": "erase", "sure": "yes", "text": "0" * 16}

    assert client.post(f"/a/x-{'9' * 30}/decide", fields).status == 400
    assert client.post(f"/a/x-{'9' * 5000}/decide", fields).status == 400
    assert orders(held_copy) == []


def test_a_reason_is_bounded(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """As that of any order."""
    client, (one, *_) = visit(held_copy), waiting(held_copy)

    answer = client.send(client.get(f"/a/{one}"), f"/a/{one}/decide", action="confirm", reason="x" * 4_001)

    assert answer.status == 400
    assert "at most 4,000" in answer.words()
