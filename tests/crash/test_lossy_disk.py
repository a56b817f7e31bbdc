"""A power cut without a power switch: only what was synced is kept, on a disk that promises nothing more (P2, P3)."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import changed, faults, torn
from tests.crash.lossy import CUT, LOSSES, LossyDisk, cut_at
from tests.crash.scenes import SCENES, Scene, decided
from tests.crash.test_kill_sweep import spread
from tests.e2e.instance import Instance, in_child

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.crash.lossy import Loss

POINTS = int(os.environ.get("WINNOWD_LOSSY_POINTS", "100000" if os.environ.get("WINNOWD_CRASH") else "2"))
SWEPT = [scene for scene in SCENES if scene.name not in {"quarantined", "rejected"}]


def effects_of(scene: Scene, instance_dir: Path) -> tuple[int, list[tuple[str, str, str]]]:
    """How many effects a scene's work has, and what it decides."""
    instance = scene.set_up(instance_dir)
    seen: list[str] = []
    scene.work(instance, seen.append)
    return len(seen), decided(instance)


def cut(scene: Scene, instance: Instance, number: int, loss: Loss, *, careless: bool = False) -> None:
    """Do a scene's work until the power is cut at an effect."""

    def deed() -> None:
        lossy = LossyDisk(instance.instance_dir, careless=careless)
        lossy.record()
        scene.work(instance, cut_at(lossy, number, loss))

    assert in_child(deed) == CUT


def wrong_after(scene: Scene, left: Instance) -> list[str]:
    """Look as a reader, start again, look at the whole."""
    found = [f"{path} is torn" for path in torn(left.instance_dir)]
    scene.work(left)
    return found + scene.wrong(left)


@pytest.mark.parametrize("scene", SWEPT, ids=str)
def test_what_a_cut_leaves_is_made_whole(
    fast_path: Path, scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """Names without bytes, neither, or some of either: the same decisions, each home and line once."""
    count, expected = effects_of(scene, fast_path / "undisturbed")
    points = [(point, loss) for at, point in enumerate(spread(count, POINTS)) for loss in _some(at)]
    wrong: dict[str, list[str]] = {}
    for point, loss in points:
        left = scene.set_up(fast_path / f"at-{point}-{loss}")
        cut(scene, left, point, loss)

        found = wrong_after(scene, left)

        if (
            scene.name != "changed" and (now := decided(left)) != expected
        ):  # what changed under way comes last, or first
            found.append(f"decided {[one for one in now if one not in expected]}")
        if found:
            wrong[f"{point} {loss}"] = found
    record_property("figure", f"{scene}, lossy disk: {len(points)} cuts, {len(wrong)} violations")
    assert wrong == {}


def _some(at: int) -> tuple[Loss, ...]:
    return LOSSES if POINTS > 1000 else (LOSSES[at % 2],)


@pytest.mark.parametrize("settings", [{}, {"storage.sync": "fsync"}], ids=["syncfs", "fsync"])
def test_what_no_sender_has_synced_is_on_disk_before_it_is_decided(fast_path: Path, settings: dict[str, str]) -> None:
    """A file dropped and never synced may be lost with the power; one that has a decision has its bytes."""
    scene = Scene("admitted", {"a.txt": next(iter(SCENES[1].files.values()))}, settings=settings)
    count, _ = effects_of(scene, fast_path / "undisturbed")
    wrong: dict[int, list[str]] = {}
    for point in spread(count, max(POINTS, 8)):
        left = scene.set_up(fast_path / f"at-{point}")
        cut(scene, left, point, "bytes", careless=True)

        scene.work(left)

        if found := [*faults(left.instance_dir), *changed(left.instance_dir)]:
            wrong[point] = found
    assert wrong == {}


@pytest.mark.parametrize("scene", [scene for scene in SWEPT if scene.name in {"copy", "retract", "fsync"}], ids=str)
def test_what_a_recovery_finds_in_place_is_synced_before_it_is_struck_off(
    fast_path: Path, scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """A run is killed between a rename and its sync; the power goes while, or after, the next one mends that."""
    count, _ = effects_of(scene, fast_path / "undisturbed")
    wrong: dict[str, list[str]] = {}
    cuts = 0
    for killed, point in [(killed, point) for killed in spread(count, POINTS) for point in (16, 30)]:
        left = scene.set_up(fast_path / f"killed-{killed}-{point}")
        if killed_then_cut(scene, left, killed, point):
            cuts += 1
            if found := wrong_after(scene, left):
                wrong[f"killed {killed}, cut {point}"] = found
    record_property("figure", f"{scene}, lossy disk: {cuts} cuts of a recovery, {len(wrong)} violations")
    assert wrong == {}
    assert cuts


def killed_then_cut(scene: Scene, instance: Instance, killed: int, point: int) -> bool:
    """Two runs on one lossy disk: what the first has left in the kernel's memory, the second finds there."""

    def deed() -> None:
        lossy = LossyDisk(instance.instance_dir)
        lossy.record()
        try:
            scene.work(instance, functools.partial(_end, [killed]))
        except _EndedError:
            scene.work(instance, cut_at(lossy, point, "names"))

    ended = in_child(deed)
    assert ended in {0, CUT}  # else the trial itself has failed, and proves nothing
    return ended == CUT


class _EndedError(BaseException):
    """A run ends here, and nothing of it goes on."""


def _end(left: list[int], _: str) -> None:
    left[0] -= 1
    if left[0] == 0:
        raise _EndedError
