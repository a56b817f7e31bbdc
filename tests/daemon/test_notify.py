"""What systemd is told, byte for byte, through a real datagram socket."""

from __future__ import annotations

import faulthandler
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from winnowd.daemon.notify import Notify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Manager:
    """The other end of the socket."""

    def __init__(self, path: Path) -> None:
        self.environ = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "30000000"}
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))

    def heard(self) -> list[str]:
        """The fields of the next message."""
        return self.socket.recv(4_096).decode().split("\n")


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    """A service manager that listens."""
    made = Manager(tmp_path / "notify")
    yield made
    made.socket.close()


def test_fields_are_lines_and_a_value_cannot_add_one(manager: Manager) -> None:
    """A status that quotes a file's name with a line break in it stays one field."""
    notify = Notify(manager.environ)

    notify.send(READY=1, STATUS="paused: no\nWATCHDOG=trigger")
    notify.close()

    assert manager.heard() == ["READY=1", "STATUS=paused: no WATCHDOG=trigger"]


def test_a_reload_tells_the_monotonic_time(manager: Manager) -> None:
    """What Type=notify-reload will want, and Type=notify allows."""
    notify = Notify(manager.environ)

    notify.reloading()
    notify.close()

    first, second = manager.heard()
    assert first == "RELOADING=1"
    assert int(second.removeprefix("MONOTONIC_USEC=")) > 0


def test_the_watchdog_is_patient_for_one_piece_of_work(manager: Manager) -> None:
    """Longer before it, as the unit says after it, even when it fails."""
    notify = Notify(manager.environ)

    with pytest.raises(RuntimeError), notify.patience(1_800):
        raise RuntimeError
    notify.close()

    assert manager.heard() == ["WATCHDOG_USEC=1800000000"]
    assert manager.heard() == ["WATCHDOG_USEC=30000000", "WATCHDOG=1"]


def test_beats_are_four_times_as_frequent_as_the_watchdog_asks() -> None:
    """Whatever the unit is changed to; at least every ten seconds, for the probes."""
    given = {None: 10.0, "3000000": 0.75, "30000000": 7.5, "600000000": 10.0, "": 10.0}

    told = {usec: Notify({} if usec is None else {"WATCHDOG_USEC": usec}).beat_every for usec in given}

    assert told == given


def test_a_start_asks_for_more_time(manager: Manager) -> None:
    """Seconds are told in microseconds."""
    notify = Notify(manager.environ)

    notify.starting(60)
    notify.close()

    assert manager.heard() == ["EXTEND_TIMEOUT_USEC=60000000"]


def test_nobody_listens_and_nothing_happens(tmp_path: Path) -> None:
    """Without systemd nothing is sent; a socket that is gone is no fault of ours."""
    gone = Notify({"NOTIFY_SOCKET": str(tmp_path / "gone")})

    Notify({}).send(READY=1)
    gone.send(READY=1)
    gone.close()

    assert list(tmp_path.iterdir()) == []


def test_a_manager_that_was_away_is_told_again(tmp_path: Path) -> None:
    """One word that nobody took is not the last: systemd would end a service that fell silent."""
    notify = Notify({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    notify.send(WATCHDOG=1)
    manager = Manager(tmp_path / "notify")

    notify.send(STATUS="idle")
    notify.close()

    manager.socket.setblocking(False)
    assert manager.heard() == ["STATUS=idle"]
    manager.socket.close()


HANGS = """
import os, threading
from winnowd.daemon.notify import Notify
notify = Notify({"WATCHDOG_USEC": "200000"})
notify.send(READY=1)
threading.Event().wait(60)
"""


def test_where_nobody_keeps_a_watchdog_the_service_keeps_its_own() -> None:
    """In a container a hang ends the process, so that whoever started it starts it again; its threads are shown."""
    ended = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=50, check=False)

    assert ended.returncode == 1
    assert "Timeout (0:00:00.200000)!" in ended.stderr
    assert "in wait" in ended.stderr


def test_its_own_watchdog_waits_as_a_manager_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """From READY on, anew with each beat, longer where patience is asked for, and no more once it stops."""
    armed: list[float] = []
    monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda seconds, **_: armed.append(seconds))
    monkeypatch.setattr(faulthandler, "cancel_dump_traceback_later", lambda: armed.append(0))
    notify = Notify({"WATCHDOG_USEC": "30000000"})

    notify.send(STATUS="recovering")
    notify.send(WATCHDOG=1)
    before = list(armed)
    notify.send(READY=1)
    notify.send(STATUS="idle")
    notify.send(WATCHDOG=1)
    with notify.patience(1_800):
        notify.send(WATCHDOG=1)
    notify.send(STOPPING=1)
    notify.send(WATCHDOG=1)

    assert before == []
    assert armed == [30, 30, 1_800, 1_800, 30, 0]


@pytest.mark.parametrize("wanted", ["", "0", "soon"])
def test_without_a_time_there_is_no_watchdog(monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    """A service started by hand may be stopped in a debugger."""
    monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda *_, **__: pytest.fail("it was armed"))

    notify = Notify({"WATCHDOG_USEC": wanted})

    notify.send(READY=1)
    notify.close()


def test_a_manager_keeps_the_watchdog_itself(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two would end the service twice."""
    monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda *_, **__: pytest.fail("it was armed"))
    notify = Notify(manager.environ)

    notify.send(READY=1, WATCHDOG=1)
    notify.close()

    assert manager.heard() == ["READY=1", "WATCHDOG=1"]
