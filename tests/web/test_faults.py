"""What the page says where the machine fails: words for whoever looks, never a bare fault, and nothing half done."""

from __future__ import annotations

import errno
import sqlite3
from typing import TYPE_CHECKING

import pytest
from tests.web.test_decide import orders, waiting

from winnowd.layout import LEDGER, ORDERS
from winnowd.storage.ledger.schema import VERSION
from winnowd.storage.orderbook import OrderFile, give

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.instance import Instance
    from tests.web.client import Client


def _newer(ledger: Path) -> None:
    connection = sqlite3.connect(ledger)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()


def _damaged(ledger: Path) -> None:
    ledger.write_bytes(b"no ledger" * 1_000)


def _torn(ledger: Path) -> None:
    """Sound where it begins: only who asks for what is behind meets it."""
    content = bytearray(ledger.read_bytes())
    content[8_192:] = bytes(len(content) - 8_192)
    ledger.write_bytes(content)


@pytest.mark.parametrize("spoil", [_newer, _damaged, _torn, lambda ledger: ledger.unlink()])
def test_a_ledger_that_cannot_be_believed_is_told(
    held_copy: Instance, visit: Callable[..., Client], spoil: Callable[[Path], None]
) -> None:
    """On every page that needs it; help and the audit log, which is looked at for just that, are there as ever."""
    client, (one, *_) = visit(held_copy), waiting(held_copy)
    spoil(held_copy.instance_dir / LEDGER)

    for address in ("/", "/quarantine", "/quarantine/all", "/decisions", f"/a/{one}"):
        answer = client.get(address)
        assert answer.status == 503, address
        assert "On the machine, see “winnowd verify”." in answer.words()
    assert "event 1 " in client.get("/audit").words().lower()
    assert client.get("/help").status == 200


def test_an_order_that_cannot_be_given_is_told(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """With what the system says of it, so that it can be mended; nothing was decided."""
    client, (one, *_) = visit(held_copy), waiting(held_copy)
    page = client.get(f"/a/{one}")
    folder = held_copy.instance_dir / ORDERS
    folder.rename(folder.with_name("away"))
    folder.write_bytes(b"")

    answer = client.send(page, f"/a/{one}/decide", action="confirm")

    assert answer.status == 503
    assert "The order could not be given: Not a directory. Nothing was decided." in answer.words()


def test_how_many_orders_of_several_were_given_is_told(
    held_copy: Instance, visit: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk is full in between: those that were given are carried out, and can be looked up."""
    monkeypatch.setattr("winnowd.web.actions.MOST_AT_ONCE", 3)
    client = visit(held_copy)
    page = client.get("/quarantine/all")
    written: list[str] = []

    def full_after_one(instance_dir: Path, order: str, content: OrderFile) -> None:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(order)
        give(instance_dir, order, content)

    monkeypatch.setattr("winnowd.operations.orders.give", full_after_one)

    answer = client.send(page, "/quarantine/all", action="confirm")

    assert answer.status == 503
    assert "No space left on device. Of 5 records, 3 were ordered before." in answer.words()
    assert [len(order["targets"]) for order in orders(held_copy)] == [3]
