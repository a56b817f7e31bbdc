"""The log a page at a time, newest first, from any event on; a page reads of one day, or so many lines of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.audit.positions import sequence_of
from winnowd.audit.search import days_between, from_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.audit.reader import Log, Logged
    from winnowd.audit.search import Wanted

WINDOW: Final = 2_500
"""Most lines that a page looks at."""
_CLOSE: Final = 1 << 16
"""Bytes that are read line by line, where a file is halved before."""


class LogPage(NamedTuple):
    """Events, newest first; ``older``: the event behind which the next page begins, None at the log's beginning.

    ``broken``: lines among them that are no events. ``is_cut``: only so many lines were looked at.
    """

    events: Sequence[Mapping[str, Any]]
    older: int | None
    broken: int = 0
    is_cut: bool = False


def page(log: Log, wanted: Wanted, most: int, before: int | None = None) -> LogPage:
    """The newest wanted events, at most so many; ``before``: of those that come before the event of this number.

    Raises:
        OSError, EOFError, zlib.error: a day's file cannot be read.
    """
    found: list[Mapping[str, Any]] = []
    broken, looked_at, oldest = 0, 0, before
    for logged in _lines(log, wanted, before):
        is_full = looked_at >= WINDOW or len(found) == most
        if is_full and oldest != before:  # broken lines have no number from which to go on
            return LogPage(found, oldest, broken, len(found) < most)
        looked_at += 1
        oldest = sequence_of(logged.line) or oldest
        try:
            event = wanted.event(logged.line)
        except (ValueError, KeyError, TypeError):
            broken += 1
            continue
        if event is not None:
            found.append(event)
    return LogPage(found, None, broken)


def _lines(log: Log, wanted: Wanted, before: int | None) -> Iterator[Logged]:
    """The lines before an event, newest first, of the days in which something wanted may be."""
    files = days_between(log, wanted.since, wanted.until)
    if before is not None:
        files = _beginning_before(log, files, before)
        if files and not files[-1].endswith(".gz"):
            yield from from_end(log.path(files[-1]), files[-1], _end_before(log, files[-1], before))
            files = files[:-1]
    for file in reversed(files):
        if file.endswith(".gz"):
            lines = list(log.lines(file))
            while before is not None and lines and sequence_of(lines[-1].line) >= before:
                lines.pop()
            yield from reversed(lines)
        else:
            yield from from_end(log.path(file), file)


def _beginning_before(log: Log, files: Sequence[str], before: int) -> list[str]:
    """The files that begin before an event, told by the first lines of a few."""
    low, high = 0, len(files)
    while low < high:
        middle = (low + high) // 2
        first = next((sequence_of(logged.line) for logged in log.lines(files[middle])), 0)
        low, high = (middle + 1, high) if first < before else (low, middle)
    return list(files[:low])


def _end_before(log: Log, file: str, before: int) -> int:
    """Where in a plain file the first line begins whose event is not before another: found by halving."""
    with log.path(file).open("rb") as content:
        low, high = 0, content.seek(0, 2)
        while high - low > _CLOSE:
            middle = (low + high) // 2
            content.seek(middle)
            content.readline()
            begin = content.tell()
            if 0 < sequence_of(content.readline()) < before:
                low = begin
            else:
                high = middle
        content.seek(low)
        for line in content:
            if sequence_of(line) >= before:
                break
            low += len(line)
    return low
