"""Killed before any of its effects, and started again: nothing is lost, nothing is decided twice (P1, P4, P5)."""

from __future__ import annotations

import functools
import os
import signal
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import account, torn
from tests.crash.scenes import SCENES, Scene, decided
from tests.e2e.instance import in_child, killed_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVERY = bool(os.environ.get("WINNOWD_CRASH"))
POINTS = int(os.environ.get("WINNOWD_KILL_POINTS", "100000" if EVERY else "4"))


def undisturbed(scene: Scene, instance_dir: Path) -> tuple[list[str], list[tuple[str, str, str]]]:
    """The effects of a scene's work, and what it decides."""
    instance = scene.set_up(instance_dir)
    seen: list[str] = []
    scene.work(instance, seen.append)
    assert scene.wrong(instance) == []
    return seen, decided(instance)


def spread(count: int, most: int) -> list[int]:
    """At most so many of the numbers from 1 to ``count``, the last among them, evenly spread."""
    step = max(1, -(-count // most))
    return list(range(count, 0, -step))[::-1]


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_kill_before_any_effect_changes_nothing_in_the_end(
    fast_path: Path, scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """At each border of the route, and inside the carrying out: the same decisions, one home, one line each."""
    effects, expected = undisturbed(scene, fast_path / "undisturbed")
    most = POINTS * 4 if scene.name == "mixed" else POINTS
    points = spread(len(effects), most)
    wrong: dict[str, list[str]] = {}
    for point in points:
        instance = scene.set_up(fast_path / f"at-{point}")

        ended = in_child(functools.partial(scene.work, instance, killed_at(point)))
        found = torn(instance.instance_dir)
        scene.work(instance)

        assert ended == -signal.SIGKILL
        found += scene.wrong(instance)
        if (now := decided(instance)) != expected:
            found.append(f"decided {[one for one in now if one not in expected]}")
        if found:
            wrong[f"{point} {effects[point - 1]}"] = found

    figure = f"{scene}: killed at {len(points)} of {len(effects)} effects, {len(wrong)} violations"
    record_property("figure", f"{figure}; {account(instance.instance_dir)}")
    assert wrong == {}


@pytest.mark.parametrize("points", [(3, 3, 3), (20, 5, 9), (30, 30, 2), (12, 12), (15, 14, 13)], ids=str)
@pytest.mark.parametrize("scene", [SCENES[0], SCENES[5]], ids=str)
def test_kills_in_a_row_are_survived(fast_path: Path, scene: Scene, points: tuple[int, ...]) -> None:
    """A recovery may be killed, too, and the recovery of that one."""
    instance = scene.set_up(fast_path)

    for point in points:
        in_child(functools.partial(scene.work, instance, killed_at(point)))
    scene.work(instance)

    assert scene.wrong(instance) == []
