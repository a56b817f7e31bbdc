"""Run inside the unit's sandbox by test_sandbox: tries what must not work there, and prints what came of it as JSON."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import mmap
import os
import resource
import socket
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HOME = Path("/var/lib/winnowd")
LIBC = ctypes.CDLL(None, use_errno=True)
PERF_EVENT_OPEN, KEXEC_LOAD, INIT_MODULE, BPF = 298, 246, 175, 321  # x86_64
IN_MEMORY, MAP_WRITE_EXEC = -1, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
NEW_USER, ADDR_NO_RANDOMIZE = 0x10000000, 0x0040000


def called(result: int) -> None:
    """Raise what a call of the C library left in errno."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def write(path: str) -> None:
    """Make a file."""
    Path(path).write_text("x", encoding="utf-8")
    Path(path).unlink()


def set_uid_bit() -> None:
    """Make a program that runs as its owner."""
    path = HOME / "state" / "probe"
    path.write_text("x", encoding="utf-8")
    try:
        path.chmod(0o755 | stat.S_ISUID)
    finally:
        path.unlink()


def shared_semaphore() -> None:
    """What a process pool needs of /dev/shm."""
    import multiprocessing

    multiprocessing.get_context("forkserver").Lock()


def watch() -> None:
    """What the doorbell needs."""
    descriptor = LIBC.inotify_init1(0)
    called(descriptor)
    called(LIBC.inotify_add_watch(descriptor, b"/var/lib/winnowd/inbox", 0x100))
    os.close(descriptor)


def limit_memory() -> None:
    """What a worker does first."""
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def rename_home() -> None:
    """Claim and acknowledge are renames within one mount."""
    path = HOME / "inbox" / ".probe"
    path.write_text("x", encoding="utf-8")
    path.rename(HOME / "state" / "work" / "probe").rename(HOME / "archive" / "probe").unlink()


DEEDS: dict[str, Callable[[], object]] = {
    "write /etc": lambda: write("/etc/winnowd/probe"),
    "write /usr": lambda: write("/usr/probe"),
    "write the program": lambda: write("/opt/winnowd/probe"),
    "write /var": lambda: write("/var/probe"),
    "write the configuration": lambda: Path("/etc/winnowd/winnowd.toml").write_text("", encoding="utf-8"),
    "read /home": lambda: list(Path("/home/alice").iterdir()),
    "read /root": lambda: list(Path("/root").iterdir()),
    "read the passwords": lambda: Path("/etc/shadow").read_bytes(),
    "speak netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "speak raw packets": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "become root": lambda: os.setuid(0),
    "see process 1": lambda: list(Path("/proc/1").iterdir()),
    "signal process 1": lambda: os.kill(1, 0),
    "see kernel settings": lambda: Path("/proc/sys/kernel/hostname").read_bytes(),
    "write memory and run it": lambda: mmap.mmap(IN_MEMORY, 4_096, prot=MAP_WRITE_EXEC),
    "make a namespace": lambda: called(LIBC.unshare(NEW_USER)),
    "mount": lambda: called(LIBC.mount(b"none", b"/tmp", b"tmpfs", 0, None)),
    "change root": lambda: os.chroot("/var"),
    "make a set-uid program": set_uid_bit,
    "make a device": lambda: os.mknod(HOME / "state" / "probe", stat.S_IFBLK | 0o600, os.makedev(8, 0)),
    "open the kernel's log": lambda: Path("/dev/kmsg").read_bytes(),
    "open memory": lambda: os.open("/dev/mem", os.O_RDONLY),
    "set the clock": lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
    "set the host's name": lambda: socket.sethostname("probe"),
    "take real-time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "be less nice": lambda: os.nice(-5),
    "choose cores": lambda: os.sched_setaffinity(0, {0}),
    "change the personality": lambda: called(LIBC.personality(ADDR_NO_RANDOMIZE)),
    "load a module": lambda: called(LIBC.syscall(INIT_MODULE, None, 0, b"")),
    "load a kernel": lambda: called(LIBC.syscall(KEXEC_LOAD, 0, 0, None, 0)),
    "load a BPF program": lambda: called(LIBC.syscall(BPF, 5, None, 0)),
    "measure others": lambda: called(LIBC.syscall(PERF_EVENT_OPEN, None, 0, -1, -1, 0)),
    "trace": lambda: called(LIBC.ptrace(0, 0, None, None)),
    "restart the machine": lambda: called(LIBC.reboot(0)),
    # what some of the work needs
    "speak IPv4": lambda: socket.socket(socket.AF_INET),
    "speak IPv6": lambda: socket.socket(socket.AF_INET6),
    "give an order": lambda: write(str(HOME / "state" / "orders" / ".probe")),
    "leave a notice": lambda: write(str(HOME / "state" / "notify" / ".probe")),
    "write the corpus": lambda: write(str(HOME / "seeds" / ".probe")),
    "write the audit log": lambda: write(str(HOME / "audit" / ".probe")),
    "write the ledger": lambda: os.close(os.open(HOME / "state" / "winnowd.db", os.O_WRONLY)),
    "put into the inbox": lambda: write(str(HOME / "inbox" / ".probe")),
    "see what is in hand": lambda: list((HOME / "state" / "work").iterdir()),
    "read the ledger": lambda: os.close(os.open(HOME / "state" / "winnowd.db", os.O_RDONLY)),
    "read what was turned away": lambda: list((HOME / "rejected").iterdir()),
    "rename through the folders": rename_home,
    "watch the inbox": watch,
    "write its own log": lambda: write("/var/log/winnowd/probe"),
    # and what all of it needs
    "share a semaphore": shared_semaphore,
    "limit its own memory": limit_memory,
    "write its own temporary file": lambda: write("/tmp/probe"),  # noqa: S108 - it is private
    "read the configuration": lambda: Path("/etc/winnowd/winnowd.toml").read_bytes(),
}


def outcome(deed: Callable[[], object]) -> str:
    """The name of the error, "done" if there was none."""
    try:
        deed()
    except OSError as fault:
        return errno.errorcode.get(fault.errno or 0, "error")
    return "done"


def main() -> None:
    """Try all."""
    found: dict[str, object] = {name: outcome(deed) for name, deed in DEEDS.items()}
    with contextlib.suppress(OSError):
        found["interfaces"] = [name for _, name in socket.if_nameindex()]
    found["devices"] = sorted(path.name for path in Path("/dev").iterdir() if path.is_block_device())
    found["temporary"] = sorted(path.name for path in Path("/tmp").iterdir())  # noqa: S108 - what is seen of others'
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
