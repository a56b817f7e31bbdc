"""The doorbell rings for what comes into the inbox, says what is at rest, and knows when it has gone deaf."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.daemon.stand import standing

from winnowd.daemon.doorbell import Doorbell, Wakeup
from winnowd.storage.inbox.writers import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 10.0  # s; an upper bound for the kernel and watchdog's threads, never a pause
QUIET = 1.2  # s; watchdog holds an unpaired move for 0.5 s, so silence is known only after that


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """An inbox with one feed."""
    folder = tmp_path / "inbox"
    (folder / "feed").mkdir(parents=True)
    return folder


@pytest.fixture
def wakeup(inbox: Path) -> Iterator[Wakeup]:
    """A bell rung by a real observer on the inbox."""
    wakeup = Wakeup()
    doorbell = Doorbell([inbox], wakeup)
    doorbell.start()
    yield wakeup
    doorbell.stop()


def until_heard(wakeup: Wakeup, path: Path, what: Heard) -> bool:
    """Wait until the bell tells that this befell a path last; what is only written rings no bell."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if wakeup.heard().get(os.fsencode(path)) is what:
            return True
        wakeup.wait(0.01)
    return False


def test_a_closed_file_rings_and_is_named(wakeup: Wakeup, inbox: Path) -> None:
    """Whoever writes and closes a file need not wait until it settles."""
    (inbox / "a.txt").write_text("done")

    assert until_heard(wakeup, inbox / "a.txt", Heard.CLOSED)


def test_an_open_file_rings_as_it_begins_and_is_known_to_be_written(wakeup: Wakeup, inbox: Path) -> None:
    """A slow writer's file is announced, not declared finished; what he writes later brings no sweep forward."""
    with (inbox / "slow.txt").open("w") as slow:
        began = wakeup.wait(PATIENCE)
        wakeup.heard()
        while wakeup.wait(QUIET):
            wakeup.heard()
        slow.write("half")
        slow.flush()
        written = until_heard(wakeup, inbox / "slow.txt", Heard.WRITTEN)
        rang = wakeup.wait(0)
    closed = until_heard(wakeup, inbox / "slow.txt", Heard.CLOSED)

    assert (began, written, rang, closed) == (True, True, False, True)


def test_a_file_that_is_linked_in_or_gets_another_mode_is_not_written(
    wakeup: Wakeup, inbox: Path, tmp_path: Path
) -> None:
    """Neither is followed by a close: who waited for one would wait for ever."""
    (tmp_path / "made.txt").write_text("whole")

    os.link(tmp_path / "made.txt", inbox / "a.txt")
    linked = until_heard(wakeup, inbox / "a.txt", Heard.CREATED)
    (inbox / "a.txt").chmod(0o600)
    os.utime(inbox / "a.txt", (0, 0))
    (tmp_path / "made.txt").unlink()
    (inbox / "b.txt").write_text("told after those")

    assert linked
    seen: dict[bytes, Heard] = {}
    while seen.get(os.fsencode(inbox / "b.txt")) is not Heard.CLOSED:
        assert wakeup.wait(PATIENCE)
        seen |= wakeup.heard()
    assert os.fsencode(inbox / "a.txt") not in seen


def test_an_inbox_that_is_a_link_is_heard(tmp_path: Path) -> None:
    """Of the link itself the kernel tells nothing; what comes is told by where it lies in truth."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "inbox").symlink_to(tmp_path / "disk")
    wakeup = Wakeup()
    doorbell = Doorbell([tmp_path / "inbox"], wakeup)
    doorbell.start()

    (tmp_path / "inbox" / "a.txt").write_text("text")
    heard = until_heard(wakeup, tmp_path / "disk" / "a.txt", Heard.CLOSED)
    doorbell.stop()

    assert heard


def test_a_file_renamed_into_a_feed_is_at_rest(wakeup: Wakeup, inbox: Path, tmp_path: Path) -> None:
    """Write elsewhere, then rename: the recommended drop is taken at once."""
    (tmp_path / "made.txt").write_text("whole")

    (tmp_path / "made.txt").rename(inbox / "feed" / "made.txt")

    assert until_heard(wakeup, inbox / "feed" / "made.txt", Heard.MOVED)


def test_our_own_claim_does_not_ring(wakeup: Wakeup, inbox: Path, tmp_path: Path) -> None:
    """A claim renames a file out of the inbox and reads it: if that rang, one file would cost sweeps without end."""
    (inbox / "a.txt").write_text("done")
    assert until_heard(wakeup, inbox / "a.txt", Heard.CLOSED)
    while wakeup.wait(QUIET):
        wakeup.heard()

    (inbox / "a.txt").rename(tmp_path / "claimed")
    (tmp_path / "claimed").read_text()

    assert not wakeup.wait(QUIET)


def test_many_rings_are_one_waking_and_of_each_file_the_last_is_told(tmp_path: Path) -> None:
    """However often it rang, the loop sweeps once."""
    wakeup = Wakeup()
    for number in range(1000):
        wakeup.tell(os.fsencode(tmp_path / str(number % 10)), Heard.CLOSED if number >= 990 else Heard.WRITTEN)
        wakeup.ring()

    assert wakeup.wait(0)
    assert not wakeup.wait(0)
    assert list(wakeup.heard().values()) == [Heard.CLOSED] * 10
    assert wakeup.heard() == {}


def test_an_inbox_made_anew_is_noticed(inbox: Path) -> None:
    """Watchdog goes silent when its folder is replaced; the doorbell says so, and a new one hears again."""
    doorbell = Doorbell([inbox], Wakeup())
    doorbell.start()
    heard = doorbell.is_watching()
    (inbox / "feed").rmdir()
    inbox.rmdir()
    inbox.mkdir()

    assert doorbell._observer is not None
    for emitter in doorbell._observer.emitters:  # the new folder may have the number of the old one: then this tells
        emitter.join(PATIENCE)
    watcher_down = not doorbell.is_watching()
    doorbell.stop()
    new_try = Doorbell([inbox], Wakeup())
    new_try.start()
    hears_again = new_try.is_watching()
    new_try.stop()

    assert heard
    assert watcher_down
    assert hears_again


def test_an_overflow_warning_rings(inbox: Path) -> None:
    """The kernel's queue overflows without an event: only watchdog's own log tells, and that rings."""
    wakeup = Wakeup()
    doorbell = Doorbell([inbox], wakeup)
    doorbell.start()

    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; filesystem events were lost")
    rang = wakeup.wait(PATIENCE)
    overflows = doorbell.overflows
    doorbell.stop()

    assert rang
    assert overflows == 1


def test_lost_events_are_told_once(tmp_path: Path) -> None:
    """In the service's own log (SYS921): the sweep finds what they would have told."""
    with standing(tmp_path / "home") as stand:
        stand.loop.turn()
        logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed")

        for _ in range(3):
            stand.loop.turn()

        assert [line["code"] for line in stand.logged() if line["event"] == "events were lost"] == ["SYS921"]


def test_a_start_that_fails_leaves_no_thread_and_no_descriptor(inbox: Path, tmp_path: Path) -> None:
    """One of its folders is not there: it is tried again and again, and must not use up the process."""
    doorbell = Doorbell([inbox, tmp_path / "missing"], Wakeup())
    before = (threading.active_count(), len(list(Path("/proc/self/fd").iterdir())))

    for _ in range(3):
        with pytest.raises(FileNotFoundError):
            doorbell.start()
        doorbell.stop()

    assert (threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))) == before
