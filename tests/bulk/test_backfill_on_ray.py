"""A backfill on Ray decides what one pass decides, over kills of workers and of the driver: ``make test-ray``."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.bulk import inputs
from tests.bulk.compared import differences
from tests.bulk.dying import TASKS, DyingEngine
from tests.bulk.test_backfill import fill, instance_of, once
from tests.bulk.test_resume import wrong

from winnowd.bulk.ray import RayEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.ray,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: make test-ray"),
]
ROOT = Path(__file__).parents[2]
RECORDS = int(os.environ.get("WINNOWD_RECORDS", "1000"))
BLOCK = 200
WORKERS = 2


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of several blocks."""
    return inputs.write(tmp_path_factory.mktemp("given") / "many.jsonl", RECORDS, 7)


@pytest.fixture(scope="module")
def expected(given: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one pass makes of it."""
    instance = instance_of(tmp_path_factory.mktemp("passed"), "best")
    once(instance, given)
    return instance.instance_dir


@pytest.fixture(scope="module")
def engine() -> Iterator[RayEngine]:
    """Ray, begun once for all that leave it as it was."""
    with RayEngine(WORKERS) as made:
        yield made


def test_on_ray_it_decides_what_one_pass_decides(
    engine: RayEngine, given: Path, expected: Path, tmp_path: Path
) -> None:
    """Every event, evidence, file and row; with a worker killed in each stage."""
    instance, dying = instance_of(tmp_path / "instance", "best"), DyingEngine(engine, tmp_path / "notes")

    fill(instance, [given], BLOCK, engine=dying)

    assert dying.lost() == TASKS
    assert differences(expected, instance.instance_dir) == []
    assert wrong(instance) == []


BORDERS = {"before a commit": "commit", "between commit and files": "rename", "between files and log": "append"}
"""Of the second block that is recorded: before which change the driver is killed."""


@pytest.mark.parametrize("border", BORDERS)
def test_a_driver_that_is_killed_goes_on_when_it_is_begun_again(
    engine: RayEngine, given: Path, expected: Path, tmp_path: Path, border: str
) -> None:
    """With its own Ray it is killed, and goes on with another."""
    source = f"from tests.bulk.test_backfill_on_ray import drive; drive({str(tmp_path)!r}, {str(given)!r}, {border!r})"
    driver = subprocess.run([sys.executable, "-c", source], cwd=ROOT, check=False, capture_output=True)
    assert driver.returncode == -signal.SIGKILL, driver.stderr.decode()
    instance = instance_of(tmp_path, "best")
    assert 0 < len(instance.decisions()) < RECORDS

    fill(instance, [given], BLOCK, engine=engine)

    assert differences(expected, instance.instance_dir, begun_as_often=False) == []
    assert wrong(instance) == []


def drive(folder: str, given: str, border: str) -> None:
    """In a process of its own: a run on Ray that is killed."""
    with RayEngine(WORKERS) as engine:
        fill(
            instance_of(Path(folder), "best"),
            [Path(given)],
            BLOCK,
            engine=engine,
            on_effect=_killed_in_second(BORDERS[border]),
        )


def _killed_in_second(name: str) -> Callable[[str], None]:
    """Kills before the first change of this name from the commit of the second block on.

    Behind the lines of the start and of the first block comes what acknowledges these, then that commit.
    """
    seen: Counter[str] = Counter()

    def on_effect(effect: str) -> None:
        seen[effect] += effect == "append" or seen["append"] >= _LINES
        if seen["commit"] >= _COMMITS and effect == name:
            os.kill(os.getpid(), signal.SIGKILL)

    return on_effect


_LINES = 2
_COMMITS = 2
