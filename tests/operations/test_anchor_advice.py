"""What ``doctor`` says of ``audit.anchor_dir``: whether heads can be left there, and whether they were."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.daemon.test_anchoring import left
from tests.daemon.test_maintenance import TODAY, Calendar, calendar, instance_dir
from tests.unprivileged import unprivileged

from winnowd.operations import anchor_advice
from winnowd.operations.anchor_advice import anchors
from winnowd.operations.mounts import Mount, mount_of
from winnowd.storage.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.operations.advice import Advice

__all__ = ["calendar", "instance_dir"]  # fixtures: three days, today's still open

SECOND = "2026-11-21.head"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where heads are left."""
    (made := tmp_path / "elsewhere").mkdir()
    return made


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the folder be on another file system, as the tests' folders are not."""
    monkeypatch.setattr(anchor_advice, "_near", lambda *_: ())


def asked(instance_dir: Path, folder: Path | None, now: dt.datetime = TODAY) -> Advice:
    """What is said at a time, on a machine that tells nothing of its mounts."""
    return anchors(instance_dir, None if folder is None else str(folder), instance_dir / "no proc", now.timestamp())


def mounts(proc: Path, *lines: str) -> Path:
    """Let the kernel tell this of what our process sees mounted."""
    (proc / str(os.getpid())).mkdir(parents=True)
    (told := proc / str(os.getpid()) / "mountinfo").write_text("".join(f"{line}\n" for line in lines))
    return told


def test_who_wants_no_anchor_is_told_that_there_is_none(instance_dir: Path) -> None:
    """It is off until somebody wants it: no reason to warn."""
    advice = asked(instance_dir, None)

    assert (advice.state, advice.said.partition(":")[0], advice.do) == ("ok", "off", "")


@pytest.mark.usefixtures("elsewhere")
def test_the_newest_head_is_told_with_the_time_at_which_it_was_left(instance_dir: Path, folder: Path) -> None:
    """All is well, and nothing is left behind by who asks."""
    left(instance_dir, folder)
    os.utime(folder / SECOND, (0, dt.datetime(2026, 11, 22, 0, 1, tzinfo=dt.UTC).timestamp()))

    advice = asked(instance_dir, folder)

    assert advice == ("ok", "anchors", "the head of 2026-11-21 was left 2026-11-22 00:01Z", "")
    assert list(folder.iterdir()) == [folder / SECOND]


def test_a_folder_beside_the_instance_is_a_weak_witness_and_no_fault(instance_dir: Path, folder: Path) -> None:
    """What happens to the one disk happens to both."""
    left(instance_dir, folder)

    advice = asked(instance_dir, folder)

    assert (advice.state, "another machine" in advice.do) == ("note", True)
    assert advice.said.startswith("the head of 2026-11-21 was left ")
    assert advice.said.endswith(f"{folder} is on the file system of the instance")


def gone(folder: Path, _: Path) -> Path:
    """A share that is not mounted."""
    folder.rmdir()
    return folder


def file(folder: Path, _: Path) -> Path:
    """Somebody put a file there."""
    (folder / "a").write_text("")
    return folder / "a"


def inside(folder: Path, instance_dir: Path) -> Path:
    """By a link into the instance."""
    (instance_dir / "audit" / "heads").mkdir()
    (folder / "link").symlink_to(instance_dir / "audit" / "heads")
    return folder / "link"


def closed(folder: Path, _: Path) -> Path:
    """It may be looked into, and no more."""
    folder.chmod(0o555)
    return folder


def planted(folder: Path, _: Path) -> Path:
    """A pipe by the name of a head."""
    os.mkfifo(folder / SECOND)
    return folder


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (gone, "no such file or directory"),
        (file, "not a directory"),
        (inside, "lies in the instance"),
        (closed, "may not write in it"),
        (planted, "is no file"),
    ],
)
def test_a_folder_in_which_nothing_can_be_left_is_bad(
    instance_dir: Path, folder: Path, spoil: Callable[[Path, Path], Path], said: str
) -> None:
    """With what the service itself would say of it, and where it is told what mends it."""
    named = spoil(folder, instance_dir)

    with unprivileged():
        advice = asked(instance_dir, named)

    assert (advice.state, said in advice.said, "docs/how-to/anchor.md" in advice.do) == ("bad", True, True)
    assert str(named) in advice.said


