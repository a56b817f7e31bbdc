"""What a command costs with all that comes from it, however its processes are begun, and whoever waits for them."""

from __future__ import annotations

import ctypes
import os
import select
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.e2e.processes import descendants, memory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STEP: Final = 0.2  # s between two looks at the memory of all
_PR_SET_CHILD_SUBREAPER: Final = 36
_TICK: Final = os.sysconf("SC_CLK_TCK")
_USER_TIME: Final = 11
"""Place of utime in /proc/PID/stat behind the name; stime follows."""


class Spent(NamedTuple):
    """Seconds by the clock, of processor time of all processes and of the command's own; bytes at their peaks.

    ``memory``: of all at once, each page counted once, as seen five times a second; ``own_memory``: of the command's
    own process. ``out``: what it wrote.
    """

    wall: float
    all: float
    own: float
    memory: int
    own_memory: int
    out: str


def spent(command: Sequence[str | Path], environ: Mapping[str, str], scratch: Path) -> Spent:
    """Run a command to its end; what it writes waits in files at ``scratch``.

    Orphans come to this process and are waited for here: the server that forks workers, for one, outlives whoever
    began it. So there must be no other child.

    Raises:
        RuntimeError: it failed; with the end of what it said.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    said, complained = scratch.with_suffix(".out"), scratch.with_suffix(".err")
    begun = time.perf_counter()
    with said.open("wb") as out, complained.open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=dict(environ))
    most, own_most = _watched(process.pid)
    wall = time.perf_counter() - begun
    own = _own_time(process.pid)  # it has ended and was not waited for: the kernel still has its sums
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    together = usage.ru_utime + usage.ru_stime + _orphans()
    if process.returncode:
        raise RuntimeError(f"{command}: exit {process.returncode}: {complained.read_text('utf-8')[-2_000:]}")
    return Spent(wall, together, own, most, own_most, said.read_text("utf-8"))


def _watched(pid: int) -> tuple[int, int]:
    """Wait for its end; gives the peaks of the memory of all, and of its own."""
    most = own_most = 0
    handle = os.pidfd_open(pid)
    while not select.select([handle], [], [], _STEP)[0]:
        most = max(most, sum(map(_proportional, [pid, *descendants(pid)])))
        own_most = max(own_most, memory(pid, "VmHWM"))
    os.close(handle)
    return most, own_most


def _proportional(pid: int) -> int:
    """Bytes of a process in memory, those that it shares divided by how many do; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))


def _own_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[_USER_TIME : _USER_TIME + 2])) / _TICK


def _orphans() -> float:
    """Processor seconds of what the command left behind, when all of it has ended."""
    seconds = 0.0
    while True:
        try:
            _, _, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return seconds
        seconds += usage.ru_utime + usage.ru_stime
