"""An order is given whole or not at all, and is not waited for without end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import TEXTS, Instance

from winnowd.operations.orders import UnfitOrderError, applied, give_order
from winnowd.settings import load
from winnowd.storage.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """An instance with one article, served by nobody."""
    made = Instance(tmp_path)
    made.drop({"a.txt": TEXTS["A"]})
    made.pass_over()
    return made


def test_an_order_is_given_and_carried_out_by_any_program(instance: Instance) -> None:
    """With no terminal and no service; the answer says what became of each record."""
    order = give_order(instance.instance_dir, "retract", ["a.txt"], reason="a test")

    results = applied(instance.instance_dir, lambda: load(instance.instance_dir, environ={}, system=None), order, 10)

    assert results is not None
    assert [(one["state"], one["outcome"]) for one in results] == [("done", "retracted")]


def test_what_is_no_order_says_how_far_it_may_go(instance: Instance) -> None:
    """Nothing is left in the folder of orders."""
    with pytest.raises(UnfitOrderError) as told:
        give_order(instance.instance_dir, "retract", ["x" * 301], reason="a test")

    assert (told.value.fault, told.value.size, told.value.most) == ("target", 301, 300)
    assert instance.files("state/orders") == []


def test_an_order_without_results_is_given_up_at_the_deadline(instance: Instance) -> None:
    """Though nobody holds the instance, and each look at the orders finds none."""
    begun = time.monotonic()

    results = applied(
        instance.instance_dir, lambda: load(instance.instance_dir, environ={}, system=None), SystemClock().uuid7(), 0.2
    )

    assert results is None
    assert time.monotonic() - begun < 30
