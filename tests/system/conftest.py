"""One machine for all tests of the installed service: booted once, the package installed as in a clean Debian 12."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.system.machine import HOME, PACKAGES, Machine, booted, until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def installed() -> Iterator[Machine]:
    """A machine with the package: alice may drop files, bob gives orders, carol is anybody."""
    with booted((PACKAGES, "/packages")) as machine:
        machine.shell("dpkg --force-unsafe-io -i /packages/winnowd_*.deb")
        machine.run("usermod", "-aG", "winnowd-drop", "alice")
        machine.run("usermod", "-aG", "winnowd-admin", "bob")
        yield machine


@pytest.fixture
def machine(installed: Machine) -> Iterator[Machine]:
    """The machine with the service running as it was installed, whatever a test did before."""
    configuration = installed.path("/etc/winnowd/winnowd.toml")
    kept = configuration.read_text(encoding="utf-8")
    installed.run("systemctl", "start", "winnowd")
    installed.until_active()
    yield installed
    configuration.write_text(kept, encoding="utf-8")
    installed.shell("rm -rf /etc/systemd/system/winnowd.service.d; systemctl daemon-reload; systemctl reset-failed")
    installed.run("systemctl", "restart", "winnowd")
    installed.until_active()
    until(lambda: not list(installed.path(f"{HOME}/state/work").iterdir()), "all that was taken is decided")
