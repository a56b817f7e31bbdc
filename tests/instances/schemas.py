"""Makes one small instance with the winnowd of an earlier commit: of each schema of the ledger there is one kept here.

    python -m tests.instances.schemas COMMIT GOAL

The commit is checked out beside, and driven by its command line alone, in a process of this Python.
``GOAL`` is ``tests/instances/schema-N.tar.xz``; README.md names the commits. None is to be made again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.e2e.instance import ROOT
from tests.instances.make import ARTICLES, configure, cut, pack

SETTINGS: Final = "[inbox]\nsettle = 0\n[disk]\nfloor_bytes = 0\nfloor_inodes = 0\n[workers]\ncount = 0\n"
ORDERS: Final = (("erase", "f-erased", "--yes"), ("retract", "g-retracted"), ("confirm", "e-confirmed"))
_RUN: Final = """
import platform, socket, sys
socket.gethostname, platform.platform = lambda: "example", lambda *_, **__: "Linux"
from winnowd.cli import main
sys.exit(main(sys.argv[1:]))
"""


def files() -> dict[str, str]:
    """What comes in: admitted, one of a feed, an exact copy, held, confirmed, erased, retracted, two records."""
    records = (ARTICLES[6], "Too short to be an article.")
    return {
        "a-admitted.txt": ARTICLES[0],
        "feed/b-admitted.txt": ARTICLES[1],
        "c-copy.txt": f"{ARTICLES[0]}\n",
        "d-held.txt": cut(ARTICLES[2]),
        "e-confirmed.txt": cut(ARTICLES[3]),
        "f-erased.txt": ARTICLES[4],
        "g-retracted.txt": ARTICLES[5],
        "h-two.jsonl": "".join(json.dumps({"text": text}) + "\n" for text in records),
    }


def made(instance_dir: Path, checkout: Path) -> None:
    """Have the winnowd of a checkout decide all of them and carry out the orders."""

    def winnowd(*words: str) -> None:
        environ = {**os.environ, "PYTHONPATH": str(checkout / "service"), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-c", _RUN, "--home", str(instance_dir), *words]
        subprocess.run(command, check=True, env=environ, cwd=checkout, stdout=subprocess.DEVNULL)

    configure(instance_dir, SETTINGS)
    (instance_dir / "inbox" / "feed").mkdir(parents=True)
    for name, content in files().items():
        (instance_dir / "inbox" / name).write_text(content, encoding="utf-8")
    winnowd("run", "--once")
    for action, name, *more in ORDERS:
        winnowd(action, name, "--reason", "for the tests", *more)


def main(commit: str, goal: Path) -> None:
    """Check the commit out, make the instance, pack it, and leave nothing else."""
    with tempfile.TemporaryDirectory() as scratch:
        checkout, instance_dir = Path(scratch, "checkout"), Path(scratch, goal.name.partition(".")[0])
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", checkout, commit], check=True, cwd=ROOT)
        try:
            instance_dir.mkdir()
            made(instance_dir, checkout)
            pack(instance_dir, goal)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", checkout], check=True, cwd=ROOT)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
