"""Writing the audit log: lines from the ledger's outbox into the day's file, and nothing else into it, ever.

What a line says and where it stands is fixed in the ledger before; here it is only appended, and may be appended again
after a crash. The file of a day must be exactly the lines of that day, one after the other.
"""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import itertools
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from winnowd.layout import HEAD, TORN, log_file

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from winnowd.model import Line
    from winnowd.storage.disk import Disk
    from winnowd.storage.ledger.outbox import Outbox


def line_of(disk: Disk, outbox: Outbox, sequence: int) -> bytes | None:
    """The line of a published event, with its LF; None if it does not stand in the log as the ledger knows it."""
    if (position := outbox.position(sequence)) is None:
        return None
    day, start, size = position
    plain = disk.path(log_file(day))
    try:
        with plain.open("rb") if plain.exists() else gzip.open(f"{plain}.gz") as file:
            file.seek(start)
            line = file.read(size)
    except (OSError, EOFError, zlib.error):
        return None
    return line if hashlib.sha256(line[:-1]).hexdigest() == outbox.sha256(sequence) else None


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

    def __init__(self, disk: Disk, guard: Callable[[Path, Outbox], None]) -> None:
        """Take what is asked before the log is mended: it raises if the log knows more than the ledger."""
        self._disk = disk
        self._guard = guard

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

    def preview(self, outbox: Outbox, published: int) -> Mended:
        """What ``mend`` would do; nothing is changed.

        Raises:
            LedgerBehindError: the log goes on from where the ledger ends.
        """
        self._guard(self._disk.instance_dir, outbox)
        return _sum(_mended(gap, published) for gap in self._gaps(outbox))

    def mend(self, outbox: Outbox, at: dt.datetime, published: int) -> Mended:
        """Make the files of all unsealed days what the outbox says; bytes that are not ours go to ``audit/torn/``.

        ``published``: the last sequence that is known to have been in the log.

        Raises:
            LedgerBehindError: the log goes on from where the ledger ends. Such lines are true, and never cut.
        """
        self._guard(self._disk.instance_dir, outbox)
        mended = _sum(self._fill(gap, at, published) for gap in self._gaps(outbox))
        self._disk.found(*(self._disk.path(log_file(day)) for day in outbox.days()))
        return mended

    def _gaps(self, outbox: Outbox) -> Iterator[_Gap]:
        for day in outbox.days():
            gap = _gap(self._disk.path(log_file(day)), outbox, day)
            if gap is not None:
                yield gap

    def _fill(self, gap: _Gap, at: dt.datetime, published: int) -> Mended:
        path = self._disk.path(log_file(gap.day))
        foreign_path = "" if gap.is_torn else self._set_aside(f"{gap.day}-{gap.good}", gap.surplus)
        if gap.surplus:
            self._disk.cut(path, gap.good)
        self.publish(gap.missing, at)
        return dataclasses.replace(_mended(gap, published), foreign_path=foreign_path)

    def _set_aside(self, where: str, foreign: bytes) -> str:
        """Keep what is not ours, on disk before it is cut from the log; killed and begun again, under the same name."""
        name = f"{TORN}/{where}-{hashlib.sha256(foreign).hexdigest()[:16]}"
        goal = self._disk.path(name)
        temp_path = self._disk.write_temp(goal, foreign)
        self._disk.sync()
        self._disk.put(temp_path, goal)
        self._disk.sync()
        return name


@dataclass(frozen=True, slots=True)
class _Gap:
    """A day's file is the ledger's up to ``good``; then comes what is surplus there, and not what is missing."""

    day: str
    good: int
    surplus: bytes
    is_torn: bool
    missing: list[Line]


def _gap(path: Path, outbox: Outbox, day: str) -> _Gap | None:
    """Where a day's file and the ledger part; None if they do not."""
    good, surplus = _agreed(path, outbox, day)
    missing = list(outbox.lines(day, good))
    if not (surplus or missing):
        return None
    expected = b"".join(line.line for line in missing)
    return _Gap(day, good, surplus, expected.startswith(surplus), missing)


def _agreed(path: Path, outbox: Outbox, day: str) -> tuple[int, bytes]:
    """How far a day's file has the ledger's lines, whole, and the bytes that follow there."""
    good: int | None = None
    try:
        with path.open("rb") as file:
            for line in outbox.lines(day):
                good = line.start if good is None else good
                file.seek(good)
                if file.read(len(line.line)) != line.line:
                    break
                good += len(line.line)
            file.seek(good or 0)
            return good or 0, file.read()
    except FileNotFoundError:
        first = next(outbox.lines(day), None)
        return 0 if first is None else first.start, b""


def _mended(gap: _Gap, published: int) -> Mended:
    lost = sum(line.sequence <= published for line in gap.missing)
    torn, foreign = (len(gap.surplus), 0) if gap.is_torn else (0, len(gap.surplus))
    return Mended(len(gap.missing), torn, lost, foreign)


def _sum(mended: Iterable[Mended]) -> Mended:
    total = Mended()
    for one in mended:
        total = Mended(
            total.lines + one.lines,
            total.torn + one.torn,
            total.lost + one.lost,
            total.foreign + one.foreign,
            one.foreign_path or total.foreign_path,
        )
    return total
