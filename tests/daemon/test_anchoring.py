"""The head of each sealed day in a folder elsewhere: left once, never mended, and ``verify`` holds the log to it."""

from __future__ import annotations

import datetime as dt
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from tests.crash.check import events
from tests.daemon.test_maintenance import Calendar, calendar, done, instance_dir, serving
from tests.unprivileged import unprivileged

from winnowd.audit.anchor_folder import AnchorFolder
from winnowd.cli import main
from winnowd.daemon.schedule import SEAL
from winnowd.storage.written_once import write_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["calendar", "instance_dir"]  # fixtures: three days, today's still open

FIRST, SECOND, TODAY = "2026-11-20.head", "2026-11-21.head", "2026-11-22.head"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where heads are left."""
    (made := tmp_path / "elsewhere").mkdir()
    return made


@pytest.fixture
def verify(instance_dir: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[], dict[str, str]]:
    """What ``winnowd verify`` finds, by its place."""

    def found() -> dict[str, str]:
        (instance_dir / "config").mkdir(exist_ok=True)
        (instance_dir / "config" / "winnowd.toml").write_text(f'[audit]\nanchor_dir = "{folder}"\n')
        capsys.readouterr()
        main(["--home", str(instance_dir), "--json", "verify"])
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return {row["place"]: row["message"] for row in rows if row["type"] == "damage"}

    return found


def left(instance_dir: Path, folder: Path, **settings: Any) -> dict[str, bytes]:
    """Serve for a turn, in which all days that have ended are sealed; gives what lies in the folder then."""
    with serving(instance_dir, **{"audit__anchor_dir": str(folder), **settings}) as stand:
        stand.work.shut_down("the test ends")
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def failures(instance_dir: Path) -> list[str]:
    """What the log tells of heads that could not be left."""
    told = [event for event in events(instance_dir) if event["event"].get("code") == "SYS955" or "error" in event]
    return [event["error"]["message"] for event in told if event["error"].get("code") == "SYS955"]


def test_the_head_of_each_day_is_left_once_it_is_sealed(
    instance_dir: Path, folder: Path, calendar: Calendar, verify: Callable[[], dict[str, str]]
) -> None:
    """At a start the last sealed day's, from then on each; as ``log --head`` said it when the day was over."""
    at_start = left(instance_dir, folder)
    with serving(instance_dir, audit__anchor_dir=str(folder)) as stand:
        calendar.at += dt.timedelta(days=1)
        done(stand, SEAL)
        stand.work.shut_down("the test ends")
    last = [event for event in events(instance_dir) if event["@timestamp"] < "2026-11-22"][-1]

    assert list(at_start) == [SECOND]
    assert at_start[SECOND].startswith(f"winnowd-head 1 sequence={last['event']['sequence']} sha256=".encode())
    assert [path.name for path in sorted(folder.iterdir())] == [SECOND, TODAY]
    assert verify() == {}
    assert failures(instance_dir) == []


def test_days_that_ended_while_the_folder_was_away_are_left_later(
    instance_dir: Path, folder: Path, calendar: Calendar, verify: Callable[[], dict[str, str]]
) -> None:
    """It is told by code, nothing waits for it, and the next seal leaves all that is due."""
    left(instance_dir, folder)
    away = folder.rename(folder.with_name("away"))
    with serving(instance_dir, audit__anchor_dir=str(folder)) as stand:
        calendar.at += dt.timedelta(days=1)
        done(stand, SEAL)
        told = {line["event"] for line in stand.logged()}
        away.rename(folder)
        calendar.at += dt.timedelta(days=1)
        done(stand, SEAL)
        stand.work.shut_down("the test ends")

    assert [path.name for path in sorted(folder.iterdir())] == [SECOND, TODAY, "2026-11-23.head"]
    assert ("head not left" in told, "paused" in told) == (True, False)
    assert set(failures(instance_dir)) == {f"{folder}: no such file or directory"}
    assert verify() == {}


