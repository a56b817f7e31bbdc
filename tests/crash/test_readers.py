"""Whoever reads seeds/ while the service works, and while it is killed, sees whole files only (P3)."""

from __future__ import annotations

import functools
import os
import random
import signal
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.crash.check import faults, torn
from tests.crash.scenes import SCENES, Scene
from tests.e2e.instance import Instance, in_child
from tests.e2e.test_flood import articles
from tests.needs import needs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ARTICLES = 240
RUNS = 12
LEAST_LOOKS = 100


def looked_at_while(instance_dir: Path, child: int, patience: int) -> tuple[list[str], int, bool]:
    """Look at seeds/ again and again until a child ends, or is killed after so many looks; gives what was torn."""
    found: list[str] = []
    looks = 0
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        found += torn(instance_dir)
        looks += 1
        if looks == patience:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return found + torn(instance_dir), looks, True
    return found, looks, False


CALLS: Final = (os.open, os.write, os.rename, os.unlink, os.ftruncate, os.fsync, os.fdatasync, os.mkdir)
SCENES_READ: Final = ("mixed", "batches", "better", "release", "retract", "erase")


def read_between_calls(scene: Scene, instance: Instance, told: Path) -> None:
    """Do a scene's work with a look at seeds/ before and after each system call of ours; ``os`` is changed for good."""
    looks = 0
    found: set[str] = set()

    def looking(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal looks
            looks += 2
            found.update(torn(instance.instance_dir))
            try:
                return real(*arguments, **named)
            finally:
                found.update(torn(instance.instance_dir))

        return call

    for real in CALLS:
        setattr(os, real.__name__, looking(real))
    scene.work(instance)
    told.write_text("\n".join([str(looks), *sorted(found)]), encoding="utf-8")


@needs("P3")
@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.name in SCENES_READ], ids=str)
def test_between_any_two_system_calls_there_are_whole_files_only(
    fast_path: Path, scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """A reader who is as quick as can be: between making a file and writing into it, too."""
    instance, told = scene.set_up(fast_path / "home"), fast_path / "told"

    assert in_child(functools.partial(read_between_calls, scene, instance, told)) == 0

    looks, *found = told.read_text(encoding="utf-8").splitlines()
    record_property("figure", f"{scene}, readers: {looks} looks between system calls, {len(found)} torn")
    assert found == []
    assert int(looks) > LEAST_LOOKS


@needs("P3")
def test_a_reader_never_meets_half_a_file(fast_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Articles, pages, INDEX.md: whole or not there, at any moment, also after a kill and before its recovery."""
    instance = Instance(fast_path, batch__limit=8, index__articles=8)
    texts = [text.encode() for _, text in zip(range(ARTICLES), articles(ARTICLES, 3), strict=False)]
    instance.drop({f"{number:03d}.txt": text for number, text in enumerate(texts)})
    rng = random.Random(7)  # noqa: S311 - the same kills each time
    found: list[str] = []
    looks = kills = 0

    for run in range(RUNS):
        child = os.fork()
        if child == 0:
            try:
                instance.pass_over()
            finally:
                os._exit(0)
        torn_now, looked, killed = looked_at_while(fast_path, child, rng.randrange(4, 40) if run < RUNS - 1 else -1)
        found, looks, kills = found + torn_now, looks + looked, kills + killed

    record_property("figure", f"readers: {looks} looks at seeds/ during {RUNS} runs, {kills} killed, {len(found)} torn")
    assert found == []
    assert looks > LEAST_LOOKS
    assert faults(fast_path, texts) == []
