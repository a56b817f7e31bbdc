"""What decisions would have been under other limits, told from the log alone; beside what people made of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from winnowd.audit.decided import decided
from winnowd.operations.replayed import ALWAYS, Background, Difference, Replayed
from winnowd.pipeline.from_events import record_from_event
from winnowd.pipeline.regrading import LimitsOutOfOrderError, Regrader, Rules
from winnowd.settings import SettingsError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from winnowd.audit.configurations import Configuration
    from winnowd.audit.reader import Log, Logged
    from winnowd.operations.replayed import Grades, Period
    from winnowd.settings import Value


def nothing() -> None:
    """Tell nobody of a decision."""


def replay(
    log: Log, changes: Mapping[str, Value], period: Period = ALWAYS, step: Callable[[], None] = nothing
) -> Replayed:
    """Grade each decision of the log anew, by the limits in force then with some changed; by its own measures alone.

    ``changes`` are by the full names of settings, of which the log tells enough (``changes.untold``). Without any each
    decision is held to what follows from its own measures, and nothing must differ. ``step`` is called for each.

    Raises:
        SettingsError: the fail of a limit would not lie beyond its doubt.
        OSError, EOFError, zlib.error: the log cannot be read.
    """
    background = Background.of(log)
    regraders = _regraders(background.configurations, changes)
    found = Replayed(codes={code: Counter() for code in _moved_codes(regraders.values())})
    for logged, event in decisions(log, period, found):
        step()
        regrading = regraders.get(event["winnowd"]["config"]["sha256"])
        if regrading is None:
            found.unknown += 1
            continue
        would_be, grades = _regraded(regrading.regrader, event["winnowd"])
        found.count(event, would_be, grades, background.orders.get(record_from_event(event)))
        if would_be != (event["winnowd"]["outcome"],) or (grades and not changes):
            found.differences.append(Difference.of(logged, event, would_be, grades))
    return found


def decisions(log: Log, period: Period, found: Replayed) -> Iterator[tuple[Logged, Mapping[str, Any]]]:
    """The decisions of a period, oldest first; they and the lines that are no events are counted in ``found``."""
    for logged in log:
        try:
            event = decided(logged)
            if event is None or not period.has(event["@timestamp"]):
                continue
        except (ValueError, KeyError, TypeError):
            found.broken += 1
            continue
        found.decisions += 1
        yield logged, event


class _Regrading(NamedTuple):
    regrader: Regrader
    codes: tuple[str, ...]


def _regraders(in_force: Mapping[str, Configuration], changes: Mapping[str, Value]) -> dict[str, _Regrading]:
    """How to grade the decisions of each configuration that is told whole, and the codes whose limits are others."""
    made = {}
    for sha256, one in in_force.items():
        if one.settings is None or not one.limits:
            continue
        then = Rules.of(one.limits, one.settings)
        try:
            now = then.changed(changes)
        except LimitsOutOfOrderError as fault:
            raise SettingsError([_out_of_order(fault, one)]) from fault
        codes = tuple(code for code in now.limits if then.limits[code] != now.limits[code])
        made[sha256] = _Regrading(Regrader(then, now, every=not changes), codes)
    return made


def _out_of_order(fault: LimitsOutOfOrderError, then: Configuration) -> str:
    limit = fault.limit
    what = f"fail ({shown(limit.fail)}) must lie beyond doubt ({shown(limit.doubt)}) for {limit.code}"
    return f"--set: {what}, as it was from event {then.sequence:,} on; set both"


def _moved_codes(regraders: Iterable[_Regrading]) -> list[str]:
    return sorted({code for one in regraders for code in one.codes}, key=lambda code: code[3:])


def _regraded(regrader: Regrader, ours: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, Grades]]:
    """The outcomes that there may be, and the grades that differ."""
    regraded = regrader.regrade(ours)
    if regraded is None:
        return (str(ours["outcome"]),), {}
    grades = {code: (str(was), str(bounds.least), str(bounds.most)) for code, (was, bounds) in regraded.grades.items()}
    return tuple(str(one) for one in regraded.outcomes), grades
