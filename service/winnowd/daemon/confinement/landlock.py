"""Landlock: this thread may from now on read what is named, and touch nothing else of any file system.

Source: the kernel's Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h. A new kernel takes the
rules of an old one, so that those of the sixth version hold on whatever comes later.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from typing import TYPE_CHECKING, Final

from winnowd.daemon.confinement.calls import called

if TYPE_CHECKING:
    from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # on every machine alike
_ASK_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_OF_FILES: Final = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
"""What can be taken away by the version that brought it: all that makes, reads, writes, runs or removes files; then
moving them between folders, cutting them short, and commands to devices."""
_OF_NETWORKS: Final = {4: 1 << 0 | 1 << 1}
"""To listen on TCP, and to connect by it."""
_SCOPES: Final = {6: 1 << 0 | 1 << 1}
"""Sockets with an abstract name, and signals, of processes outside."""


def version() -> int:
    """Which version of Landlock the kernel has; 0 if it has none, or does not let us ask."""
    try:
        return called(_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(readable: Iterable[str], has: int) -> None:
    """Let this thread, and those it starts, read below these files and folders, as far as they are there.

    ``has``: the version that the kernel has, at least 1. For good: not even for root is there a way back.

    Raises:
        OSError: the kernel refuses.
    """
    of_files, of_networks, scopes = (_bits(rights, has) for rights in (_OF_FILES, _OF_NETWORKS, _SCOPES))
    attributes = struct.pack("=QQQ", of_files, of_networks, scopes)[: 8 if has < 4 else 16 if has < 6 else 24]
    ruleset = called(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path in readable:
            with contextlib.suppress(FileNotFoundError):
                _let_read(ruleset, path)
        called(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _bits(rights: dict[int, int], has: int) -> int:
    return sum(bits for since, bits in rights.items() if since <= has)


def _let_read(ruleset: int, path: str) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        rights = _READ_FILE | _READ_DIR if is_folder else _READ_FILE
        called(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)
