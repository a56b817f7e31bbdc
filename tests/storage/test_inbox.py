"""The inbox gives files at rest, and only those; it opens nothing and follows no link."""

from __future__ import annotations

import errno
import os
import resource
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnowd.storage.disk import Disk
from winnowd.storage.inbox.inbox import Inbox
from winnowd.storage.inbox.names import Names
from winnowd.storage.inbox.waiting import Refused
from winnowd.storage.inbox.writers import Heard

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.storage.inbox.deposits import Deposit


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

    found = inbox.sweep(0.0, {os.fsencode(inbox.root / "closed.txt"): Heard.CLOSED})

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
    """A flood in one feed does not hold up another; folders deeper than 32 are not entered."""
    for feed, count in (("a", 40), ("b", 2), ("c/d/e/f", 1), ("/".join("n" * 33), 1)):
        (inbox.root / feed).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            (inbox.root / feed / f"{number:02d}.txt").write_bytes(b"text")
    inbox.sweep(0.0)

    found = inbox.sweep(3.0)

    assert [deposit.feed for deposit in found] == ["a"] * 32 + ["b"] * 2 + ["c/d/e/f"] + ["a"] * 8
    assert inbox.waiting.left() == {"too_deep": 1}
    assert inbox.waiting.named == {"too_deep": [b"/".join([b"n"] * 33)]}


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
    inbox.claim(b"a.txt", "0123", (5, 0))
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
    inbox.claim(b"a.txt", "0123", (4, 0))
    inbox.give_back("0123", b"a.txt")

    returned = names(inbox.sweep(0.0, {path: Heard.MOVED}))
    early = names(inbox.sweep(1.0))
    closed = names(inbox.sweep(1.5, {path: Heard.CLOSED}))

    assert (returned, early, closed) == ([], [], [b"a.txt"])


def test_what_is_given_back_under_another_name_keeps_its_ending_and_its_folder(inbox: Inbox) -> None:
    """However long both are: the ending says how it is read."""
    path = b"/".join([b"f" * 200, b"g" * 100, b"a" * 247 + b".json.gz"])
    lies = inbox.root / os.fsdecode(path)
    lies.parent.mkdir(parents=True)
    lies.write_bytes(b"first")
    inbox.claim(path, "0123", (5, 0))
    lies.write_bytes(b"second")

    inbox.give_back("0123", path)

    (other,) = [one for one in lies.parent.iterdir() if one != lies]
    assert other.read_bytes() == b"first"
    assert other.name.endswith("a.json.gz")


def test_what_one_sweep_cannot_give_the_next_one_gives_without_waiting(inbox: Inbox) -> None:
    """At most ``max_per_sweep``; the rest has been still long enough, unless it changes."""
    inbox.max_per_sweep = 2
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
    instance_dir = tmp_path_factory.mktemp("any")
    (instance_dir / "inbox").mkdir()
    (instance_dir / "work").mkdir()
    inbox = Inbox(Disk(instance_dir), instance_dir / "inbox", instance_dir / "work", settle=0.0)
    (instance_dir / "inbox" / os.fsdecode(name)).write_bytes(b"text")

    found = inbox.sweep(0.0)

    assert names(found) + [name] * sum(inbox.waiting.left().values()) == [name]


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


EVENTS = st.lists(
    st.one_of(
        st.sampled_from(["create", "modify", "close", "move in", "look"]),
        st.floats(min_value=0.1, max_value=5_000.0),
    ),
    max_size=25,
)


def not_ours(name: bytes, folder: int) -> None:
    """The kernel's answer to who asks for a lease of another's file."""
    del name, folder


