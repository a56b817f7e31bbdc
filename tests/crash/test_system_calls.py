"""Killed at its system calls, those of SQLite and of every library among them, and started again (P1, P3)."""

from __future__ import annotations

import functools
import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import account, torn
from tests.crash.scenes import SCENES, Scene, decided
from tests.crash.tracing import counted, killed
from tests.needs import crash_run, needs, strace_kills

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STRIDE = int(os.environ.get("WINNOWD_STRIDE", "9"))
"""One call of so many is tried; 1 for all."""
SWEPT = [scene for scene in SCENES if scene.name in {"mixed", "slices", "better-at-once", "release", "seal"}]


@needs("P1", crash_run, strace_kills)
@needs("P3", crash_run, strace_kills)
@pytest.mark.parametrize("scene", SWEPT, ids=str)
def test_a_kill_at_any_system_call_changes_nothing_in_the_end(
    fast_path: Path, scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """Each call that can change a disk, by its name and number; a point that is not reached is counted apart."""
    warm = scene.set_up(fast_path / "warm")
    scene.work(warm)
    expected = decided(warm)
    calls = counted(functools.partial(scene.work, scene.set_up(fast_path / "counted")), fast_path)
    points = [(name, number) for name, count in calls.items() for number in range(1, count + 1)][::STRIDE]
    wrong: dict[str, list[str]] = {}
    reached = 0

    for name, number in points:
        instance_dir = fast_path / f"{name}-{number}"
        instance = scene.set_up(instance_dir)
        reached += killed(functools.partial(scene.work, instance), name, number) == -signal.SIGKILL
        found = torn(instance_dir)
        scene.work(instance)
        found += scene.wrong(instance)
        if (now := decided(instance)) != expected:
            found.append(f"decided {[one for one in now if one not in expected]}")
        if found:
            wrong[instance_dir.name] = found
        else:
            told = account(instance_dir)
            shutil.rmtree(instance_dir)

    figure = f"{scene}: {len(points)} of {sum(calls.values())} system calls, {reached} killed, {len(wrong)} violations"
    record_property("figure", f"{figure}; {told}")
    assert wrong == {}
    assert reached >= 0.99 * len(points)
