"""Nothing is called damage because a process was killed: ``verify`` is asked before anybody has mended anything."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.cli.test_check import FILES
from tests.e2e.instance import Instance, in_child, killed_at

from winnowd.operations.verify import verify
from winnowd.settings import load

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.audit.verify import Verified


def looked_at(instance: Instance) -> Verified:
    """What ``winnowd verify`` finds."""
    return verify(
        instance.instance_dir,
        lambda: load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None),
    )


@pytest.mark.parametrize("first", [1, 7, 12, 20])
def test_of_a_killed_instance_nothing_is_called_damage(tmp_path: Path, first: int) -> None:
    """At any effect on disk: what is not written yet is said to be so; and the next start leaves nothing to say."""
    for number in range(first, 150, 24):
        instance = Instance(tmp_path / str(number), workers__count=0, batch__limit=2)
        instance.drop(FILES)
        assert in_child(lambda: instance.pass_over(killed_at(number))) in {0, -9}  # noqa: B023 - called at once

        assert (number, looked_at(instance).damage) == (number, ())

    instance.pass_over()
    assert (looked_at(instance).damage, looked_at(instance).unfinished) == ((), ())


def test_what_was_changed_in_a_killed_instance_is_damage(tmp_path: Path) -> None:
    """Only the index is given time, and only until somebody has started it again."""
    instance = Instance(tmp_path, workers__count=0, batch__limit=2)
    instance.drop(FILES)
    assert in_child(lambda: instance.pass_over(killed_at(100))) == -9
    next(tmp_path.glob("seeds/2*/*/*.txt")).write_text("another text")

    assert [one.kind for one in looked_at(instance).changed] == ["seed"]

    instance.pass_over()
    shutil.rmtree(tmp_path / "seeds" / "index")

    assert {one.kind for one in looked_at(instance).changed} == {"seed", "index"}
