"""A folder of the inbox on another mount, which no file can be renamed out of: it is copied, then removed there."""

from __future__ import annotations

import datetime as dt
import errno
import os
import stat
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance
from tests.needs import needs, root

from winnowd.storage.disk import Disk
from winnowd.storage.file_ops import CHANGED, REFUSED, VANISHED, FolderFileOps
from winnowd.storage.inbox.inbox import Inbox
from winnowd.storage.paths import arrival_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
ID = arrival_id(1, 0)
FILES: dict[str, str | bytes] = {"feed/a.txt": TEXTS["A"], "feed/b.txt": TEXTS["B"]}


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file can be renamed out of the inbox, as if it were a mount of its own."""

    def refused(*_: Any, **__: Any) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(Disk, "rename_at", refused)


def taken(instance_dir: Path, content: bytes, deed: Callable[[Path], object] = bool) -> tuple[str | None, Inbox]:
    """Take one file, to which something is done after it was seen; gives the code, and the inbox."""
    for folder in ("inbox/feed", "state/work"):
        (instance_dir / folder).mkdir(parents=True)
    path = instance_dir / "inbox/feed/a.txt"
    path.write_bytes(content)
    disk = Disk(instance_dir)
    inbox = Inbox(disk, instance_dir / "inbox", instance_dir / "state/work", settle=0.0, max_copy_bytes=1_000)
    (one,) = inbox.sweep(time.monotonic())
    deed(path)
    return FolderFileOps(disk, inbox).claim(one.claimed(1, 0, NOW)), inbox


@pytest.mark.usefixtures("apart")
def test_it_is_copied_whole_and_gone_from_the_inbox(tmp_path: Path) -> None:
    """Bytes and time of change are those of the sender."""
    code, _ = taken(tmp_path, b"text", lambda path: os.utime(path, ns=(5, path.stat().st_mtime_ns)))

    copy = tmp_path / "state/work" / ID
    assert code is None
    assert copy.read_bytes() == b"text"
    assert abs(copy.stat().st_mtime - time.time()) < 3_600
    assert not (tmp_path / "inbox/feed/a.txt").exists()


def linked(path: Path) -> None:
    """The file gets a second name."""
    os.link(path, path.with_name("second.txt"))


def piped(path: Path) -> None:
    """A pipe of the same name stands there; opening it would wait for a writer."""
    path.unlink()
    os.mkfifo(path)


def pointed(path: Path) -> None:
    """A link to something else stands there."""
    path.unlink()
    path.symlink_to("/etc/passwd")


@pytest.mark.usefixtures("apart")
def test_a_file_with_a_second_name_is_copied_and_the_other_stays(tmp_path: Path) -> None:
    """Only the name in the inbox is ours to remove."""
    code, _ = taken(tmp_path, b"text", linked)

    assert code is None
    assert (tmp_path / "state/work" / ID).read_bytes() == b"text"
    assert [path.name for path in (tmp_path / "inbox/feed").iterdir()] == ["second.txt"]


@pytest.mark.usefixtures("apart")
def test_what_cannot_be_copied_stays_and_is_named(tmp_path: Path) -> None:
    """Whole, where its sender put it; ``status`` tells why."""
    code, inbox = taken(tmp_path, b"x" * 1_001, bool)

    assert code == REFUSED
    assert (tmp_path / "inbox/feed/a.txt").read_bytes() == b"x" * 1_001
    assert list((tmp_path / "state/work").iterdir()) == []
    inbox.sweep(time.monotonic())
    assert [one.path for one in inbox.waiting.refused] == [b"feed/a.txt"]


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("deed", [piped, pointed])
def test_what_was_put_in_its_place_is_never_opened_as_a_file(tmp_path: Path, deed: Callable[[Path], object]) -> None:
    """Its sender took back what was seen; or, if it has the same inode number, it is refused."""
    code, _ = taken(tmp_path, b"text", deed)

    assert code in {VANISHED, REFUSED}
    assert list((tmp_path / "state/work").iterdir()) == []


@pytest.mark.usefixtures("apart")
def test_what_was_written_to_since_it_was_seen_is_not_at_rest(tmp_path: Path) -> None:
    """It stays, and no half of it is left in ``state/work``."""
    code, _ = taken(tmp_path, b"text", lambda path: path.write_bytes(b"text and more"))

    assert code == CHANGED
    assert (tmp_path / "inbox/feed/a.txt").read_bytes() == b"text and more"
    assert list((tmp_path / "state/work").iterdir()) == []


@pytest.mark.usefixtures("apart")
def test_a_disk_that_fails_after_the_sender_s_file_is_gone_has_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its removal cannot be synced: what lies in ``state/work`` is all that is left, and stays."""
    synced = os.fsync

    def failing(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) and not (tmp_path / "inbox/feed/a.txt").exists():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        synced(descriptor)

    monkeypatch.setattr(os, "fsync", failing)

    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        taken(tmp_path, b"text")

    assert not (tmp_path / "inbox/feed/a.txt").exists()
    assert (tmp_path / "state/work" / ID).read_bytes() == b"text"


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Instance]:
    """An instance whose feed is a file system of its own."""
    instance = Instance(tmp_path)
    feed = tmp_path / "inbox" / "feed"
    feed.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", feed], check=True)
    yield instance
    subprocess.run(["umount", feed], check=True)


@needs("P6", root)
def test_a_feed_that_is_a_mount_of_its_own_is_served(mounted: Instance) -> None:
    """With real mounts; a link in it, which cannot be copied, stays."""
    mounted.drop(FILES)
    link = mounted.instance_dir / "inbox/feed/link.txt"
    link.symlink_to("/etc/passwd")

    mounted.pass_over()

    assert set(mounted.outcomes()) == {"a.txt", "b.txt"}
    assert mounted.files("inbox") == ["feed/link.txt"]
    link.unlink()
    assert faults(mounted.instance_dir, [str(text).encode() for text in FILES.values()]) == []
