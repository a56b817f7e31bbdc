"""Killed before any of its effects, and started again: nothing is lost, nothing is decided twice (P1, P4, P5)."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance, in_child, killed_at

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "original.txt": TEXTS["A"],
    "feed/rewrite.txt": TEXTS["B"],
    "other.txt": TEXTS["C"],
    "many.jsonl": "\n".join(json.dumps({"text": text}) for text in (TEXTS["D"], TEXTS["C"] + " Again.", "short")),
    "broken.json": "{",
}
POINTS = int(os.environ.get("WINNOWD_KILL_POINTS", "40"))


def effects_of_a_pass(home: Path) -> int:
    """How many effects an undisturbed pass has."""
    instance = Instance(home)
    instance.drop(FILES)
    seen: list[str] = []
    instance.pass_over(seen.append)
    assert faults(home, sent=len(FILES)) == []
    return len(seen)


def test_a_kill_before_any_effect_loses_nothing_and_decides_nothing_twice(tmp_path: Path) -> None:
    """At each border of the route, and inside the carrying out of a batch: one decision, one home, one line."""
    count = effects_of_a_pass(tmp_path / "undisturbed")
    points = sorted({1 + at * (count - 1) // (POINTS - 1) for at in range(POINTS)})
    wrong: dict[int, list[str]] = {}
    for point in points:
        instance = Instance(tmp_path / f"at-{point}")
        instance.drop(FILES)

        ended = in_child(lambda instance=instance, point=point: instance.pass_over(killed_at(point)))
        instance.pass_over()

        assert ended == -signal.SIGKILL
        if found := faults(instance.home, sent=len(FILES)):
            wrong[point] = found

    assert wrong == {}, f"{len(points)} of {count} effects tried"


@pytest.mark.parametrize("points", [(3, 3, 3), (20, 5, 9), (30, 30, 2)])
def test_kills_in_a_row_are_survived(tmp_path: Path, points: tuple[int, ...]) -> None:
    """A recovery may be killed, too, and the recovery of that one."""
    instance = Instance(tmp_path)
    instance.drop(FILES)

    for point in points:
        in_child(lambda point=point: instance.pass_over(killed_at(point)))
    instance.pass_over()

    assert faults(tmp_path, sent=len(FILES)) == []
