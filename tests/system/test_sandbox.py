"""What service, page and who tells people cannot do, though somebody broke in; that their work still runs (P11)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.needs import needs
from tests.system.machine import MACHINE, until
from tests.system.probe import DEEDS
from tests.system.test_unit import other, processes

from winnowd.daemon.confinement.landlock import version

if TYPE_CHECKING:
    from tests.system.machine import Machine

ALL = list(DEEDS)
NETWORK = ["speak IPv4", "speak IPv6"]
EVERY = ALL[ALL.index("share a semaphore") :]
"""What each of them may, for Python's sake."""
SERVICE = ALL[ALL.index("give an order") : ALL.index("share a semaphore")]
NEEDED = {
    "winnowd": {*EVERY, *SERVICE},
    "winnowd-web": {*EVERY, *NETWORK, "give an order", "read the ledger", "read what was turned away"},
    "winnowd-notify": {*EVERY, *NETWORK, "leave a notice"},
    "winnowd-anchor": {*EVERY},
    "winnowd-ended": {*EVERY, "leave a notice"},
}
"""What each unit may; all else in the list it may not."""
REFUSED = {"EPERM", "EACCES", "EROFS", "EAFNOSUPPORT", "ENOENT"}
PROBE = Path(__file__).with_name("probe.py")
_OTHERWISE = re.compile(r"^(Type|ExecStart|ExecReload|WatchdogSec|Restart|NotifyAccess)=.*\n", re.MULTILINE)


@pytest.fixture(scope="module", params=list(NEEDED))
def tried(request: pytest.FixtureRequest, installed: Machine) -> tuple[str, dict[str, Any]]:
    """What came of each deed in a unit that is the shipped one but for what it starts, and how; and the unit's name."""
    name: str = request.param
    unit = installed.path(f"/usr/lib/systemd/system/{name}.service").read_text(encoding="utf-8")
    starts = "[Service]\nType=exec\nExecStart=/usr/bin/python3 /usr/lib/probe.py\n"
    installed.path("/usr/lib/probe.py").write_text(PROBE.read_text(encoding="utf-8"), encoding="utf-8")
    installed.path(f"/etc/systemd/system/probe-{name}.service").write_text(
        _OTHERWISE.sub("", unit).replace("[Service]\n", starts), encoding="utf-8"
    )
    installed.run("touch", "/tmp/others", "/home/alice/private")  # noqa: S108 - it must not be seen
    installed.run("systemctl", "daemon-reload")
    mark, probe = installed.now(), f"probe-{name}.service"
    installed.run("systemctl", "start", probe)
    until(lambda: installed.show("ActiveState", probe) in {"inactive", "failed"}, "the probe has ended")
    until(lambda: "{" in installed.said(mark, probe), "the probe has said what it found")
    told = [line for line in installed.said(mark, probe).splitlines() if line.startswith("{")]
    assert told, installed.said(mark, probe)
    given: dict[str, Any] = json.loads(told[0])
    return name, given


@needs("P11", *MACHINE)
@pytest.mark.parametrize("deed", ALL)
def test_it_can_what_its_work_needs_and_nothing_else(deed: str, tried: tuple[str, dict[str, Any]]) -> None:
    """Refused by an error, not by death: a denied call in a library is no outage."""
    name, found = tried

    assert found[deed] in ({"done"} if deed in NEEDED[name] else REFUSED)


@needs("P11", *MACHINE)
def test_it_sees_no_disk_and_no_temporary_files_of_others(tried: tuple[str, dict[str, Any]]) -> None:
    """No block device, a /tmp of its own; the service alone with the loopback."""
    name, found = tried

    assert found["devices"] == []
    assert "others" not in found["temporary"]
    assert name != "winnowd" or found.get("interfaces", ["lo"]) == ["lo"]


@needs("P11", *MACHINE, lambda: "" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "needs cgroup v2")
def test_a_leak_ends_at_the_memory_limit(installed: Machine) -> None:
    """MemoryMax takes the leaking process, and it alone; on a host with cgroup v1 nothing does."""
    given = "--property=MemoryMax=64M --property=MemorySwapMax=0"
    installed.run("sh", "-c", f"systemd-run --wait {given} python3 -c 'bytearray(1 << 28)'", check=False)

    assert installed.status != 0


def landlock() -> str:
    """A kernel that has Landlock: the machine's is its host's."""
    return "" if version() else "needs a kernel with Landlock"


@needs("P11", *MACHINE, landlock)
def test_its_workers_give_up_more_than_the_unit_does(machine: Machine) -> None:
    """One of the running service says so to who asks, with all that there is; the kernel counts its filters."""
    machine.configure('[workers]\nconfine = "require"\n')
    machine.run("systemctl", "restart", "winnowd")
    service = machine.until_active()
    machine.drop({"confined.txt": other(4_711)})
    machine.until_decided("confined.txt")

    advice = until(
        lambda: [one for one in machine.run("winnowd", "doctor", check=False).splitlines() if "Landlock" in one],
        "a worker has said it",
    )

    assert advice == [
        f"ok   workers    confined by Landlock ABI {version()}, seccomp, limits, one of the running service says"
    ]
    counted = {pid: filters(machine, pid) for pid in processes(machine)}
    assert max(counted.values()) > counted[str(service)] > 0


def filters(machine: Machine, pid: str) -> int:
    """How many filters of system calls a process has upon it; 0 once it has ended."""
    status = machine.run("cat", f"/proc/{pid}/status", check=False)
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("Seccomp_filters:")), 0)
