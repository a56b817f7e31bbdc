"""What the service cannot do, though somebody broke into it, and that its work still runs (P11)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.needs import needs
from tests.system.machine import MACHINE, until
from tests.system.probe import DEEDS

if TYPE_CHECKING:
    from tests.system.machine import Machine

NEEDED = list(DEEDS)[list(DEEDS).index("rename through the folders") :]
FORBIDDEN = [name for name in DEEDS if name not in NEEDED]
PROBE = Path(__file__).with_name("probe.py")
_OTHERWISE = re.compile(r"^(Type|ExecStart|ExecReload|WatchdogSec|Restart|NotifyAccess)=.*\n", re.MULTILINE)


@pytest.fixture(scope="module")
def found(installed: Machine) -> dict[str, Any]:
    """What came of each deed in a unit that is the shipped one but for what it starts, and how."""
    unit = installed.path("/usr/lib/systemd/system/winnowd.service").read_text(encoding="utf-8")
    starts = "[Service]\nType=exec\nExecStart=/usr/bin/python3 /usr/lib/probe.py\n"
    installed.path("/usr/lib/probe.py").write_text(PROBE.read_text(encoding="utf-8"), encoding="utf-8")
    installed.path("/etc/systemd/system/probe.service").write_text(
        _OTHERWISE.sub("", unit).replace("[Service]\n", starts), encoding="utf-8"
    )
    installed.run("touch", "/tmp/others", "/home/alice/private")  # noqa: S108 - it must not be seen
    installed.run("systemctl", "daemon-reload")
    mark = installed.now()
    installed.run("systemctl", "start", "probe")
    until(lambda: installed.show("ActiveState", "probe") in {"inactive", "failed"}, "the probe has ended")
    told = [line for line in installed.said(mark, "probe.service").splitlines() if line.startswith("{")]
    assert told, installed.said(mark, "probe.service")
    given: dict[str, Any] = json.loads(told[0])
    return given


@needs("P11", *MACHINE)
@pytest.mark.parametrize("deed", FORBIDDEN)
def test_it_cannot(deed: str, found: dict[str, Any]) -> None:
    """Refused by an error, not by death: a denied call in a library is no outage."""
    assert found[deed] in {"EPERM", "EACCES", "EROFS", "EAFNOSUPPORT", "ENOENT"}


@needs("P11", *MACHINE)
@pytest.mark.parametrize("deed", NEEDED)
def test_its_work_can(deed: str, found: dict[str, Any]) -> None:
    """What the route needs of the system is there."""
    assert found[deed] == "done"


@needs("P11", *MACHINE)
def test_it_sees_no_network_no_disk_and_no_temporary_files_of_others(found: dict[str, Any]) -> None:
    """Alone with the loopback, no block device, a /tmp of its own."""
    assert found.get("interfaces", ["lo"]) == ["lo"]
    assert found["devices"] == []
    assert "others" not in found["temporary"]


@needs("P11", *MACHINE, lambda: "" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "needs cgroup v2")
def test_a_leak_ends_at_the_memory_limit(installed: Machine) -> None:
    """MemoryMax takes the leaking process, and it alone; on a host with cgroup v1 nothing does."""
    given = "--property=MemoryMax=64M --property=MemorySwapMax=0"
    installed.run("sh", "-c", f"systemd-run --wait {given} python3 -c 'bytearray(1 << 28)'", check=False)

    assert installed.status != 0
