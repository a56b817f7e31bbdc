"""The shipped unit in a real systemd: ready, killed, hanging, reloaded, stopped, alone (P10)."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING

from tests.crash.check import faults
from tests.e2e.instance import TEXTS
from tests.needs import needs
from tests.system.machine import HOME, MACHINE, Machine, until

from winnowd.daemon.journal import message_id

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORT = " ".join(TEXTS["A"].split()[:60])
LOW = "[gates.length]\nwords.min.doubt = 10\nwords.min.fail = 5\n"


def other(number: int) -> str:
    """A text too short to be admitted, another for each number."""
    return f"Note {number}: the ferry of this hour was late by {number} minutes, and nobody minded."


def processes(machine: Machine) -> list[str]:
    """The processes of the service."""
    return machine.run("pgrep", "--full", "/opt/winnowd/bin", check=False).split()


def modes(machine: Machine, *paths: str) -> list[str]:
    """Mode, owner and group of files."""
    return machine.run("stat", "--format=%a %U:%G", *paths).splitlines()


@needs("P10", *MACHINE)
def test_it_is_ready_and_decides_what_a_sender_drops(machine: Machine) -> None:
    """READY is told, alice's file is admitted, its seed is there for anybody to read, its decision in the log."""
    machine.drop({"boot-a.txt": TEXTS["A"]})

    outcome = machine.until_decided("boot-a.txt")

    assert outcome == "admitted"
    assert (machine.show("ActiveState"), machine.show("StatusText")) == ("active", "waiting for files")
    (event,) = [one for one in machine.events() if one.get("file", {}).get("name") == "boot-a.txt"]
    seed = machine.run("cat", f"{HOME}/{event['winnowd']['destination']['path']}", user="carol")
    assert hashlib.sha256(seed.encode()).hexdigest() == event["winnowd"]["article"]["text_sha256"]
    assert machine.run("cat", f"{HOME}/seeds/INDEX.md", user="carol").startswith("---")


@needs("P10", *MACHINE)
def test_each_may_see_and_do_what_is_theirs(machine: Machine) -> None:
    """Senders write only the inbox; people who give orders see what was turned away; anybody reads corpus and log."""
    for user, path, allowed in (
        ("alice", "inbox", True), ("alice", "rejected", False), ("alice", "state", False),
        ("bob", "rejected", True), ("bob", "quarantine", True), ("bob", "state", True), ("bob", "state/work", False),
        ("carol", "inbox", False), ("carol", "rejected", False), ("carol", "seeds", True), ("carol", "audit", True),
        ("carol", "audit/evidence", False), ("bob", "audit/evidence", True),
    ):  # fmt: skip
        machine.run("ls", f"{HOME}/{path}", user=user, check=False)
        assert (machine.status == 0) == allowed, (user, path)
    machine.run("touch", f"{HOME}/seeds/mine", user="alice", check=False)
    assert machine.status != 0
    assert modes(machine, HOME, f"{HOME}/inbox", f"{HOME}/state/orders") == [
        "755 winnowd:winnowd", "3770 winnowd:winnowd-drop", "3770 winnowd:winnowd-admin",
    ]  # fmt: skip


@needs("P10", *MACHINE)
def test_a_file_its_sender_kept_to_herself_is_held_unread(machine: Machine) -> None:
    """Mode 0600: it can be taken, not opened; after three tries it is held with INP123, and nothing waits for it."""
    machine.shell(f"umask 077; printf secret > {HOME}/inbox/mine.txt; chmod 600 {HOME}/inbox/mine.txt", user="alice")

    assert machine.until_decided("mine.txt") == "quarantined"
    (event,) = [one for one in machine.events() if one.get("file", {}).get("name") == "mine.txt"]
    assert event["winnowd"]["codes"] == ["INP123"]


@needs("P10", *MACHINE)
def test_orders_are_for_the_people_of_their_group(machine: Machine) -> None:
    """Bob releases what was rejected; carol may not even ask."""
    machine.drop({"order.txt": SHORT})
    machine.until_decided("order.txt")
    command = ["winnowd", "--home", HOME, "release", "order", "--reason", "wanted"]

    machine.run(*command, user="carol", check=False)
    refused = machine.status
    done = machine.run(*command, user="bob")

    assert refused not in {0, 11}
    assert "admitted" in done
    released = [one for one in machine.events() if one["event"]["action"] == "release"]
    assert released[-1]["user"]["name"] == "bob"


@needs("P10", *MACHINE)
def test_people_ask_how_it_is(machine: Machine) -> None:
    """The commands of deploy/README.md, the instance not named: for root and for who gives orders; others are told."""
    for user in ("root", "bob"):
        assert "waiting" in machine.run("winnowd", "status", user=user)
        machine.run("winnowd", "status", "--health", user=user)
    machine.run("winnowd", "config", "check", "/etc/winnowd/winnowd.toml", user="carol")
    told = machine.run("winnowd", "status", user="carol", check=False)

    assert machine.status not in {0, 70}
    assert "Traceback" not in told


