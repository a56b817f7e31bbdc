"""The service as a process: what is dropped while it runs is decided, it ends when told, it is alone (P6, P7, P10)."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WINNOWD = [sys.executable, "-m", "winnowd"]
LONGEST = 30.0  # s until a test gives up; nothing is measured against it
BLINK = 0.002  # s between two looks of whoever watches while it waits


class Service:
    """``winnowd run`` on an instance; its log is read line by line."""

    def __init__(self, instance_dir: Path, **settings: object) -> None:
        self.instance = Instance(instance_dir)
        names = {f"WINNOWD_{name.upper()}": json.dumps(value) for name, value in settings.items()}
        self.process = subprocess.Popen(
            [*WINNOWD, "--home", instance_dir, "run"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "WINNOWD_WORKERS__COUNT": "1", **names},
        )
        self.lines: list[dict[str, Any]] = []
        self._read = b""

    @property
    def _pipe(self) -> Any:
        assert self.process.stderr is not None
        return self.process.stderr

    def _line(self, deadline: float, watching: Callable[[], None] | None = None) -> bytes:
        """The next line of its log; the test fails if none comes."""
        while b"\n" not in self._read:
            left = max(0.0, deadline - time.monotonic())
            ready, _, _ = select.select([self._pipe], [], [], min(left, BLINK) if watching else left)
            if watching and left and not ready:
                watching()
                continue
            piece = os.read(self._pipe.fileno(), 65_536) if ready else b""
            assert piece, f"it told nothing more: {self.lines}"
            self._read += piece
        line, _, self._read = self._read.partition(b"\n")
        return line

    def until(self, event: str, count: int = 1, watching: Callable[[], None] | None = None) -> list[dict[str, Any]]:
        """Read the log until an event was told so often, ``watching`` meanwhile; gives all lines of it."""
        deadline = time.monotonic() + LONGEST
        while len(found := [line for line in self.lines if line["event"] == event]) < count:
            line = self._line(deadline, watching)
            if line.startswith(b"{"):
                self.lines.append(json.loads(line))
        return found

    def until_ready(self) -> None:
        """Read until it tells what it watches."""
        deadline = time.monotonic() + LONGEST
        while b"watches" not in self._line(deadline):
            assert self.process.poll() is None

    def end(self, how: int = signal.SIGTERM) -> int:
        """Ask it to end, and wait."""
        self.process.send_signal(how)
        self._pipe.read()
        self._pipe.close()
        return self.process.wait(LONGEST)


@pytest.fixture
def instance_dir(tmp_path: Path) -> Path:
    """A new instance."""
    subprocess.run([*WINNOWD, "-q", "init", tmp_path / "home"], check=True, stdout=subprocess.DEVNULL)
    return tmp_path / "home"


@pytest.fixture
def service(instance_dir: Path) -> Iterator[Service]:
    """A service that has told that it watches."""
    made = Service(instance_dir)
    made.until_ready()
    yield made
    made.process.kill()
    made.process.wait()
    made._pipe.close()


def test_files_that_come_in_any_way_are_decided(service: Service) -> None:
    """Copied, renamed in, linked in and unlinked, in a sub-folder made a moment ago, packed: none is missed."""
    inbox, outside = service.instance.instance_dir / "inbox", service.instance.instance_dir.parent
    (outside / "one.txt").write_text(TEXTS["A"])
    (outside / "two.txt").write_text(TEXTS["C"])

    shutil.copy(outside / "one.txt", inbox / "copied.txt")
    (outside / "two.txt").rename(inbox / "renamed.txt")
    (inbox / "feed" / "deep").mkdir(parents=True)
    (inbox / "feed" / "deep" / "short.txt").write_text("too short")
    service.until("admitted", 2)
    rejected = service.until("rejected", 1)

    assert {line["file"] for line in service.lines if line["event"] == "admitted"} == {"copied.txt", "renamed.txt"}
    assert rejected[0]["file"] == "feed/deep/short.txt"
    assert service.end() == 0
    assert faults(service.instance.instance_dir, sent=3) == []


def test_a_file_that_is_still_written_is_not_taken(service: Service) -> None:
    """Written in pieces with the file kept open: judged once, whole, when it is closed."""
    path = service.instance.instance_dir / "inbox" / "slow.txt"
    pieces = [TEXTS["A"][at : at + 200] for at in range(0, len(TEXTS["A"]), 200)]

    with path.open("w", encoding="utf-8") as slow:
        for number, piece in enumerate(pieces):
            slow.write(piece)
            slow.flush()
            if number == 1:
                (path.parent / "meanwhile.txt").write_text(TEXTS["C"])
                service.until("admitted", 1)
    told = service.until("admitted", 2)

    assert [line["file"] for line in told] == ["meanwhile.txt", "slow.txt"]
    (slow_event,) = [event for event in service.instance.decisions() if event["file"]["name"] == "slow.txt"]
    assert slow_event["file"]["size"] == len(TEXTS["A"].encode())


@pytest.mark.parametrize("stat_key", [["index", "check"], ["verify"]])
def test_the_index_tells_of_a_quiet_rejection(service: Service, stat_key: list[str]) -> None:
    """Nothing was admitted, and what INDEX.md counts has changed: looked at at once, a service is not called faulty."""
    service.instance.drop({"short.txt": "Hello world."})
    service.until("rejected", 1)

    looked = subprocess.run(
        [*WINNOWD, "--home", service.instance.instance_dir, *stat_key], check=False, stdout=subprocess.DEVNULL
    )

    assert looked.returncode == 0
    assert "QUA401" in (service.instance.instance_dir / "seeds" / "INDEX.md").read_text(encoding="utf-8")


def test_what_lay_there_before_the_start_is_decided(instance_dir: Path) -> None:
    """No event tells of it: the sweep does."""
    Instance(instance_dir).drop({"early.txt": TEXTS["A"]})
    service = Service(instance_dir, inbox__settle=0)

    service.until("admitted", 1)

    assert service.end(signal.SIGINT) == 0
    assert faults(instance_dir, sent=1) == []


def test_a_second_service_is_refused_and_told_of_the_first(service: Service) -> None:
    """Exit 75, and the pid of the one that works."""
    second = subprocess.run(
        [*WINNOWD, "--home", service.instance.instance_dir, "run"], capture_output=True, text=True, check=False
    )

    assert second.returncode == 75
    assert f"pid {service.process.pid} works on this instance" in second.stderr


def test_an_order_is_obeyed_while_it_runs(service: Service) -> None:
    """The command writes it, the service carries it out, the command tells what became of it."""
    service.instance.drop({"short.txt": "Too short to be an article."})
    service.until("rejected", 1)

    released = subprocess.run(
        [*WINNOWD, "--home", service.instance.instance_dir, "release", "short", "--reason", "wanted all the same"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (released.returncode, released.stdout.split()[-1]) == (0, "admitted"), released.stderr
    assert service.end() == 0
    assert faults(service.instance.instance_dir, sent=1) == []


def test_status_tells_of_a_running_and_of_a_stopped_service(service: Service) -> None:
    """For people, and by its exit code for probes."""
    command = [*WINNOWD, "--home", str(service.instance.instance_dir), "status"]

    running = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    well = subprocess.run([*command, "--health"], check=False).returncode
    service.end()
    stopped = subprocess.run([*command, "--health"], check=False).returncode

    assert json.loads(running.stdout.splitlines()[0])["pid"] == service.process.pid
    assert (well, stopped) == (0, 1)
