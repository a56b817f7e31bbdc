"""Keeping the rollup of a sealed day beside it; without a sync, since the day's lines can give it anew."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from winnowd.storage import outside

if TYPE_CHECKING:
    from pathlib import Path


def is_ours(folder: Path) -> bool:
    """Whether who runs this owns a folder and may write to it: root leaves no files of its own in a service's log."""
    try:
        return os.stat(folder).st_uid == os.geteuid() and os.access(folder, os.W_OK)
    except OSError:
        return False


def keep(path: Path, packed: bytes) -> bool:
    """Write a rollup to its place; False if that cannot be done, which is no harm."""
    try:
        outside.replace(path, packed)
    except OSError:
        return False
    return True
