"""``winnowd release`` and its like: what is no order is never given, and no order is waited for without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import TEXTS, Instance

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """An instance with one article, served by nobody."""
    made = Instance(tmp_path)
    made.drop({"a.txt": TEXTS["A"]})
    made.pass_over()
    return made


@pytest.mark.parametrize(
    ("targets", "reason", "said"),
    [
        (["a.txt"], "", "--reason is empty"),
        (["a.txt"], "x" * 4_001, "--reason has 4001 characters"),
        (["x" * 301], "a test", "a target has 301 characters"),
        ([""], "a test", "a target is empty"),
        ([f"{number:0250d}" for number in range(300)], "a test", "the order has"),
        (["a.txt"], "\udcff", "not text"),
    ],
)
def test_what_is_no_order_is_not_given(
    instance: Instance, run: Callable[..., Ran], targets: list[str], reason: str, said: str
) -> None:
    """One line of words, exit 2, and nothing in the folder of orders."""
    ran = run("--home", str(instance.instance_dir), "retract", "--reason", reason, *targets)

    assert ran.code == 2
    assert ran.err.startswith("winnowd: retract: ")
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert instance.files("state/orders") == []


def test_an_order_is_carried_out_where_nobody_serves(instance: Instance, run: Callable[..., Ran]) -> None:
    """Even by whoever would not wait."""
    ran = run("--home", str(instance.instance_dir), "retract", "--reason", "a test", "--wait", "0", "a.txt")

    assert ran.code == 0
    assert instance.articles() == []


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (["confirm", "a.txt"], 1, "is for what is quarantined"),
        (["retract", "a.txt", "nothing"], 12, "nothing is known of 'nothing'"),
        (["release", "short.txt"], 12, "fits 2 records"),
        (["erase", "short.txt"], 1, "add --yes"),
        (["erase", "--yes", "short.txt"], 0, "-0\n"),
    ],
)
def test_the_exit_code_says_whether_an_order_was_carried_out(
    instance: Instance, run: Callable[..., Ran], given: list[str], code: int, said: str
) -> None:
    """1 refused, 12 no such record, or several; of several records of one text each is named."""
    for _ in range(2):
        instance.drop({"short.txt": "Too short to be an article."})
        instance.pass_over()

    ran = run(
        "--home",
        str(instance.instance_dir),
        "--json" if not said.endswith("\n") else "-q",
        *given,
        "--reason",
        "a test",
    )

    assert ran.code == code
    assert said in ran.out
