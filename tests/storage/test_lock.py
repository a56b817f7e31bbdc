"""One instance has one owner."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from winnowd.storage.lock import Lock, LockHeldError, holder

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import pathlib, sys
from winnowd.storage.lock import Lock
Lock(pathlib.Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""
OUTLIVED = """
import pathlib, subprocess, sys
from winnowd.storage.lock import Lock
Lock(pathlib.Path(sys.argv[1])).acquire()
sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
print(subprocess.Popen(sleeps, close_fds=False, stdout=subprocess.DEVNULL).pid)
"""


def test_a_second_owner_is_refused_and_told_who_the_first_is(tmp_path: Path) -> None:
    """The pid is named, so that a person can find it."""
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()

        with pytest.raises(LockHeldError) as refused:
            Lock(path).acquire()
        named = holder(path)
        other.kill()

    assert refused.value.pid == named == other.pid


def test_a_file_left_by_a_killed_owner_is_no_lock(tmp_path: Path) -> None:
    """The kernel frees the lock with its holder, however that ended."""
    path = tmp_path / "lock"
    path.write_text("4242\n")

    assert holder(path) is None
    Lock(path).acquire()


def test_nobody_holds_a_lock_that_was_never_taken(tmp_path: Path) -> None:
    """Asking leaves nothing behind."""
    assert holder(tmp_path / "lock") is None
    assert list(tmp_path.iterdir()) == []


def test_a_child_that_outlives_the_owner_does_not_keep_the_lock(tmp_path: Path) -> None:
    """A program that the owner has started, with all that is inheritable, still runs when the owner has ended."""
    path = tmp_path / "lock"
    started = subprocess.run(
        [sys.executable, "-c", OUTLIVED, path], stdout=subprocess.PIPE, text=True, check=True, timeout=30
    )
    child = int(started.stdout)

    try:
        os.kill(child, 0)
        kept_by = holder(path)
    finally:
        os.kill(child, signal.SIGKILL)

    assert kept_by is None


def test_an_owner_that_cannot_write_its_name_down_does_not_lock_itself_out(tmp_path: Path) -> None:
    """On a disk that takes nothing the next try is refused by the disk again, not by the one before."""
    path = tmp_path / "lock"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        for _ in range(2):
            with pytest.raises(OSError, match="too large"):
                Lock(path).acquire()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    Lock(path).acquire()
