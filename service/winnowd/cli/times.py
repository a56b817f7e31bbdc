"""Days and moments as people give them on the command line; all of it is UTC."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_AGO: Final = re.compile(r"(\d{1,6})([smhdw])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,14}")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Moment(click.ParamType[Any]):
    """``2026-11-22``, ``2026-11-22T03:47``, ``2026-11-22T03:47:12Z``, ``today``, ``yesterday``, or ago: ``90m 24h 7d``.

    A day alone is its first moment; with ``ends``, its last.
    """

    name = "time"

    def __init__(self, *, ends: bool = False, now: Callable[[], dt.datetime] = _now) -> None:
        self._ends = ends
        self._now = now

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:  # noqa: ANN401 - click's
        """The moment, UTC."""
        if isinstance(value, dt.datetime):
            return value
        try:
            return self._moment(value)
        except (ValueError, OverflowError):
            what = "is no time; give 2026-11-22, 2026-11-22T03:47, today, yesterday, or 90m, 24h, 7d"
            self.fail(f"{value} {what}", param, ctx)

    def _moment(self, value: str) -> dt.datetime:
        now = self._now()
        if ago := _AGO.fullmatch(value):
            return now - dt.timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])
        days = {"today": now.date(), "yesterday": now.date() - dt.timedelta(days=1)}
        if value in days or _DAY.fullmatch(value):
            return self._edge(days.get(value) or dt.date.fromisoformat(value))
        found = dt.datetime.fromisoformat(value)
        return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)

    def _edge(self, day: dt.date) -> dt.datetime:
        at = dt.time.max if self._ends else dt.time.min
        return dt.datetime.combine(day, at, dt.UTC)


class Day(Moment):
    """A day, however it was given."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's
        """The day, UTC."""
        return super().convert(value, param, ctx).date()


class DayOrEvent(Day):
    """A day, or the number of an event."""

    name = "day or number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's
        """The day, UTC, or the number."""
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            return int(value)
        return super().convert(value, param, ctx)


SINCE: Final = Moment()
UNTIL: Final = Moment(ends=True)
DAY: Final = Day()
DAY_OR_EVENT: Final = DayOrEvent()
