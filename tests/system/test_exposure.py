"""The unit's file by itself: systemd understands every line, and finds little that an intruder could use (P11)."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from tests.needs import needs, tool
from tests.system.machine import ROOT

if TYPE_CHECKING:
    from pathlib import Path

UNIT = ROOT / "deploy" / "winnowd.service"
MOST = 1.0


@needs("P11", tool("systemd-analyze", "systemd"))
def test_its_exposure_is_at_most_one_of_ten() -> None:
    """As ``systemd-analyze security`` reckons it, offline: no systemd need run."""
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST * 10:.0f}", "--no-pager"]

    done = subprocess.run([*command, UNIT], capture_output=True, text=True, check=False)

    found = re.search(r"Overall exposure level for winnowd.service: ([0-9.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= MOST
    assert done.returncode == 0


@needs("P11", tool("systemd-analyze", "systemd"))
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """``verify`` says nothing of it; a line that it does not know would be told of and ignored."""
    program = tmp_path / "winnowd"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = UNIT.read_text(encoding="utf-8").replace("/opt/winnowd/bin/winnowd", str(program))
    good, bad = tmp_path / "winnowd.service", tmp_path / "bad.service"
    good.write_text(text)
    bad.write_text(text.replace("ProtectHome=", "ProtectHouse="))

    told = {
        path.name: subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
        for path in (good, bad)
    }

    assert (told[good.name].returncode, told[good.name].stderr) == (0, "")
    assert "ProtectHouse" in told[bad.name].stderr
