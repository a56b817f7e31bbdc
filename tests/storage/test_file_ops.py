"""Taking files out of the inbox: one that cannot be taken is left alone for a while, and holds up no other."""

from __future__ import annotations

import datetime as dt
import errno
import os
import time
from typing import TYPE_CHECKING

import pytest

from winnowd.storage.disk import Disk
from winnowd.storage.file_ops import REFUSED, VANISHED, FolderFileOps
from winnowd.storage.inbox.inbox import Inbox

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.model import Arrival

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


class OneRefused:
    """An announcement that lets the first rename of a file fail, and no later one."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, effect: str) -> None:
        """Refuse once."""
        number, self.number = self.number, 0
        if effect == "rename" and number:
            raise OSError(number, os.strerror(number))


def taking(instance_dir: Path, number: int) -> tuple[Inbox, FolderFileOps]:
    """An inbox with two files at rest, and hands whose first taking fails."""
    for folder in ("inbox/feed", "state/work"):
        (instance_dir / folder).mkdir(parents=True)
    for name in ("a.txt", "b.txt"):
        (instance_dir / "inbox/feed" / name).write_text("text")
    disk = Disk(instance_dir, on_effect=OneRefused(number))
    inbox = Inbox(disk, instance_dir / "inbox", instance_dir / "state/work", settle=0.0)
    return inbox, FolderFileOps(disk, inbox)


def arrivals(inbox: Inbox) -> list[Arrival]:
    """What lies there at rest, as it is claimed."""
    return [one.claimed(number, 0, NOW) for number, one in enumerate(inbox.sweep(time.monotonic()), 1)]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP, errno.EBUSY])
def test_a_file_that_may_not_be_taken_is_left_alone_and_others_go_on(tmp_path: Path, number: int) -> None:
    """It is given a code, and is not offered again for the next two seconds."""
    inbox, file_ops = taking(tmp_path, number)

    codes = [file_ops.claim(arrival) for arrival in arrivals(inbox)]

    assert codes == [REFUSED, None]
    assert inbox.sweep(time.monotonic()) == []
    assert [(one.path, one.error) for one in inbox.waiting.refused] == [(b"feed/a.txt", number)]
    assert (tmp_path / "inbox/feed/a.txt").exists()
    assert [one.path for one in inbox.sweep(time.monotonic() + 2.1)] == [b"feed/a.txt"]


def test_a_full_disk_is_no_fault_of_the_file(tmp_path: Path) -> None:
    """It goes up to the loop, which pauses; nothing is left alone."""
    inbox, file_ops = taking(tmp_path, errno.ENOSPC)
    first, _ = arrivals(inbox)

    with pytest.raises(OSError, match="No space"):
        file_ops.claim(first)

    assert len(inbox.sweep(time.monotonic())) == 2


def test_without_a_work_folder_no_file_is_called_gone(tmp_path: Path) -> None:
    """Nobody can tell what became of it: the machine fails, and neither its sender nor anybody else has taken it."""
    inbox, file_ops = taking(tmp_path, 0)
    first, second = arrivals(inbox)
    assert file_ops.claim(first) is None
    (tmp_path / "state/work").rename(tmp_path / "aside")
    (tmp_path / "inbox/feed/b.txt").unlink()

    for arrival in (first, second):
        with pytest.raises(FileNotFoundError):
            file_ops.claim(arrival)
    with pytest.raises(FileNotFoundError):
        file_ops.move_original(first, "archive/a.txt")
    (tmp_path / "aside").rename(tmp_path / "state/work")

    assert file_ops.claim(second) == VANISHED
    assert file_ops.move_original(first, "archive/a.txt")
    assert not file_ops.move_original(second, "archive/b.txt")
