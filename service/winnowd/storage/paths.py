"""Where things go, below the instance folder; nothing from outside enters a path but the cleaned stem of a file."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from winnowd.layout import ARCHIVE, QUARANTINE, REJECTED, SEEDS, in_block
from winnowd.model import Outcome

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from winnowd.model import Arrival, Prepared, StoredDecision

HELD: Final = {Outcome.QUARANTINED: QUARANTINE, Outcome.REJECTED: REJECTED}

_LONGEST_STEM: Final = 80
_LONGEST_ENDING: Final = 12
_UNSAFE: Final = re.compile(rb"[^A-Za-z0-9._-]")
_ENDING: Final = re.compile(rb"(?:\.[A-Za-z0-9]{1,8}){1,2}\Z")
_PER_MONTH: Final = 5_000
_PER_DAY: Final = 10_000


def arrival_id(number: int, salt: int) -> str:
    """Sixteen hex digits; the first eight differ between any two arrivals of a ledger (a bijection of the number).

    ``salt`` is 32 random bits: ids of different instances differ, too.
    """
    mixed = number & 0xFFFFFFFF
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        mixed = ((mixed ^ mixed >> shift) * factor) & 0xFFFFFFFF
    return f"{mixed ^ mixed >> 16:08x}{salt & 0xFFFFFFFF:08x}"


def arrival_number(arrival: str) -> int:
    """The number that an arrival's id was made of."""
    mixed = int(arrival[:8], 16)
    mixed ^= mixed >> 16
    for shift, factor in ((13, 0xC2B2AE35), (16, 0x85EBCA6B)):
        mixed = mixed * pow(factor, -1, 1 << 32) & 0xFFFFFFFF
        mixed ^= mixed >> shift ^ mixed >> 2 * shift  # all that a shift of 13 or 16 bits can hide in 32
    return mixed


def split_name(path: bytes) -> tuple[str, str]:
    """The stem and the ending of a name as they may stand in a path of ours: letters, digits, ``._-``; else ``_``."""
    name = os.path.basename(path)
    found = _ENDING.search(name)
    ending = found[0] if found and found.start() > 0 and len(found[0]) <= _LONGEST_ENDING else b""
    stem = _UNSAFE.sub(b"_", name[: len(name) - len(ending)])[:_LONGEST_STEM].lstrip(b".")
    return stem.decode("ascii") or "_", ending.decode("ascii")


def held(folder: str, arrival: Arrival, day: dt.date, record: int | None = None, ending: str | None = None) -> str:
    """Where an original, or one of its records, is kept: ``rejected/2026/11/22/stem~7d0c51e2.txt``."""
    stem, own = split_name(arrival.path)
    number = "" if record is None else f"-{record}"
    return f"{folder}/{_folder(day)}/{stem}~{arrival.id[:8]}{number}{own if ending is None else ending}"


def _folder(day: dt.date) -> str:
    """``2026/11/22``, without ``strftime``: that takes several times as long."""
    return day.isoformat().replace("-", "/")


_ENDINGS: Final = {"application/json": ".json", "text/html": ".html"}


class Paths:
    """Paths outside the corpus, by what became of a record; ``block``: in which packed block its own files lie."""

    def __init__(self, block: str = "") -> None:
        self._block = block

    def held(self, outcome: Outcome, arrival: Arrival, day: dt.date, prepared: Prepared) -> str:
        """Where a record that is not admitted is kept; one of many under its own number, their rest with the file."""
        provenance = prepared.provenance
        if prepared.is_rest or (prepared.raw is None and not provenance.record):
            return held(HELD[outcome], arrival, day)
        ending = _ENDINGS.get(provenance.media_type, ".txt")
        return in_block(held(HELD[outcome], arrival, day, record=provenance.record, ending=ending), self._block)

    def of_many(self, arrival: Arrival, day: dt.date) -> str:
        """By what name a file is told of whose records were turned away one by one; itself it lies in archive/."""
        return held(REJECTED, arrival, day)

    def archived(self, arrival: Arrival, day: dt.date) -> str:
        """Where an original goes whose article was admitted, or that has many records."""
        return held(ARCHIVE, arrival, day)


class Seeds:
    """Paths in the corpus: by month of admission, by day after 5,000 in a month, by hex pairs after 10,000 in a day.

    ``placed`` gives how many articles were ever placed in a month (``2026-11``); ``restart`` after a rolled-back batch.
    ``block``: in which packed block the next ones lie.
    """

    def __init__(self, placed: Callable[[str], int], block: str = "") -> None:
        self._placed = placed
        self._block = block
        self.restart()

    def restart(self) -> None:
        """Count anew."""
        self._months: dict[str, int] = {}
        self._days: dict[str, int] = {}

    def set_aside(self, stored: StoredDecision, day: dt.date) -> str:
        """Where the text of an article goes that leaves the corpus: under its file's name, as no original is kept."""
        stem, _ = split_name(stored.path)
        return f"{REJECTED}/{_folder(day)}/{stem}~{stored.arrival[:8]}-{stored.record}~{stored.name}.txt"

    def path_for(self, name: str, day: dt.date) -> str:
        """The path of the next admitted article."""
        return in_block(self._plain(name, day), self._block)

    def _plain(self, name: str, day: dt.date) -> str:
        month = day.isoformat()[:7]
        if month not in self._months:
            self._months[month] = self._placed(month)
        count = self._months[month]
        self._months[month] = count + 1
        if count < _PER_MONTH:
            return f"{SEEDS}/{_folder(day)[:7]}/{name}.txt"
        today = day.isoformat()
        self._days[today] = self._days.get(today, 0) + 1
        if self._days[today] <= _PER_DAY:
            return f"{SEEDS}/{_folder(day)}/{name}.txt"
        return f"{SEEDS}/{_folder(day)}/{name[:2]}/{name}.txt"
