"""Summaries reach a real command, whatever that does: each ends as delivered or failed, and nothing piles up."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from winnowd.operations import notify
from winnowd.operations.lay_out import lay_out
from winnowd.operations.notify import PAUSES, SendingElsewhereError, deliver_until, deliver_waiting
from winnowd.settings import load
from winnowd.storage.summaries import LONGEST, Outbound

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.settings import Loaded

SUMMARY = {"schema": 1, "event": "quarantine-articles", "number": 1}


class Office:
    """An instance with people to tell: ``hook`` is their command, in Python; ``waits`` are the pauses made."""

    def __init__(self, instance_dir: Path) -> None:
        self.instance_dir = instance_dir
        lay_out(instance_dir)
        self.folder = instance_dir / "state" / "notify"
        self.folder.mkdir()
        self.waits: list[float] = []
        self.hook = "import sys; open('told.jsonl', 'a').write(sys.stdin.read())"
        self.seconds = 30.0
        self.stop_after = 1_000

    def put(self, name: str = "quarantine-articles", content: Any = SUMMARY) -> None:
        """Write a summary as the service does."""
        (self.folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    def load(self) -> Loaded:
        """The settings, read anew."""
        command = json.dumps([sys.executable, "-c", self.hook] if self.hook else [])
        given = [f"notify.command={command}", f"notify.seconds={self.seconds}"]
        return load(self.instance_dir, environ={}, overrides=given, system=None)

    def is_set(self) -> bool:
        """Stop after so many pauses."""
        return len(self.waits) >= self.stop_after

    def wait(self, timeout: float) -> bool:
        """Wait for nothing."""
        self.waits.append(timeout)
        return self.is_set()

    def deliver(self) -> list[notify.Delivery]:
        """All that waits."""
        return list(deliver_waiting(self.instance_dir, self.load, self))

    def files(self) -> list[str]:
        """What lies where."""
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An instance whose command keeps what it was told beside it."""
    monkeypatch.chdir(tmp_path)
    return Office(tmp_path / "home")


def test_a_command_gets_the_summary_on_its_stdin(office: Office, tmp_path: Path) -> None:
    """As it was written, once; it is kept as delivered."""
    office.put()

    (done,) = office.deliver()

    assert (done.event, done.result, done.tries, done.because) == ("quarantine-articles", "delivered", 1, "")
    assert json.loads((tmp_path / "told.jsonl").read_text(encoding="utf-8")) == SUMMARY
    assert office.files() == ["delivered/quarantine-articles.json"]
    assert office.deliver() == []


def test_words_of_the_command_meet_no_shell(office: Office, tmp_path: Path) -> None:
    """A semicolon, a quote and a dollar are themselves."""
    office.put()
    words = [sys.executable, "-c", "import sys; open('words', 'w').write(sys.argv[1])", "$HOME; 'touch' evil"]
    loaded = load(office.instance_dir, environ={}, overrides=[f"notify.command={json.dumps(words)}"], system=None)

    list(deliver_waiting(office.instance_dir, lambda: loaded, office))

    assert (tmp_path / "words").read_text(encoding="utf-8") == "$HOME; 'touch' evil"


def test_one_that_fails_is_tried_again_and_then_kept_as_failed(office: Office) -> None:
    """After ever longer pauses; why is told."""
    office.put()
    office.hook = "import sys; sys.exit(3)"

    (done,) = office.deliver()

    assert (done.result, done.tries, done.because) == ("failed", 5, "it ended with 3")
    assert office.waits == list(PAUSES)
    assert office.files() == ["failed/quarantine-articles.json"]


def test_one_that_recovers_gets_it(office: Office) -> None:
    """A webhook that was down for a moment; the summaries beside are not held up by it."""
    office.put("a")
    office.put("b", {"event": "b"})
    office.hook = (
        "import os, sys\n"
        "if 'number' in sys.stdin.read() and not os.path.exists('up'):\n"
        "    open('up', 'w')\n"
        "    sys.exit(1)"
    )

    done = office.deliver()

    assert [(one.event, one.result, one.tries) for one in done] == [("b", "delivered", 1), ("a", "delivered", 2)]


def is_gone(pid: int) -> bool:
    """Whether a process has ended; what its new parent has not waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def until_gone(path: Path) -> bool:
    """Wait a while until all processes are gone whose numbers stand in a file."""
    pids = [int(line) for line in path.read_text(encoding="ascii").split()]
    for _ in range(200):
        if all(map(is_gone, pids)):
            return bool(pids)
        threading.Event().wait(0.05)
    return False


NOTED = "import os, time; open('pids', 'a').write(f'{os.getpid()}\\n'); "


@pytest.mark.parametrize(
    "hook",
    [
        "time.sleep(600)",
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {NOTED + 'time.sleep(600)'!r}])",
    ],
    ids=["sleeps", "ignores SIGTERM", "waits for a child"],
)
def test_one_that_hangs_is_killed_with_all_that_it_started(
    office: Office, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At its time limit, and nothing of it is left."""
    monkeypatch.setattr(notify, "PAUSES", ())
    office.put()
    office.hook, office.seconds = NOTED + hook, 2.0

    (done,) = office.deliver()

    assert (done.result, done.because) == ("failed", "it did not end within 2 s")
    assert until_gone(office.instance_dir.parent / "pids")


