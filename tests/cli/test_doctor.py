"""``winnowd doctor``: a line for each thing, and whether something is bad."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from winnowd.storage.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran


def test_the_command_prints_a_line_each(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Exit 1 if something is bad; who works on the instance is named."""
    instance_dir = tmp_path / "home"
    run("init", "home")
    lock = Lock(instance_dir / "state" / "lock")
    lock.acquire()
    well = run("--home", str(instance_dir), "doctor")
    rows = run("--home", str(instance_dir), "doctor", "--json").rows
    lock.release()
    (instance_dir / "rejected").rmdir()
    sick = run("--home", str(instance_dir), "doctor")

    assert well.code == 0
    assert len(well.out.splitlines()) == len(rows) - 1 == 16
    assert f"ok   lock       pid {os.getpid()} works on this instance\n" in well.out
    assert {row["type"] for row in rows} == {"advice", "summary"}
    assert (sick.code, sick.out) == (1, f"BAD  folders    rejected missing; winnowd init {instance_dir}\n")
