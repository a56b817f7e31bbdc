"""The inbox gives files at rest, and only those; it opens nothing and follows no link."""

from __future__ import annotations

import errno
import os
import resource
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnowd.storage.disk import Disk
from winnowd.storage.inbox import Deposit, Inbox, Refused

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """An empty inbox beside its work folder; files settle after 2 s."""
    for folder in ("inbox", "work"):
        (tmp_path / folder).mkdir()
    return Inbox(Disk(tmp_path), tmp_path / "inbox", tmp_path / "work", settle=2.0)


def names(deposits: list[Deposit]) -> list[bytes]:
    """The paths of deposits, in their order."""
    return [deposit.path for deposit in deposits]


def test_a_file_is_at_rest_only_after_it_has_been_still_for_the_settling_time(inbox: Inbox) -> None:
    """Each change of size or time begins the wait anew."""
    slow = inbox.root / "slow.txt"
    slow.write_bytes(b"one")

    seen = [names(inbox.sweep(now)) for now in (0.0, 1.9)]
    slow.write_bytes(b"one two")
    seen += [names(inbox.sweep(now)) for now in (2.1, 4.0, 4.2)]

    assert seen == [[], [], [], [], [b"slow.txt"]]
    assert inbox.waiting.next_in is None


def test_a_closed_file_is_at_rest_at_once(inbox: Inbox) -> None:
    """An event that says so is believed; a file without one waits, and the sweep tells for how long."""
    for name in ("closed.txt", "open.txt"):
        (inbox.root / name).write_bytes(b"text")

    found = inbox.sweep(0.0, [os.fsencode(inbox.root / "closed.txt")])

    assert names(found) == [b"closed.txt"]
    assert (inbox.waiting.unsettled, inbox.waiting.next_in) == (1, 2.0)


def test_names_that_senders_use_while_they_write_wait(inbox: Inbox) -> None:
    """Hidden and temporary names are counted, never taken, however long they lie there."""
    for name in (".hidden", "draft~", "big.part", "up.tmp", "Thumbs.db"):
        (inbox.root / name).write_bytes(b"text")

    inbox.sweep(0.0)

    assert names(inbox.sweep(100.0)) == []
    assert inbox.waiting.ignored == 5


def test_feeds_take_turns_and_are_named_by_their_folders(inbox: Inbox) -> None:
    """A flood in one feed does not hold up another; folders below the fourth are not entered."""
    for feed, count in (("a", 40), ("b", 2), ("c/d/e/f", 1), ("c/d/e/f/g", 1)):
        (inbox.root / feed).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            (inbox.root / feed / f"{number:02d}.txt").write_bytes(b"text")
    inbox.sweep(0.0)

    found = inbox.sweep(3.0)

    assert [deposit.feed for deposit in found] == ["a"] * 32 + ["b"] * 2 + ["c/d/e/f"] + ["a"] * 8
    assert inbox.waiting.too_deep == 1


