"""Nothing is called damage because a process was killed: ``verify`` is asked before anybody has mended anything."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.bulk.test_backfill import InThisProcess, Nobody
from tests.cli.test_check import FILES, written
from tests.e2e.instance import Instance, in_child, killed_at

from winnowd.bulk.backfill import backfill
from winnowd.bulk.manifest import Order
from winnowd.operations.verify import BEGINNING, Start, verify
from winnowd.settings import load

if TYPE_CHECKING:
    from winnowd.audit.verify import Verified


def looked_at(instance: Instance, since: Start = BEGINNING) -> Verified:
    """What ``winnowd verify`` finds."""
    return verify(
        instance.instance_dir,
        lambda: load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None),
        since=since,
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


def test_while_a_backfill_runs_the_index_is_of_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written at its end, hours later, and nothing is called damage until then."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    instance = Instance(tmp_path / "home", workers__count=0)
    (given,) = written(tmp_path / "given", {"many.jsonl": FILES["g-many.jsonl"]})
    found: list[Verified] = []

    def on_effect(effect: str) -> None:
        if effect == "committed":
            found.append(looked_at(instance))

    loaded = load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)
    order = Order(block=2, bits=32, move=False, packed=False)
    backfill(instance.instance_dir, loaded, [Path(given)], order, InThisProcess(), Nobody(), on_effect=on_effect)

    during = [one for one in found if any("or a backfill" in what for what in one.unfinished)]
    assert during
    assert [one.damage for one in during] == [()] * len(during)
    assert (looked_at(instance).damage, looked_at(instance).unfinished) == ((), ())


def test_of_days_without_events_the_end_of_the_log_is_looked_at(tmp_path: Path) -> None:
    """Who asks for the last day of an instance that is idle is not told that its log was replaced."""
    instance = Instance(tmp_path, workers__count=0)
    instance.drop(FILES)
    instance.pass_over()

    assert looked_at(instance, Start("2999-01-01")).damage == ()

    (log,) = tmp_path.glob("audit/2*/*/*.jsonl")
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    found = looked_at(instance, Start("2999-01-01"))
    assert any("its end, or all of it, was replaced" in one.what for one in found.damage)


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