class Sent:
    """A file in an inbox, as its sender and the kernel's events treat it; we may ask for no lease."""

    def __init__(self, instance_dir: Path) -> None:
        for folder in ("inbox", "work"):
            (instance_dir / folder).mkdir()
        self.inbox = Inbox(
            Disk(instance_dir), instance_dir / "inbox", instance_dir / "work", settle=2.0, writer_check=not_ours
        )
        self.path = instance_dir / "inbox" / "a.txt"
        self.now = 1_000.0
        self.open = False
        self.size = 0
        self.heard: dict[bytes, Heard] = {}

    def does(self, step: str | float) -> list[bytes] | None:
        """One step; of a look what it gave."""
        if isinstance(step, float):
            self.now += step
            return None
        if step == "look":
            heard, self.heard = self.heard, {}
            return names(self.inbox.sweep(self.now, heard))
        work: dict[str, Callable[[], None]] = {
            "create": self._create, "modify": self._modify, "close": self._close, "move in": self._move_in,
        }  # fmt: skip
        work[step]()
        return None

    def _create(self) -> None:
        if not self.path.exists():
            self.open, self.size = True, 0
            self._write(Heard.CREATED)

    def _modify(self) -> None:
        if self.open:
            self.size += 1
            self._write(Heard.WRITTEN)

    def _close(self) -> None:
        if self.open:
            self.open = False
            self._tell(Heard.CLOSED)

    def _move_in(self) -> None:
        if not self.open:
            self.size += 1
            self._write(Heard.MOVED)

    def _write(self, what: Heard) -> None:
        self.path.write_bytes(b"x" * self.size)
        self._tell(what)

    def _tell(self, what: Heard) -> None:
        self.heard[os.fsencode(self.path)] = what


@settings(max_examples=300, deadline=None)
@given(steps=EVENTS)
def test_an_open_file_is_never_given_and_a_closed_one_always_is(steps: list[str | float]) -> None:
    """Whatever its writer does, and however long he pauses: he has it open, or the next look gives it."""
    with tempfile.TemporaryDirectory() as instance_dir:
        sent = Sent(Path(instance_dir))
        for step in steps:
            given_now = sent.does(step)

            if given_now is not None:
                assert given_now in ([], [b"a.txt"])
                assert not (sent.open and given_now)
                assert sent.inbox.waiting.writing == int(sent.open)
        sent.does("close")
        there = sent.path.exists()

        seen = [sent.does("look")]
        sent.now += 2.0  # one that was given before and not taken settles anew
        seen.append(sent.does("look"))
        assert ([b"a.txt"] in seen) == there


def test_one_that_is_linked_in_whole_is_no_open_file(inbox: Inbox, tmp_path: Path) -> None:
    """It is created and never closed; it is taken when it has settled."""
    (tmp_path / "made.txt").write_bytes(b"whole")
    (tmp_path / "made.txt").rename(inbox.root / "a.txt")
    told = {os.fsencode(inbox.root / "a.txt"): Heard.CREATED}

    assert [names(inbox.sweep(0.0, told)), names(inbox.sweep(2.0))] == [[], [b"a.txt"]]


def test_how_long_a_file_has_been_written_is_told(inbox: Inbox) -> None:
    """Since it was first seen open, whatever came into it since."""
    path = inbox.root / "slow.txt"
    with path.open("wb") as slow:
        for now in (10.0, 250.0):
            slow.write(b"piece")
            slow.flush()
            inbox.sweep(now, {os.fsencode(path): Heard.WRITTEN})

    assert (inbox.waiting.writing, inbox.waiting.oldest) == (1, 240.0)
    assert inbox.waiting.named == {"writing": [b"slow.txt"]}


def test_a_close_that_was_lost_is_found_by_asking_for_a_lease(inbox: Inbox) -> None:
    """Of a file of our own the kernel tells that nobody has it open: it settles; while somebody has, it waits."""
    path = inbox.root / "a.txt"
    told = {os.fsencode(path): Heard.WRITTEN}
    with path.open("wb") as writer:
        writer.write(b"text")
        writer.flush()
        seen = [names(inbox.sweep(0.0, told)), names(inbox.sweep(900.0))]

    assert seen == [[], []]
    assert names(inbox.sweep(901.0)) == [b"a.txt"]


