"""Making an instance: its folders and its configuration; adds what is missing, overwrites nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.layout import FOLDER_MODES, FOLDERS, SETTINGS
from winnowd.settings import template

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.decision import Profile


class NotAFolderError(Exception):
    """Where an instance is to be made a file is; the text says so."""


def lay_out(instance_dir: Path, profile: Profile | None = None) -> list[str]:
    """Make what is missing of an instance; gives the names of what was made, below it.

    A checkout brings its configuration; the ledger is made at the first run.

    Raises:
        NotAFolderError: a file is there.
    """
    if instance_dir.exists() and not instance_dir.is_dir():
        raise NotAFolderError(f"{instance_dir} is a file")
    made = []
    instance_dir.mkdir(parents=True, exist_ok=True)
    for name in FOLDERS:
        if not (instance_dir / name).exists():
            (instance_dir / name).mkdir(FOLDER_MODES.get(name, 0o777))
            made.append(name)
    try:
        with (instance_dir / SETTINGS).open("x", encoding="utf-8") as file:
            file.write(template(profile))
        made.append(SETTINGS)
    except FileExistsError:
        pass
    return made
