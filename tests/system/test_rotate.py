"""Rotation of the service's log loses no line; the audit log is never rotated (P12)."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

from tests.needs import needs
from tests.system.machine import HOME, MACHINE, until
from tests.system.test_unit import other

if TYPE_CHECKING:
    from tests.system.machine import Machine

ROUNDS, FILES = 6, 60  # the rotation keeps eight files
LOG = "[0-9]*/*/*.jsonl*"
UNIT = "/opt/winnowd/bin/winnowd --home /var/lib/winnowd --config /etc/winnowd/winnowd.toml run"
DROP_IN = f"[Service]\nExecStart=\nExecStart={UNIT} --log-file /var/log/winnowd/winnowd.log\n"


def begun(machine: Machine, names: set[str]) -> bool:
    """Whether some of these are decided."""
    return bool(names & machine.outcomes().keys())


@needs("P12", *MACHINE)
def test_rotated_again_and_again_under_load_each_decision_has_its_line(machine: Machine) -> None:
    """As many lines as decisions, in the file, the renamed and the packed ones; the audit log lies where it lay."""
    folder = machine.path("/etc/systemd/system/winnowd.service.d")
    folder.mkdir(exist_ok=True)
    (folder / "log.conf").write_text(DROP_IN, encoding="utf-8")
    machine.shell("systemctl daemon-reload; systemctl restart winnowd")
    machine.until_active()
    audit = sorted(path.name for path in machine.path(f"{HOME}/audit").glob(LOG))
    names = [[f"rotate-{turn}-{number}.txt" for number in range(FILES)] for turn in range(ROUNDS)]

    for turn in names:
        for name in turn:
            machine.path(f"/srv/{name}").write_text(other(20_000 + len(machine.outcomes())) + name, encoding="utf-8")
        machine.shell(f"mv /srv/*.txt {HOME}/inbox/")
        until(functools.partial(begun, machine, set(turn)), "it is in the middle of them")
        machine.run("logrotate", "--force", "/etc/logrotate.d/winnowd")
    sent = {name for turn in names for name in turn}
    until(lambda: sent <= machine.outcomes().keys(), "all are decided")
    machine.run("systemctl", "stop", "winnowd")

    lines = machine.shell("cd /var/log/winnowd; cat winnowd.log winnowd.log.1; zcat winnowd.log.*.gz").splitlines()
    told = [json.loads(line) for line in lines]
    files = [line["file"] for line in told if "file" in line]
    assert sorted(files) == sorted(sent)
    assert len(machine.shell("ls /var/log/winnowd").split()) == ROUNDS + 1
    assert [line for line in told if line["event"] == "lines lost"] == []
    assert sorted(path.name for path in machine.path(f"{HOME}/audit").glob(LOG)) == audit
    assert machine.shell("stat --format='%a %U:%G' /var/log/winnowd/winnowd.log").strip() == "640 winnowd:winnowd"