def test_after_lost_events_nothing_is_believed_that_would_wait_for_ever(inbox: Inbox) -> None:
    """That a file is being written may have been told before its close was lost; that it was closed stays true."""
    inbox.writer_check = not_ours
    paths = {name: os.fsencode(inbox.root / name) for name in ("a.txt", "b.txt", "c.txt")}
    for name in paths:
        (inbox.root / name).write_bytes(b"text")
    inbox.sweep(0.0, {paths["a.txt"]: Heard.WRITTEN})
    inbox.forget_events(ignore_writes_until=11.0)

    first = names(inbox.sweep(1.0, {paths["b.txt"]: Heard.WRITTEN, paths["c.txt"]: Heard.CLOSED}))
    later = names(inbox.sweep(3.0))
    (inbox.root / "a.txt").write_bytes(b"more text")
    inbox.sweep(12.0, {paths["a.txt"]: Heard.WRITTEN})
    inbox.sweep(99.0)

    assert (first, later) == ([b"c.txt"], [b"a.txt", b"b.txt", b"c.txt"])
    assert inbox.waiting.named == {"writing": [b"a.txt"]}


def test_a_file_that_somebody_has_open_is_not_taken(inbox: Inbox) -> None:
    """No event has told of it: the kernel does, at the last moment; then it waits for its close."""
    path = inbox.root / "a.txt"
    with path.open("wb") as writer:
        writer.write(b"half")
        writer.flush()
        inbox.sweep(0.0)
        (found,) = inbox.sweep(2.0)
        with pytest.raises(BlockingIOError):
            inbox.claim(found.path, "0123", (found.size, found.mtime_ns))
        waits = names(inbox.sweep(50.0))

    assert waits == []
    assert [path.name for path in inbox.root.iterdir()] == ["a.txt"]
    assert names(inbox.sweep(52.0)) == [b"a.txt"]


def test_asking_for_a_lease_follows_no_link_and_waits_at_no_pipe(inbox: Inbox, tmp_path: Path) -> None:
    """What is not a file is not asked about, and says nothing if it is."""
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (inbox.root / "link.txt").symlink_to(tmp_path / "secret.txt")
    os.mkfifo(inbox.root / "pipe.txt")

    with (tmp_path / "secret.txt").open("ab"):
        assert inbox._is_written(b"link.txt") is None
    assert inbox._is_written(b"pipe.txt") is None
    assert inbox._is_written(b"gone.txt") is None


TOOLS = (
    "x.txt.1a2b3c4d.partial", "x.txt.aria2", "x.txt.download", "x.txt.opdownload", "x.txt_.gstmp", "x.txt.Ab12Cd34",
    "x.txt.!sync", "x.txt.bts", "x.txt.upload", "x.txt.uploading", "x.txt.inprogress", "x.txt.unconfirmed",
    "x.txt.lock", "x.txt.writing", "x.txt.filepart", "~$x.txt", "#x.txt#", "tmpabcd1234", "feed.jsonl.kX3_9q",
)  # fmt: skip


@pytest.mark.parametrize("name", TOOLS)
def test_a_name_that_tools_write_under_waits_a_quarter_of_an_hour(inbox: Inbox, name: str) -> None:
    """Though it was closed: the rename to its true name may come any moment. Then somebody meant it so."""
    (inbox.root / name).write_bytes(b"text")

    early = names(inbox.sweep(0.0, {os.fsencode(inbox.root / name): Heard.CLOSED}) + inbox.sweep(899.0))

    assert early == []
    assert inbox.waiting.left() == {"temporary": 1}
    assert names(inbox.sweep(900.0)) == [os.fsencode(name)]


def test_without_a_wait_for_temporary_names_these_settle_as_others_do(inbox: Inbox) -> None:
    """``inbox.temporary = 0``."""
    inbox.temporary = 0.0
    (inbox.root / "x.txt.partial").write_bytes(b"text")

    assert [names(inbox.sweep(now)) for now in (0.0, 1.9, 2.0)] == [[], [], [b"x.txt.partial"]]


