"""A start on a failing machine is tried again, as service is; and after a fault the index is not left behind."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import resource
import sqlite3
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.daemon.stand import Heard
from tests.e2e.instance import TEXTS, Instance, silent_log

from winnowd.daemon.doorbell import Doorbell, Wakeup
from winnowd.daemon.faults import may_pass
from winnowd.daemon.health import Health
from winnowd.daemon.loop import Loop
from winnowd.daemon.reload import free_space_for, listened
from winnowd.daemon.schedule import Schedule
from winnowd.daemon.serve import opened, owned
from winnowd.daemon.work import Work
from winnowd.settings import load
from winnowd.storage.ledger import LedgerDamagedError
from winnowd.storage.ledger.ledger import must_write

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.wiring.instance import Instance as Opened


PAGE = 4096


class Disk:
    """A disk that is full for the next so many effects of these names."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.full = 0

    def __call__(self, effect: str) -> None:
        """Fail while it is full."""
        if self.full and effect in self.names:
            self.full -= 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def loop_for(opened: Opened, work: Work, heard: Heard) -> Loop:
    """The service's loop around this work."""
    wakeup = Wakeup()
    return Loop(
        work=work,
        wakeup=wakeup,
        doorbell=Doorbell(listened(opened), wakeup),
        schedule=Schedule(wakeup),
        notify=heard,
        health=Health(work),
        free_space=free_space_for(opened),
    )


@pytest.mark.parametrize("name", ["append", "write", "commit"])
def test_a_start_on_a_full_disk_waits_until_there_is_room(tmp_path: Path, name: str) -> None:
    """It tells why, asks for more time, and is ready once it has begun; it says so once."""
    folder, disk, heard = Instance(tmp_path), Disk(name), Heard()
    folder.pass_over()
    before = len(folder.events())
    loaded = load(tmp_path, environ={}, overrides=folder.overrides, system=None)

    with owned(tmp_path, loaded, disk, processes=0) as opened:
        work = Work(opened, silent_log())
        loop = loop_for(opened, work, heard)
        disk.full = 2
        loop.run(ready=loop.stop)

    told = [next(iter(fields.items())) for fields in heard.said]
    paused = [at for at, (key, value) in enumerate(told) if key == "STATUS" and "No space" in str(value)]
    ready = told.index(("READY", 1))
    assert paused
    assert paused[-1] < ready
    assert any(key == "EXTEND_TIMEOUT_USEC" for key, _ in told[:ready])
    assert heard.said[ready]["STATUS"] == "waiting for files"
    assert [event["event"]["action"] for event in folder.events()[before:]].count("startup") == 1


@pytest.mark.parametrize("third", range(3, 7))
def test_a_start_outlives_a_fault_that_comes_back_when_its_end_is_told(tmp_path: Path, third: int) -> None:
    """The pause goes on, and the start is tried once more."""
    folder, heard, count = Instance(tmp_path), Heard(), itertools.count()
    folder.pass_over()
    loaded = load(tmp_path, environ={}, overrides=folder.overrides, system=None)

    def on_effect(effect: str) -> None:
        if effect == "commit" and next(count) in {1, 2, third}:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with owned(tmp_path, loaded, on_effect, processes=0) as opened:
        loop = loop_for(opened, Work(opened, silent_log()), heard)
        next(count)
        loop.run(ready=loop.stop)

    assert [key for fields in heard.said for key in fields].count("READY") == 1
    assert faults(tmp_path) == []


def test_a_start_that_waits_can_be_told_to_stop(tmp_path: Path) -> None:
    """It ends without having been ready."""
    folder, disk, heard = Instance(tmp_path), Disk("append"), Heard()
    loaded = load(tmp_path, environ={}, overrides=folder.overrides, system=None)

    with owned(tmp_path, loaded, disk, processes=0) as opened:
        loop = loop_for(opened, Work(opened, silent_log()), heard)
        disk.full = 1
        loop.stop()
        loop.run()

    assert heard.said[-1] == {"STOPPING": 1}
    assert not any("READY" in fields for fields in heard.said)


