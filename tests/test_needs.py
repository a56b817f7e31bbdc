"""A run says which promises it has not proven, and fails if one of them was required."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PASSES = """
from tests.needs import needs

@needs("P1")
def test_it(): pass
"""
CANNOT = """
from tests.needs import needs

@needs("P10", lambda: "needs a moon")
def test_it(): pass

@needs("P2", lambda: "needs a sun")
def test_other(): pass
"""


@pytest.fixture(params=["0", "2"], ids=["here", "beside"])
def processes(request: pytest.FixtureRequest) -> str:
    """How many processes of their own the tests run in."""
    return str(request.param)


def run(folder: Path, processes: str, required: str, **files: str) -> tuple[int, str]:
    """Run pytest on test files made of these texts; gives its exit status and what it printed."""
    for name, content in files.items():
        (folder / f"test_{name}.py").write_text(content)
    environ = {**os.environ, "WINNOWD_REQUIRE": required, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.needs", "-p", "no:cacheprovider", "-n", processes]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_what_cannot_run_is_named_at_the_end(tmp_path: Path, processes: str) -> None:
    """By promise, in their order, with what is missing; that alone is no failure."""
    status, told = run(tmp_path, processes, "", passes=PASSES, cannot=CANNOT)

    assert status == 0
    assert "NOT PROVEN HERE: P2 (needs a sun), P10 (needs a moon)" in told.splitlines()


def test_nothing_is_said_where_all_is_proven(tmp_path: Path, processes: str) -> None:
    """A clean run ends as pytest ends it."""
    status, told = run(tmp_path, processes, "P1", passes=PASSES)

    assert status == 0
    assert "PROVEN" not in told


@pytest.mark.parametrize("required", ["P1,P10", "P7"], ids=["skipped", "no-test"])
def test_a_required_promise_that_is_not_proven_is_a_failure(tmp_path: Path, processes: str, required: str) -> None:
    """Skipped, or nobody's claim at all."""
    status, told = run(tmp_path, processes, required, passes=PASSES, cannot=CANNOT)

    assert status == 1
    assert f"REQUIRED, AND NOT PROVEN: {required.rpartition(',')[2]}" in told.splitlines()
