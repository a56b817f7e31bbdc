"""Ledger or lock file removed, or replaced, under a running service: it stops, and writes into neither of the two."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.daemon.stand import Stand, standing
from tests.e2e.instance import TEXTS, Instance, in_child

from winnowd.cli.faults import Exit, Stop
from winnowd.cli.owning import owning
from winnowd.daemon.serve import ending_reported, owned
from winnowd.layout import LEDGER, LOCK
from winnowd.settings import load
from winnowd.storage.lock import LockHeldError, ReplacedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIDES = ("", "-wal", "-shm")


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service that has decided one file, and can be driven turn by turn."""
    with standing(tmp_path / "home") as made:
        made.loop.doorbell.start()
        made.decided({"a.txt": TEXTS["A"]})
        yield made


def removed(path: Path) -> None:
    """It is gone."""
    path.unlink()


def replaced(path: Path) -> None:
    """A copy of it lies there."""
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").rename(path)


HOW = pytest.mark.parametrize("how", [removed, replaced])
WHICH = pytest.mark.parametrize("which", [LEDGER, LOCK])


def log_of(instance_dir: Path) -> list[bytes]:
    """What stands in the log."""
    return [path.read_bytes() for path in sorted(instance_dir.glob("audit/*/*/*.jsonl"))]


@HOW
@WHICH
def test_it_stops_before_it_takes_another_file(stand: Stand, how: Callable[[Path], None], which: str) -> None:
    """Nothing is decided, nothing written into the log, the file stays in the inbox."""
    instance_dir = stand.folder.instance_dir
    how(instance_dir / which)
    before = log_of(instance_dir)
    stand.folder.drop({"d.txt": TEXTS["D"]})

    with pytest.raises(ReplacedError, match=which):
        stand.loop.turn()

    assert log_of(instance_dir) == before
    assert (instance_dir / "inbox" / "d.txt").exists()


@HOW
@WHICH
def test_in_the_middle_of_a_batch_what_is_claimed_stays_claimed(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, how: Callable[[Path], None], which: str
) -> None:
    """The sign of life after a file was prepared compares, too: nobody is blamed, and a start goes on with it."""
    instance_dir, instance = stand.folder.instance_dir, stand.work.instance
    prepare = instance.route.preparation.prepare
    monkeypatch.setattr(stand.loop, "_ready", True)
    instance.route.observer.alive = stand.loop.alive

    def prepared(*arguments: object, **named: object) -> Iterator[object]:
        shutil.copy(instance_dir / which, instance_dir / "kept")
        how(instance_dir / which)
        return prepare(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(instance.route, "preparation", type("", (), {"prepare": staticmethod(prepared)})())
    stand.folder.drop({"d.txt": TEXTS["D"]})
    before = log_of(instance_dir)

    with pytest.raises(ReplacedError, match=which):
        stand.loop.turn()

    assert log_of(instance_dir) == before
    assert len(list((instance_dir / "state" / "work").iterdir())) == 1
    assert instance.ledger.arrivals.claimed()[0].path == b"d.txt"


def test_the_write_ahead_log_of_the_new_ledger_is_left_alone(tmp_path: Path) -> None:
    """Closing the old one, which SQLite does by name, takes nothing from what lies there now."""
    with standing(tmp_path / "home") as stand:
        stand.decided({"a.txt": TEXTS["A"]})
        instance_dir = stand.folder.instance_dir
        for side in SIDES:
            (instance_dir / f"{LEDGER}{side}").rename(instance_dir / f"old{side}")
        other = sqlite3.connect(instance_dir / LEDGER, isolation_level=None)
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE another (word)")
        before = {side: (instance_dir / f"{LEDGER}{side}").read_bytes() for side in SIDES[:2]}
        with pytest.raises(ReplacedError):
            stand.loop.turn()

    assert {side: (instance_dir / f"{LEDGER}{side}").read_bytes() for side in SIDES[:2]} == before
    other.close()


def test_a_second_service_is_refused_though_the_lock_file_is_gone(tmp_path: Path) -> None:
    """The ledger itself is held: no two write to it, not even until the next beat of the first."""
    folder = Instance(tmp_path)
    loaded = load(tmp_path, environ={}, overrides=folder.overrides, system=None)

    def second() -> None:
        with pytest.raises(LockHeldError, match="another process"), owned(tmp_path, loaded, processes=0):
            pass

    with owned(tmp_path, loaded, processes=0) as first:
        (tmp_path / LOCK).unlink()
        assert in_child(second) == 0
        with pytest.raises(ReplacedError, match="state/lock"):
            first.require_same_files()

    folder.drop({"a.txt": TEXTS["A"]})
    folder.pass_over()
    assert folder.outcomes() == {"a.txt": "admitted"}
    assert faults(tmp_path) == []


def test_why_it_stopped_is_told_with_code_and_exit(stand: Stand) -> None:
    """In the service's log, and by the command: 74, and SYS947."""
    (stand.folder.instance_dir / LEDGER).unlink()

    with pytest.raises(Stop) as stopped, owning("run"), ending_reported(stand.work.log):
        stand.loop.turn()

    assert (stopped.value.exit, stopped.value.faults[0].code) == (Exit.DISK, "SYS947")
    told = stand.logged()[-1]
    assert (told["level"], told["code"]) == ("critical", "SYS947")
    assert told["because"] == f"{LEDGER} was removed while this process worked with it"


def test_a_disk_that_does_not_let_us_look_stops_nobody(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the machine that fails; what is written next will tell."""

    def refused(_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr("winnowd.storage.lock.os.stat", refused)
        stand.work.instance.require_same_files()
