"""The service's own log: one printable line an event, bounded; it may be lost, it may not stop the service (P12)."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import resource
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from winnowd.daemon import servicelog
from winnowd.daemon.journal import message_id
from winnowd.daemon.servicelog import FileSink, log_lines, service_log
from winnowd.views.escape import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def test_renaming_the_file_and_opening_it_anew_loses_no_line(tmp_path: Path) -> None:
    """As logrotate does it: between rename and SIGHUP lines go into the renamed file, after it into the new one."""
    path = tmp_path / "winnowd.log"
    lines = log_lines(path)
    log = service_log(lines=lines)
    for turn in range(3):
        log.info("before", turn=turn)
        path.rename(tmp_path / f"winnowd.log.{turn}")
        log.info("between", turn=turn)
        lines.sink.reopen()
    log.info("after")

    read = [json.loads(line) for file in sorted(tmp_path.iterdir()) for line in file.read_text().splitlines()]

    assert sorted((line["event"], line.get("turn")) for line in read if line["event"] != "after") == sorted(
        (event, turn) for event in ("before", "between") for turn in range(3)
    )
    assert json.loads(path.read_text())["event"] == "after"


def test_a_file_that_cannot_be_opened_anew_keeps_the_old_one(tmp_path: Path) -> None:
    """The lines go on where they went."""
    path = tmp_path / "logs" / "winnowd.log"
    path.parent.mkdir()
    lines = log_lines(path)
    path.parent.rename(tmp_path / "moved")

    failed = False
    try:
        lines.sink.reopen()
    except FileNotFoundError:
        failed = True
    service_log(lines=lines).info("still here")

    assert failed
    assert "still here" in (tmp_path / "moved" / "winnowd.log").read_text()


def test_a_full_disk_loses_lines_and_tells_how_many(tmp_path: Path) -> None:
    """/dev/full takes nothing; when there is room again, the count stands where the lines would be."""
    lines = log_lines(Path("/dev/full"))
    log = service_log(lines=lines)
    log.info("lost")
    log.info("lost, too")
    lines.sink = FileSink(tmp_path / "winnowd.log")

    log.info("kept")

    first, second = map(json.loads, (tmp_path / "winnowd.log").read_text().splitlines())
    assert (first, second["event"]) == ({"event": "lines lost", "lines": 2}, "kept")


def test_half_a_line_is_taken_back(tmp_path: Path) -> None:
    """A disk that is full in the middle of a line leaves the file as it was."""
    path = tmp_path / "winnowd.log"
    lines = log_lines(path)
    lines.msg("whole")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))  # the kernel takes 4 bytes more
    lines.msg("does not fit")
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)

    assert (path.read_text(), lines.lost) == ("whole\n", 1)


@given(st.text(max_size=20_000), st.binary(max_size=200))
def test_any_text_from_outside_is_one_bounded_line(text: str, name: bytes) -> None:
    """Whatever a file is called, it forges no line and breaks no JSON."""
    written = io.StringIO()

    service_log(written, {}).info("admitted", file=name, because=text)

    (line,) = written.getvalue().splitlines()
    assert json.loads(line)["event"] == "admitted"
    assert len(line) <= 4_096


NAMES = st.text(st.sampled_from('a ="\\\\\n\r\t\x1b=:[]<{\u2028\u00a0é'), max_size=60) | st.text(max_size=200)
PAIR = re.compile(r' ?([a-z]+)=("(?:[^"\\]|\\.)*"|[^ ]*)')


class Terminal(io.StringIO):
    """A stream that a person reads."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.mark.parametrize("written", [io.StringIO, Terminal])
@given(name=NAMES, because=NAMES)
def test_a_name_forges_neither_a_key_nor_a_line(written: type[io.StringIO], name: str, because: str) -> None:
    """In the lines for the journal and for a terminal each key stands once, with its own value, whatever that is."""
    stream = written()
    journal = {} if written is Terminal else {"JOURNAL_STREAM": "8:1"}

    service_log(stream, journal).info("admitted", file=name, code="DUP606", because=because)

    line = stream.getvalue().removesuffix("\n")
    assert len(line.splitlines()) == 1
    pairs = line[line.index("admitted") + len("admitted") :]
    assert "".join(found[0] for found in PAIR.finditer(pairs)) == pairs
    assert [found[1] for found in PAIR.finditer(pairs)] == ["file", "code", "because"]
    assert [unquoted(found[2]) for found in PAIR.finditer(pairs)] == [printable(name), "DUP606", printable(because)]


