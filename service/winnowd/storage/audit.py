"""Writing the audit log: lines from the ledger's outbox into the day's file, and nothing else into it, ever.

What a line says and where it stands is fixed in the ledger before; here it is only appended, and may be appended again
after a crash. The file of a day must be exactly the lines of that day, one after the other.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from winnowd.storage.places import log_file

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from winnowd.model import Line
    from winnowd.storage.disk import Disk
    from winnowd.storage.ledger.outbox import Outbox

HEAD = "audit/HEAD.json"


@dataclass(frozen=True, slots=True)
class Mended:
    """What ``mend`` did: lines written again, bytes of a torn line cut, bytes never ours moved to ``foreign_path``.

    ``lost``: of the lines, how many had been published before, so that somebody has cut the log.
    """

    lines: int = 0
    torn: int = 0
    lost: int = 0
    foreign: int = 0
    foreign_path: str = ""


class AuditLog:
    """Appends to ``audit/YYYY/MM/DD.jsonl``."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def publish(self, lines: Sequence[Line], at: dt.datetime) -> None:
        """Append these lines, in order, each day to its own file; on disk when this returns.

        Raises:
            OSError: the disk failed, or the file is not as the ledger knows it: ``mend`` it.
        """
        for day, group in itertools.groupby(lines, key=lambda line: line.day):
            of_day = list(group)
            content = b"".join(line.line for line in of_day)
            self._disk.append(self._disk.path(log_file(day)), content, at=of_day[0].start)
        if lines:
            self._point(lines[-1], at)

    def _point(self, last: Line, at: dt.datetime) -> None:
        head = {
            "sequence": last.sequence,
            "sha256": last.sha256,
            "file": log_file(last.day),
            "offset": last.start + len(last.line),
            "at": at.isoformat().replace("+00:00", "Z"),
        }
        self._disk.replace(self._disk.path(HEAD), json.dumps(head).encode() + b"\n")

    def mend(self, outbox: Outbox, at: dt.datetime, published: int) -> Mended:
        """Make the files of all unsealed days what the outbox says; bytes that are not ours go to ``audit/torn/``.

        ``published``: the last sequence that is known to have been in the log.
        """
        total = Mended()
        for day in outbox.days():
            found = self._mend_day(outbox, day, at, published)
            total = Mended(
                total.lines + found.lines,
                total.torn + found.torn,
                total.lost + found.lost,
                total.foreign + found.foreign,
                found.foreign_path or total.foreign_path,
            )
        return total

    def _mend_day(self, outbox: Outbox, day: str, at: dt.datetime, published: int) -> Mended:
        path = self._disk.path(log_file(day))
        lines = list(outbox.lines(day))
        kept_from = lines[0].start
        expected = b"".join(line.line for line in lines)
        content = _tail(path, kept_from)
        if content == expected:
            return Mended()
        good = _common(content, expected)
        is_torn = good == len(content)
        good = expected.rfind(b"\n", 0, good) + 1
        surplus = content[good:]
        foreign_path = "" if is_torn else self._set_aside(f"{day}-{kept_from + good}", surplus)
        if surplus:
            self._disk.cut(path, kept_from + good)
        again = [line for line in lines if line.start >= kept_from + good]
        self.publish(again, at)
        lost = sum(line.sequence <= published for line in again)
        torn, foreign = (len(surplus), 0) if is_torn else (0, len(surplus))
        return Mended(len(again), torn, lost, foreign, foreign_path)

    def _set_aside(self, place: str, foreign: bytes) -> str:
        """Keep what is not ours, on disk before it is cut from the log; killed and begun again, under the same name."""
        name = f"audit/torn/{place}-{hashlib.sha256(foreign).hexdigest()[:16]}"
        goal = self._disk.path(name)
        beside = self._disk.write_beside(goal, foreign)
        self._disk.sync()
        self._disk.put(beside, goal)
        self._disk.sync()
        return name


def _tail(path: Path, start: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read()
    except FileNotFoundError:
        return b""


def _common(first: bytes, second: bytes) -> int:
    """How many bytes both begin with."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
