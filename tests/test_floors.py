"""The contracts of the house have teeth, and the map that people read says the same as they."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

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
    "only its engine knows Ray": ("operations/rebuild.py", "import ray\n"),
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


def contract(name: str) -> dict[str, Any]:
    """One contract of import-linter."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (found,) = (one for one in contracts if one["name"] == name)
    return dict(found)


def map_of_the_house() -> list[tuple[int, set[str], bool]]:
    """The rows of the table in service/README.md: floor, rooms, whether it says that they are pure."""
    text = (ROOT / "service/README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \| .* \| (.*?) \|$", text, re.MULTILINE)
    return [
        (
            int(free_space),
            {name.rstrip("/").removesuffix(".py") for name in re.findall("`(.+?)`", rooms)},
            touches == "pure",
        )
        for free_space, rooms, touches in rows
    ]


def test_the_map_has_the_floors_of_the_contract() -> None:
    """Each room once, on its floor, from the top down."""
    layers = contract("floors: imports go down only")["layers"]
    floors = {len(layers) - at: set(layer.split(" | ")) for at, layer in enumerate(layers)}
    mapped: dict[int, set[str]] = {}
    for free_space, rooms, _ in map_of_the_house():
        mapped.setdefault(free_space, set()).update(rooms)

    assert mapped == floors


def test_the_map_says_of_the_same_rooms_as_the_contract_that_they_are_pure() -> None:
    """Neither more nor less."""
    pure = {name.removeprefix("winnowd.") for name in contract("the core is pure")["source_modules"]}

    assert {room for _, rooms, is_pure in map_of_the_house() if is_pure for room in rooms} == pure
