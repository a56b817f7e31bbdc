"""The power cut at any step: what was not synced is gone, and still nothing is lost, doubled or half there (P2, P3)."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import account, changed, faults, torn
from tests.crash.power import Disks
from tests.crash.scenes import SCENES, Scene, decided
from tests.crash.test_kill_sweep import spread
from tests.crash.tracing import counted, killed
from tests.e2e.instance import in_child, killed_at
from tests.needs import crash_run, loop_mounts, needs, root, strace_kills

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.instance import Instance

POINTS = int(os.environ.get("WINNOWD_POWER_POINTS", "8"))
"""Cuts of one kind in one scene; 100000 for all."""
SWEPT = [scene for scene in SCENES if scene.name not in {"admitted", "quarantined", "rejected"}]
TWICE = [scene for scene in SWEPT if scene.name != "changed"]
"""Its sender writes on while we work, and syncs nothing: what of that the power takes is not ours to keep."""
CARELESS = [scene for scene in SCENES if scene.name in {"mixed", "admitted", "fsync"}]
KINDS = ["ext4", *(["xfs"] if shutil.which("mkfs.xfs", path="/usr/sbin:/sbin:/usr/bin") else [])]
power = [needs("P2", crash_run, root, loop_mounts), needs("P3", crash_run, root, loop_mounts)]
pytestmark = power


@pytest.fixture(scope="module", params=KINDS)
def disks(request: pytest.FixtureRequest) -> Iterator[Disks]:
    """Two disks of a kind."""
    memory = Path("/dev/shm")  # noqa: S108 - a file system, not a file
    where = memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30 else None
    with (
        tempfile.TemporaryDirectory(dir=where, prefix="winnowd-") as folder,
        Disks(Path(folder), kind=request.param) as made,
    ):
        yield made


@functools.cache
def undisturbed(scene: Scene) -> tuple[list[str], list[tuple[str, str, str]]]:
    """The effects of a scene's work, and what it decides."""
    with tempfile.TemporaryDirectory() as folder:
        instance = scene.set_up(Path(folder))
        seen: list[str] = []
        scene.work(instance, seen.append)
        return seen, decided(instance)


def begin(scene: Scene, disks: Disks) -> Instance:
    """A scene on new disks, with all that was before it on disk."""
    instance = scene.set_up(disks.new())
    disks.sync()
    return instance


def wrong_after(scene: Scene, instance: Instance, disks: Disks) -> list[str]:
    """Cut the power, look as a reader, start again, look at the whole."""
    disks.cut()
    found = [f"{path} is torn" for path in torn(instance.instance_dir)]
    scene.work(instance)
    found += scene.wrong(instance)
    if (now := decided(instance)) != undisturbed(scene)[1]:
        found.append(f"decided {[one for one in now if one not in undisturbed(scene)[1]]}")
    return found


def twice(count: int, commits: tuple[int, ...]) -> list[tuple[int, int]]:
    """Where a run is killed, and at which commit the one after it: all pairs if all points are tried, else some."""
    points = spread(count, POINTS)
    if count < POINTS:
        return [(point, commit) for point in points for commit in commits]
    return [(point, commits[number % len(commits)]) for number, point in enumerate(points)]


def told(scene: Scene, what: str, points: int, wrong: dict[str, list[str]], disks: Disks) -> str:
    """The figure of a sweep."""
    return f"{scene}, {what}: {points} cuts, {len(wrong)} violations; {account(disks.instance_dir)}"


@pytest.mark.parametrize("scene", SWEPT, ids=str)
def test_a_cut_before_any_effect(disks: Disks, scene: Scene, record_property: Callable[[str, object], None]) -> None:
    """The process and the power end together."""
    effects, _ = undisturbed(scene)
    wrong: dict[str, list[str]] = {}
    points = spread(len(effects), POINTS)
    for point in points:
        instance = begin(scene, disks)

        in_child(functools.partial(scene.work, instance, killed_at(point)))

        if found := wrong_after(scene, instance, disks):
            wrong[f"{point} {effects[point - 1]}"] = found
    record_property("figure", told(scene, "at effects", len(points), wrong, disks))
    assert wrong == {}


