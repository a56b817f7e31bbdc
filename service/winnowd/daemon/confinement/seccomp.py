"""A filter of system calls: this process may from now on read, compute and answer, and not act on anything else.

It is a program of the kernel's classic BPF, which is given the machine, the number of a call and its arguments: the
kernel's Documentation/userspace-api/seccomp_filter.rst, include/uapi/linux/{seccomp,filter,audit}.h. Most calls are
allowed whatever their arguments, and the kernel keeps a list of these: they cost nothing.

What it denies ends no process, it fails: a library that only tries goes on without.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.daemon.confinement.calls import called
from winnowd.daemon.confinement.syscalls import CHECKED, DENIED, NEWEST

if TYPE_CHECKING:
    from collections.abc import Iterator

_SET_MODE_FILTER: Final = 1
_ALL_THREADS: Final = 1  # SECCOMP_FILTER_FLAG_TSYNC

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16  # bytes into what a filter is given

_ALLOW: Final = 0x7FFF0000
_END: Final = 0x80000000
_REFUSE: Final = 0x00050000 | errno.EPERM
_UNKNOWN: Final = 0x00050000 | errno.ENOSYS

_CLONE_THREAD: Final = 0x10000
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_SET_PDEATHSIG: Final = 1
_PUT_INPUT, _TERMINAL_COMMANDS = 0x5412, 0x541C  # TIOCSTI, TIOCLINUX: to type for whoever sits there


class _Machine(NamedTuple):
    """How the kernel names a machine to a filter, the number of seccomp(2), and the column of the table."""

    audit: int
    seccomp: int
    column: int


_MACHINES: Final = {"x86_64": _Machine(0xC000003E, 317, 0), "aarch64": _Machine(0xC00000B7, 277, 1)}


@dataclass(frozen=True, slots=True)
class _Check:
    """What of a call is looked at: the low half of an argument; the first test that holds decides, else ``other``."""

    argument: int
    tests: tuple[tuple[int, int, int], ...]
    other: int


def is_known_here() -> bool:
    """Whether there is a table for this machine; one of 32 bits on a kernel of 64 has other numbers."""
    return platform.machine() in _MACHINES and sys.maxsize > 1 << 32


def restrict() -> None:
    """Set the filter, for all threads of this process and for good.

    Raises:
        OSError: the kernel has no filters, or does not let us set one.
        KeyError: there is no table for this machine.
    """
    machine = _MACHINES[platform.machine()]
    program = assembled(machine.audit, machine.column, os.getpid())
    buffer = ctypes.create_string_buffer(program, len(program))
    given = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    called(machine.seccomp, _SET_MODE_FILTER, _ALL_THREADS, given)


def assembled(audit: int, column: int, pid: int) -> bytes:
    """The filter of a machine for the process ``pid``, as struct sock_filter."""
    return b"".join(
        struct.pack("=HBBI", code, if_true, if_false, value)
        for code, if_true, if_false, value in _program(audit, column, pid)
    )


def _program(audit: int, column: int, pid: int) -> Iterator[tuple[int, int, int, int]]:
    """Each instruction: code, how many to skip if true, if false, value.

    Numbers of another machine's calls mean something else here, so one that is called by them ends the process. Calls
    that are newer than the table are answered as by a kernel that has none of them; so are those of which the arguments
    lie where a filter cannot look: the C library does without.
    """
    yield (_LOAD, 0, 0, _MACHINE_AT)
    yield (_EQUAL, 1, 0, audit)
    yield (_RETURN, 0, 0, _END)
    yield (_LOAD, 0, 0, _NUMBER_AT)
    yield (_AT_LEAST, 0, 1, NEWEST + 1)
    yield (_RETURN, 0, 0, _UNKNOWN)
    for name, check in _checks(pid).items():
        if (number := CHECKED[name][column]) is None:
            continue
        body = list(_body(check))
        yield (_EQUAL, 0, len(body), number)
        yield from body
    for numbers in DENIED.values():
        if (number := numbers[column]) is not None:
            yield (_EQUAL, 0, 1, number)
            yield (_RETURN, 0, 0, _REFUSE)
    yield (_RETURN, 0, 0, _ALLOW)


def _body(check: _Check) -> Iterator[tuple[int, int, int, int]]:
    yield (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * check.argument)  # little-endian, both of them
    for test, value, verdict in check.tests:
        yield (test, 0, 1, value)
        yield (_RETURN, 0, 0, verdict)
    yield (_RETURN, 0, 0, check.other)


def _checks(pid: int) -> dict[str, _Check]:
    """Threads but no processes, reading but no writing, signals and limits for itself alone."""
    itself = ((_EQUAL, pid, _ALLOW),)
    return {
        "clone": _Check(0, ((_ANY_BIT, _CLONE_THREAD, _ALLOW),), _REFUSE),
        "clone3": _Check(0, (), _UNKNOWN),
        "open": _Check(1, ((_ANY_BIT, _WRITES, _REFUSE),), _ALLOW),
        "openat": _Check(2, ((_ANY_BIT, _WRITES, _REFUSE),), _ALLOW),
        "openat2": _Check(0, (), _UNKNOWN),
        "kill": _Check(0, itself, _REFUSE),
        "tgkill": _Check(0, itself, _REFUSE),
        "prlimit64": _Check(0, (*itself, (_EQUAL, 0, _ALLOW)), _REFUSE),
        "prctl": _Check(0, ((_EQUAL, _SET_PDEATHSIG, _REFUSE),), _ALLOW),
        "ioctl": _Check(1, ((_EQUAL, _PUT_INPUT, _REFUSE), (_EQUAL, _TERMINAL_COMMANDS, _REFUSE)), _ALLOW),
    }
