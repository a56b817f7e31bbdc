"""A backfill decides what one pass in order decides: every event, evidence, file and row, record by record."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from tests.bulk import inputs
from tests.bulk.compared import differences
from tests.e2e.instance import Instance

from winnowd.bulk.backfill import Order, backfill
from winnowd.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from pathlib import Path

    from winnowd.bulk.backfill import Done

RECORDS = int(os.environ.get("WINNOWD_RECORDS", "240"))
"""Of the largest input."""
KEEP = ("first", "best")


class InThisProcess:
    """Port ``Engine``: no other process; jobs are taken one by one, as their results are."""

    workers = 1

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[Any, None, None]:
        """Each when it is asked for."""
        yield from map(function, jobs)

    def close(self) -> None:
        """There is nothing to end."""


class Nobody:
    """Is told of stages, and counts."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.steps = 0

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins."""
        del total
        self.stages.append(name)

    def step(self, count: int) -> None:
        """So many more are done."""
        self.steps += count


def instance_of(folder: Path, keep: str) -> Instance:
    """An instance that judges in its own process."""
    return Instance(folder, gates__originality__keep=keep, workers__count=0)


def fill(instance: Instance, given: Sequence[Path], block: int = 1_000, **more: Any) -> Done:
    """Backfill these files."""
    loaded = load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)
    order = Order(block=block, bits=more.pop("bits", 32), move=more.pop("move", False))
    engine, watcher = more.pop("engine", InThisProcess()), more.pop("watcher", Nobody())
    return backfill(instance.instance_dir, loaded, given, order, engine, watcher, **more)


def once(instance: Instance, given: Path) -> None:
    """Let one pass decide a file."""
    content = given.read_bytes()
    instance.drop({given.name: content})
    os.utime(instance.instance_dir / "inbox" / given.name, ns=(inputs.MTIME_NS, inputs.MTIME_NS))
    instance.pass_over()


@pytest.fixture(scope="session")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two files: what is decided first, and what comes on top of it."""
    folder = tmp_path_factory.mktemp("given")
    return inputs.write(folder / "first.jsonl", RECORDS // 4, 3), inputs.write(folder / "many.jsonl", RECORDS, 7)


@pytest.fixture(scope="session", params=KEEP)
def passed(request: pytest.FixtureRequest, given: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What one pass has made of both."""
    instance = instance_of(tmp_path_factory.mktemp(f"passed-{request.param}"), request.param)
    for path in given:
        once(instance, path)
    return instance, request.param


@pytest.mark.parametrize("block", [100, 1_000])
def test_a_backfill_decides_what_one_pass_decides(
    given: tuple[Path, Path], passed: tuple[Instance, str], tmp_path: Path, block: int
) -> None:
    """The second file on a corpus that is there; faulty and hostile records among others; blocks of any size."""
    expected, keep = passed
    instance = instance_of(tmp_path, keep)

    for path in given:
        fill(instance, [path], block)

    assert differences(expected.instance_dir, instance.instance_dir) == []
