"""The package in a clean Debian 12, and the installation without one: in, up, out, and the corpus stays (P10)."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.e2e.instance import TEXTS
from tests.needs import needs
from tests.system.machine import CACHE, HOME, MACHINE, PACKAGES, ROOT, Machine, booted, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INSTALL = "sh /checkout/deploy/install.sh"
LOCKS = ("requirements.lock", "requirements-web.lock")


@pytest.fixture
def clean() -> Iterator[Machine]:
    """A clean machine that sees the package."""
    with booted((PACKAGES, "/packages")) as machine:
        yield machine


def corpus(machine: Machine) -> dict[str, str]:
    """Every file of the corpus, by its path: its text."""
    top = machine.path(f"{HOME}/seeds")
    return {str(path.relative_to(top)): path.read_text() for path in top.rglob("*.txt")}


def work(machine: Machine, names: dict[str, str]) -> None:
    """Drop files as root does and wait for the decisions."""
    for name, content in names.items():
        machine.run(
            "sh",
            "-c",
            f"umask 022; cat > {HOME}/inbox/.{name}; mv {HOME}/inbox/.{name} {HOME}/inbox/{name}",
            text=content,
        )
        machine.until_decided(name)


def newer(version: str) -> str:
    """The same package as a newer version, packed from what was staged; gives where the machine sees it."""
    environ = {**os.environ, "VERSION": version, "ARCH": "amd64", "SOURCE_DATE_EPOCH": "1700000000"}
    command = [ROOT / ".venv/bin/nfpm", "package", "--config", "deploy/deb/nfpm.yaml", "--packager", "deb"]
    goal = PACKAGES / f"next-{version}.deb"
    subprocess.run([*map(str, command), "--target", str(goal)], check=True, cwd=ROOT, env=environ, capture_output=True)
    return f"/packages/{goal.name}"


@needs("P10", *MACHINE)
def test_the_package_goes_in_up_and_out_and_the_corpus_stays(clean: Machine) -> None:
    """Installed it runs; an upgrade ends the batch in hand and goes on; removed and purged, the corpus is there."""
    clean.shell("apt-get install --yes -o DPkg::Options::=--force-unsafe-io /packages/winnowd_*.deb")
    first = clean.until_active()
    work(clean, {"one.txt": TEXTS["A"]})
    doctor = clean.run("winnowd", "--home", HOME, "doctor", check=False)
    until(lambda: clean.show("ActiveState", "winnowd-notify.path") == "active", "people would be told")

    clean.shell(f"echo '# mine' >> /etc/winnowd/winnowd.toml; dpkg --force-unsafe-io -i {newer('99.1.0')}")
    second = clean.until_active()
    work(clean, {"two.txt": TEXTS["C"]})
    until(lambda: clean.show("ActiveState", "winnowd-notify.path") == "active", "people would be told")
    kept, before = clean.run("tail", "-1", "/etc/winnowd/winnowd.toml"), corpus(clean)
    removed = clean.run("dpkg", "--remove", "winnowd")
    after_remove = corpus(clean)
    purged = clean.run("dpkg", "--purge", "winnowd")

    assert "ok   packages" in doctor
    assert first != second
    assert kept == "# mine\n"
    assert len(before) == 2
    assert corpus(clean) == after_remove == before
    assert [one["event"]["action"] for one in clean.events() if one["event"]["category"] == ["process"]] == [
        "startup", "shutdown", "startup", "shutdown",
    ]  # fmt: skip
    assert faults(clean.path(HOME), sent=2) == []
    for told in (removed, purged):
        assert "/var/lib/winnowd" in told
    assert clean.shell("ls -d /opt/winnowd /etc/winnowd /usr/bin/winnowd 2>/dev/null || true") == ""
    assert clean.run("systemctl", "list-unit-files", "winnowd*", check=False).endswith("0 unit files listed.\n")


@needs("P10", *MACHINE)
def test_installed_again_it_takes_the_old_corpus_up(clean: Machine) -> None:
    """What a purge left is the new installation's: a copy of what was admitted before is turned away."""
    clean.shell("dpkg --force-unsafe-io -i /packages/winnowd_*.deb")
    clean.until_active()
    work(clean, {"one.txt": TEXTS["A"]})
    clean.run("dpkg", "--purge", "winnowd")

    clean.shell("dpkg --force-unsafe-io -i /packages/winnowd_*.deb")
    clean.until_active()
    work(clean, {"again.txt": TEXTS["A"]})

    assert clean.outcomes() == {"one.txt": "admitted", "again.txt": "rejected"}


@needs("P10", *MACHINE)
def test_the_package_wants_the_python_it_was_made_for() -> None:
    """Debian 12's 3.11; with another the venv's modules would not load."""
    (package,) = PACKAGES.glob("winnowd_*.deb")

    depends = subprocess.run(["dpkg-deb", "--field", package, "Depends"], capture_output=True, text=True, check=True)

    assert "python3 (>= 3.11)" in depends.stdout
    assert "python3 (<< 3.12)" in depends.stdout


@pytest.fixture(scope="session")
def wheels() -> Path:
    """All that an installation from the checkout fetches, fetched once."""
    folder = CACHE / "wheels"
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--require-hashes"]
    locks = [f"--requirement={ROOT / lock}" for lock in (*LOCKS, "requirements-build.lock")]
    subprocess.run([*command, "--only-binary=:all:", *locks, f"--dest={folder}"], check=True)
    return folder


@needs("P10", *MACHINE)
def test_the_install_script_does_the_same_without_a_package(wheels: Path) -> None:
    """Install, upgrade, remove, purge; a broken upgrade leaves what was there, running."""
    with booted((ROOT, "/checkout"), (wheels, "/wheels")) as machine:
        offline = "export PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels; "
        machine.shell(f"{offline}{INSTALL} install")
        first = machine.until_active()
        work(machine, {"one.txt": TEXTS["A"]})

        machine.run("sh", "-c", f"export PIP_NO_INDEX=1 PIP_FIND_LINKS=/nowhere; {INSTALL} upgrade", check=False)
        failed, still = machine.status, machine.until_active()
        machine.shell(f"{offline}{INSTALL} upgrade")
        second = machine.until_active()
        work(machine, {"two.txt": TEXTS["C"]})
        doctor, before = machine.run("winnowd", "--home", HOME, "doctor", check=False), corpus(machine)
        machine.shell(f"{INSTALL} remove")
        configured = machine.path("/etc/winnowd/winnowd.toml").exists()
        told = machine.shell(f"{INSTALL} purge")

        assert failed != 0
        assert "ok   packages" in doctor
        assert (still, second != first) == (first, True)
        assert configured
        assert len(before) == 2
        assert corpus(machine) == before
        assert "/var/lib/winnowd stays" in told
        assert machine.shell("ls -d /opt/winnowd* /etc/winnowd /usr/bin/winnowd 2>/dev/null || true") == ""
        until(lambda: machine.run("pgrep", "--full", "/opt/winnowd", check=False) == "", "nothing runs")
