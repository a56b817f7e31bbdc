"""An environment of its own for each client: made once below build/clients, from the package index as it is today."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.e2e.instance import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def clients_run() -> str:
    """Why clients are not tried out: they are installed from the network, and take their time."""
    return "" if os.environ.get("WINNOWD_CLIENTS") else "needs WINNOWD_CLIENTS=1, and a package index"


def environment(client: str, *beside: str) -> Path:
    """The folder of programs of an environment with a client, by its package's name, and packages beside it."""
    folder = ROOT / "build" / "clients" / client
    if not (folder / ".installed").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, client, *beside], check=True)
        (folder / ".installed").touch()
    return folder / "bin"