def test_one_that_cannot_be_started_says_why(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is not there, or not to be run."""
    monkeypatch.setattr(notify, "PAUSES", ())
    office.put()
    loaded = load(office.instance_dir, environ={}, overrides=['notify.command=["/nowhere/hook"]'], system=None)

    (done,) = deliver_waiting(office.instance_dir, lambda: loaded, office)

    assert done.because == "it cannot be started (No such file or directory)"


def test_one_that_reads_nothing_and_writes_much_is_no_trouble(office: Office) -> None:
    """Its output goes to our stderr, and fills no pipe."""
    office.put(content=SUMMARY | {"because": "x" * 60_000})
    office.hook = "import sys; sys.stdin.close(); sys.stdout.write('y' * 1_000_000)"

    (done,) = office.deliver()

    assert done.result == "delivered"


def test_told_to_stop_it_leaves_what_failed_for_the_next_run(office: Office) -> None:
    """Nothing is lost, and nothing is kept waiting."""
    office.put()
    office.hook, office.stop_after = "import sys; sys.exit(1)", 1

    assert office.deliver() == []
    assert office.files() == ["sending/quarantine-articles.json"]
    office.hook, office.stop_after = "pass", 1_000
    assert [one.result for one in office.deliver()] == ["delivered"]


def test_told_to_stop_it_ends_a_command_that_hangs(office: Office) -> None:
    """And leaves its summary for the next run: nothing of ours goes on without us."""
    office.put()
    office.hook = NOTED + "time.sleep(600)"
    stopping, pids = threading.Event(), office.instance_dir.parent / "pids"

    def stop() -> None:
        while not pids.exists() or not pids.read_text(encoding="ascii").endswith("\n"):
            threading.Event().wait(0.01)
        stopping.set()

    (thread := threading.Thread(target=stop)).start()
    done = list(deliver_waiting(office.instance_dir, office.load, stopping))
    thread.join()

    assert done == []
    assert office.files() == ["sending/quarantine-articles.json"]
    assert until_gone(pids)


def test_a_newer_one_waits_until_the_one_before_it_is_over(office: Office) -> None:
    """Both are told, in their order."""
    office.put(content=SUMMARY)
    office.hook, office.stop_after = "import sys; sys.exit(1)", 1
    office.deliver()
    office.put(content=SUMMARY | {"number": 2})
    office.hook, office.stop_after = "import sys; open('told.jsonl', 'a').write(sys.stdin.read() + '\\n')", 3

    done = list(deliver_until(office.instance_dir, office.load, office))

    assert len(done) == 2
    lines = (office.instance_dir.parent / "told.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["number"] for line in lines] == [1, 2]


def test_many_that_fail_are_one_file_for_each_kind(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing piles up, whatever the command does."""
    monkeypatch.setattr(notify, "PAUSES", ())
    monkeypatch.setattr(notify, "handed_over", lambda *_: "no")
    for number in range(50):
        office.put("a", {"number": number})
        office.deliver()

    assert office.files() == ["failed/a.json"]


def test_two_never_hand_over_at_once(office: Office) -> None:
    """The second is told so."""
    office.put()
    with Outbound(office.instance_dir).held(), pytest.raises(SendingElsewhereError):
        office.deliver()

    assert [one.result for one in office.deliver()] == ["delivered"]


def _link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _long(path: Path) -> None:
    path.write_text(json.dumps({"x": "y" * LONGEST}), encoding="utf-8")


def _broken(path: Path) -> None:
    path.write_bytes(b"\xff{")


def _list(path: Path) -> None:
    path.write_text("[]", encoding="utf-8")


@pytest.mark.parametrize("lay", [_link, _pipe, _long, _broken, _list])
def test_what_is_no_summary_is_put_away_unread(office: Office, lay: Callable[[Path], None], tmp_path: Path) -> None:
    """Neither followed nor handed over, nor in the way of others."""
    lay(office.folder / "odd.json")
    office.put()

    done = office.deliver()

    assert [one.event for one in done] == ["quarantine-articles"]
    assert json.loads((tmp_path / "told.jsonl").read_text(encoding="utf-8")) == SUMMARY
    assert os.path.lexists(office.folder / "failed" / "odd.json")


def test_without_a_command_what_waits_is_kept_as_failed_at_once(office: Office) -> None:
    """It was taken out of the configuration since: nobody waits for it, and no unit is started for ever."""
    office.put()
    office.hook = ""

    (done,) = office.deliver()

    assert (done.result, done.tries, done.because) == ("failed", 1, "notify.command is empty")


def test_an_instance_that_has_told_nothing_gets_no_folders(tmp_path: Path) -> None:
    """Asking changes nothing."""
    lay_out(tmp_path)

    assert list(deliver_waiting(tmp_path, lambda: load(tmp_path, environ={}, system=None), threading.Event())) == []
    assert not (tmp_path / "state" / "notify").exists()
