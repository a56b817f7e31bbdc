"""What a test needs that a machine or a shorter run may not have, and which promises go unproven where it is missing.

A test of a promise (docs/design/promises.md, "P1 to P13") says ``@needs("P2", crash_run, root)``: where one of these
gives a reason it is skipped, and the run ends with ``NOT PROVEN HERE: P2 (needs root)``. ``WINNOWD_REQUIRE=P2,P10``
makes it a failure if any of those is not proven by the run.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PROMISES: pytest.StashKey[dict[str, dict[str, None]]] = pytest.StashKey()
PROVEN: pytest.StashKey[set[str]] = pytest.StashKey()


def needs(promise: str, *have: Callable[[], str]) -> pytest.MarkDecorator:
    """Mark a test as proof of a promise; each of ``have`` gives why it cannot run here, "" if it can."""
    return pytest.mark.needs(promise, *have)


def crash_run() -> str:
    """The minutes of ``make test-crash``."""
    return "" if os.environ.get("WINNOWD_CRASH") else "needs make test-crash"


def root() -> str:
    """To mount file systems, and to cut their power."""
    return "" if os.geteuid() == 0 else "needs root"


def tool(name: str, package: str = "") -> Callable[[], str]:
    """A program of the system."""

    def have() -> str:
        path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
        return "" if shutil.which(name, path=path) else f"needs {package or name}"

    return have


@functools.cache
def strace_kills() -> str:
    """An strace that may follow a child, and kill it at a system call."""
    if missing := tool("strace")():
        return missing
    command = ["strace", "-qq", "-e", "inject=getcwd:signal=SIGKILL:when=1", "sh", "-c", "pwd -P; /bin/pwd"]
    ended = subprocess.run(command, capture_output=True, check=False).returncode
    return "" if ended < 0 or ended > 128 else "needs leave to trace processes"


@functools.cache
def loop_mounts() -> str:
    """A file mounted as a file system of its own."""
    if os.geteuid():
        return "needs root"
    with tempfile.TemporaryDirectory() as folder:
        image, point = Path(folder, "image"), Path(folder, "point")
        point.mkdir()
        with image.open("wb") as file:
            file.truncate(8 << 20)
        for command in (["mkfs.ext4", "-q", str(image)], ["mount", "-o", "loop", str(image), str(point)]):
            if subprocess.run(command, capture_output=True, check=False).returncode:
                return "needs loop mounts"
        subprocess.run(["umount", point], check=True)
    return ""


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark, and note what becomes of its tests."""
    config.addinivalue_line("markers", "needs(promise, *have): proves a promise, where the machine has what it takes")
    config.stash[PROMISES] = {}
    config.stash[PROVEN] = set()
    config.pluginmanager.register(_Promises(config.stash))


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Skip what cannot run here."""
    for item in items:
        for mark in item.iter_markers("needs"):
            promise, *have = mark.args
            why = next((found for one in have if (found := one())), "")
            item.user_properties.append(("promise", (promise, why)))
            if why:
                item.add_marker(pytest.mark.skip(reason=why))


class _Promises:
    """Notes from reports, which may come from processes beside this one, what is proven and what cannot be here."""

    def __init__(self, stash: pytest.Stash) -> None:
        self._unproven, self._proven = stash[PROMISES], stash[PROVEN]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Of a test that passed its promises, of one that was skipped for what it needs why."""
        named: list[tuple[str, str]] = [value for name, value in report.user_properties if name == "promise"]  # type: ignore[misc]
        for promise, why in named:
            if why and report.skipped:
                self._unproven.setdefault(promise, {})[why] = None
            elif report.when == "call" and report.passed:
                self._proven.add(promise)


def _in_order(promises: Iterable[str]) -> list[str]:
    return sorted(promises, key=lambda promise: (len(promise), promise))


def _required(config: pytest.Config) -> list[str]:
    """The promises that must be proven by this run, and are not."""
    wanted = {one.strip() for one in os.environ.get("WINNOWD_REQUIRE", "").split(",") if one.strip()}
    unproven, proven = config.stash[PROMISES], config.stash[PROVEN]
    return _in_order(one for one in wanted if one in unproven or one not in proven)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A promise that is required and not proven is a failure."""
    if _required(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What ``make test-crash`` has counted, and the closing line."""
    if not crash_run():
        for report in [*terminalreporter.stats.get("passed", ()), *terminalreporter.stats.get("failed", ())]:
            for name, value in getattr(report, "user_properties", ()):
                if name == "figure" and report.when == "call":
                    terminalreporter.write_line(str(value))
    unproven = config.stash[PROMISES]
    if unproven:
        told = [f"{promise} ({'; '.join(unproven[promise])})" for promise in _in_order(unproven)]
        terminalreporter.write_line(f"NOT PROVEN HERE: {', '.join(told)}")
    if required := _required(config):
        terminalreporter.write_line(f"REQUIRED, AND NOT PROVEN: {' '.join(required)}")
