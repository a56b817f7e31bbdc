"""Files among the orders that are none, or not from somebody who may give one: set aside, told, and nothing is done."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.e2e.hostile import SECRET
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_orders import apply_waiting_orders
from tests.needs import needs, root

from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give, results

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RETRACT = {
    "at": "2026-11-22T12:00Z", "user": "root", "via": "cli", "action": "retract", "targets": ["a"], "reason": "a test",
}  # fmt: skip
STRANGER = 4_711


def written(content: object) -> Callable[[Path, Path], object]:
    """Makes an order's file of this content."""
    return lambda path, _: path.write_text(json.dumps(content))


def large(path: Path, _: Path) -> None:
    """An order of 50 MB, of which all is blank but the order."""
    path.write_text(json.dumps(RETRACT) + " " * 50_000_000)


def of_a_stranger(path: Path, _: Path) -> None:
    """An order of somebody else, who says that he is root."""
    path.write_text(json.dumps(RETRACT))
    os.chown(path, STRANGER, STRANGER)


def linked(path: Path, outside: Path) -> None:
    """A link to an order that would do."""
    (outside / "order.json").write_text(json.dumps(RETRACT))
    path.symlink_to(outside / "order.json")


FORGERIES: dict[str, Callable[[Path, Path], object]] = {
    "a million targets": written({**RETRACT, "targets": ["a"] * 1_000_000}),
    "501 targets": written({**RETRACT, "targets": ["a"] * 501}),
    "no target": written({**RETRACT, "targets": []}),
    "a long target": written({**RETRACT, "targets": ["a" * 301]}),
    "an unknown field": written({**RETRACT, "uid": 0}),
    "an unknown deed": written({**RETRACT, "action": "admit"}),
    "50 MB": large,
    "a link": linked,
    "a link to a secret": lambda path, outside: path.symlink_to(outside / "secret.txt"),
    "a device": lambda path, _: path.symlink_to("/dev/zero"),
    "a pipe": lambda path, _: os.mkfifo(path),
    "a folder": lambda path, _: path.mkdir(),
    "no JSON": lambda path, _: path.write_bytes(b"\xff\x00{"),
    "a depth of 100,000": lambda path, _: path.write_text("[" * 60_000),
    "nothing": lambda path, _: path.write_bytes(b""),
}


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """One article in the corpus; beside the instance a secret."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_bytes(SECRET * 100)
    made = Instance(tmp_path / "home")
    made.drop({"a.txt": TEXTS["A"]})
    made.pass_over()
    return made


def refused(instance: Instance, forge: Callable[[Path, Path], object]) -> None:
    """Forge an order, give a good one after it; the first is set aside and told, the second carried out."""
    forged, good = sorted(SystemClock().uuid7() for _ in range(2))
    forge(instance.instance_dir / "state" / "orders" / f"{forged}.json", instance.instance_dir.parent / "outside")
    give(instance.instance_dir, good, OrderFile.model_validate({**RETRACT, "action": "confirm"}))

    apply_waiting_orders(instance)

    told = [event["error"] for event in instance.events() if event["event"]["action"] == "failure"]
    (answer,) = results(instance.instance_dir, forged) or []
    assert [one["code"] for one in told] == ["SYS932", "SYS933"]  # confirm is not for what is admitted
    assert answer["state"] == "refused"
    assert results(instance.instance_dir, good) is not None
    assert not list((instance.instance_dir / "state" / "orders").glob("*.json"))
    assert len(list((instance.instance_dir / "state" / "orders" / "refused").iterdir())) == 1
    assert len(instance.articles()) == 1
    log = b"".join(path.read_bytes() for path in (instance.instance_dir / "audit").rglob("*.jsonl"))
    assert SECRET not in log + json.dumps(answer).encode()
    assert faults(instance.instance_dir) == []


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_is_no_order_is_set_aside(instance: Instance, forgery: str) -> None:
    """Unopened if it is no file, unread beyond 64 KiB; SYS932 in the log, without a word of it; others are obeyed."""
    refused(instance, FORGERIES[forgery])


@needs("P8", root)
def test_an_order_of_somebody_who_may_give_none_is_set_aside(instance: Instance) -> None:
    """Whatever name stands in it: its file's owner counts."""
    refused(instance, of_a_stranger)


def test_who_gave_an_order_is_the_owner_of_its_file(instance: Instance) -> None:
    """The name that stands in it is not believed, and not told."""
    order = SystemClock().uuid7()
    give(instance.instance_dir, order, OrderFile.model_validate({**RETRACT, "user": "somebody-else"}))

    apply_waiting_orders(instance)

    (event,) = [one for one in instance.events() if one["event"]["action"] == "retract"]
    assert event["user"]["id"] == str(os.geteuid())
    assert "somebody-else" not in json.dumps(event)
