"""A child's system calls, seen and disturbed by strace: counted, killed at the n-th, or made to fail from the n-th on.

The child is a fork of this process, so that nothing is loaded again; strace is attached to it before its work begins.
``when=`` counts per system call, not over the set: a sweep asks for each name by itself.
"""

from __future__ import annotations

import collections
import contextlib
import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

EFFECTS: Final = (
    "write", "pwrite64", "fsync", "fdatasync", "syncfs", "rename", "renameat", "renameat2", "unlink", "unlinkat",
    "ftruncate", "openat", "linkat", "symlinkat", "mkdir", "mkdirat",
)  # fmt: skip
"""The calls by which anything is changed on disk; openat makes files as well."""
_PR_SET_PTRACER: Final = 0x59616D61
_ANY: Final = ctypes.c_ulong(-1).value
_LONGEST: Final = 30.0
_TRACER: Final[list[int]] = []  # in a child: the process that traces it


@contextlib.contextmanager
def traced(deed: Callable[[], object], *options: str) -> Iterator[int]:
    """Do something in a child under strace with these options; gives its exit status, or minus its signal.

    It ends with what the deed gives, if that is a number; with 1 if it raises; by SIGKILL if it hangs.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _do(deed, reading, writing)
    os.close(reading)
    command = ["strace", "-qq", "-f", "-p", str(child), *options]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:
        _await_tracer(child, tracer)
        os.write(writing, b"%d" % tracer.pid)
        os.close(writing)
        status = _ended(child)
        tracer.wait(_LONGEST)
    yield status


def _ended(child: int) -> int:
    """How a child ends; one that hangs is killed, and ends as that."""
    deadline = time.monotonic() + _LONGEST
    while (found := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            found = os.waitpid(child, 0)
            break
        time.sleep(0.001)
    return os.waitstatus_to_exitcode(found[1])


def _do(deed: Callable[[], object], reading: int, writing: int) -> None:
    """In the child: wait until strace is there, then do it; never come back."""
    status = 1
    try:
        os.close(writing)
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY)
        if tracer := os.read(reading, 20):
            _TRACER.append(int(tracer))
            ended = deed()
            status = ended if isinstance(ended, int) else 0
    finally:
        os._exit(status)


def let_go() -> None:
    """In the child: send strace away, and with it what it does to system calls."""
    os.kill(_TRACER[0], signal.SIGTERM)
    deadline = time.monotonic() + _LONGEST
    while not _is_free() and time.monotonic() < deadline:
        time.sleep(0.001)


def _is_free() -> bool:
    """Whether nobody traces us; that cannot be asked as long as it is just this that fails."""
    try:
        return "\nTracerPid:\t0\n" in Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return False


def _await_tracer(child: int, tracer: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _LONGEST
    status = Path(f"/proc/{child}/status")
    while "\nTracerPid:\t0\n" in status.read_text(encoding="ascii"):
        if tracer.poll() is not None or time.monotonic() > deadline:
            raise OSError(f"strace could not follow {child}")
        time.sleep(0.001)


def counted(deed: Callable[[], object], folder: Path, names: Iterable[str] = EFFECTS, ended: int = 0) -> dict[str, int]:
    """How often each of these system calls is made by a deed that is not disturbed, and gives ``ended``."""
    log = folder / "trace"
    with traced(deed, "-e", f"trace={','.join(f'?{name}' for name in names)}", "-o", str(log)) as status:
        assert status == ended
    calls = (line.split()[1].partition("(")[0] for line in log.read_text(encoding="utf-8").splitlines())
    found = collections.Counter(calls)
    return {name: found[name] for name in names if found[name]}


def killed(deed: Callable[[], object], name: str, number: int) -> int:
    """Do something in a child that is killed when it makes this call for the n-th time; gives how it ended."""
    options = ("-e", f"trace={name}", "-e", f"inject={name}:signal=SIGKILL:when={number}", "-o", "/dev/null")
    with traced(deed, *options) as status:
        return status
