"""The order book: its folders are the owner's, and what lies in an order's place stops nobody."""

from __future__ import annotations

import json
import os
import resource
import stat
import uuid
from typing import TYPE_CHECKING

import pytest

from winnowd.storage.disk import Disk
from winnowd.storage.orderbook import OrderBook, OrderInvalidError, results

if TYPE_CHECKING:
    from pathlib import Path

ORDER = str(uuid.UUID(int=1))


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """The folder of orders, which others may write to."""
    folder = tmp_path / "state/orders"
    folder.mkdir(parents=True)
    folder.chmod(0o775)
    return folder


def book(orders: Path) -> OrderBook:
    """The book of that folder's instance."""
    return OrderBook(Disk(orders.parents[1]))


def test_what_was_refused_is_told_to_whoever_waits(orders: Path) -> None:
    """Its result says why; the file itself gets a name of ours, and nobody else can look at it."""
    (orders / f"{ORDER}.json").write_text("no order")

    book(orders).refuse(ORDER, "it is no JSON")

    assert results(orders.parents[1], ORDER) == [{"state": "refused", "because": "it is no JSON"}]
    assert [path.read_text() for path in (orders / "refused").iterdir()] == ["no order"]
    assert stat.S_IMODE((orders / "refused").stat().st_mode) == 0o700
    assert not (orders / "refused" / f"{ORDER}.json").exists()


@pytest.mark.parametrize("name", ["done", "refused"])
@pytest.mark.parametrize("elsewhere", ["audit", "seeds"])
def test_a_link_in_the_place_of_our_folders_leads_nowhere(orders: Path, name: str, elsewhere: str) -> None:
    """Neither results nor what was refused are written where somebody would have them."""
    other = orders.parents[1] / elsewhere
    other.mkdir()
    (orders / name).symlink_to(other)
    (orders / "HEAD.json").write_text("planted")
    kept = book(orders)

    kept.refuse("HEAD", "its name is no UUID")
    kept.finish_order(ORDER, [{"state": "done"}])

    assert list(other.iterdir()) == []
    assert results(orders.parents[1], ORDER) == [{"state": "done"}]
    assert kept.waiting() == []


@pytest.mark.parametrize("kind", ["folder", "full folder", "pipe", "link", "nowhere"])
def test_whatever_lies_in_an_order_s_place_is_set_aside(orders: Path, kind: str) -> None:
    """Though something of that name was refused before."""
    kept, place = book(orders), orders / f"{ORDER}.json"
    place.write_text("the first")
    kept.refuse(ORDER, "it is no JSON")
    if kind == "pipe":
        os.mkfifo(place)
    elif kind in {"link", "nowhere"}:
        place.symlink_to("/" if kind == "link" else "nowhere")
    else:
        place.mkdir()
    if kind == "full folder":
        (place / "x").write_text("x")

    with pytest.raises(OrderInvalidError):
        kept.read(ORDER)
    kept.refuse(ORDER, "it is no file")

    assert kept.waiting() == []


def test_results_are_left_again_by_a_run_after_one_that_was_killed(orders: Path) -> None:
    """It left the results, and did not come to take the order away."""
    kept = book(orders)
    kept.finish_order(ORDER, [{"state": "done"}])
    (orders / f"{ORDER}.json").write_text("the order")

    kept.finish_order(ORDER, [{"state": "done"}])

    assert kept.waiting() == []
    assert len(list((orders / "done").iterdir())) == 1


def test_a_result_is_not_written_over(orders: Path) -> None:
    """Who uses the name of an order that was carried out cannot change what it says."""
    kept = book(orders)
    kept.finish_order(ORDER, [{"state": "done"}])
    (orders / f"{ORDER}.json").write_text("another")

    kept.refuse(ORDER, "it is no JSON")

    assert json.loads((orders / "done" / f"{ORDER}.json").read_text())["results"] == [{"state": "done"}]


def test_a_machine_without_descriptors_refuses_no_order(orders: Path) -> None:
    """It waits, and is read when one is free."""
    order = {"at": "", "user": "", "via": "cli", "action": "release", "targets": ["c.txt"], "reason": "a test"}
    (orders / f"{ORDER}.json").write_text(json.dumps(order))
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            book(orders).read(ORDER)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert book(orders).read(ORDER)[0].targets == ["c.txt"]
