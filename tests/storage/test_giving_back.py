"""Putting a claimed file back into the inbox: whatever its sender does there, it finds a place, and is not doubled."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unprivileged import unprivileged

from winnowd.storage.disk import Disk
from winnowd.storage.inbox.inbox import Inbox
from winnowd.storage.inbox.names import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLAIMED = "0123"
MEMORY = Path("/dev/shm")  # noqa: S108 - a file system, not a file


def claimed(instance_dir: Path, inbox: Path | None = None) -> Inbox:
    """An inbox, and a file claimed out of its feed."""
    for folder in (inbox or instance_dir / "inbox", instance_dir / "work"):
        folder.mkdir()
    if inbox is not None:
        (instance_dir / "inbox").symlink_to(inbox)
    (instance_dir / "inbox" / "feed").mkdir()
    (instance_dir / "work" / CLAIMED).write_bytes(b"text")
    return Inbox(Disk(instance_dir), instance_dir / "inbox", instance_dir / "work", settle=0.0)


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read_only(feed: Path) -> None:
    """Its sender lets nobody write into it."""
    feed.chmod(0o555)


def closed(feed: Path) -> None:
    """Its sender lets nobody enter it."""
    feed.chmod(0)


def linked(feed: Path) -> None:
    """A link elsewhere stands in its place."""
    feed.rmdir()
    feed.symlink_to("..")


def stored(feed: Path) -> None:
    """A file stands in its place."""
    feed.rmdir()
    feed.write_bytes(b"no folder")


@pytest.mark.parametrize("deed", [read_only, closed, linked, stored, Path.rmdir])
@pytest.mark.parametrize("done", [None, "{name}.done"])
def test_a_feed_that_does_not_take_it_back_stops_nothing(
    tmp_path: Path, deed: Callable[[Path], None], done: str | None
) -> None:
    """It lies in the inbox itself then."""
    inbox = claimed(tmp_path)
    inbox.names = Names((".*",), done)
    deed(inbox.root / "feed")

    with unprivileged():
        inbox.give_back(CLAIMED, b"feed/a.txt")

    assert (inbox.root / "a.txt").read_bytes() == b"text"
    assert list(inbox.work.iterdir()) == []


def test_an_inbox_that_takes_nothing_is_the_fault_of_the_machine(tmp_path: Path) -> None:
    """The file stays claimed."""
    inbox = claimed(tmp_path)
    (inbox.root / "feed").rmdir()
    inbox.root.chmod(0o555)

    with unprivileged(), pytest.raises(PermissionError):
        inbox.give_back(CLAIMED, b"feed/a.txt")

    assert contents(inbox.work) == {CLAIMED: b"text"}


def test_nobody_can_hold_every_name_it_may_have(tmp_path: Path) -> None:
    """When the numbered ones are taken, one is drawn."""
    inbox = claimed(tmp_path)
    names = {"a.txt", *(f"again{number}-a.txt" for number in range(1, 100))}
    for name in names:
        (inbox.root / "feed" / name).write_bytes(b"held")

    inbox.give_back(CLAIMED, b"feed/a.txt")

    (name,) = {path.name for path in (inbox.root / "feed").iterdir()} - names
    assert name.endswith("-a.txt")
    assert (inbox.root / "feed" / name).read_bytes() == b"text"


@pytest.mark.parametrize("feed", ["feed/", ""])
def test_with_markers_it_has_its_own_again(tmp_path: Path, feed: str) -> None:
    """Without one it would wait for ever."""
    inbox = claimed(tmp_path)
    inbox.names = Names((".*",), "{name}.done")

    inbox.give_back(CLAIMED, f"{feed}a.txt".encode())

    assert contents(inbox.root) == {f"{feed}a.txt": b"text", f"{feed}a.txt.done": b""}
    assert [one.path for one in inbox.sweep(0.0)] == [f"{feed}a.txt".encode()]


def test_the_marker_of_another_file_is_none_for_one_of_the_same_name(tmp_path: Path) -> None:
    """That one may still be half: the marker lies beside the name under which ours came back."""
    inbox = claimed(tmp_path)
    inbox.names = Names((".*",), "{name}.done")
    (inbox.root / "feed" / "a.txt").write_bytes(b"ha")

    inbox.give_back(CLAIMED, b"feed/a.txt")

    assert [one.path for one in inbox.sweep(0.0)] == [b"feed/again1-a.txt"]


def test_a_marker_laid_for_a_return_that_failed_is_taken_away(tmp_path: Path) -> None:
    """Another file came under its name just then: it must not stand for that one."""
    inbox = claimed(tmp_path)
    inbox.names = Names((".*",), "{name}.done")
    other = inbox.root / "feed" / "a.txt"

    def on_effect(effect: str) -> None:
        if effect == "rename" and not other.exists():
            other.write_bytes(b"ha")

    inbox.disk = Disk(tmp_path, on_effect=on_effect)
    inbox.give_back(CLAIMED, b"feed/a.txt")

    assert [one.path for one in inbox.sweep(0.0)] == [b"feed/again1-a.txt"]


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Inbox]:
    """An inbox on another file system than the instance, with a file claimed out of it."""
    if not os.access(MEMORY, os.W_OK) or MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system")
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="winnowd-") as folder:
        yield claimed(tmp_path, Path(folder) / "inbox")


def test_to_another_file_system_it_is_copied(apart: Inbox) -> None:
    """With its time of change, and gone here; another file of its name is not covered."""
    source = apart.work / CLAIMED
    (apart.root / "feed" / "a.txt").write_bytes(b"another")
    changed = source.stat().st_mtime_ns

    apart.give_back(CLAIMED, b"feed/a.txt")

    assert contents(apart.root) == {"feed/a.txt": b"another", "feed/again1-a.txt": b"text"}
    assert (apart.root / "feed" / "again1-a.txt").stat().st_mtime_ns == changed
    assert list(apart.work.iterdir()) == []


@pytest.mark.parametrize("mode", [0o600, 0])
@pytest.mark.parametrize("content", [b"text", b"TEXT"])
def test_only_what_is_its_own_copy_stands_for_it(apart: Inbox, content: bytes, mode: int) -> None:
    """Of the same size and time, but with other bytes, or with bytes that nobody may read: it stays as another file."""
    other = apart.root / "feed" / "a.txt"
    other.write_bytes(content)
    found = (apart.work / CLAIMED).stat()
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.chmod(mode)

    with unprivileged():
        apart.give_back(CLAIMED, b"feed/a.txt")
    other.chmod(0o600)

    expected = {"feed/a.txt": content}
    if (content, mode) != (b"text", 0o600):
        expected["feed/again1-a.txt"] = b"text"
    assert contents(apart.root) == expected
    assert list(apart.work.iterdir()) == []


class KilledError(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("done", [None, "{name}.done"])
@pytest.mark.parametrize("last", range(1, 6))
def test_killed_at_any_step_of_it_the_next_try_ends_with_one_file(apart: Inbox, last: int, done: str | None) -> None:
    """Not copied, copied under another name, copied and still here."""
    apart.names = Names((".*",), done)
    seen: list[str] = []

    def on_effect(effect: str) -> None:
        seen.append(effect)
        if len(seen) == last:
            raise KilledError

    apart.disk = Disk(apart.disk.instance_dir, on_effect=on_effect)
    try:
        apart.give_back(CLAIMED, b"feed/a.txt")
    except KilledError:
        apart.disk = Disk(apart.disk.instance_dir)
        apart.give_back(CLAIMED, b"feed/a.txt")
    else:
        assert (last, done) == (5, None)

    assert contents(apart.root) == {"feed/a.txt": b"text"} | ({"feed/a.txt.done": b""} if done else {})
    assert list(apart.work.iterdir()) == []
