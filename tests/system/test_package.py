"""The package in a clean Debian 12, and the installation without one: in, up, out, and the corpus stays (P10)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.e2e.instance import TEXTS
from tests.e2e.test_older_instances import SCHEMAS
from tests.instances.make import ARTICLES
from tests.instances.make import HERE as INSTANCES
from tests.needs import needs
from tests.system.machine import CACHE, HOME, MACHINE, PACKAGES, ROOT, Machine, booted, until

from winnowd.storage.ledger.schema import VERSION

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
def test_an_upgrade_takes_up_an_instance_of_every_schema_there_was(clean: Machine) -> None:
    """The package upgraded over what an older version left: it is sound, its texts are known, new ones are taken."""
    clean.shell("dpkg --force-unsafe-io -i /packages/winnowd_*.deb")
    clean.until_active()
    for schema in SCHEMAS:
        clean.shell(f"systemctl stop winnowd; find {HOME} -mindepth 1 -delete")
        with tarfile.open(INSTANCES / f"schema-{schema}.tar.xz") as packed:
            packed.extractall(clean.path("/srv"), filter="data")
        clean.shell(f"cp -r /srv/schema-{schema}/. {HOME}; chown -R winnowd:winnowd {HOME}")

        clean.shell("dpkg --force-unsafe-io -i /packages/winnowd_*.deb")
        clean.until_active()
        work(clean, {"new.txt": ARTICLES[11], "copy.txt": ARTICLES[1]})
        found = clean.run("winnowd", "--home", HOME, "verify", check=False)

        outcomes = clean.outcomes()
        assert (outcomes["new.txt"], outcomes["copy.txt"]) == ("admitted", "rejected"), schema
        assert "everything is as it was written" in found, f"{schema}: {found}"
        assert f"{VERSION}\n" == clean.shell(f"""python3 -c 'import sqlite3
print(sqlite3.connect("{HOME}/state/winnowd.db").execute("PRAGMA user_version").fetchone()[0])'""")


@needs("P10", *MACHINE)
def test_where_an_administrator_forbids_it_nothing_is_started(clean: Machine) -> None:
    """policy-rc.d is asked, as an image that is being made wants it; the bill of materials is of what was installed."""
    policy = clean.path("/usr/sbin/policy-rc.d")
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    policy.chmod(0o755)

    clean.shell("dpkg --force-unsafe-io -i /packages/winnowd_*.deb")
    states = {clean.show("ActiveState", unit) for unit in ("winnowd.service", "winnowd-notify.path")}
    enabled = clean.run("systemctl", "is-enabled", "winnowd").strip()
    policy.unlink()
    clean.shell("dpkg-reconfigure winnowd 2>/dev/null || dpkg --force-unsafe-io -i /packages/winnowd_*.deb")
    clean.until_active()

    assert (states, enabled) == ({"inactive"}, "enabled")
    bill = json.loads(clean.path("/usr/share/doc/winnowd/sbom.cdx.json").read_bytes())
    there = {path.name.partition("-")[0] for path in clean.path("/opt/winnowd/lib").rglob("*.dist-info")}
    locked = "".join((ROOT / name).read_text(encoding="utf-8") for name in LOCKS)
    assert {one["name"].replace("-", "_").lower() for one in (bill["metadata"]["component"], *bill["components"])} == {
        name.lower() for name in there
    }
    assert all(f"sha256:{one['hashes'][0]['content']}" in locked for one in bill["components"])


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
