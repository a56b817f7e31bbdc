"""What a growing index leaves behind does not stay with the process."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import numpy as np
import pytest
from tests.e2e.instance import ROOT
from tests.e2e.processes import memory

MIB = 1 << 20
BEGIN = "from winnowd.daemon.serve import give_memory_back; from tests.daemon.test_memory import leave_arrays_behind"


def leave_arrays_behind() -> None:
    """Free a large array, then others with something small behind each that stays; fails if these stay in memory."""
    np.ones(24 * MIB, dtype=np.uint8).sum()  # freed at once: glibc now takes its size for usual
    before = memory(os.getpid())
    arrays, kept = [], []
    for _ in range(4):
        arrays.append(np.ones(16 * MIB, dtype=np.uint8))
        kept.append(np.ones(64 * 1024, dtype=np.uint8))
    arrays.clear()
    if memory(os.getpid()) - before > 16 * MIB:
        raise MemoryError(len(kept))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries do as they do")
def test_large_arrays_that_were_freed_are_given_back() -> None:
    """Unless it is told, glibc keeps them once it has seen one freed that is as large."""
    ended = [
        subprocess.run(
            [sys.executable, "-c", f"{BEGIN}; {told}leave_arrays_behind()"],
            cwd=ROOT,
            check=False,
            stderr=subprocess.DEVNULL,
        )
        for told in ("", "give_memory_back(); ")
    ]

    assert [one.returncode for one in ended] == [1, 0]
