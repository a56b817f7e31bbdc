"""Where the original of an arrival may lie: by the mark that its name carries, wherever orders have moved it."""

from __future__ import annotations

import datetime as dt
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


def is_original(name: str, arrival: str) -> bool:
    """Whether a file is the whole original of an arrival, and not one of its records, nor why it was held."""
    _, _, rest = name.rpartition(f"~{arrival[:8]}")
    return not rest.startswith("-") and not name.endswith(WHY)