def test_one_that_the_sandbox_closes_to_the_service_is_bad(instance_dir: Path, folder: Path, tmp_path: Path) -> None:
    """Its user may write there, and its unit does not let it: told by the mounts of who holds the lock."""
    mounts(tmp_path / "proc", "1 0 0:20 / / ro - ext4 /dev/root rw", f"2 1 0:20 / {folder} rw - ext4 /dev/root rw")
    lock = Lock(instance_dir / "state" / "lock")
    lock.acquire()
    closed, opened = (
        anchors(instance_dir, str(one), tmp_path / "proc", TODAY.timestamp()) for one in (tmp_path, folder)
    )
    lock.release()

    assert (closed.state, closed.do.partition(" ")[0]) == ("bad", f"ReadWritePaths={tmp_path}")
    assert f"read-only for pid {os.getpid()}" in closed.said
    assert "read-only" not in opened.said


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("served", [False, True])
def test_a_day_that_is_over_and_has_no_head_is_told(
    instance_dir: Path, folder: Path, calendar: Calendar, *, served: bool
) -> None:
    """Bad where the service should have left it; where nobody serves, its next start will."""
    left(instance_dir, folder)
    calendar.at += dt.timedelta(days=1)
    (other := folder.with_name("other")).mkdir()
    left(instance_dir, other)  # the service that sealed this day was told of another folder
    lock = Lock(instance_dir / "state" / "lock")
    if served:
        lock.acquire()

    said = {hours: asked(instance_dir, folder, TODAY.replace(hour=0) + dt.timedelta(hours=hours)) for hours in (24, 25)}
    later = asked(instance_dir, folder, TODAY + dt.timedelta(days=9))
    lock.release()

    assert said[24].state == "ok"
    assert said[25].state == ("bad" if served else "note")
    assert said[25].said.endswith("; 2026-11-22 is over and has none")
    assert ("SYS955" in said[25].do, "winnowd run" in said[25].do) == (served, not served)
    assert later.said.endswith("; 2026-11-23 is over and has none, like 1 before it")


@pytest.mark.usefixtures("elsewhere")
def test_in_an_empty_folder_only_the_last_day_is_missed(instance_dir: Path, folder: Path) -> None:
    """The first head that is left is that day's; the days before it are remembered by it."""
    advice = asked(instance_dir, folder)

    assert (advice.state, advice.said) == ("note", f"no head in {folder} yet; 2026-11-21 is over and has none")


@pytest.mark.usefixtures("elsewhere")
def test_days_on_which_nothing_was_decided_are_not_missed(instance_dir: Path, folder: Path, calendar: Calendar) -> None:
    """An old head is a good one as long as the log has not gone on."""
    left(instance_dir, folder)
    calendar.at += dt.timedelta(days=1)
    left(instance_dir, folder)
    (instance_dir / "audit/2026/11/23.jsonl").unlink()

    assert asked(instance_dir, folder, TODAY + dt.timedelta(days=30)).state == "ok"


@given(parts=st.lists(st.sampled_from(["a", "b c", "\\", "é", "tab\t"]), max_size=4), ro=st.booleans())
def test_a_path_lies_in_the_longest_mount_above_it(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], *, ro: bool
) -> None:
    """Whatever its name; the kernel writes blanks, tabs and backslashes as octal numbers."""
    top = tmp_path_factory.mktemp("mounts")
    point = "/".join(["/none", *parts])
    told = "".join(f"\\{ord(one):03o}" if one in " \t\\" else one for one in point)
    lines = [
        "1 0 0:20 / / rw - ext4 /dev/root rw",
        "garbage",
        f"2 1 0:21 / {told} {'ro' if ro else 'rw'} x:1 - nfs s rw",
    ]
    (info := top / "mountinfo").write_text("\n".join(lines))

    assert mount_of(top.__class__(point, "deep", "er"), info) == Mount(point, "nfs", ro)
    assert mount_of(top.__class__("/other"), info) == Mount("/", "ext4", False)
    assert mount_of(top, top / "missing") is None
