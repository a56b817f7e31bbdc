"""What ``winnowd status`` tells of what lies in the inbox and may not be taken."""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import time
from typing import TYPE_CHECKING

from tests.e2e.instance import silent_log

from winnowd.daemon.health import Health
from winnowd.daemon.pause import Pause
from winnowd.daemon.serve import owned
from winnowd.daemon.vitals import measure
from winnowd.daemon.work import Work
from winnowd.settings import load
from winnowd.storage.inbox.waiting import Refused
from winnowd.storage.verified import leave

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran


def test_a_file_that_may_not_be_taken_is_named_with_its_reason(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Its path is a stranger's: an escape in it does not reach the terminal."""
    with owned(tmp_path, load(tmp_path, environ={}, system=None), processes=0) as instance:
        instance.inbox.waiting.blocked = 1
        instance.inbox.waiting.refused = [Refused(b"feed/\x1b[31m\xff.txt", errno.EACCES, 7.6)]
        work = Work(instance, silent_log())
        Health(work)("idle", Pause(work, time.monotonic), "SYS923")

        told = run("--home", str(tmp_path), "status")

    assert told.code == 0
    assert "hears no events (SYS923)" in told.out
    assert "1 blocked" in told.out
    assert "feed/<U+001B>[31m<U+DCFF>.txt: Permission denied, tried again within 8 s" in told.out


def test_files_that_are_still_written_are_told_with_the_oldest(run: Callable[..., Ran], tmp_path: Path) -> None:
    """How many, for how long, and some by name; what is ignored is only counted."""
    with owned(tmp_path, load(tmp_path, environ={}, system=None), processes=0) as instance:
        waiting = instance.inbox.waiting
        for name in (b"a.jsonl", b"feed/\x1b[31mb.txt", b"c.txt"):
            waiting.leave(name, "writing")
        waiting.leave(b".hidden", "ignored")
        waiting.leave(b"x.txt.partial", "temporary")
        waiting.oldest = 250.0
        work = Work(instance, silent_log())
        Health(work)("idle", Pause(work, time.monotonic), "")

        told = run("--home", str(tmp_path), "status")

    assert "(3 writing, 1 temporary, 1 ignored)" in told.out
    assert "3 files are still being written, the oldest for 4 min\n" in told.out
    assert "feed/<U+001B>[31mb.txt: still being written\n" in told.out
    assert "x.txt.partial: under a temporary name\n" in told.out
    assert ".hidden" not in told.out


def test_what_waits_for_people_is_told_and_when_the_log_was_verified(run: Callable[..., Ran], tmp_path: Path) -> None:
    """As the service has said it last; nothing of an older winnowd's health.json, which has neither."""
    with owned(tmp_path, load(tmp_path, environ={}, system=None), processes=0) as instance:
        work = Work(instance, silent_log())
        pause = Pause(work, time.monotonic)
        Health(work)("idle", pause, "")
        before = run("--home", str(tmp_path), "status")
        at = instance.clock.now()
        leave(tmp_path, at=at, events=9, damage=2)
        vitals = measure(work, 0.0)
        held = dataclasses.replace(vitals, quarantine=3, quarantine_since=vitals.at - dt.timedelta(hours=5))
        Health(work)("working", pause, "", held)

        told = run("--home", str(tmp_path), "status")
        row = run("--home", str(tmp_path), "--json", "status").rows[0]

    assert (before.code, told.code) == (0, 0)
    assert "\nquarantine " not in before.out
    assert "not as written" not in before.out
    assert "\nquarantine  3 records wait, the oldest for 5 h\n" in told.out
    assert "2 things not as written at" in told.out
    assert row["quarantine"]["articles"] == 3
    assert row["verified"]["damage"] == 2
