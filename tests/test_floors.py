"""The contract of floors has teeth: wrong imports planted by hand are caught by the check."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLANTED = {
    "the core is pure": ("decision.py", "import pathlib\n"),
    "floors: imports go down only": ("model/findings.py", "from winnowd.pipeline import ports\n"),
    "gates do not know each other": ("gates/length.py", "from winnowd.gates import prose\n"),
    "audit never writes": ("audit/history.py", "from winnowd.storage import disk\n"),
    "the daemon knows no operation": ("daemon/loop.py", "from winnowd.operations import rebuild\n"),
    "the command line asks operations": ("cli/explain.py", "from winnowd.storage.ledger import Ledger\n"),
    "only the command line knows click": ("operations/status.py", "import click\n"),
    "only the ledger knows SQLite": ("storage/index.py", "import sqlite3\n"),
}


def test_a_wrong_import_of_each_kind_is_caught(tmp_path: Path) -> None:
    """One planted for each contract, in a copy of the package: each is told as broken."""
    shutil.copytree(ROOT / "service", tmp_path / "service", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, line in PLANTED.values():
        spoilt = tmp_path / "service" / "winnowd" / path
        text = spoilt.read_text(encoding="utf-8")
        spoilt.write_text(text.replace("\nif TYPE_CHECKING", f"\n{line}\nif TYPE_CHECKING", 1), encoding="utf-8")

    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "service")},
        capture_output=True,
        text=True,
        check=False,
    )

    told = {line.partition(" BROKEN")[0] for line in checked.stdout.splitlines() if " BROKEN" in line}
    assert told == PLANTED.keys(), checked.stdout
