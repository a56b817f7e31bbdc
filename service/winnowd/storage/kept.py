"""Where the original of an arrival may lie: by the mark that its name carries, wherever orders have moved it."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FOLDERS: Final = ("archive", "quarantine", "rejected")
WHY: Final = (".why.json", ".why.md")


def originals_of(home: Path, event: Mapping[str, Any]) -> Iterator[Path]:
    """The kept original of a decision's arrival: below the day of the decision or the one after, in any folder."""
    arrival = str(event["winnowd"]["arrival"]["id"])
    decided = dt.date.fromisoformat(event["@timestamp"][:10])
    for folder in FOLDERS:
        for day in (decided, decided + dt.timedelta(days=1)):
            for path in sorted((home / folder / f"{day:%Y/%m/%d}").glob(f"*~{arrival[:8]}*")):
                if is_original(path.name, arrival):
                    yield path


_MARKED: Final = re.compile(r"~([0-9a-f]{8})(?:\.[A-Za-z0-9]{1,8}){0,2}\Z")


def all_originals(home: Path) -> dict[str, str]:
    """Every kept original below the instance folder, by the first eight digits of its arrival."""
    found: dict[str, str] = {}
    for top in FOLDERS:
        for folder, _, names in os.walk(home / top):
            below = os.path.relpath(folder, home)
            for name in names:
                mark = _MARKED.search(name)
                if mark and not name.endswith(WHY):
                    found[mark[1]] = f"{below}/{name}"
    return found


def archived_before(home: Path, day: str) -> Iterator[tuple[str, str, int]]:
    """The files of the archive from before a day (``2026-11-22``), oldest first: path, SHA-256, size.

    A name that is no UTF-8 is none of ours, and stays.
    """
    for folder in sorted((home / "archive").glob("[0-9]*/[0-9]*/[0-9]*")):
        if "-".join(folder.parts[-3:]) >= day:
            continue
        for path in sorted(folder.iterdir()):
            name = path.relative_to(home).as_posix()
            if path.is_file() and not path.is_symlink() and name.isprintable():
                with path.open("rb") as file:
                    yield name, hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def is_original(name: str, arrival: str) -> bool:
    """Whether a file is the whole original of an arrival, and not one of its records, nor why it was held."""
    _, _, rest = name.rpartition(f"~{arrival[:8]}")
    return not rest.startswith("-") and not name.endswith(WHY)
