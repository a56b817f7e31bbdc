"""``winnowd notify``, and the one that ``winnowd run`` starts beside itself."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from winnowd.operations import notify
from winnowd.operations.lay_out import lay_out
from winnowd.storage.clock import SystemClock
from winnowd.storage.summaries import Outbound
from winnowd.storage.verified import leave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest
    from tests.cli.conftest import Ran

LONGEST = 60.0  # s until a wait is given up


def instance(tmp_path: Path, hook: str) -> Path:
    """An instance whose command is this, in Python."""
    home = tmp_path / "home"
    lay_out(home)
    command = json.dumps([sys.executable, "-c", hook])
    (home / "config" / "winnowd.toml").write_text(f"notify.command = {command}\nworkers.count = 1\n", encoding="utf-8")
    (home / "state" / "notify").mkdir(parents=True, exist_ok=True)
    return home


def until(holds: Callable[[], Any], what: str) -> Any:
    """Wait until something holds, and give it."""
    deadline = time.monotonic() + LONGEST
    while not (found := holds()):
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.05)
    return found


def test_once_tells_what_became_of_each(run: Callable[..., Ran], tmp_path: Path) -> None:
    """In words, as JSON, and by its exit code."""
    home = instance(tmp_path, "import sys; sys.stdin.read()")
    (home / "state" / "notify" / "audit-damaged.json").write_text('{"number": 1}', encoding="utf-8")

    told = run("--home", str(home), "notify", "--once")
    (home / "state" / "notify" / "audit-damaged.json").write_text('{"number": 2}', encoding="utf-8")
    row = run("--home", str(home), "--json", "notify", "--once").rows[0]

    assert (told.code, told.err) == (0, "audit-damaged: delivered after 1 try\n")
    assert row == {"type": "delivery", "event": "audit-damaged", "result": "delivered", "tries": 1, "because": ""}


def test_once_ends_with_one_if_nobody_could_be_told(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says why."""
    monkeypatch.setattr(notify, "PAUSES", ())
    home = instance(tmp_path, "raise SystemExit(7)")
    (home / "state" / "notify" / "x.json").write_text("{}", encoding="utf-8")

    told = run("--home", str(home), "notify", "--once")

    assert (told.code, told.err) == (1, "x: failed after 1 try; it ended with 7\n")


def test_a_second_one_is_refused(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Exit 75, as with the service."""
    home = instance(tmp_path, "pass")
    (home / "state" / "notify" / "x.json").write_text("{}", encoding="utf-8")

    with Outbound(home).held():
        told = run("--home", str(home), "notify", "--once")

    assert told.code == 75
    assert "another process" in told.err


@contextlib.contextmanager
def running(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``winnowd run`` as in a terminal, ready."""
    environ = {name: value for name, value in os.environ.items() if name not in {"NOTIFY_SOCKET", "JOURNAL_STREAM"}}
    words = [sys.executable, "-m", "winnowd", "--home", str(home), "run"]
    with subprocess.Popen(words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as service:
        try:
            until((home / "state" / "metrics.prom").exists, "it has begun")
            yield service
        finally:
            service.kill()


def notifiers(home: Path) -> list[int]:
    """The processes that tell people of this instance."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if str(home).encode() in words and b"notify" in words:
                found.append(int(path.parent.name))
    return found


def test_run_has_people_told_by_a_process_of_its_own_which_ends_with_it(tmp_path: Path) -> None:
    """From the service's own finding to the command; a command that hangs holds up neither a file nor the end."""
    hook = "import sys, time; open('told.json', 'w').write(sys.stdin.read()); time.sleep(600)"
    home = instance(tmp_path, f"import os; os.chdir({str(tmp_path)!r}); {hook}")
    leave(home, at=SystemClock().now(), events=3, damage=1)

    with running(home) as service:
        until((tmp_path / "told.json").exists, "people are told")
        (home / "inbox" / "a.txt").write_text("A short note.", encoding="utf-8")
        until(lambda: list(home.glob("rejected/**/*.why.md")), "a file is decided while the command hangs")
        assert len(notifiers(home)) == 1
        service.send_signal(signal.SIGTERM)
        assert service.wait(LONGEST) == 0

    assert json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))["event"] == "audit-damaged"
    until(lambda: not notifiers(home), "it has ended")


def test_it_does_not_outlive_a_service_that_is_killed(tmp_path: Path) -> None:
    """The kernel ends it."""
    home = instance(tmp_path, "pass")

    with running(home) as service:
        until(lambda: notifiers(home), "it has begun")
        service.kill()
        service.wait()
        until(lambda: not notifiers(home), "it has ended")


def test_that_the_service_has_ended_is_told_as_all_else(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its unit's OnFailure= has it noted, with what systemd says; where people want to be told."""
    home = instance(tmp_path, "")
    monkeypatch.setenv("MONITOR_SERVICE_RESULT", "exit-code")
    monkeypatch.setenv("MONITOR_EXIT_STATUS", "74\n")

    noted = run("--home", str(home), "notify", "--ended")
    summary = json.loads((home / "state" / "notify" / "ended.json").read_text(encoding="utf-8"))
    handed_over = run("--home", str(home), "notify", "--once")

    assert (noted.code, noted.out) == (0, "")
    assert summary["because"].startswith("the service has ended (exit-code, 74")
    assert "\n" not in summary["because"]
    assert handed_over.err == "ended: delivered after 1 try\n"


def test_nobody_is_told_of_an_end_who_wants_to_be_told_of_nothing(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Without a command no file is left that nobody fetches."""
    home = tmp_path / "home"
    lay_out(home)

    assert run("--home", str(home), "notify", "--ended").code == 0
    assert not list((home / "state").glob("notify/*"))
