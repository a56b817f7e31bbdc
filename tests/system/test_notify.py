"""The shipped units tell people: the service writes, another user hands it over, and can do nothing else (P11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.instance import TEXTS
from tests.needs import needs
from tests.system.machine import HOME, MACHINE, until

if TYPE_CHECKING:
    from tests.system.machine import Machine

SHORT = " ".join(TEXTS["B"].split()[:60])
TOLD = """[notify]
command = ["/bin/sh", "-c", "cat >&2; id -un >&2; ls /var/lib/winnowd/state >&2 || true"]
quarantine_articles = 1
[gates.length]
words.min.doubt = 100
words.min.fail = 5
"""


@needs("P11", *MACHINE)
def test_people_are_told_by_a_user_who_sees_nothing_else(machine: Machine) -> None:
    """One article in quarantine: the configured command gets it, run as winnowd-notify, which may not list state."""
    mark = machine.now()
    machine.configure(TOLD)
    machine.run("systemctl", "restart", "winnowd")
    machine.until_active()

    machine.drop({"held.txt": SHORT})
    machine.until_decided("held.txt")

    told = machine.until_said("quarantine-articles: delivered", mark, "winnowd-notify.service")
    assert '"event": "quarantine-articles"' in told
    assert "\nwinnowd-notify\n" in told
    assert "Permission denied" in told
    until(lambda: machine.path(f"{HOME}/state/notify/delivered/quarantine-articles.json").exists(), "it is kept")
    assert not list(machine.path(f"{HOME}/state/notify").glob("*.json"))


@needs("P11", *MACHINE)
def test_people_are_told_that_the_service_has_been_given_up(machine: Machine) -> None:
    """It ended as no new start would mend: its lock is held. systemd says how; who tells people is who always does."""
    machine.configure(TOLD)
    machine.run("systemctl", "restart", "winnowd")
    machine.until_active()
    machine.run("systemctl", "stop", "winnowd")
    other = "--unit=winnowd-other --uid=winnowd --property=Type=notify"
    machine.shell(f"systemd-run --quiet {other} winnowd --home {HOME} --config /etc/winnowd/winnowd.toml run")
    mark = machine.now()

    machine.run("systemctl", "start", "winnowd", check=False)

    told = machine.until_said("ended: delivered", mark, "winnowd-notify.service")
    machine.run("systemctl", "stop", "winnowd-other")
    assert "the service has ended (exit-code, 75) and is not started again" in told
