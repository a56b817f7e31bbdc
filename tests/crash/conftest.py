"""Where trials run: in memory, if there is a file system for it; what a kill leaves does not depend on the disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")  # noqa: S108 - a file system, not a file
ENOUGH = 1 << 30


@pytest.fixture
def fast_path(tmp_path: Path) -> Iterator[Path]:
    """A new folder, where syncs take no time."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ENOUGH:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="winnowd-") as folder:
        yield Path(folder)
