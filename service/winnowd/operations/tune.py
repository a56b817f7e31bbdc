"""What another limit would catch, told from the newest decisions of the log; nothing is changed.

``replay --set`` reads the whole log; here the newest decisions are read once, kept for a minute, and graded anew for
each limit that somebody tries. What is asked within that minute is answered by the same decisions.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.audit import configurations
from winnowd.audit.behind import asked_ledger
from winnowd.audit.pieces import holding
from winnowd.audit.reader import Log, Logged, day_of
from winnowd.audit.search import Wanted, backwards
from winnowd.operations.changes import changes_from
from winnowd.operations.replay import logged_decisions, regrade
from winnowd.pipeline.from_events import record_from_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.audit.configurations import Configuration
    from winnowd.operations.replay import LoggedDecisions
    from winnowd.operations.replayed import Replayed

NEWEST: Final = 5_000
"""Most decisions that are looked at."""
DAYS: Final = 30
"""How old they may be."""
KEPT: Final = 60.0
"""Seconds for which they are kept, whatever is decided meanwhile."""
_MOST_POINTS: Final = 60
_DECIDED: Final = (b'"action":"admit"', b'"action":"quarantine"', b'"action":"reject"')
_SETS: Final = (b'"action":"startup"', b'"action":"config-change"')


class NoLimitError(KeyError):
    """None of these decisions was held to a limit by that code."""


class Point(NamedTuple):
    """What a limit catches: how many decisions, of how many that people confirmed, of how many they released."""

    limit: float
    caught: int
    confirmed: int
    released: int


@dataclasses.dataclass(frozen=True, slots=True)
class Curve:
    """A rule's limits in force, and what others would catch.

    ``side``: max, what is larger is caught, or min; ``is_reached``: and what is just the limit.
    ``setting`` is the name of the limit without ``.doubt``, ``.fail``.
    ``points`` by limit, ascending; ``totals``: how many decisions were measured, confirmed, released in all.
    """

    code: str
    slug: str
    unit: str
    side: str
    is_reached: bool
    setting: str
    doubt: float | None
    fail: float | None
    points: Sequence[Point]
    totals: tuple[int, int, int]


@dataclasses.dataclass(frozen=True, slots=True)
class Recent:
    """The newest decisions: how many, from when to when, and up to which event."""

    read: LoggedDecisions
    count: int
    first: str
    last: str
    sequence: int

    def curve(self, code: str) -> Curve:
        """What each limit of a rule would catch, by its measure alone.

        Raises:
            NoLimitError: none of these decisions was held to a limit by that code.
        """
        rule = self._rule(code)
        values = [
            (float(value), record_from_event(event))
            for _, event in self.read.decisions
            if isinstance(value := event["winnowd"].get("measured", {}).get(code), int | float)
        ]
        last = self.read.orders.last
        every = sorted(value for value, _ in values)
        confirmed = sorted(value for value, record in values if last.get(record) == "confirm")
        released = sorted(value for value, record in values if last.get(record) == "release")
        catches = _catching(str(rule["side"]), is_reached=bool(rule.get("reached", False)))
        limits = {*_spread(every), *(rule[end] for end in ("doubt", "fail") if rule.get(end) is not None)}
        return Curve(
            code=code,
            slug=str(rule.get("slug", "")),
            unit=str(rule.get("unit", "")),
            side=str(rule["side"]),
            is_reached=bool(rule.get("reached", False)),
            setting=str(rule["setting"]),
            doubt=rule.get("doubt"),
            fail=rule.get("fail"),
            points=[
                Point(limit, *(catches(some, limit) for some in (every, confirmed, released)))
                for limit in sorted(limits)
            ],
            totals=(len(every), len(confirmed), len(released)),
        )

    def _rule(self, code: str) -> Mapping[str, Any]:
        """The limits of a rule as they were in force last."""
        for _, event in reversed(self.read.decisions):
            one = self.read.in_force.get(event["winnowd"]["config"]["sha256"])
            if one is not None and code in one.limits:
                return one.limits[code]
        raise NoLimitError(code)

    def tried(self, code: str, ends: Mapping[str, str]) -> Replayed:
        """What these decisions would be under other limits: ``{"fail": "1.5"}``, "off" for none.

        Raises:
            SettingsError: that is no limit, or its fail would not lie beyond its doubt.
        """
        return regrade(self.read, changes_from(f"{code}.{end}={value}" for end, value in ends.items()))


class Tuning:
    """The newest decisions of an instance, read when they are asked for; one for a process, safe among its threads.

    ``now`` is the time of day, ``seconds`` a clock that never goes back.
    """

    def __init__(self, instance_dir: Path, now: Callable[[], dt.datetime], seconds: Callable[[], float]) -> None:
        self._instance_dir, self._now, self._seconds = instance_dir, now, seconds
        self._lock = threading.Lock()
        self._kept: tuple[float, Recent] | None = None

    def recent(self) -> Recent:
        """The newest decisions, as they were within the last minute.

        Raises:
            LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
            OSError, EOFError, zlib.error: the log cannot be read.
        """
        with self._lock:
            if self._kept is None or self._seconds() - self._kept[0] > KEPT:
                self._kept = (self._seconds(), recent(self._instance_dir, self._now()))
            return self._kept[1]


def recent(instance_dir: Path, now: dt.datetime) -> Recent:
    """The newest decisions: of the last days, and not more than are quickly graded.

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
        OSError, EOFError, zlib.error: the log cannot be read.
    """
    log = Log(instance_dir)
    lines = list(_newest(log, now - dt.timedelta(days=DAYS)))[::-1]
    read = logged_decisions(lines)
    wanted = {event["winnowd"]["config"]["sha256"] for _, event in read.decisions} - read.in_force.keys()
    read = read._replace(in_force={**_in_force(instance_dir, log, wanted), **read.in_force})
    events = [event for _, event in read.decisions]
    return Recent(
        read,
        len(events),
        events[0]["@timestamp"] if events else "",
        events[-1]["@timestamp"] if events else "",
        int(events[-1]["event"]["sequence"]) if events else 0,
    )


def _newest(log: Log, since: dt.datetime) -> Iterator[Logged]:
    """The newest lines, from the newest back to the last decision that is looked at."""
    decisions = 0
    for logged in backwards(log, Wanted(since=since)):
        decisions += any(action in logged.line for action in _DECIDED)
        if decisions > NEWEST:
            return
        yield logged


def _in_force(instance_dir: Path, log: Log, wanted: set[str]) -> dict[str, Configuration]:
    """Configurations that came into force before these decisions, on days that the ledger knows."""
    with asked_ledger(instance_dir) as ledger:
        days = {ledger.history.used_since(sha256) for sha256 in wanted} if ledger is not None else set()
    files = [file for file in log.days() if day_of(file) in days]
    found = configurations.configurations(holding(log, files, _SETS))
    return {sha256: one for sha256, one in found.items() if sha256 in wanted}


def _catching(side: str, *, is_reached: bool) -> Callable[[Sequence[float], float], int]:
    """How many values a limit catches: those beyond it, or those that reach it too."""
    if side == "min":
        bisect = bisect_right if is_reached else bisect_left
        return bisect
    bisect = bisect_left if is_reached else bisect_right
    return lambda ranked, limit: len(ranked) - bisect(ranked, limit)


def _spread(ranked: Sequence[float]) -> list[float]:
    """Some of these values: so that as many lie between two as between any two others, and both ends."""
    if len(ranked) <= _MOST_POINTS:
        return list(ranked)
    return [ranked[at * (len(ranked) - 1) // (_MOST_POINTS - 1)] for at in range(_MOST_POINTS)]