def test_files_are_not_blamed_for_starts_that_the_machine_failed(tmp_path: Path) -> None:
    """A file claimed by a killed run is tried once more, however often the disk was full meanwhile."""
    folder, disk = Instance(tmp_path), Disk("sync")
    folder.drop({"a.txt": TEXTS["A"]})
    loaded = load(tmp_path, environ={}, overrides=folder.overrides, system=None)
    with owned(tmp_path, loaded, processes=0) as opened:
        work = Work(opened, silent_log())
        work.start()
        arrivals = work._arrivals_for(opened.inbox.sweep(0.0))
        with opened.ledger.transaction():
            opened.records.claim(arrivals)

    with owned(tmp_path, loaded, disk, processes=0) as opened:
        work = Work(opened, silent_log())
        loop = loop_for(opened, work, Heard())
        work.on_decided = lambda _: loop.stop()
        disk.full = 4
        loop.run()

    assert folder.outcomes() == {"a.txt": "admitted"}


def test_after_a_fault_the_index_has_what_was_carried_out_late(tmp_path: Path) -> None:
    """An article whose batch failed half way stands in the index once work goes on."""
    folder, disk = Instance(tmp_path), Disk("append")
    folder.drop({"a.txt": TEXTS["A"]})
    loaded = load(tmp_path, environ={}, overrides=folder.overrides, system=None)
    with owned(tmp_path, loaded, disk, processes=0) as opened:
        work = Work(opened, silent_log())
        work.start()
        disk.full = 1
        with pytest.raises(OSError, match="No space"):
            work.consume(opened.inbox.sweep(0.0))

        work.recover()

        (seed,) = folder.articles()
        assert seed in (tmp_path / "seeds/INDEX.md").read_text()


def test_a_start_without_descriptors_waits_for_one(tmp_path: Path) -> None:
    """SQLite says only that it cannot open the ledger: that may pass."""
    folder = Instance(tmp_path)
    folder.pass_over()
    loaded = load(tmp_path, environ={}, overrides=folder.overrides, system=None)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    paused: list[float] = []

    def pause(seconds: float) -> None:
        paused.append(seconds)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    highest = os.open(tmp_path, os.O_RDONLY)
    os.close(highest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, before[1]))  # enough for the lock, not for the ledger
    try:
        with opened(lambda: owned(tmp_path, loaded, processes=0), silent_log(), Heard(), pause) as found:
            in_corpus = found.ledger.decisions.in_corpus()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert (paused, in_corpus) == ([0.5], 0)


def test_a_start_on_a_ledger_that_cannot_be_opened_for_good_ends(tmp_path: Path) -> None:
    """Waiting would not make it ours: a folder stands there."""
    folder = Instance(tmp_path)
    loaded = load(tmp_path, environ={}, overrides=folder.overrides, system=None)
    (tmp_path / "state" / "winnowd.db").mkdir(parents=True)

    with pytest.raises(PermissionError), opened(lambda: owned(tmp_path, loaded, processes=0), silent_log(), Heard()):
        pass


def test_a_ledger_that_may_only_be_read_does_not_begin(tmp_path: Path) -> None:
    """SQLite opens it all the same; the service would pause at its first line, for as long as it runs."""
    Instance(tmp_path).pass_over()
    connection = sqlite3.connect(f"{(tmp_path / 'state' / 'winnowd.db').as_uri()}?mode=ro", uri=True)

    with contextlib.closing(connection), pytest.raises(sqlite3.OperationalError, match="readonly") as refused:
        must_write(connection)

    assert may_pass(refused.value)


@pytest.mark.parametrize("page", range(2, 12))
def test_a_ledger_that_turns_out_to_be_damaged_is_named(tmp_path: Path, page: int) -> None:
    """Opening it finds nothing; whatever does ends the work as SYS944, and holds no file for it."""
    folder = Instance(tmp_path)
    folder.drop({"a.txt": TEXTS["A"]})
    folder.pass_over()
    folder.drop({"b.txt": TEXTS["D"]})
    with (tmp_path / "state" / "winnowd.db").open("r+b") as ledger:
        ledger.seek((page - 1) * PAGE)
        ledger.write(b"\xff" * PAGE)

    with contextlib.suppress(LedgerDamagedError):  # a page that nothing needs is not met
        folder.pass_over()

    assert "quarantined" not in folder.outcomes().values()
