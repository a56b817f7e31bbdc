"""A Debian 12 of its own, booted: systemd is its first process. Made once by mmdebstrap, copied and booted by nspawn.

What it needs is asked by ``needs``; the made system is kept below ``WINNOWD_SYSTEM_CACHE`` (/var/tmp/winnowd-system).
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.needs import root, tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ROOT / "build"
CACHE: Final = Path(os.environ.get("WINNOWD_SYSTEM_CACHE", "/var/tmp/winnowd-system"))  # noqa: S108 - kept on purpose
HOME: Final = "/var/lib/winnowd"
LONGEST: Final = 60.0  # s until a wait is given up; nothing is measured against it

_INCLUDED: Final = (
    "systemd", "systemd-sysv", "dbus", "python3", "python3-venv", "adduser", "logrotate", "procps", "acl",
)  # fmt: skip
_LANDLOCK: Final = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
"""What any Debian 12 lets its processes call, and nspawn 252 a container only where it is told to."""
_SYSTEM: Final = CACHE / "bookworm-1"


def system_run() -> str:
    """The minutes of ``make test-system``."""
    return "" if os.environ.get("WINNOWD_SYSTEM") else "needs make test-system"


@functools.cache
def bootable() -> str:
    """A machine on which a container boots: tried once."""
    try:
        with booted():
            return ""
    except (OSError, subprocess.SubprocessError, AssertionError) as fault:
        return f"needs a container that boots ({type(fault).__name__}: {str(fault)[:200]})"


MACHINE: Final = (
    system_run, root, tool("mmdebstrap"), tool("systemd-nspawn", "systemd-container"), tool("nsenter", "util-linux"),
    bootable,
)  # fmt: skip
"""What a test needs that boots."""


def until(holds: Callable[[], Any], what: str) -> Any:
    """Wait until something holds, and give it; fail after ``LONGEST``."""
    deadline = time.monotonic() + LONGEST
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {LONGEST:g} s: {what}"
        threading.Event().wait(0.05)
    return found


@dataclasses.dataclass
class Machine:
    """A booted system: ``folder`` is its root as the host sees it, ``leader`` its first process."""

    folder: Path
    leader: int

    def run(self, *command: str | Path, user: str = "root", text: str = "", check: bool = True) -> str:
        """Run a command in it, as a user; gives its output, both kinds."""
        enter = ["nsenter", "--target", str(self.leader), "--all", "--"]
        as_user = [] if user == "root" else ["runuser", "-u", user, "--"]
        done = subprocess.run(
            [*enter, *as_user, *map(str, command)],
            input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0 or not check, f"{command} gave {done.returncode}: {done.stdout}"
        self.status = done.returncode
        return done.stdout

    def shell(self, script: str, user: str = "root") -> str:
        """Run a shell script in it."""
        return self.run("sh", "-euc", script, user=user)

    def path(self, inside: str) -> Path:
        """Where the host sees a path of its disk."""
        return self.folder / inside.lstrip("/")

    def show(self, name: str, unit: str = "winnowd.service") -> str:
        """A property of a unit."""
        return self.run("systemctl", "show", "--property", name, "--value", unit).strip()

    def until_active(self, unit: str = "winnowd.service") -> int:
        """Wait until a unit runs; gives its main process (as the machine numbers it)."""
        until(lambda: self.show("ActiveState", unit) == "active", f"{unit} is active")
        return int(self.show("MainPID", unit))

    def configure(self, text: str) -> None:
        """Write the service's configuration."""
        self.path("/etc/winnowd/winnowd.toml").write_text(text, encoding="utf-8")

    def drop(self, files: Mapping[str, str], user: str = "alice") -> None:
        """Put files into the inbox as a sender does: beside, then renamed."""
        for name, content in files.items():
            goal = f"/var/spool/winnowd/inbox/{name}"
            self.run("sh", "-euc", f'cat > "/tmp/{name}"; mv "/tmp/{name}" "{goal}"', user=user, text=content)

    def events(self) -> list[dict[str, Any]]:
        """All events of the audit log."""
        files = sorted(self.path(f"{HOME}/audit").glob("[0-9]*/*/*.jsonl"))
        return [json.loads(line) for path in files for line in path.read_bytes().splitlines()]

    def outcomes(self) -> dict[str, str]:
        """File name to outcome."""
        deciding = {"admit", "quarantine", "reject"}
        return {
            event["file"]["name"]: event["winnowd"]["outcome"]
            for event in self.events()
            if event["event"]["action"] in deciding
        }

    def until_decided(self, name: str) -> str:
        """Wait for the decision on a file."""
        return str(until(lambda: self.outcomes().get(name), f"a decision on {name}"))

    def now(self) -> str:
        """A mark in the journal."""
        shown = self.run("journalctl", "--no-pager", "--lines=1", "--output=cat", "--show-cursor")
        return shown.rpartition("-- cursor: ")[2].strip()

    def lines(self, since: str, unit: str = "winnowd.service") -> list[dict[str, Any]]:
        """The journal's lines of a unit, and of systemd about it, since a mark: all fields of each.

        Chosen here: journalctl 252 leaves out the first line that it is to choose after a cursor.
        """
        told = self.run("journalctl", "--no-pager", "--output=json", "--all", f"--after-cursor={since}")
        lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
        return [line for line in lines if unit in {line.get("_SYSTEMD_UNIT"), line.get("UNIT")}]

    def said(self, since: str, unit: str = "winnowd.service") -> str:
        """What a unit, and systemd of it, said since a mark."""
        return "".join(f"{line['MESSAGE']}\n" for line in self.lines(since, unit))

    def until_said(self, text: str, since: str, unit: str = "winnowd.service") -> str:
        """Wait until that has a text in it; gives all of it."""
        until(lambda: text in self.said(since, unit), f"the journal says {text!r}")
        return self.said(since, unit)


