"""Writing a small file that others read, and that the ledger knows nothing of: whole or not at all, without a sync.

The folder may be another program's, and others may write to it: no link is followed there.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from winnowd.storage.copies import NEW, temp_of, write_all
from winnowd.storage.modes import FILE

if TYPE_CHECKING:
    from pathlib import Path


def replace(goal: Path, content: bytes) -> None:
    """Write a file beside its goal, readable by all, then rename it there.

    Raises:
        OSError: the folder is not there or not ours to write to, or the machine fails; the goal is as it was.
    """
    temp_path = temp_of(goal)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temp_path)
    descriptor = os.open(temp_path, NEW, FILE)
    try:
        os.fchmod(descriptor, FILE)  # whatever the mask of the process is
        write_all(descriptor, content, temp_path)
    finally:
        os.close(descriptor)
    os.rename(temp_path, goal)
