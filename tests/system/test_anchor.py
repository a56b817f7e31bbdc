"""The shipped unit says the head of the log to the journal: off until somebody enables it, and may do no more (P11)."""

from __future__ import annotations

import re
import tarfile
from typing import TYPE_CHECKING

from tests.instances.make import HERE as INSTANCES
from tests.needs import needs
from tests.system.machine import HOME, MACHINE, PACKAGES, ROOT, booted, until
from tests.system.test_unit import other

if TYPE_CHECKING:
    from tests.system.machine import Machine

UNIT, TIMER = "winnowd-anchor.service", "winnowd-anchor.timer"


@needs("P11", *MACHINE)
def test_the_journal_gets_heads_that_verify_holds_the_log_to(machine: Machine) -> None:
    """What a remote journal has is an anchor as it stands; the timer is there for who wants it."""
    machine.drop({"anchor.txt": other(4_713)})
    machine.until_decided("anchor.txt")
    before = [machine.run("systemctl", "is-enabled", one, check=False).strip() for one in (UNIT, TIMER)]

    machine.run("systemctl", "start", UNIT)
    told = until(lambda: machine.run("journalctl", "--no-pager", "-o", "cat", "-t", "winnowd-anchor"), "it is said")
    head = machine.run("winnowd", "--home", HOME, "log", "--head", user="carol")
    machine.shell("journalctl --no-pager -t winnowd-anchor > /tmp/kept")
    held = machine.run("winnowd", "--home", HOME, "verify", "--chain-only", "--anchor", "/tmp/kept")  # noqa: S108
    machine.run("systemctl", "enable", "--now", TIMER)
    waits = machine.show("ActiveState", TIMER)
    machine.run("systemctl", "disable", "--now", TIMER)

    assert before == ["static", "disabled"]
    assert told.splitlines()[-1] == head.strip()
    assert "everything is as it was written" in held
    assert waits == "active"


@needs("P11", *MACHINE)
def test_with_the_lines_of_the_readme_the_service_leaves_heads_where_nobody_removes_them() -> None:
    """An instance with a sealed day; the sandbox alone refuses it, as doctor says, and it takes new files only."""
    readme = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"(?m)^    (install .*chattr \+a[^$]*?restart winnowd)$", readme)
    with booted((PACKAGES, "/packages")) as machine:
        machine.shell("dpkg --force-unsafe-io -i /packages/winnowd_*.deb; systemctl stop winnowd")
        with tarfile.open(INSTANCES / "plain.tar.xz") as packed:
            packed.extractall(machine.path("/srv"), filter="data")
        machine.shell(f"find {HOME} -mindepth 1 -delete; cp -r /srv/plain/. {HOME}; chown -R winnowd:winnowd {HOME}")

        machine.shell(lines)
        machine.until_active()
        (head,) = until(lambda: list(machine.path("/srv/heads").iterdir()), "a head is left")
        held, well = machine.run("winnowd", "verify"), machine.run("winnowd", "doctor")
        machine.shell(
            "rm /etc/systemd/system/winnowd.service.d/anchor.conf; systemctl daemon-reload; systemctl restart winnowd"
        )
        machine.until_active()
        sick = machine.run("winnowd", "doctor", check=False)
        machine.run("rm", f"/srv/heads/{head.name}", user="winnowd", check=False)
        removed = machine.status
        machine.run("chattr", "-a", "/srv/heads")

        assert "everything is as it was written" in held
        assert f"note anchors    the head of {head.stem} was left " in well
        assert re.search(r"BAD  anchors .*/srv/heads is read-only for pid \d+", sick)
        assert (removed, head.read_text(encoding="ascii").startswith("winnowd-head 1 ")) == (1, True)
