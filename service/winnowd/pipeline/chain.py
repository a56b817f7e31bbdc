"""The audit log's next lines: sequence, chain, day and offset, fixed before anything is written. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from winnowd import event
from winnowd.model import Line

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

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

    def next(self, at: dt.datetime, make: Callable[[Context], Mapping[str, Any]]) -> tuple[Mapping[str, Any], Line]:
        """Make an event with the next sequence number, and its line.

        Its day is that of ``at``, or of the line before if the clock went back: a finished day is never touched again.
        """
        sequence, sha256, day, size = self.end
        made = make(self.context.numbered(self.uuid7(), sequence + 1))
        content = event.render(made, sha256 or event.FIRST)
        today = max(at.date().isoformat(), day)
        start = size if today == day else 0
        line = Line(sequence + 1, today, start, content + b"\n", event.digest(content))
        self.end = End(sequence + 1, line.sha256, today, start + len(line.line))
        return made, line