@needs("P10", *MACHINE)
def test_killed_it_comes_back_and_goes_on(machine: Machine) -> None:
    """SIGKILL in the middle of work: another process within seconds, every file decided once."""
    before = machine.until_active()
    names = {f"kill-{number}.txt": other(number) for number in range(40)}
    machine.drop(names)

    machine.run("kill", "-9", str(before))
    until(lambda: machine.show("MainPID") not in {"0", str(before)}, "it was started again")
    machine.until_active()
    until(lambda: names.keys() <= machine.outcomes().keys(), "all are decided")

    assert int(machine.show("NRestarts")) == 1
    decided = [one["file"]["name"] for one in machine.events() if one.get("file", {}).get("name") in names]
    assert sorted(decided) == sorted(names)


@needs("P10", *MACHINE)
def test_the_journal_knows_its_lines_by_kind_the_last_one_too(machine: Machine) -> None:
    """Each kind of line has one id, by which a unit's are found, also when their sender has ended since."""
    since = machine.now()
    machine.run("systemctl", "restart", "winnowd")
    machine.until_said("started", since)

    kinds = {message_id(said): said for said in ("stopped", "started")}
    found = [line for line in machine.lines(since) if line.get("MESSAGE_ID") in kinds]

    assert [kinds[line["MESSAGE_ID"]] for line in found] == ["stopped", "started"]
    assert [line["MESSAGE"].split()[0] for line in found] == ["stopped", "started"]
    shown = ["journalctl", "--no-pager", "--output=cat", "--unit=winnowd", f"MESSAGE_ID={message_id('stopped')}"]
    assert machine.run(*shown).splitlines()[-1] == found[0]["MESSAGE"]


@needs("P10", *MACHINE)
def test_hanging_it_is_ended_and_started_again(machine: Machine) -> None:
    """SIGSTOP: no beat, the watchdog aborts it, another process goes on; within WatchdogSec and 12 s."""
    machine.shell(
        "mkdir -p /etc/systemd/system/winnowd.service.d; "
        "printf '[Service]\\nWatchdogSec=3s\\n' > /etc/systemd/system/winnowd.service.d/test.conf; "
        "systemctl daemon-reload; systemctl restart winnowd"
    )
    before, mark = machine.until_active(), machine.now()
    begun = time.monotonic()

    machine.run("kill", "-STOP", str(before))
    until(lambda: machine.show("MainPID") not in {"0", str(before)}, "it was started again")
    machine.until_active()

    assert time.monotonic() - begun < 3 + 12
    assert "Watchdog timeout (limit 3s)" in machine.said(mark)
    assert "Fatal Python error: Aborted" in machine.said(mark)
    machine.drop({"after-hang.txt": other(999)})
    assert machine.until_decided("after-hang.txt") == "rejected"


@needs("P10", *MACHINE)
def test_beating_it_is_left_alone(machine: Machine) -> None:
    """With a short watchdog and nothing to do it beats as often as it must."""
    machine.shell(
        "mkdir -p /etc/systemd/system/winnowd.service.d; "
        "printf '[Service]\\nWatchdogSec=1s\\n' > /etc/systemd/system/winnowd.service.d/test.conf; "
        "systemctl daemon-reload; systemctl restart winnowd"
    )
    before = machine.until_active()
    begun = float(machine.show("WatchdogTimestampMonotonic"))

    until(lambda: float(machine.show("WatchdogTimestampMonotonic")) > begun + 4e6, "it has beaten for four seconds")

    assert machine.until_active() == before


@needs("P10", *MACHINE)
def test_reload_takes_a_good_configuration_and_keeps_the_old_one_for_a_bad(machine: Machine) -> None:
    """The same process; ``systemctl status`` tells what is wrong with the one that was refused."""
    before, mark = machine.until_active(), machine.now()
    machine.configure("[gates.length]\nwords.min.fail = -5\n")
    machine.run("systemctl", "reload", "winnowd")
    refused = machine.until_said("reload refused", mark)
    until(lambda: "SYS931" in machine.show("StatusText"), "the status tells of it")
    machine.drop({"reload-1.txt": f"{SHORT} one"})
    machine.until_decided("reload-1.txt")

    machine.configure(LOW)
    machine.run("systemctl", "reload", "winnowd")
    machine.until_said("configuration changed", mark)
    machine.drop({"reload-2.txt": f"{SHORT} two"})
    machine.until_decided("reload-2.txt")

    assert "words.min.fail is -5" in refused
    codes = {
        one["file"]["name"]: one["winnowd"]["codes"]
        for one in machine.events()
        if "codes" in one["winnowd"] and "file" in one
    }
    assert ("QUA401" in codes["reload-1.txt"], "QUA401" in codes["reload-2.txt"]) == (True, False)
    assert machine.until_active() == before
    assert machine.show("StatusText") == "waiting for files"


