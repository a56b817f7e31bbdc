"""A process beside the daemon: what it has when it begins, and what is taken of what it says."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from multiprocessing import connection
from pathlib import Path
from typing import Any, Literal

import pytest

from winnowd.catalogue import catalogue
from winnowd.daemon import child
from winnowd.daemon.child import Child, begin, processes
from winnowd.daemon.confinement import UNCONFINED, Confined, Confinement
from winnowd.daemon.frames import framed, write
from winnowd.wiring.preparer import damage_patterns, phrasebook
from winnowd.wiring.rules import lexicon

ROOT = Path(__file__).parents[2]
TABLES: tuple[Any, ...] = (catalogue, damage_patterns, lexicon, phrasebook)


def tell_loaded(pipe: connection.Connection) -> None:
    """Say which tables are loaded before anything was asked for."""
    loaded = [table.__name__ for table in TABLES if table.cache_info().currsize]
    write(pipe.fileno(), framed(" ".join(loaded).encode()))


def test_a_process_begins_with_the_tables_of_the_version_that_serves() -> None:
    """It reads none from disk: another version may have been installed since, and its words are not those in force."""
    process, pipe = begin(processes(), tell_loaded, memory=2 << 30, confinement=UNCONFINED)
    one = Child(process, pipe, 1.0)
    said: list[bytes] = []
    try:
        while len(said) < 2:
            connection.wait([pipe])
            one.listen()
            assert not one.ended
            while (frame := one.frames.next()) is not None:
                said.append(frame)
        assert Confined.decoded(said[0]) == Confined()
        assert said[1].decode().split() == [table.__name__ for table in TABLES]
    finally:
        one.kill()


def hang(pipe: connection.Connection) -> None:
    """Say who it is, and do nothing else for ever."""
    write(pipe.fileno(), framed(str(os.getpid()).encode()))
    signal.pause()


def start_one(mode: Literal["auto", "off"], note: str) -> None:
    """In a process of its own: begin one that hangs, tell of it, and hang."""
    one = Child(*begin(processes(), hang, memory=2 << 30, confinement=Confinement(mode)), 1.0)
    said: list[bytes] = []
    while len(said) < 2:
        connection.wait([one.pipe])
        one.listen()
        while (frame := one.frames.next()) is not None:
            said.append(frame)
    with open(note, "wb") as file:  # noqa: PTH123 - a pipe
        file.write(said[1] + b"\n")
    signal.pause()


@pytest.mark.parametrize("mode", ["off", "auto"])
def test_a_process_that_hangs_ends_with_the_one_that_began_it(mode: str, tmp_path: Path) -> None:
    """Though that was killed, and could end nothing itself."""
    note = tmp_path / "note"
    os.mkfifo(note)
    source = f"from tests.daemon.test_child import start_one; start_one({mode!r}, {str(note)!r})"
    starter = subprocess.Popen([sys.executable, "-c", source], cwd=ROOT)
    try:
        handle = os.pidfd_open(int(note.read_text("ascii")))
        starter.kill()
        assert select.select([handle], [], [], 30)[0]
        os.close(handle)
    finally:
        starter.kill()
        starter.wait()


def test_an_answer_is_taken_to_its_end_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than may wait unread, in pieces: nobody can ask for half of it. What comes behind it waits in the pipe."""
    monkeypatch.setattr(child, "_UNREAD", 10)
    ours, theirs = connection.Pipe()
    one = Child(None, ours, 1.0)
    large, small = framed(b"large" * 9), framed(b"small")
    for piece in (large[:20], large[20:40], large[40:], small):
        write(theirs.fileno(), piece)
        one.listen()

    assert (one.frames.next(), one.frames.next()) == (b"large" * 9, None)
    one.listen()
    assert one.frames.next() == b"small"