@pytest.mark.parametrize("scene", SWEPT, ids=str)
def test_a_cut_after_the_work_is_done(
    disks: Disks, scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """What a run has called done is on disk; also if the run before it was killed, and has left things unsynced."""
    effects, _ = undisturbed(scene)
    wrong: dict[str, list[str]] = {}
    points = [0, *spread(len(effects), POINTS)]
    for point in points:
        instance = begin(scene, disks)

        in_child(functools.partial(scene.work, instance, killed_at(point)))
        in_child(functools.partial(scene.work, instance))

        if found := wrong_after(scene, instance, disks):
            wrong[f"{point} {effects[point - 1]}"] = found
    record_property("figure", told(scene, "after a recovery", len(points), wrong, disks))
    assert wrong == {}


@pytest.mark.parametrize("scene", TWICE, ids=str)
def test_a_cut_in_a_recovery(disks: Disks, scene: Scene, record_property: Callable[[str, object], None]) -> None:
    """What a killed run has renamed, not synced, and its recovery has only found in place, must not be struck off."""
    effects, _ = undisturbed(scene)
    wrong: dict[str, list[str]] = {}
    points = twice(len(effects), (1, 2, 3, 4))
    for point, commit in points:
        instance = begin(scene, disks)

        in_child(functools.partial(scene.work, instance, killed_at(point)))
        in_child(functools.partial(scene.work, instance, killed_at(commit, "committed")))

        if found := wrong_after(scene, instance, disks):
            wrong[f"{point} {effects[point - 1]}, then commit {commit}"] = found
    record_property("figure", told(scene, "in a recovery", len(points), wrong, disks))
    assert wrong == {}


@pytest.mark.parametrize("scene", CARELESS, ids=str)
def test_a_cut_after_a_careless_sender(
    disks: Disks, scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """Files that no sender has synced may go with the power, but not once they are decided: we did, before."""
    effects, _ = undisturbed(scene)
    wrong: dict[str, list[str]] = {}
    points = twice(len(effects), (0, 3, 4, 5))
    for point, commit in points:
        instance = scene.set_up(disks.new())

        in_child(functools.partial(scene.work, instance, killed_at(point)))
        if commit:
            in_child(functools.partial(scene.work, instance, killed_at(commit, "committed")))
        disks.cut()
        scene.work(instance)

        if found := [*faults(instance.instance_dir), *changed(instance.instance_dir)]:
            wrong[f"{point} {effects[point - 1]}, then commit {commit}"] = found
    record_property("figure", told(scene, "of a careless sender", len(points), wrong, disks))
    assert wrong == {}


@needs("P2", strace_kills)
@pytest.mark.parametrize("scene", [scene for scene in SWEPT if scene.name in {"mixed", "slices", "release"}], ids=str)
def test_a_cut_at_any_system_call(disks: Disks, scene: Scene, record_property: Callable[[str, object], None]) -> None:
    """In the middle of SQLite's commits and checkpoints, too."""
    undisturbed(scene)
    calls = counted(functools.partial(scene.work, begin(scene, disks)), disks.instance_dir.parent)
    all_points = [(name, number) for name, count in calls.items() for number in range(1, count + 1)]
    points = all_points[:: max(1, len(all_points) // (2 * POINTS))]
    wrong: dict[str, list[str]] = {}
    for name, number in points:
        instance = begin(scene, disks)

        killed(functools.partial(scene.work, instance), name, number)

        if found := wrong_after(scene, instance, disks):
            wrong[f"{name} {number}"] = found
    record_property("figure", told(scene, f"at {len(all_points)} system calls", len(points), wrong, disks))
    assert wrong == {}