@contextlib.contextmanager
def booted(*binds: tuple[Path, str]) -> Iterator[Machine]:
    """Copy the system, boot it without a network, give it, end it; ``binds`` are host folders it may read."""
    CACHE.mkdir(parents=True, exist_ok=True)
    _make_system()
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="run-") as folder:
        here = Path(folder, "root")
        subprocess.run(["cp", "-a", _SYSTEM, here], check=True)
        command = ["systemd-nspawn", "-q", "-D", str(here), "--register=no", "--keep-unit", "--private-network"]
        command += [f"--system-call-filter={' '.join(_LANDLOCK)}"]
        command += [f"--bind-ro={host}:{inside}" for host, inside in binds]
        with Path(folder, "console").open("wb") as console:
            nspawn = subprocess.Popen(
                [*command, "--boot"], stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT
            )
        try:
            yield _up(Machine(here, 0), nspawn)
        finally:
            _end(nspawn)


def _make_system() -> None:
    """Debian 12 with what the tests need; half a one is never left."""
    if _SYSTEM.exists():
        return
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="make-") as folder:
        made = Path(folder, "system")
        command = ["mmdebstrap", "-q", "--variant=minbase", f"--include={','.join(_INCLUDED)}", "bookworm", str(made)]
        subprocess.run(command, check=True, timeout=900)
        shutil.rmtree(made / "dev", ignore_errors=True)
        (made / "dev").mkdir(exist_ok=True)
        for name in ("alice", "bob", "carol"):
            subprocess.run(["chroot", made, "useradd", "--create-home", name], check=True)
        made.rename(_SYSTEM)


def _up(machine: Machine, nspawn: subprocess.Popen[bytes]) -> Machine:
    """Wait until the first process of the machine says that the boot is done."""

    def leader() -> int:
        assert nspawn.poll() is None, f"the container ended with {nspawn.returncode}"
        children = Path(f"/proc/{nspawn.pid}/task/{nspawn.pid}/children").read_text(encoding="ascii").split()
        return int(children[0]) if children else 0

    def running() -> bool:
        machine.leader = leader()
        return bool(machine.leader) and "running" in machine.run("systemctl", "is-system-running", check=False)

    until(running, "the container has booted")
    return machine


def _end(nspawn: subprocess.Popen[bytes]) -> None:
    nspawn.terminate()
    try:
        nspawn.wait(LONGEST)
    except subprocess.TimeoutExpired:
        nspawn.kill()
        nspawn.wait()