def test_what_was_taken_away_is_not_filled_in_and_is_missed(
    instance_dir: Path, folder: Path, calendar: Calendar, verify: Callable[[], dict[str, str]]
) -> None:
    """A day between others, and the whole of it; a start would else hide that somebody was there."""
    left(instance_dir, folder)
    for _ in range(2):
        calendar.at += dt.timedelta(days=1)
        left(instance_dir, folder)
    (folder / TODAY).unlink()

    assert TODAY not in left(instance_dir, folder)
    assert verify() == {str(folder / TODAY): "is missing: the head of a day that is sealed"}
    for path in folder.iterdir():
        path.unlink()
    assert set(verify()) == {str(folder)}


def test_one_that_says_something_else_is_left_as_it_is_and_told(
    instance_dir: Path, folder: Path, verify: Callable[[], dict[str, str]]
) -> None:
    """Of another log, or no head at all: another instance uses the folder, or somebody was there."""
    content = left(instance_dir, folder)[SECOND]
    (folder / SECOND).write_bytes(content.replace(b"sequence=", b"sequence=1"))
    (folder / "2026-11-19.head").write_text("nothing")

    after = left(instance_dir, folder)

    assert after[SECOND] == content.replace(b"sequence=", b"sequence=1")
    assert failures(instance_dir) == [f"{folder / SECOND}: is there already, and says something else"]
    found = verify()
    assert found[str(folder / "2026-11-19.head")] == "is not the head of that day, as the service wrote it"
    assert "which the log does not have" in found[str(folder / SECOND)]


@pytest.mark.parametrize("planted", [os.mkfifo, lambda path: path.symlink_to("/dev/zero"), lambda path: path.mkdir()])
def test_what_is_no_file_is_not_read_and_holds_nobody_up(
    instance_dir: Path, folder: Path, verify: Callable[[], dict[str, str]], planted: Callable[[Path], object]
) -> None:
    """Others may put things there: a pipe would be waited for, a link lead elsewhere."""
    planted(folder / SECOND)

    left_then = sorted(path.name for path in folder.iterdir())
    with serving(instance_dir, audit__anchor_dir=str(folder)) as stand:
        stand.work.shut_down("the test ends")

    assert left_then == [SECOND]
    assert len(failures(instance_dir)) == 1
    assert verify() == {}  # what could not be read is an error of its own
    assert main(["--home", str(instance_dir), "verify"]) == 3


def test_a_folder_in_the_instance_is_none(instance_dir: Path) -> None:
    """Who could change the log could change what is left of it there."""
    (inside := instance_dir / "audit" / "heads").mkdir()

    assert left(instance_dir, inside) == {}
    assert "lies in the instance" in failures(instance_dir)[0]


def test_a_file_that_is_written_once(tmp_path: Path) -> None:
    """Begun by a crash it is gone on with; whole it is left alone; another is never overwritten, no link followed."""
    path = tmp_path / "a.head"
    path.write_bytes(b"one l")

    write_once(path, b"one line\n")
    write_once(path, b"one line\n")

    assert path.read_bytes() == b"one line\n"
    for other in (b"another\n", b"one", b"one line\nand more\n"[:4]):
        with pytest.raises(FileExistsError):
            write_once(path, other)
    (tmp_path / "link.head").symlink_to(path)
    with pytest.raises(OSError, match="symbolic link"):
        write_once(tmp_path / "link.head", b"one line\n")
    assert path.read_bytes() == b"one line\n"


def test_one_that_may_only_be_read_is_asked_and_not_opened_to_write(instance_dir: Path, folder: Path) -> None:
    """An administrator may close each file once it is there: nothing more is written to it."""
    left(instance_dir, folder)
    (folder / SECOND).chmod(0o444)

    with unprivileged():
        left(instance_dir, folder)

    assert failures(instance_dir) == []
    assert AnchorFolder.read(folder).days == ["2026-11-21"]
