"""A process beside the daemon: what it has when it begins, and what is taken of what it says."""

from __future__ import annotations

from multiprocessing import connection
from typing import TYPE_CHECKING, Any

from winnowd.catalogue import catalogue
from winnowd.daemon import child
from winnowd.daemon.child import Child, begin, processes
from winnowd.daemon.confinement import UNCONFINED, Confined
from winnowd.daemon.frames import framed, write
from winnowd.wiring.preparer import damage_patterns, phrasebook
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    import pytest

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
