"""System calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os
from typing import Final

_libc: Final = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_PDEATHSIG: Final = 1


def called(number: int, *arguments: bytes | int | None) -> int:
    """Make a system call; gives what it returns.

    Raises:
        OSError: it failed.
    """
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *wide))


def gain_nothing_by_programs() -> None:
    """No program that this process might start gives it rights; without that a user may set no filter.

    Raises:
        OSError: the kernel is older than 3.5.
    """
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def end_with_parent(signal: int) -> None:
    """Have the kernel send this process that signal when its parent ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal)


def _checked(result: int) -> int:
    if result < 0:
        fault = ctypes.get_errno()
        raise OSError(fault, os.strerror(fault))
    return result
