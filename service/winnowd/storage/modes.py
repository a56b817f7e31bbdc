"""Who may read what is written, whatever the mask of the process: a unit's closes files to others, a shell's does not.

Everybody reads corpus and log. All else is closed by the folder around it, not file by file: so who may see the
quarantine is said in one place, and not changed by what wrote a file. Evidence quotes what was turned away, and lies
below the log: its folder is closed here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from winnowd.layout import EVIDENCE

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = 0o644
_FOLDER, _CLOSED = 0o755, 0o750


class Modes:
    """Of what is made below one instance folder."""

    def __init__(self, root: str) -> None:
        os.umask(mask := os.umask(0o077))  # there is no other way to ask
        self._hides = bool(mask & (FILE | _FOLDER))
        self._evidence = f"{root}/{EVIDENCE}"

    def opened(self, path: str | Path, flags: int) -> int:
        """Open a file that may be new; gives its descriptor.

        Raises:
            OSError: as ``os.open``.
        """
        descriptor = os.open(path, flags, FILE)
        if self._hides:
            os.fchmod(descriptor, FILE)
        return descriptor

    def make_folder(self, name: str) -> None:
        """Make a folder in one that is there.

        Raises:
            OSError: as ``os.makedirs``; that there is one of that name is no error.
        """
        os.makedirs(name, exist_ok=True)
        if name == self._evidence:
            os.chmod(name, _CLOSED)
        elif self._hides:
            os.chmod(name, _FOLDER)
