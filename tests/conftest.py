"""Hooks of all tests: what cannot run here is skipped by ``needs``, and the run ends with what it left unproven."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from tests.needs import pytest_collection_modifyitems as skip_what_cannot_run
from tests.needs import (  # noqa: F401 - pytest finds its hooks here
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
)
from tests.slow import (
    pytest_itemcollected,  # noqa: F401 - marks what takes its time
    slow_first,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.instance import Instance

settings.register_profile("winnowd", deadline=None)  # machines are noisy: no example fails for its time
settings.load_profile("winnowd")


@pytest.hookimpl(trylast=True)  # after -m and -k have chosen
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what cannot run here, and have workers begin with what takes its time."""
    skip_what_cannot_run(items)
    if workers := getattr(config, "workerinput", {}).get("workercount", 0):
        items[:] = slow_first(items, workers)


@pytest.fixture(scope="session")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance of 500 made decisions within six days; all tests share it, and none changes it."""
    from tests.bench.decisions import UNTIL, make

    instance_dir = tmp_path_factory.mktemp("decided") / "home"
    make(instance_dir, 500, days=6, until=UNTIL)
    return instance_dir


@pytest.fixture(scope="session")
def held_once(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """An instance in which five records wait, a rewrite first; all tests share it, and none changes it."""
    from tests.operations.held import held

    return held(tmp_path_factory.mktemp("held") / "home")


@pytest.fixture
def held_copy(held_once: Instance, tmp_path: Path) -> Instance:
    """A copy of it, to be changed."""
    shutil.copytree(held_once.instance_dir, tmp_path / "home")
    return type(held_once)(tmp_path / "home")
