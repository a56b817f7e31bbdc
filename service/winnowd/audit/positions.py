"""Where an event stands in the log, by its number, its day, or the log's end; reads no more days than it must."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.reader import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from winnowd.audit.reader import Log, Logged

_NUMBER: Final = re.compile(rb'"sequence":(\d{1,18})[,}]')
"""Of an event's own number, which stands before all others; text from outside has its quotes escaped."""


def last_sequence(log: Log) -> int:
    """The number of the log's last event; 0 of a log without one."""
    return next((sequence_of(logged.line) for file in reversed(log.days()) for logged in _last(log, file)), 0)


def sequence_before(log: Log, day: str) -> int:
    """The number of the last event in the files of the days before one (``2026-11-22``); 0 if there is none."""
    files = [file for file in log.days() if day_of(file) < day]
    return next((sequence_of(logged.line) for file in reversed(files) for logged in _last(log, file)), 0)


def event_of(log: Log, sequence: int) -> Mapping[str, Any] | None:
    """The event of a number; None if there is none."""
    logged = next(after(log, sequence - 1), None)
    return None if logged is None or sequence_of(logged.line) != sequence else logged.event()


def day_with(log: Log, sequence: int) -> str:
    """The day (``2026-11-22``) in whose file an event stands; "" if the log does not go so far."""
    if sequence > last_sequence(log):
        return ""
    found = ""
    for file in log.days():
        first = next((sequence_of(logged.line) for logged in log.lines(file)), 0)
        if first > sequence:
            break
        found = day_of(file)
    return found


def after(log: Log, sequence: int) -> Iterator[Logged]:
    """The lines behind the event of a number, oldest first, from the first day on that has one."""
    files = log.days()
    firsts = [next((sequence_of(logged.line) for logged in log.lines(file)), 0) for file in files]
    begin = max((at for at, first in enumerate(firsts) if 0 < first <= sequence + 1), default=0)
    lines = itertools.chain.from_iterable(map(log.lines, files[begin:]))
    return itertools.dropwhile(lambda logged: sequence_of(logged.line) <= sequence, lines)


def _last(log: Log, file: str) -> list[Logged]:
    """The last line of a file that is whole."""
    last: list[Logged] = []
    for logged in log.lines(file):
        if logged.line.endswith(b"}"):
            last = [logged]
    return last


def sequence_of(line: bytes) -> int:
    """The number of a line's event, told by its bytes; 0 of what is none."""
    found = _NUMBER.search(line)
    return int(found[1]) if found else 0
