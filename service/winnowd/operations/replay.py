"""What decisions would have been under other limits, told from the log alone; beside what people made of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from winnowd.audit import configurations
from winnowd.audit.configurations import Configuration
from winnowd.audit.decided import decided
from winnowd.audit.pieces import lines
from winnowd.operations.replayed import ALWAYS, Difference, Orders, Replayed, by_people
from winnowd.pipeline.from_events import record_from_event
from winnowd.pipeline.regrading import LimitsOutOfOrderError, Regrader, Rules
from winnowd.settings import SettingsError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from winnowd.audit.reader import Log, Logged
    from winnowd.operations.replayed import Grades, Period, Record, Would
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
        OSError: the log cannot be read.
    """
    found, orders, in_force = Replayed(), Orders(), dict[str, Configuration]()
    regraders = _Regraders(in_force, changes)
    would_be: dict[Record, Would] = {}
    among: set[Record] | None = None if period == ALWAYS else set()
    for logged in lines(log):
        at, event = _decision(logged, found)
        if event is None:
            configurations.note(in_force, logged)
            orders.note(logged)
            continue
        if not period.has(at):
            continue
        found.decisions += 1
        step()
        if among is not None:
            among.add(record_from_event(event))
        outcomes = _regrade(found, logged, event, regraders)
        if outcomes is not None:
            would_be[record_from_event(event)] = (event["winnowd"]["outcome"], outcomes)
    found.people = by_people(orders, would_be, among)
    return found


class LoggedDecisions(NamedTuple):
    """Some decisions of the log, read once to be graded often; of their lines only where they stand is kept.

    ``orders`` are those that people gave since the first of them, ``broken`` the lines that were no events.
    """

    decisions: Sequence[tuple[Logged, Mapping[str, Any]]]
    orders: Orders
    in_force: Mapping[str, Configuration]
    broken: int


def logged_decisions(log: Iterable[Logged]) -> LoggedDecisions:
    """Read the decisions, the orders and the configurations of these lines, oldest first."""
    counts, orders, in_force = Replayed(), Orders(), dict[str, Configuration]()
    decisions = []
    for logged in log:
        _, event = _decision(logged, counts)
        if event is None:
            configurations.note(in_force, logged)
            orders.note(logged)
        else:
            decisions.append((logged._replace(line=b""), event))
    return LoggedDecisions(decisions, orders, in_force, counts.broken)


def regrade(given: LoggedDecisions, changes: Mapping[str, Value]) -> Replayed:
    """What ``replay`` says of just these lines.

    Raises:
        SettingsError: the fail of a limit would not lie beyond its doubt.
    """
    found = Replayed(decisions=len(given.decisions), broken=given.broken)
    regraders = _Regraders(given.in_force, changes)
    would_be: dict[Record, Would] = {}
    among = set()
    for logged, event in given.decisions:
        record = record_from_event(event)
        among.add(record)
        outcomes = _regrade(found, logged, event, regraders)
        if outcomes is not None:
            would_be[record] = (event["winnowd"]["outcome"], outcomes)
    found.people = by_people(given.orders, would_be, among)
    return found


def _decision(logged: Logged, found: Replayed) -> tuple[str, Mapping[str, Any] | None]:
    """The event of a line that is a decision, and its time; what is no event is counted."""
    try:
        event = decided(logged)
        return ("", None) if event is None else (event["@timestamp"], event)
    except (ValueError, KeyError, TypeError):
        found.broken += 1
        return "", None


def _regrade(
    found: Replayed, logged: Logged, event: Mapping[str, Any], regraders: _Regraders
) -> tuple[str, ...] | None:
    """Count what a decision would be; the outcomes that there may be, None where it is the one that was."""
    regrader = regraders.under(event["winnowd"]["config"]["sha256"], found)
    if regrader is None:
        found.unknown += 1
        return None
    would_be, grades = _regraded(regrader, event["winnowd"])
    found.count(event, would_be, grades)
    is_other = would_be != (event["winnowd"]["outcome"],)
    if is_other or (grades and regraders.every):
        found.differences.append(Difference.of(logged, event, would_be, grades))
    return would_be if is_other else None


class _Regraders:
    """How to grade the decisions of each configuration, made when the first of them comes."""

    def __init__(self, in_force: Mapping[str, Configuration], changes: Mapping[str, Value]) -> None:
        self._in_force, self._changes = in_force, changes
        self.every = not changes
        self._made: dict[str, Regrader | None] = {}

    def under(self, sha256: str, found: Replayed) -> Regrader | None:
        """The one for a configuration; None if no event before has put it in force and told it whole."""
        if sha256 not in self._made:
            self._made[sha256] = self._make(self._in_force.get(sha256), found)
        return self._made[sha256]

    def _make(self, one: Configuration | None, found: Replayed) -> Regrader | None:
        if one is None or one.settings is None or not one.limits:
            return None
        then = Rules.of(one.limits, one.settings)
        try:
            now = then.changed(self._changes)
        except LimitsOutOfOrderError as fault:
            raise SettingsError([_out_of_order(fault, one)]) from fault
        moved = {code for code in now.limits if then.limits[code] != now.limits[code]} - found.codes.keys()
        found.codes |= {code: Counter() for code in sorted(moved, key=lambda code: code[3:])}
        return Regrader(then, now, every=self.every)


def _out_of_order(fault: LimitsOutOfOrderError, then: Configuration) -> str:
    limit = fault.limit
    what = f"fail ({shown(limit.fail)}) must lie beyond doubt ({shown(limit.doubt)}) for {limit.code}"
    return f"--set: {what}, as it was from event {then.sequence:,} on; set both"


def _regraded(regrader: Regrader, ours: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, Grades]]:
    """The outcomes that there may be, and the grades that differ."""
    regraded = regrader.regrade(ours)
    if regraded is None:
        return (str(ours["outcome"]),), {}
    grades = {code: (str(was), str(bounds.least), str(bounds.most)) for code, (was, bounds) in regraded.grades.items()}
    return tuple(str(one) for one in regraded.outcomes), grades
