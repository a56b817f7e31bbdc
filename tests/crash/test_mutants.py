"""The tests have teeth: each known way to break the promises is seen by the test that is there for it (P13)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.e2e.instance import ROOT
from tests.needs import crash_run, needs

if TYPE_CHECKING:
    from collections.abc import Callable

MUTANTS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("mutants.toml").read_text(encoding="utf-8"))
SOURCES = ROOT / "service"
WHERE = "import winnowd; print(winnowd.__file__)"
CAUGHT, SOUND = 1, 0
"""How pytest ends if tests fail, and if all pass."""


def changed(mutant: dict[str, Any]) -> str:
    """The file of a mutant as that has it; ValueError if it does not fit any more."""
    source: str = (SOURCES / "winnowd" / mutant["file"]).read_text(encoding="utf-8")
    if source.count(mutant["was"]) != 1:
        raise ValueError(f"{mutant['file']} holds {mutant['was']!r} {source.count(mutant['was'])} times")
    return source.replace(str(mutant["was"]), str(mutant["becomes"]))


def outcome_of(sources: Path, caught_by: list[str], points: int = 0) -> subprocess.CompletedProcess[str]:
    """Run these tests on a copy of the service, in a process of its own; the first failure is enough."""
    environ = {name: value for name, value in os.environ.items() if name != "WINNOWD_CRASH"}
    if points:
        environ |= dict.fromkeys(("WINNOWD_LOSSY_POINTS", "WINNOWD_FAULT_POINTS"), str(points))
    environ |= {"PYTHONPATH": str(sources), "PYTHONDONTWRITEBYTECODE": "1"}
    where = subprocess.run(
        [sys.executable, "-c", WHERE], env=environ, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert where.stdout.startswith(str(sources))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *caught_by]
    return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", MUTANTS)
def test_each_mutant_fits_the_code_of_today(name: str) -> None:
    """One that changes nothing, or is no Python, would be caught by nothing, or by everything."""
    compile(changed(MUTANTS[name]), name, "exec")


@needs("P13", crash_run)
@pytest.mark.parametrize("name", MUTANTS)
def test_each_mutant_is_caught(tmp_path: Path, name: str, record_property: Callable[[str, object], None]) -> None:
    """By the tests that it names, most of them as ``make test`` runs them, which pass on the code as it is."""
    mutant = MUTANTS[name]
    shutil.copytree(SOURCES, tmp_path / "service", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "service" / "winnowd" / mutant["file"]).write_text(changed(mutant), encoding="utf-8")

    ended = outcome_of(tmp_path / "service", mutant["caught_by"], mutant.get("points", 0))

    record_property("figure", f"mutant {name}: {'caught' if ended.returncode == CAUGHT else 'NOT CAUGHT'}")
    assert ended.returncode == CAUGHT, ended.stdout[-2_000:]


@needs("P13", crash_run)
def test_the_code_as_it_is_passes_what_catches_mutants(tmp_path: Path) -> None:
    """Else a test that always fails would seem to have teeth."""
    shutil.copytree(SOURCES, tmp_path / "service", ignore=shutil.ignore_patterns("__pycache__"))
    files = sorted({mutant["caught_by"][0] for mutant in MUTANTS.values()})

    ended = outcome_of(tmp_path / "service", files)

    assert ended.returncode == SOUND, ended.stdout[-2_000:]