@pytest.mark.parametrize("name", ["x.txt", "x.html.markdown", "x.tar.gz", "x.2026.11.29", "x.v1.backup", "tmp.txt"])
def test_another_name_is_taken_at_once(inbox: Inbox, name: str) -> None:
    """Only a known kind followed by some characters that are no kind looks like an upload."""
    (inbox.root / name).write_bytes(b"text")

    assert names(inbox.sweep(0.0, {os.fsencode(inbox.root / name): Heard.CLOSED})) == [os.fsencode(name)]


@pytest.mark.parametrize("lock", [".new.txt.swp", ".#new.txt", ".~lock.new.txt#", ".new.txt.kate-swp"])
def test_a_file_open_in_an_editor_waits_until_its_editor_is_done(inbox: Inbox, lock: str) -> None:
    """An editor closes a file each time it is saved; what it keeps beside it says that more will come."""
    inbox.names = Names((".*",))
    (inbox.root / "new.txt").write_bytes(b"text")
    (inbox.root / lock).write_bytes(b"")
    closed = {os.fsencode(inbox.root / "new.txt"): Heard.CLOSED}

    early = names(inbox.sweep(0.0, closed) + inbox.sweep(600.0))
    left = inbox.waiting.left()
    (inbox.root / lock).unlink()

    assert (early, left) == ([], {"edited": 1, "ignored": 1})
    assert names(inbox.sweep(601.0)) == [b"new.txt"]


def test_with_markers_a_file_is_taken_only_with_its_own(inbox: Inbox) -> None:
    """Then at once, even while it is open; a marker is no file, and one without its file is left."""
    inbox.names = Names((".*",), "{name}.done")
    for name in ("a.txt", "a.txt.done", "b.txt", "c.txt.done", "x.txt.partial", "x.txt.partial.done"):
        (inbox.root / name).write_bytes(b"text")

    found = inbox.sweep(0.0, {os.fsencode(inbox.root / "a.txt"): Heard.WRITTEN})

    assert names(found) == [b"a.txt", b"x.txt.partial"]
    assert inbox.waiting.named == {"unmarked": [b"b.txt"], "markers": [b"c.txt.done"]}


def test_a_hidden_marker_is_seen(inbox: Inbox) -> None:
    """It may have a name that would be ignored."""
    inbox.names = Names((".*",), ".{name}.ok")
    for name in ("a.txt", ".a.txt.ok", "b.txt"):
        (inbox.root / name).write_bytes(b"text")

    assert names(inbox.sweep(0.0)) == [b"a.txt"]


def test_an_inbox_that_is_a_link_is_followed_and_none_below_it(inbox: Inbox, tmp_path: Path) -> None:
    """An operator puts it on another disk; a sender's link is a sender's."""
    inbox.root.rename(tmp_path / "elsewhere")
    inbox.root.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "feed").mkdir()
    (tmp_path / "elsewhere" / "feed" / "a.txt").write_bytes(b"text")
    (tmp_path / "elsewhere" / "link").symlink_to("feed")
    told = {os.fsencode(tmp_path / "elsewhere" / "feed" / "a.txt"): Heard.CLOSED}

    found = inbox.sweep(0.0, told)
    inbox.claim(b"feed/a.txt", "0123", (found[0].size, found[0].mtime_ns))

    assert names(found) == [b"feed/a.txt"]
    assert [path.name for path in inbox.work.iterdir()] == ["0123"]


def test_a_file_with_a_second_name_is_copied_and_the_other_stays(inbox: Inbox, tmp_path: Path) -> None:
    """Whoever keeps the other name may write to it: what is judged is a copy."""
    (tmp_path / "kept.txt").write_bytes(b"text")
    os.link(tmp_path / "kept.txt", inbox.root / "in.txt")
    inbox.sweep(0.0)
    (found,) = inbox.sweep(60.0)

    copied = inbox.claim(found.path, "0123", (found.size, found.mtime_ns))

    assert copied
    assert list(inbox.root.iterdir()) == []
    assert (inbox.work / "0123").read_bytes() == (tmp_path / "kept.txt").read_bytes()
    assert (inbox.work / "0123").stat().st_ino != (tmp_path / "kept.txt").stat().st_ino
