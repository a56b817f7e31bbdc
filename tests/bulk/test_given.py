"""Which files a backfill takes, and which it refuses before it begins."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.bulk import inputs
from tests.bulk.test_backfill import fill, instance_of, outcomes_of

from winnowd.bulk.claiming import UnfitFileError, deciding
from winnowd.cli import main
from winnowd.settings import load
from winnowd.storage.copies import copy_keeping

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.instance import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """An instance, and nothing in it."""
    return instance_of(tmp_path / "instance", "first")


def left(instance: Instance) -> list[str]:
    """What lies in ``state`` of runs and their files."""
    folders = ("backfill", "incoming", "work")
    return [str(path) for folder in folders for path in (instance.instance_dir / "state" / folder).rglob("*")]


def test_a_link_is_what_it_leads_to(tmp_path: Path, instance: Instance) -> None:
    """Under the name of the link: it tells the kind, where the bytes do not."""
    stored = inputs.write(tmp_path / "blob", 6, 3)
    link = tmp_path / "many.jsonl"
    link.symlink_to(stored)

    assert fill(instance, [link]).records == len(outcomes_of(instance)) > 0
    assert {event["file"]["name"] for event in instance.decisions()} == {"many.jsonl"}
    assert stored.exists()


def test_what_is_no_file_is_refused(tmp_path: Path, instance: Instance) -> None:
    """A FIFO would be read as empty, or its end missed; a device would have none. Nothing is begun."""
    given = inputs.write(tmp_path / "given.jsonl", 6, 3)
    os.mkfifo(tmp_path / "fifo")

    for wrong in (tmp_path / "fifo", tmp_path / "missing", tmp_path):
        with pytest.raises(UnfitFileError):
            fill(instance, [given, wrong])

    assert main(["--home", str(instance.instance_dir), "backfill", str(tmp_path / "fifo")]) == 2
    assert left(instance) == []


def test_what_cannot_be_moved_is_refused(tmp_path: Path, instance: Instance) -> None:
    """The same file twice; or an original of the archive, which a decision rests on."""
    given = inputs.write(tmp_path / "given.jsonl", 6, 3)
    with pytest.raises(UnfitFileError, match="twice"):
        fill(instance, [given, tmp_path / "." / "given.jsonl"], move=True)
    fill(instance, [given])
    (original,) = (path for path in (instance.instance_dir / "archive").rglob("*") if path.is_file())
    with pytest.raises(UnfitFileError, match="own"):
        fill(instance, [original], move=True)

    assert given.exists()
    assert original.exists()
    assert left(instance) == []


def test_copies_that_end_amid_are_not_left(tmp_path: Path, instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full is not kept so."""
    given = [inputs.write(tmp_path / f"{number}.jsonl", 6, 3) for number in range(2)]

    def fails(source: Path, goal: Path) -> None:
        if source == given[1]:
            raise OSError(28, "no space left on device", str(goal))
        copy_keeping(source, goal)

    with monkeypatch.context() as patch:
        patch.setattr("winnowd.bulk.claiming.copy_keeping", fails)
        with pytest.raises(OSError, match="no space"):
            fill(instance, given)

    assert left(instance) == []
    assert not (instance.instance_dir / "state/incoming").exists()
    assert fill(instance, given).records > 0


def test_nothing_is_begun_on_a_disk_that_is_below_its_floor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its copies and blocks would fill the rest of it, before the first record is recorded."""
    given = inputs.write(tmp_path / "given.jsonl", 6, 3)
    instance = instance_of(tmp_path / "instance", "first")
    floor = "disk.floor_bytes = 999_999_999_999_999\n"
    (instance.instance_dir / "config").mkdir(exist_ok=True)
    (instance.instance_dir / "config/winnowd.toml").write_text(floor, encoding="utf-8")

    assert main(["--home", str(instance.instance_dir), "backfill", str(given)]) == 74

    assert "free some there" in capsys.readouterr().err
    assert left(instance) == []


def test_a_run_hangs_on_the_settings_that_decide_and_on_no_other(instance: Instance) -> None:
    """Whoever makes room, or looks at other metrics, need not begin anew."""

    def config(*more: str) -> str:
        settings = load(instance.instance_dir, environ={}, overrides=(*instance.overrides, *more), system=None)
        return deciding(settings)

    assert config() == config("disk.floor_inodes=1") != config("gates.length.enabled=false")
