"""Where the original of an arrival may lie: by the mark that its name carries, wherever orders have moved it."""

from __future__ import annotations

import datetime as dt
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


def is_original(name: str, arrival: str) -> bool:
    """Whether a file is the whole original of an arrival, and not one of its records, nor why it was held."""
    _, _, rest = name.rpartition(f"~{arrival[:8]}")
    return not rest.startswith("-") and not name.endswith(WHY)
