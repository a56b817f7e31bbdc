"""What is laid beside the program, where there is no machine to install it on."""

from __future__ import annotations

import subprocess
from pathlib import Path

from winnowd.settings import load

ROOT = Path(__file__).parents[1]


def lay(root: Path) -> None:
    """Lay everything below a folder."""
    subprocess.run(["sh", ROOT / "deploy" / "lay.sh", root], check=True, capture_output=True)


def test_the_configuration_that_is_laid_names_the_group_of_people_who_give_orders(tmp_path: Path) -> None:
    """It is the one that init writes, with that setting."""
    lay(tmp_path)

    settings = load(None, tmp_path / "etc" / "winnowd" / "winnowd.toml", {}, system=None).settings

    assert settings.orders.group == "winnowd-admin"


def test_a_configuration_that_is_there_stays(tmp_path: Path) -> None:
    """An upgrade is no reason to lose what somebody has set."""
    lay(tmp_path)
    laid = tmp_path / "etc" / "winnowd" / "winnowd.toml"
    laid.write_text('profile = "strict"\n')

    lay(tmp_path)

    assert laid.read_text() == 'profile = "strict"\n'
