"""The service as a process is told to reload, to log anew, to show where it hangs (P10)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from tests.crash.check import faults
from tests.e2e.instance import TEXTS
from tests.e2e.test_service import LONGEST, WINNOWD, Service, instance_dir, service

from winnowd.daemon.versions import versions

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["instance_dir", "service"]

SHORT = " ".join(TEXTS["A"].split()[:60])


def test_sighup_reads_the_configuration_anew_and_a_bad_one_changes_nothing(service: Service) -> None:
    """Refused with all faults, then taken; the workers judge by the new limits, the process is the same."""
    inbox = service.instance.instance_dir / "inbox"
    configuration = service.instance.instance_dir / "config" / "winnowd.toml"
    (inbox / "one.txt").write_text(SHORT)
    service.until("rejected", 1)

    configuration.write_text("[gates.length]\nwords.min.fail = -5\nwords.max.fail = 1\n")
    service.process.send_signal(signal.SIGHUP)
    (refused,) = service.until("reload refused")
    (inbox / "two.txt").write_text(f"{SHORT} and more")
    service.until("rejected", 2)
    configuration.write_text("[gates.length]\nwords.min.doubt = 10\nwords.min.fail = 5\n")
    service.process.send_signal(signal.SIGHUP)
    service.until("configuration changed")
    (inbox / "three.txt").write_text(f"{SHORT} and then some")
    service.until("quarantined")  # long enough now; but it breaks off

    assert "words.min.fail is -5" in refused["faults"]
    assert "QUA402" in refused["faults"]
    codes = {event["file"]["name"]: event["winnowd"]["codes"] for event in service.instance.decisions()}
    assert ["QUA401" in codes[name] for name in ("one.txt", "two.txt", "three.txt")] == [True, True, False]
    assert service.end() == 0
    assert faults(service.instance.instance_dir, sent=3) == []


def test_the_event_of_the_start_tells_all_that_decides(service: Service) -> None:
    """Versions, platform, catalogue, limits and settings: an auditor can set up the same again."""
    service.end()

    first = service.instance.events()[0]

    ours = first["winnowd"]
    assert first["event"]["action"] == "startup"
    assert ours["versions"] == versions()
    assert {"python", "sqlite", "numpy", "py3langid", "trafilatura", "ftfy", "lxml"} <= ours["versions"].keys()
    assert ours["settings"]["gates.length.words.min.fail"] == 80
    assert ours["limits"]["QUA401"]["fail"] == 80
    assert len(ours["catalogue"]["sha256"]) == 64
    assert "Linux" in ours["platform"]
    assert "cut" not in ours


def test_what_the_index_vouches_for_is_in_the_log_before_the_end(service: Service) -> None:
    """``index-written`` names the hash that stands in INDEX.md, and the event up to which it tells."""
    (service.instance.instance_dir / "inbox" / "a.txt").write_text(TEXTS["A"])
    service.until("admitted")
    service.end()

    written, shutdown = service.instance.events()[-2:]

    index = (service.instance.instance_dir / "seeds" / "INDEX.md").read_text()
    assert (written["event"]["action"], shutdown["event"]["action"]) == ("index-written", "shutdown")
    assert f'index_sha256: "{written["winnowd"]["index"]["sha256"]}"' in index
    assert f"audit_sequence: {written['winnowd']['index']['sequence']}" in index


def test_an_abort_shows_where_each_thread_was(instance_dir: Path) -> None:
    """What the watchdog of systemd sends to a service that hangs."""
    service = Service(instance_dir)
    service.until_ready()

    service.process.send_signal(signal.SIGABRT)
    told = service._pipe.read()
    service._pipe.close()

    assert service.process.wait(LONGEST) == -signal.SIGABRT
    assert b"Fatal Python error: Aborted" in told
    assert b"loop.py" in told


def test_the_service_log_may_be_a_file(instance_dir: Path, tmp_path: Path) -> None:
    """JSON lines; renamed away and told by SIGHUP, it is made anew."""
    path = tmp_path / "winnowd.log"
    process = subprocess.Popen(
        [*WINNOWD, "--home", instance_dir, "run", "--log-file", path], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert process.stderr is not None
    assert b"watches" in process.stderr.readline()

    path.rename(tmp_path / "old")
    process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + LONGEST
    while not path.exists():
        assert time.monotonic() < deadline
        os.sched_yield()
    process.send_signal(signal.SIGTERM)
    process.stderr.read()
    process.stderr.close()

    assert process.wait(LONGEST) == 0
    events = [
        json.loads(line)["event"] for name in ("old", path) for line in (tmp_path / name).read_text().splitlines()
    ]
    events = [one for one in events if not one.startswith("workers ")]  # they tell of themselves when they can
    assert (events[0], *events[-2:]) == ("started", "configuration unchanged", "stopped")


def test_a_service_log_that_cannot_be_written_is_told_of_at_once(instance_dir: Path) -> None:
    """Exit 2, with the name and the reason."""
    ended = subprocess.run(
        [*WINNOWD, "--home", instance_dir, "run", "--log-file", instance_dir / "nowhere" / "log"],
        capture_output=True, text=True, check=False, timeout=LONGEST,
    )  # fmt: skip

    assert ended.returncode == 2
    assert "cannot be written (No such file or directory)" in ended.stderr
