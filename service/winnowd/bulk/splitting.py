"""Files cut into ranges of about so many records each, streamed: of plain JSON Lines some lines, else the whole file.

Where a range begins, and what numbers its first record and line have, is counted by the very code that reads them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

from winnowd.model import Part, Source
from winnowd.reading.reader import lines_of, own_of
from winnowd.storage.originals import NotAFileError, Original

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from winnowd.reading.json_lines import Counted
    from winnowd.settings import Settings

_ANY_TIME = dt.datetime.min.replace(tzinfo=dt.UTC)  # nothing that is counted depends on it


@dataclasses.dataclass(frozen=True, slots=True)
class Input:
    """One file as it is given to a backfill; ``stat_key``: inode, size and mtime in ns, as the manifest has them.

    ``name`` tells its kind, where its bytes do not; ``feed`` whose mapping of fields it has.
    """

    path: Path
    stat_key: tuple[int, int, int]
    name: str
    feed: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Range:
    """What one task reads: a part of a file with so many records; or all of it, and nobody has counted them."""

    part: Part | None = None
    records: int | None = None


def ranges(of: Input, settings: Settings, records: int) -> Iterator[Range]:
    """Cut one file; ``settings``: those by which it will be read. A range has ``records``, or what one line has more.

    Raises:
        ChangedWhileReadError: it has been written to since it was listed, or is now.
        OSError: it cannot be read.
    """
    try:
        original = Original(str(of.path), of.stat_key)
    except NotAFileError:
        yield Range()  # told of the file by whoever reads it
        return
    with contextlib.closing(original):
        source = Source(of.name, original.size, _ANY_TIME, original.chunks, of.feed)
        lines = lines_of(source, settings.reading, own_of(settings.feeds, of.feed))
        cut = iter(()) if lines is None else cut_lines(lines, original.size, records)
        first = next(cut, Range())
        yield first
        yield from cut
        original.confirm()


def cut_lines(lines: Iterator[Counted], size: int, records: int) -> Iterator[Range]:
    """The parts of a file with these lines; none if there is no record in it. Blank lines go with those behind them."""
    start, record, line, held = 0, 0, 1, 0
    end, number = 0, 0
    for one in lines:
        if held >= records:
            yield Range(Part(start, end, record, line), held)
            start, record, line, held = end, record + held, number + 1, 0
        held += one.records
        end, number = one.end, one.number
    if held:
        yield Range(Part(start, size, record, line), held)
