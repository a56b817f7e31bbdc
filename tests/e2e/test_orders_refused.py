"""Orders that cannot be carried out are answered; the service goes on: with the next target, and at each start."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_orders import DOUBTED, apply_waiting_orders, ordered

from winnowd.layout import LEDGER
from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give, results

if TYPE_CHECKING:
    from pathlib import Path


def released(instance: Instance, *targets: str) -> list[dict[str, Any]]:
    """One order to release several, in the place of what they are copies of."""
    order = SystemClock().uuid7()
    content = OrderFile(
        at="2026-11-22T12:00:00Z", user="editor", via="cli", action="release", targets=list(targets), reason="a test",
        replace=True,
    )  # fmt: skip
    give(instance.instance_dir, order, content)
    apply_waiting_orders(instance)
    return results(instance.instance_dir, order) or []


def test_one_order_does_not_undo_what_it_did(tmp_path: Path) -> None:
    """Two copies of one article are released in its place: the first is, and the second does not push it out again."""
    instance = Instance(tmp_path)
    for name, text in {
        "a.txt": TEXTS["A"],
        "b.txt": TEXTS["B"],
        "c.txt": TEXTS["A"].replace(" the ", " that ", 1),
    }.items():
        instance.drop({name: text})
        instance.pass_over()

    told = released(instance, "b.txt", "c.txt")

    assert [one["state"] for one in told] == ["done", "done", "refused"]
    assert "this very order" in told[-1]["because"]
    assert len(instance.articles()) == 1
    assert faults(instance.instance_dir) == []


def test_a_text_that_came_again_is_not_restored_beside_itself(tmp_path: Path) -> None:
    """Even with originality off the corpus has a text once: what was released meanwhile is named."""
    instance = Instance(tmp_path, gates__originality__enabled=False)
    instance.drop({"a.txt": TEXTS["A"]})
    instance.pass_over()
    ordered(instance, "retract", "a.txt")
    instance.drop({"again.txt": TEXTS["A"] + " "})
    instance.pass_over()
    ordered(instance, "release", "again.txt")

    (refused,) = ordered(instance, "restore", "a.txt")

    assert refused["state"] == "refused"
    assert "the very same text" in refused["because"]
    assert instance.pass_over() == 0
    assert faults(instance.instance_dir) == []


def test_a_fault_of_ours_refuses_one_target_and_no_other(tmp_path: Path) -> None:
    """A row that cannot be read is our fault: it is told, the next target is carried out, and the order is closed."""
    instance = Instance(tmp_path)
    instance.drop({"list.txt": DOUBTED, "z.txt": TEXTS["A"].replace("\n\n", "\n\n• ", 1) + "\n• item" * 60})
    instance.pass_over()
    with sqlite3.connect(instance.instance_dir / LEDGER) as ledger:
        ledger.execute("UPDATE held_text SET line = 'no JSON' WHERE number = 1")
    ledger.close()

    told = released(instance, "list.txt", "z.txt")

    assert [one["state"] for one in told] == ["refused", "done"]
    assert told[0]["because"] == "a fault of ours: JSONDecodeError"
    assert "failure" in [event["event"]["action"] for event in instance.events()]


def test_a_fault_of_the_machine_refuses_nothing(tmp_path: Path) -> None:
    """A full disk goes up to the loop; the order stands, and is carried out once there is room."""
    instance = Instance(tmp_path)
    instance.drop({"list.txt": DOUBTED})
    instance.pass_over()

    def full(effect: str) -> None:
        if effect == "write" and list((tmp_path / "state/orders").glob("*.json")):
            raise OSError(28, "No space left on device")

    content = OrderFile(at="", user="editor", via="cli", action="release", targets=["list.txt"], reason="a test")
    give(instance.instance_dir, SystemClock().uuid7(), content)
    with pytest.raises(OSError, match="No space"):
        apply_waiting_orders(instance, full)
    apply_waiting_orders(instance)

    assert len(instance.articles()) == 1