@needs("P10", *MACHINE)
def test_stopped_under_load_it_ends_cleanly_and_soon(machine: Machine) -> None:
    """Result success, exit 0, no worker left; what was not taken lies there, and is decided after the next start."""
    names = {f"load-{number:03}.txt": other(10_000 + number) for number in range(300)}
    for name, content in names.items():
        machine.path(f"/srv/{name}").write_text(content)
    machine.shell(f"mv /srv/* {HOME}/inbox/")
    until(lambda: any(name in names for name in machine.outcomes()), "it is at work")

    begun = time.monotonic()
    machine.run("systemctl", "stop", "winnowd")
    took = time.monotonic() - begun

    assert (machine.show("Result"), machine.show("ExecMainStatus"), processes(machine)) == ("success", "0", [])
    assert took < 5.0
    assert machine.events()[-1]["event"]["action"] == "shutdown"
    machine.run("systemctl", "start", "winnowd")
    until(lambda: names.keys() <= machine.outcomes().keys(), "the others are decided")
    machine.run("systemctl", "stop", "winnowd")
    sent = sum(1 for one in machine.events() if one["event"]["action"] in {"admit", "quarantine", "reject"})
    assert faults(machine.path(HOME), sent=sent) == []
    assert sent == len({one["winnowd"]["arrival"]["id"] for one in machine.events() if "arrival" in one["winnowd"]})


def copy_of_the_unit(machine: Machine, name: str, changes: Iterable[tuple[str, str]]) -> None:
    """The shipped unit under another name, some text of it changed."""
    unit = machine.path("/usr/lib/systemd/system/winnowd.service").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in unit
        unit = unit.replace(old, new)
    machine.path(f"/etc/systemd/system/{name}").write_text(unit, encoding="utf-8")
    machine.run("systemctl", "daemon-reload")


@needs("P10", *MACHINE)
def test_a_second_instance_is_refused_and_not_tried_again(machine: Machine) -> None:
    """Exit 75, once: the unit knows that starting again would not mend it."""
    copy_of_the_unit(machine, "winnowd-second.service", [])
    mark = machine.now()

    machine.run("systemctl", "start", "winnowd-second", check=False)

    assert machine.status != 0
    shown = {name: machine.show(name, "winnowd-second") for name in ("ExecMainStatus", "NRestarts", "ActiveState")}
    assert shown == {"ExecMainStatus": "75", "NRestarts": "0", "ActiveState": "failed"}
    assert f"pid {machine.show('MainPID')} works on this instance" in machine.said(mark, "winnowd-second.service")


@needs("P10", *MACHINE)
def test_a_bad_configuration_stops_a_start_once_and_names_its_faults(machine: Machine) -> None:
    """Exit 78, not tried again; mended, it starts."""
    machine.configure("[gates.length]\nwords.min.fail = -5\n[inbox]\nsetle = 1\n")
    mark = machine.now()
    machine.run("systemctl", "restart", "winnowd", check=False)

    assert (machine.show("ExecMainStatus"), machine.show("NRestarts")) == ("78", "0")
    told = machine.said(mark)
    assert "words.min.fail is -5" in told
    assert "inbox.setle is unknown" in told
    machine.configure("")
    machine.run("systemctl", "reset-failed", "winnowd")
    machine.run("systemctl", "start", "winnowd")
    machine.until_active()


@needs("P10", *MACHINE)
def test_a_command_of_root_leaves_nothing_that_locks_the_service_out(machine: Machine) -> None:
    """An order carried out by root while the service is stopped is carried out as the service's user."""
    machine.drop({"by-root.txt": " ".join(TEXTS["C"].split()[:60])})
    machine.until_decided("by-root.txt")
    machine.run("systemctl", "stop", "winnowd")

    machine.run("winnowd", "--home", HOME, "release", "by-root", "--reason", "wanted")

    ours = " ".join(f"{HOME}/{folder}" for folder in ("state", "seeds", "audit"))
    assert machine.shell(f"find {ours} -user root -not -path '{HOME}/state/orders/*'") == ""
    machine.run("systemctl", "start", "winnowd")
    machine.drop({"after-root.txt": other(77)})
    assert machine.until_decided("after-root.txt") == "rejected"


def test_the_tests_of_the_machine_say_what_they_need() -> None:
    """Where they are skipped, the run says that P10 is not proven here."""
    reasons = [have() for have in MACHINE] if os.environ.get("WINNOWD_SYSTEM") else [MACHINE[0]()]

    assert all(isinstance(reason, str) for reason in reasons)
