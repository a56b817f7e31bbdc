"""The audit log's next lines: sequence, chain, day and offset, fixed before anything is written. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from winnowd import event
from winnowd.model import Line

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from winnowd.event import Context


class End(NamedTuple):
    """Where the log ends."""

    sequence: int
    sha256: str
    day: str
    size: int


@dataclasses.dataclass(slots=True)
class Chain:
    """Gives each event its line; ``end`` may be put back when a commit failed.

    ``context`` is the run's; ``uuid7`` gives the events' ids.
    """

    context: Context
    uuid7: Callable[[], str]
    end: End

    def next(
        self, at: dt.datetime, make: Callable[[Context], Mapping[str, Any]], context: Context | None = None
    ) -> tuple[Mapping[str, Any], Line]:
        """Make the next event, and its line; ``context``: if the event was numbered before."""
        made = make(context or self.numbered())
        return made, self.append(at, event.written(made), made["event"]["sequence"])

    def numbered(self, ahead: int = 0) -> Context:
        """The context of the next event, or of one before which so many others are numbered and not closed."""
        return self.context.numbered(self.uuid7(), self.end.sequence + 1 + ahead)

    def append(self, at: dt.datetime, said: bytes, number: int) -> Line:
        """The line of an event as ``event.written``, and so numbered, chained to the one before.

        Its day is that of ``at``, or of the line before if the clock went back: a finished day is never touched again.
        Raises ValueError for an event whose turn it is not.
        """
        return self._add(at.date().isoformat(), event.closed(said, self._prev(number)))

    def append_all(self, lines: Iterable[Line]) -> list[Line]:
        """Lines that another chain has closed, in their order: their sequence stays, all else hangs on those before.

        So another process may make lines of which only the numbers are known; here a line costs one hash. Raises
        ValueError as ``append``; then the end is that of the lines before.
        """
        return [self._add(line.day, event.chained(line.line[:-1], self._prev(line.sequence))) for line in lines]

    def _prev(self, number: int) -> str:
        """What the line of this event calls the one before; ValueError if it is not its turn."""
        if number != self.end.sequence + 1:
            raise ValueError(f"event {number} comes behind event {self.end.sequence}")
        return self.end.sha256 or event.FIRST

    def _add(self, on: str, content: bytes) -> Line:
        """The next line, of an event of this day."""
        sequence, _, day, size = self.end
        today = max(on, day)
        start = size if today == day else 0
        line = Line(sequence + 1, today, start, content + b"\n", event.digest(content))
        self.end = End(sequence + 1, line.sha256, today, start + len(line.line))
        return line
