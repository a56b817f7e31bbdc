"""The units' files by themselves: systemd understands every line, and finds little that an intruder could use (P11)."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.needs import needs, tool
from tests.system.machine import ROOT

from winnowd.layout import NOTIFY, ORDERS, WEB_TOKEN
from winnowd.storage.summaries import SENDING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DEPLOY = ROOT / "deploy"
MOST = {
    "winnowd.service": 0.5, "winnowd-anchor.service": 0.5, "winnowd-ended.service": 0.5, "winnowd-notify.service": 1.2,
    "winnowd-web.service": 1.2,
}  # fmt: skip
"""Of ten. Who tells people has a network, which alone counts for half a point."""


@needs("P11", tool("systemd-analyze", "systemd"))
@pytest.mark.parametrize("name", MOST)
def test_its_exposure_is_small(name: str) -> None:
    """As ``systemd-analyze security`` reckons it, offline: no systemd need run."""
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST[name] * 10:.0f}", "--no-pager"]

    done = subprocess.run([*command, DEPLOY / name], capture_output=True, text=True, check=False)

    found = re.search(rf"Overall exposure level for {name}: ([0-9.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= MOST[name]
    assert done.returncode == 0


@needs("P11", tool("systemd-analyze", "systemd"))
@pytest.mark.parametrize("name", MOST)
def test_systemd_understands_every_line(name: str, tmp_path: Path) -> None:
    """``verify`` says nothing of it; a line that it does not know would be told of and ignored."""
    program = tmp_path / "winnowd"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = (DEPLOY / name).read_text(encoding="utf-8").replace("/opt/winnowd/bin/winnowd", str(program))
    good, bad = tmp_path / name, tmp_path / "bad.service"
    good.write_text(text)
    bad.write_text(text.replace("ProtectHome=", "ProtectHouse="))

    told = {
        path.name: subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
        for path in (good, bad)
    }

    assert (told[good.name].returncode, told[good.name].stderr) == (0, "")
    assert "ProtectHouse" in told[bad.name].stderr


@needs("P11", tool("systemd-analyze", "systemd"))
def test_with_the_drop_in_that_signs_it_is_still_understood(tmp_path: Path) -> None:
    """The drop-in of deploy/README.md opens the network, and one folder of its own."""
    script = tmp_path / "anchor-git"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    (folder := tmp_path / "winnowd-anchor.service.d").mkdir()
    text = (DEPLOY / "winnowd-anchor-git.conf").read_text(encoding="utf-8")
    (folder / "git.conf").write_text(text.replace("/usr/share/winnowd/anchor-git", str(script)))
    unit = (DEPLOY / "winnowd-anchor.service").read_text(encoding="utf-8")
    (tmp_path / "winnowd-anchor.service").write_text(unit.replace("/opt/winnowd/bin/winnowd", str(script)))

    done = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "winnowd-anchor.service"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"^ReadWritePaths=(.*)$", text, re.MULTILINE) == ["/var/lib/winnowd-anchor"]


@needs("P11", tool("systemd-analyze", "systemd"))
def test_systemd_understands_what_starts_it(tmp_path: Path) -> None:
    """The path unit, and its globs."""
    program = tmp_path / "winnowd"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    service = (DEPLOY / "winnowd-notify.service").read_text(encoding="utf-8")
    (tmp_path / "winnowd-notify.service").write_text(service.replace("/opt/winnowd/bin/winnowd", str(program)))
    text = (DEPLOY / "winnowd-notify.path").read_text(encoding="utf-8")
    (tmp_path / "winnowd-notify.path").write_text(text)

    done = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "winnowd-notify.path"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    globs = set(re.findall(r"^PathExistsGlob=/var/lib/winnowd/(.*)\*\.json$", text, re.MULTILINE))
    assert globs == {f"{NOTIFY}/", f"{NOTIFY}/{SENDING}/"}


def test_who_tells_people_may_write_in_one_folder_of_the_instance_and_give_no_orders() -> None:
    """Its user is in no group of ours; the folder is the one that it is told of."""
    unit = (DEPLOY / "winnowd-notify.service").read_text(encoding="utf-8")
    users = (DEPLOY / "winnowd.sysusers").read_text(encoding="utf-8")

    assert re.findall(r"^ReadWritePaths=(.*)$", unit, re.MULTILINE) == [f"/var/lib/winnowd/{NOTIFY}"]
    assert "SupplementaryGroups" not in unit
    assert not re.search(r"^m winnowd-notify ", users, re.MULTILINE)


def test_who_says_the_head_of_the_log_may_write_nothing_and_is_off() -> None:
    """Its user is in no group, has no folder to write in, and its timer runs once somebody enables it."""
    unit = (DEPLOY / "winnowd-anchor.service").read_text(encoding="utf-8")
    users = (DEPLOY / "winnowd.sysusers").read_text(encoding="utf-8")
    starting = [(DEPLOY / name).read_text(encoding="utf-8") for name in ("install.sh", "deb/postinst")]

    assert not re.search(r"^(ReadWritePaths|StateDirectory|SupplementaryGroups)=", unit, re.MULTILINE)
    assert not re.search(r"^m winnowd-anchor ", users, re.MULTILINE)
    assert not any(re.search(r"systemctl enable[^;|&\n]*winnowd-anchor", text) for text in starting)


def test_who_serves_the_page_gives_orders_and_writes_nothing_else_but_its_token() -> None:
    """It is off until somebody enables it, and answers this machine alone."""
    unit = (DEPLOY / "winnowd-web.service").read_text(encoding="utf-8")
    users = (DEPLOY / "winnowd.sysusers").read_text(encoding="utf-8")
    starting = [(DEPLOY / name).read_text(encoding="utf-8") for name in ("install.sh", "deb/postinst")]

    written = [f"/var/lib/winnowd/{path}" for path in (ORDERS, WEB_TOKEN)]
    assert re.findall(r"^ReadWritePaths=(.*)$", unit, re.MULTILINE) == [" ".join(written)]
    assert "User=winnowd-web\n" in unit
    assert re.findall(r"^m winnowd-web (.*)$", users, re.MULTILINE) == ["winnowd-admin"]
    assert "IPAddressDeny=any\nIPAddressAllow=localhost\n" in unit
    assert not any(re.search(r"systemctl enable[^;|&\n]*winnowd-web", text) for text in starting)


@needs("P11", tool("systemd-analyze", "systemd"))
def test_its_filter_lets_a_worker_give_up_what_the_service_may() -> None:
    """Landlock is in no group of calls of this systemd; what is taken away as a group must not take these with it."""
    calls = {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp"}
    unit = (DEPLOY / "winnowd.service").read_text(encoding="utf-8")
    allowed: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.MULTILINE):
        named = expanded(line.removeprefix("~").split())
        allowed = allowed - named if line.startswith("~") else allowed | named

    assert calls <= allowed
    assert not allowed & {"mount", "ptrace", "bpf", "reboot", "setpriority", "chroot", "init_module"}


def expanded(names: Iterable[str]) -> set[str]:
    """Calls by name, for each group those that systemd has in it."""
    found: set[str] = set()
    for name in names:
        if not name.startswith("@"):
            found.add(name)
            continue
        command = ["systemd-analyze", "syscall-filter", "--no-pager", name]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[1:]
        found |= expanded(line.strip() for line in told if line.strip() and not line.strip().startswith("#"))
    return found
