"""Events by time, action, code, feed or text; from either end of the log, or as they come."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import itertools
import json
import re
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.reader import Logged, day_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from winnowd.audit.reader import Log

_BLOCK: Final = 1 << 16
_TIME: Final = re.compile(rb'\{"@timestamp":"([0-9T:.-]{26}Z)"')


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are wanted: all that is given must hold; of several actions or codes one.

    ``feed`` takes its sub-folders too; ``text`` stands anywhere in the line, in whatever case.
    """

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    actions: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    feed: str = ""
    text: str = ""

    def event(self, line: bytes) -> Mapping[str, Any] | None:
        """The event of a line if it is wanted; most lines are told by their bytes, without parsing.

        Raises:
            ValueError: it is no event.
        """
        if not self._may_fit(line):
            return None
        event = json.loads(line)
        if not isinstance(event, dict) or "event" not in event:
            raise ValueError("no event")
        return event if self._fits(event) else None

    def _may_fit(self, line: bytes) -> bool:
        found = _TIME.match(line)
        if found is not None and not self._is_in_time(found[1].decode()):
            return False
        if self.actions and not any(f'"action":"{action}"'.encode() in line for action in self.actions):
            return False
        if self.codes and not any(code.encode() in line for code in self.codes):
            return False
        return not self.text or _needle(self.text) in line.lower()

    def _is_in_time(self, at: str) -> bool:
        if self.since is not None and at < stamp(self.since):
            return False
        return self.until is None or at <= stamp(self.until)

    def _fits(self, event: Mapping[str, Any]) -> bool:
        ours = event.get("winnowd", {})
        if not self._is_in_time(event["@timestamp"]):
            return False
        if self.actions and event["event"]["action"] not in self.actions:
            return False
        if self.codes and not {*ours.get("codes", ()), event["event"].get("code")} & set(self.codes):
            return False
        feed = ours.get("arrival", {}).get("feed", "")
        return not self.feed or feed == self.feed or feed.startswith(f"{self.feed}/")


def _needle(text: str) -> bytes:
    return json.dumps(text)[1:-1].encode().lower()


def stamp(at: dt.datetime) -> str:
    """A moment as events have it."""
    return at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def forwards(log: Log, wanted: Wanted) -> Iterator[Logged]:
    """The lines of the days that may hold wanted events, oldest first."""
    for file in days_between(log, wanted.since, wanted.until):
        yield from log.lines(file)


def days_between(log: Log, since: dt.datetime | None, until: dt.datetime | None) -> list[str]:
    """The files that may hold events between two moments, oldest first.

    An event stands in the file of its day, or of a later one if the clock stepped back: the day after ``until`` is read
    too, not those after it.
    """
    first = "" if since is None else since.date().isoformat()
    last = "9999" if until is None else (until.date() + dt.timedelta(days=1)).isoformat()
    return [file for file in log.days() if first <= day_of(file) <= last]


def backwards(log: Log, wanted: Wanted) -> Iterator[Logged]:
    """The same, newest first, with no number: reads no more than it must."""
    for file in reversed(days_between(log, wanted.since, wanted.until)):
        if file.endswith(".gz"):
            yield from reversed(list(log.lines(file)))
        else:
            yield from from_end(log.path(file), file)


def from_end(path: Path, file: str, end: int | None = None) -> Iterator[Logged]:
    """The lines of a file from its end, or that end there, a block at a time; an unfinished last one is left out."""
    with path.open("rb") as content:
        at = content.seek(0, 2) if end is None else end
        held, is_whole = b"", False
        while at:
            size = min(_BLOCK, at)
            at -= size
            content.seek(at)
            held = content.read(size) + held
            if not is_whole:
                end = held.rfind(b"\n") + 1
                held, is_whole = held[: end or None], end > 0
            if is_whole:
                begun, _, lines = held.partition(b"\n") if at else (b"", b"", held)
                yield from _reversed(lines, file, at + len(begun) + bool(at))
                held = begun + b"\n"


def _reversed(lines: bytes, file: str, offset: int) -> Iterator[Logged]:
    """Whole lines, the last first; ``offset`` is where they begin."""
    found = []
    for line in lines.split(b"\n")[:-1]:
        found.append(Logged(file, 0, offset, line))
        offset += len(line) + 1
    yield from reversed(found)


def newest(log: Log, wanted: Wanted, most: int) -> Iterator[Logged]:
    """The lines of the last ``most`` wanted events, oldest first; lines that are no events do not count."""
    if not most:
        return
    fitting = (line for line in backwards(log, wanted) if _is_wanted(wanted, line))
    yield from reversed(list(itertools.islice(fitting, most)))


def _is_wanted(wanted: Wanted, line: Logged) -> bool:
    try:
        return wanted.event(line.line) is not None
    except (ValueError, KeyError, TypeError):
        return False


class Follower:
    """Gives the lines that are added from the moment it is made; ``wait`` is called when there are none."""

    def __init__(self, log: Log, wait: Callable[[], None]) -> None:
        self._log = log
        self._wait = wait
        files = self._log.days()
        self._day = day_of(files[-1]) if files else ""
        self._offset = self._size(files[-1]) if files else 0

    def _size(self, file: str) -> int:
        content = list(self._log.lines(file)) if file.endswith(".gz") else []
        return sum(len(one.line) + 1 for one in content) if content else self._log.path(file).stat().st_size

    def __iter__(self) -> Iterator[Logged]:
        while True:
            found = False
            for logged in self._new():
                found = True
                yield logged
            if not found:
                self._wait()

    def _new(self) -> Iterator[Logged]:
        """The whole lines that were added, in this day's file and those after it."""
        for file in self._log.days():
            day = day_of(file)
            if day < self._day:
                continue
            if day > self._day:
                self._day, self._offset = day, 0
            for logged in self._added(file):
                self._offset = logged.offset + len(logged.line) + 1
                yield logged

    def _added(self, file: str) -> Iterator[Logged]:
        if file.endswith(".gz"):
            yield from (one for one in self._log.lines(file) if one.offset >= self._offset)
            return
        at = self._offset
        with contextlib.suppress(FileNotFoundError), self._log.path(file).open("rb") as content:  # just sealed
            content.seek(at)
            for line in content:
                if line.endswith(b"\n"):
                    yield Logged(file, 0, at, line[:-1])
                at += len(line)
