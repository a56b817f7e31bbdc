"""A batch of moves: whatever is killed between any two of them, the next run brings every file to where it goes."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnowd.model import Effect
from winnowd.storage.disk import Disk
from winnowd.storage.effects import Effects

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STAGED: Final = "state/backfill/r1"
GOALS: Final = ("seeds/2026/11", "rejected/2026/11/30", "quarantine/2026/11/30", "audit/evidence/2026/11/30")


class KilledError(Exception):
    """The process is gone."""


class Kill:
    """An announcement that ends the process at the effect of this number, and counts them by name."""

    def __init__(self, at: int = -1) -> None:
        self.at = at
        self.seen: list[str] = []

    def __call__(self, effect: str) -> None:
        """One more."""
        if len(self.seen) == self.at:
            raise KilledError
        self.seen.append(effect)


def laid(instance_dir: Path, count: int) -> list[Effect]:
    """So many files where another process has written them, and what becomes of them."""
    moves = []
    for number in range(count):
        path = f"{GOALS[number % 4]}/{number // 100}/{number}.txt"
        source = instance_dir / STAGED / path
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(path)
        moves.append(Effect(path, source=f"{STAGED}/{path}"))
    return moves


def lying(instance_dir: Path) -> dict[str, str]:
    """All files, and what they say."""
    files = (path for path in instance_dir.rglob("*") if path.is_file())
    return {path.relative_to(instance_dir).as_posix(): path.read_text() for path in files}


def goals(moves: Sequence[Effect]) -> dict[str, str]:
    """Where each file lies in the end."""
    return {one.path: one.path for one in moves}


@given(st.data())
@settings(max_examples=30)
def test_killed_between_any_two_it_is_done_by_the_next_run(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Also when that is killed again; recovery has them in the order of their paths."""
    instance_dir = tmp_path_factory.mktemp("moves")
    moves = laid(instance_dir, 12)
    for killed_at in data.draw(st.lists(st.integers(0, 40), max_size=3)):
        disk = Disk(instance_dir, on_effect=Kill(killed_at))
        try:
            Effects(disk).write(moves)
            disk.sync()
        except KilledError:
            moves.sort(key=lambda one: one.path)

    disk = Disk(instance_dir)
    Effects(disk).write_missing(sorted(moves, key=lambda one: one.path))
    disk.sync()

    assert lying(instance_dir) == goals(moves)


def test_thousands_are_one_sync_and_a_rename_each(tmp_path: Path) -> None:
    """Nothing is waited for but the disk, once, at the end; a folder is made once."""
    moves, seen = laid(tmp_path, 2_000), Kill()
    disk = Disk(tmp_path, on_effect=seen)

    Effects(disk).write(moves)
    disk.sync()

    assert lying(tmp_path) == goals(moves)
    assert seen.seen.count("sync") == 1
    assert seen.seen.count("rename") == len(moves)
    assert seen.seen.count("mkdir") < 100
    assert set(seen.seen) == {"mkdir", "rename", "sync"}


@pytest.mark.parametrize("mask", [0o027, 0o077])
def test_modes_are_those_of_files_that_were_written_there(tmp_path: Path, mask: int) -> None:
    """Whatever the mask of the two processes: corpus and log are open, evidence is closed by its folder."""
    before = os.umask(mask)
    try:
        written = [Effect(f"{STAGED}/{goal}/1.txt", b"text") for goal in GOALS]
        Effects(Disk(tmp_path)).write(written)
        Effects(Disk(tmp_path)).write([Effect(one.path[len(STAGED) + 1 :], source=one.path) for one in written])
    finally:
        os.umask(before)

    modes = [(_mode(tmp_path / goal / "1.txt"), _mode(tmp_path / goal)) for goal in GOALS]
    assert set(modes) == {(0o644, 0o755)}
    assert _mode(tmp_path / "audit/evidence") == 0o750


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