def test_links_are_given_unopened_and_linked_folders_are_not_entered(inbox: Inbox, tmp_path: Path) -> None:
    """A link is a deposit like any other (it will be refused unopened); what it points to is never seen."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_bytes(b"secret")
    (inbox.root / "folder").symlink_to(tmp_path / "outside")
    (inbox.root / "file.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    inbox.sweep(0.0)

    assert names(inbox.sweep(3.0)) == [b"file.txt", b"folder"]


def test_a_file_with_a_second_name_is_left_to_its_sender_for_a_minute(inbox: Inbox, tmp_path: Path) -> None:
    """Linking in and unlinking is a way to rename; a name that stays elsewhere is found out later."""
    (tmp_path / "sent.txt").write_bytes(b"text")
    os.link(tmp_path / "sent.txt", inbox.root / "in.txt")
    inbox.sweep(0.0)

    early = names(inbox.sweep(10.0))
    (tmp_path / "sent.txt").unlink()

    assert early == []
    assert names(inbox.sweep(13.0)) == [b"in.txt"]


def test_taking_a_file_moves_it_and_giving_it_back_does_not_cover_another(inbox: Inbox) -> None:
    """What came meanwhile under the same name stays; the older file gets another name."""
    (inbox.root / "a.txt").write_bytes(b"first")
    inbox.take(b"a.txt", "0123", (5, 0))
    (inbox.root / "a.txt").write_bytes(b"second")

    inbox.give_back("0123", b"a.txt")

    assert {path.name: path.read_bytes() for path in inbox.root.iterdir()} == {
        "a.txt": b"second",
        "again1-a.txt": b"first",
    }
    assert list(inbox.work.iterdir()) == []


def test_what_is_given_back_has_to_settle_though_the_kernel_tells_of_its_return(inbox: Inbox) -> None:
    """That it was renamed in was our doing; that its sender closed it, told after that, is believed."""
    path = os.fsencode(inbox.root / "a.txt")
    (inbox.root / "a.txt").write_bytes(b"half")
    inbox.take(b"a.txt", "0123", (4, 0))
    inbox.give_back("0123", b"a.txt")

    returned = names(inbox.sweep(0.0, [path]))
    early = names(inbox.sweep(1.0))
    closed = names(inbox.sweep(1.5, [path]))

    assert (returned, early, closed) == ([], [], [b"a.txt"])


def test_what_is_given_back_under_another_name_keeps_its_ending_and_its_folder(inbox: Inbox) -> None:
    """However long both are: the ending says how it is read."""
    path = b"/".join([b"f" * 200, b"g" * 100, b"a" * 247 + b".json.gz"])
    lies = inbox.root / os.fsdecode(path)
    lies.parent.mkdir(parents=True)
    lies.write_bytes(b"first")
    inbox.take(path, "0123", (5, 0))
    lies.write_bytes(b"second")

    inbox.give_back("0123", path)

    (other,) = [one for one in lies.parent.iterdir() if one != lies]
    assert other.read_bytes() == b"first"
    assert other.name.endswith("a.json.gz")


def test_what_one_sweep_cannot_give_the_next_one_gives_without_waiting(inbox: Inbox) -> None:
    """At most ``candidates``; the rest has been still long enough, unless it changes."""
    inbox.candidates = 2
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        (inbox.root / name).write_bytes(b"text")
    inbox.sweep(0.0)

    first = names(inbox.sweep(2.0))
    for name in ("a.txt", "b.txt"):
        (inbox.root / name).unlink()
    (inbox.root / "d.txt").write_bytes(b"text and more")

    assert first == [b"a.txt", b"b.txt"]
    assert names(inbox.sweep(2.1)) == [b"c.txt"]
    assert inbox.waiting.unsettled == 1


def test_a_blocked_file_is_left_alone_ever_longer(inbox: Inbox) -> None:
    """Two seconds, then four: and the others go on, for as long as nobody takes them."""
    for name in ("bad.txt", "good.txt"):
        (inbox.root / name).write_bytes(b"text")
    inbox.sweep(0.0)
    inbox.block(b"bad.txt", 3.0, errno.EACCES)

    seen = [names(inbox.sweep(3.0)), names(inbox.sweep(5.5))]
    inbox.block(b"bad.txt", 5.5, errno.EACCES)

    assert seen == [[b"good.txt"], [b"bad.txt", b"good.txt"]]
    assert names(inbox.sweep(9.0)) == [b"good.txt"]
    assert inbox.waiting.refused == [Refused(b"bad.txt", errno.EACCES, 0.5)]


def test_that_a_file_is_blocked_is_told_before_the_next_sweep(inbox: Inbox) -> None:
    """That may come only when it is tried again: nobody would ever see why it waits."""
    inbox.sweep(0.0)

    inbox.block(b"bad.txt", 0.0, errno.EACCES)

    assert inbox.waiting.refused == [Refused(b"bad.txt", errno.EACCES, 2.0)]
    assert (inbox.waiting.blocked, inbox.waiting.next_in) == (1, 2.0)


def test_a_machine_without_descriptors_does_not_say_that_a_file_is_gone(inbox: Inbox) -> None:
    """It would be told as taken back by its sender, and lies there all the time."""
    (inbox.root / "a.txt").write_bytes(b"text")
    found = (inbox.root / "a.txt").stat()
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            inbox.holds(b"a.txt", found.st_dev, found.st_ino)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert inbox.holds(b"a.txt", found.st_dev, found.st_ino)
    assert not inbox.holds(b"gone/b.txt", found.st_dev, found.st_ino)


def test_a_missing_inbox_is_empty(inbox: Inbox) -> None:
    """Somebody moved it: there is nothing to take, and that is no error."""
    inbox.root.rmdir()

    assert inbox.sweep(0.0) == []


@settings(max_examples=40, deadline=None)
@given(
    name=st.binary(min_size=1, max_size=60).filter(
        lambda name: b"/" not in name and b"\0" not in name and name not in {b".", b".."}
    )
)
def test_any_name_can_be_taken_or_waits_by_a_pattern(tmp_path_factory: pytest.TempPathFactory, name: bytes) -> None:
    """Names are bytes: what the file system takes, the inbox gives, unchanged."""
    home = tmp_path_factory.mktemp("any")
    (home / "inbox").mkdir()
    (home / "work").mkdir()
    inbox = Inbox(Disk(home), home / "inbox", home / "work", settle=0.0)
    (home / "inbox" / os.fsdecode(name)).write_bytes(b"text")

    found = inbox.sweep(0.0)

    assert names(found) + [name] * inbox.waiting.ignored == [name]


def test_many_folders_need_few_descriptors(inbox: Inbox) -> None:
    """Each is opened when its turn comes: four hundred feeds are seen whole with little room for descriptors."""
    for number in range(400):
        (inbox.root / f"{number:03d}").mkdir()
        (inbox.root / f"{number:03d}" / "a.txt").write_bytes(b"text")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))

    try:
        inbox.sweep(0.0)
        found = inbox.sweep(2.0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert len(found) == 400
    assert inbox.waiting.blocked == 0
