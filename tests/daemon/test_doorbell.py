"""The doorbell rings for what comes into the inbox, says what is at rest, and knows when it has gone deaf."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.daemon.stand import standing

from winnowd.daemon.doorbell import Bell, Doorbell

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
def bell(inbox: Path) -> Iterator[Bell]:
    """A bell rung by a real observer on the inbox."""
    bell = Bell()
    doorbell = Doorbell([inbox], bell)
    doorbell.start()
    yield bell
    doorbell.stop()


def until_hint(bell: Bell, path: Path) -> bool:
    """Wait until the bell names this path as being at rest."""
    seen: list[bytes] = []
    while os.fsencode(path) not in seen:
        if not bell.wait(PATIENCE):
            return False
        seen += bell.hints()
    return True


def test_a_closed_file_rings_and_is_named(bell: Bell, inbox: Path) -> None:
    """Whoever writes and closes a file need not wait until it settles."""
    (inbox / "a.txt").write_text("done")

    assert until_hint(bell, inbox / "a.txt")


def test_an_open_file_rings_but_is_not_at_rest(bell: Bell, inbox: Path) -> None:
    """A slow writer's file is announced, not declared finished."""
    with (inbox / "slow.txt").open("w") as slow:
        slow.write("half")
        slow.flush()

        rang = bell.wait(PATIENCE)
        hints = bell.hints()

    assert rang
    assert hints == []


def test_a_file_renamed_into_a_feed_is_at_rest(bell: Bell, inbox: Path, tmp_path: Path) -> None:
    """Write elsewhere, then rename: the recommended drop is taken at once."""
    (tmp_path / "made.txt").write_text("whole")

    (tmp_path / "made.txt").rename(inbox / "feed" / "made.txt")

    assert until_hint(bell, inbox / "feed" / "made.txt")


def test_our_own_claim_does_not_ring(bell: Bell, inbox: Path, tmp_path: Path) -> None:
    """A claim renames a file out of the inbox and reads it: if that rang, one file would cost sweeps without end."""
    (inbox / "a.txt").write_text("done")
    assert until_hint(bell, inbox / "a.txt")
    while bell.wait(QUIET):
        bell.hints()

    (inbox / "a.txt").rename(tmp_path / "claimed")
    (tmp_path / "claimed").read_text()

    assert not bell.wait(QUIET)


def test_many_rings_are_one_waking(tmp_path: Path) -> None:
    """However often it rang, the loop sweeps once."""
    bell = Bell()
    for number in range(1000):
        bell.ring(os.fsencode(tmp_path / str(number)))

    assert bell.wait(0)
    assert not bell.wait(0)
    assert len(bell.hints()) == 1000


def test_an_inbox_made_anew_is_noticed(inbox: Path) -> None:
    """Watchdog goes silent when its folder is replaced; the doorbell says so, and a new one hears again."""
    doorbell = Doorbell([inbox], Bell())
    doorbell.start()
    heard = doorbell.hears()
    (inbox / "feed").rmdir()
    inbox.rmdir()
    inbox.mkdir()

    assert doorbell._observer is not None
    for emitter in doorbell._observer.emitters:  # the new folder may have the number of the old one: then this tells
        emitter.join(PATIENCE)
    deaf = not doorbell.hears()
    doorbell.stop()
    again = Doorbell([inbox], Bell())
    again.start()
    hears_again = again.hears()
    again.stop()

    assert heard
    assert deaf
    assert hears_again


def test_an_overflow_warning_rings(inbox: Path) -> None:
    """The kernel's queue overflows without an event: only watchdog's own log tells, and that rings."""
    bell = Bell()
    doorbell = Doorbell([inbox], bell)
    doorbell.start()

    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; filesystem events were lost")
    rang = bell.wait(PATIENCE)
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
    doorbell = Doorbell([inbox, tmp_path / "missing"], Bell())
    before = (threading.active_count(), len(list(Path("/proc/self/fd").iterdir())))

    for _ in range(3):
        with pytest.raises(FileNotFoundError):
            doorbell.start()
        doorbell.stop()

    assert (threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))) == before
