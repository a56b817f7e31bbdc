"""Packed blocks and kills: killed at whatever change, a run or an order goes on and ends as if it had not been."""

from __future__ import annotations

import functools
import os
import shutil
import signal
from typing import TYPE_CHECKING, Any, Literal

import pytest
from tests.bulk import inputs
from tests.bulk.killed import effects, killed
from tests.bulk.test_backfill import fill, instance_of, outcomes_of
from tests.crash.conftest import fast_path
from tests.e2e.in_blocks import files_of
from tests.e2e.instance import Instance, in_child, killed_at, silent_log
from tests.e2e.test_orders import configured

from winnowd.cli import main
from winnowd.daemon.serve import apply_orders_once
from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Verb = Literal["release", "retract", "erase", "confirm"]

__all__ = ["fast_path"]
EVERY = bool(os.environ.get("WINNOWD_CRASH"))
"""Kill before every single change, which takes minutes."""
BLOCK = 25
POINTS = 100_000 if EVERY else 2
SUBJECTS: dict[Verb, str] = {
    "retract": "admitted", "erase": "admitted", "release": "quarantined", "confirm": "quarantined",
}  # fmt: skip


def run(instance: Instance, given: Path) -> Callable[[Callable[[str], None]], object]:
    """A backfill into packed blocks that tells what it changes."""
    return lambda announce: fill(instance, [given], BLOCK, packed=True, on_effect=announce)


def is_at(number: int, count: int, name: str) -> bool:
    """Whether this is the change of that number."""
    del name
    return count == number


def spread(numbers: range) -> list[int]:
    """At most ``POINTS`` of them, the last among them."""
    return list(numbers[:: -max(1, -(-len(numbers) // POINTS))])[::-1]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of three blocks."""
    return inputs.write(tmp_path_factory.mktemp("given") / "many.jsonl", 60, 7)


@pytest.fixture(scope="module")
def undisturbed(given: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Instance, list[str]]:
    """What a run makes of it, and what it changes on disk, in order."""
    folder = tmp_path_factory.mktemp("undisturbed")
    instance = instance_of(folder / "home", "best")
    return instance, effects(run(instance, given), folder / "changes")


def wrong(instance: Instance, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What a deep look finds, and what is left of a run or of a file that was being written."""
    capsys.readouterr()
    exit_code = main(["--home", str(instance.instance_dir), "verify", "-q", "--deep"])
    said = capsys.readouterr()
    left = [path for folder in ("backfill", "incoming", "work") for path in instance.files(f"state/{folder}")]
    hidden = [str(path) for path in instance.instance_dir.rglob("*.tar.zst.*")]
    return [*([] if exit_code == 0 else [said.out, said.err]), *left, *hidden]


def kept(instance: Instance) -> dict[str, list[bytes]]:
    """The texts of each folder, whatever name chance has given them."""
    return {
        folder: sorted(
            content for name, content in files_of(instance.instance_dir / folder).items() if name.endswith(".txt")
        )
        for folder in ("seeds", "quarantine", "rejected")
    }


def test_a_run_goes_on_where_a_kill_left_it(
    fast_path: Path, given: Path, undisturbed: tuple[Instance, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """From the first block that is rendered on: each record decided once, each text in one place."""
    expected, changes = undisturbed
    first = next(number for number, name in enumerate(changes) if name.endswith(".rows"))
    found: dict[tuple[int, str], list[Any]] = {}
    for number in spread(range(first, changes.index("remove manifest.json") + 1)):
        instance = instance_of(fast_path / str(number), "best")

        assert killed(run(instance, given), functools.partial(is_at, number))
        run(instance, given)(lambda _: None)

        bad: list[Any] = wrong(instance, capsys)
        if outcomes_of(instance) != outcomes_of(expected) or kept(instance) != kept(expected):
            bad.append("decided otherwise, or twice, or lost")
        if bad:
            found[number, changes[number]] = bad
        shutil.rmtree(instance.instance_dir)

    assert found == {}


@pytest.mark.parametrize("verb", SUBJECTS)
def test_an_order_goes_on_where_a_kill_left_it(
    fast_path: Path, undisturbed: tuple[Instance, list[str]], capsys: pytest.CaptureFixture[str], verb: Verb
) -> None:
    """The next start carries it out: once, and to its end."""
    made, _ = undisturbed

    def ordered(name: str) -> Instance:
        shutil.copytree(made.instance_dir, fast_path / name)
        instance = Instance(fast_path / name)
        target = next(
            event["winnowd"]["arrival"]["id"] + f"-{event['winnowd']['arrival']['record']}"
            for event in instance.decisions()
            if event["winnowd"]["outcome"] == SUBJECTS[verb]
        )
        order = OrderFile(
            at="", user="", via="cli", action=verb, targets=[target], reason="a test", yes=verb == "erase"
        )
        give(instance.instance_dir, SystemClock().uuid7(), order)
        return instance

    def obey(instance: Instance, on_effect: Callable[[str], None] = lambda _: None) -> None:
        apply_orders_once(instance.instance_dir, configured(instance), log=silent_log(), on_effect=on_effect)

    seen: list[str] = []
    peaceful = ordered("peaceful")
    obey(peaceful, seen.append)
    assert wrong(peaceful, capsys) == []
    assert kept(peaceful) != kept(made)
    found: dict[tuple[int, str], list[Any]] = {}
    for number in spread(range(1, len(seen) + 1)):
        instance = ordered(str(number))

        assert in_child(functools.partial(obey, instance, killed_at(number))) == -signal.SIGKILL
        obey(instance)

        bad: list[Any] = wrong(instance, capsys)
        if kept(instance) != kept(peaceful) or told(instance, verb) != told(peaceful, verb):
            bad.append("carried out otherwise, or twice, or not")
        if bad:
            found[number, seen[number - 1]] = bad
        shutil.rmtree(instance.instance_dir)

    assert found == {}


def told(instance: Instance, verb: Verb) -> list[str]:
    """The outcomes of the events of an order."""
    return [one["winnowd"].get("outcome", "") for one in instance.events() if one["event"]["action"] == verb]