def unquoted(value: str) -> str:
    """What a reader of logfmt makes of a value."""
    inside = value[1:-1] if value.startswith('"') else value
    return re.sub(r"\\(.)", r"\1", inside) if value.startswith('"') or "\\" not in value else value


@given(st.text(max_size=6_000))
def test_a_line_for_the_journal_bears_its_priority_and_stays_one(text: str) -> None:
    """``<4>`` is a warning; journald takes the number off."""
    written = io.StringIO()

    service_log(written, {"JOURNAL_STREAM": "8:1"}).warning("paused", because=text)

    assert written.getvalue().startswith("<4>paused because=")
    assert written.getvalue().count("\n") == 1
    assert len(written.getvalue()) <= 4_097


@pytest.fixture
def journald(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, str]]]]:
    """A journal in place of the machine's; gives what it was sent, as fields."""
    path = tmp_path / "socket"
    monkeypatch.setattr(servicelog, "SOCKET", path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))
        listening.setblocking(False)

        def received() -> list[dict[str, str]]:
            found = []
            with contextlib.suppress(BlockingIOError):
                while True:
                    lines = listening.recv(65_536).decode().removesuffix("\n").split("\n")
                    found.append(dict(line.split("=", 1) for line in lines))
            return found

        yield received


def read_by_journald(path: Path) -> tuple[TextIO, dict[str, str]]:
    """A stream, and the environment in which systemd says that journald reads it."""
    stream = path.open("w")
    at = os.fstat(stream.fileno())
    return stream, {"JOURNAL_STREAM": f"{at.st_dev}:{at.st_ino}"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, because=st.text(max_size=2_000))
def test_journald_gets_fields_that_no_name_forges(
    journald: Callable[[], list[dict[str, str]]], tmp_path: Path, name: str, because: str
) -> None:
    """A line has the id of its kind and a field for each value, and whatever a file is called adds none."""
    stream, environ = read_by_journald(tmp_path / "stderr")
    with stream:
        service_log(stream, environ).warning("order refused", file=name, code="ORD701", because=because)

    (fields,) = journald()
    assert list(fields) == [
        "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "MESSAGE_ID", "WINNOWD_FILE", "WINNOWD_CODE", "WINNOWD_BECAUSE"
    ]  # fmt: skip
    assert fields["MESSAGE"].startswith("order refused file=")
    assert (fields["PRIORITY"], fields["WINNOWD_CODE"]) == ("4", "ORD701")
    assert fields["MESSAGE_ID"] == message_id("order refused")


def test_without_a_journal_lines_are_counted_and_the_count_is_told_by_the_next(
    journald: Callable[[], list[dict[str, str]]], tmp_path: Path
) -> None:
    """Journald may be begun anew under a service that logs: what it misses meanwhile is told of, and stops nothing."""
    stream, environ = read_by_journald(tmp_path / "stderr")
    with stream:
        log = service_log(stream, environ)
        (tmp_path / "socket").rename(tmp_path / "away")
        log.info("lost")
        (tmp_path / "away").rename(tmp_path / "socket")
        log.info("started")

    lost, started = journald()
    assert (json.loads(lost["MESSAGE"])["lines"], started["MESSAGE"]) == (1, "started")


def test_a_stream_that_only_inherits_the_name_is_written_to(
    journald: Callable[[], list[dict[str, str]]], tmp_path: Path
) -> None:
    """``winnowd run 2>file`` below a unit keeps JOURNAL_STREAM, and yet it is the file that is read."""
    with (tmp_path / "file").open("w") as stream:
        service_log(stream, {"JOURNAL_STREAM": "1:1"}).info("started")

    assert (tmp_path / "file").read_text() == "<6>started\n"
    assert journald() == []
