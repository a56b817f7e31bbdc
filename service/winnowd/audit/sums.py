"""What events add up to, whether they are read line by line or come as the rollup of a day. Touches no disk."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import operator
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, get_args

from winnowd.audit.decisions import DECISIONS, Limit
from winnowd.views.statistics import OUTCOMES, By

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from winnowd.audit.decisions import Event
    from winnowd.audit.rollup import Rollup

EVERY_BY: Final[tuple[By, ...]] = get_args(By)
ORDERS: Final = frozenset({"release", "confirm", "restore", "supersede", "retract", "erase"})
UNLIMITED: Final = DECISIONS | ORDERS
"""Actions whose events tell of no limits."""
WHOLE: Final = "arrival to decision"
"""From when a file was first seen in the inbox until its record was decided."""
_MICROSECOND: Final = dt.timedelta(microseconds=1)

_KEYS: Final[Mapping[By, Callable[[Event[Any, Any]], str]]] = {
    "day": lambda event: event.at[:10],
    "hour": lambda event: event.at[11:13],
    "code": operator.attrgetter("event.code"),
    "feed": operator.attrgetter("winnowd.arrival.feed"),
    "source": operator.attrgetter("winnowd.article.source.domain"),
}
_OUTCOME: Final = operator.attrgetter("winnowd.outcome")


@dataclasses.dataclass(slots=True)
class Sums:
    """What is added up: ``groups`` by each of ``bys``, key and outcome; ``others``: actions that are no decisions.

    ``times`` are in ns, by stage, those of rollups in ``of_days``, each in order. ``values``, ``texts`` (how many are
    no numbers), ``limits`` are by code. ``first`` and ``last`` are of decisions, ``earliest`` and ``latest`` of
    all events.
    """

    bys: tuple[By, ...]
    groups: dict[By, Counter[tuple[str, str]]] = dataclasses.field(default_factory=dict)
    refused: Counter[str] = dataclasses.field(default_factory=Counter)
    slugs: dict[str, str] = dataclasses.field(default_factory=dict)
    others: Counter[str] = dataclasses.field(default_factory=Counter)
    times: dict[str, array[int]] = dataclasses.field(default_factory=lambda: {WHOLE: array("q")})
    of_days: dict[str, list[array[int]]] = dataclasses.field(default_factory=dict)
    values: dict[str, array[float]] = dataclasses.field(default_factory=dict)
    texts: Counter[str] = dataclasses.field(default_factory=Counter)
    limits: dict[str, list[Limit]] = dataclasses.field(default_factory=dict)
    first: str = ""
    last: str = ""
    earliest: str = ""
    latest: str = ""
    broken: int = 0

    def __post_init__(self) -> None:
        self.groups = {by: Counter() for by in self.bys}

    def add(self, found: Sequence[Event[Any, Any]]) -> list[Event[Any, Any]]:
        """Some events more; gives the decisions among them that are well. What they measured is not added."""
        if not found:
            return []
        decisions = [one for one in found if one.event.action in DECISIONS]
        decided = [one for one in decisions if one.winnowd.outcome in OUTCOMES]
        self.broken += len(decisions) - len(decided)
        self.others.update(one.event.action for one in found if one.event.action not in DECISIONS)
        times = [one.at for one in found]
        self.earliest, self.latest = min(self.earliest or times[0], *times), max(self.latest, *times)
        if decided:
            self._add_decided(decided)
        return decided

    def _add_decided(self, decided: Sequence[Event[Any, Any]]) -> None:
        for by, groups in self.groups.items():
            groups.update(zip(map(_KEYS[by], decided), map(_OUTCOME, decided), strict=True))
        self.refused.update(one.event.code for one in decided if one.winnowd.outcome != "admitted")
        self.slugs.update((one.event.code, one.rule.name) for one in decided if one.event.code)
        times = [one.at for one in decided]
        self.first, self.last = min(self.first or times[0], *times), max(self.last, *times)
        self._add_times(decided)

    def _add_times(self, decided: Sequence[Event[Any, Any]]) -> None:
        stages = [one.winnowd.timings_ns for one in decided]
        for name in dict.fromkeys(itertools.chain.from_iterable(stages)):
            self.times.setdefault(name, array("q")).extend([ns[name] for ns in stages if name in ns])
        self.times[WHOLE].extend(
            [
                max(0, (happened.end - happened.created) // _MICROSECOND * 1_000) + ns.get("settle", 0)
                for happened, ns in zip([one.event for one in decided], stages, strict=True)
                if happened.created is not None and happened.end is not None
            ]
        )

    def add_measured(self, code: str, values: Sequence[float | str | None]) -> None:
        """What one rule measured."""
        column = self.values.setdefault(code, array("d"))
        try:
            column.extend(array("d", values))  # type: ignore[arg-type] # what is no number is told below
        except TypeError:
            column.extend([one for one in values if isinstance(one, float)])
            self.texts[code] += sum(isinstance(one, str) for one in values)

    def add_limits(self, code: str, limits: Iterable[Limit | None]) -> None:
        """The limits of a rule that events tell, in their order; those that the one before told are left out."""
        before = self.limits.setdefault(code, [])
        for one in limits:
            if one is not None and (not before or before[-1] != one):
                before.append(one)

    def ranked(self) -> dict[str, list[Sequence[int]]]:
        """The times of each stage that was timed, in pieces that are each in order."""
        pieces = {name: [*self.of_days.get(name, ()), sorted(spans)] for name, spans in self.times.items()}
        return {name: found for name, one in pieces.items() if (found := [piece for piece in one if piece])}

    def merge(self, day: Rollup) -> None:
        """A whole day more."""
        for by, groups in self.groups.items():
            groups.update({(key, outcome): n for key, outcome, n in day.groups[by]})
        self.refused.update(day.refused)
        self.slugs.update(day.slugs)
        self.others.update(day.others)
        for name, spans in day.times.items():
            self.times.setdefault(name, array("q"))
            self.of_days.setdefault(name, []).append(spans)
        for code, values in day.values.items():
            self.values.setdefault(code, array("d")).extend(values)
        self.texts.update(day.texts)
        for code, limits in day.limits.items():
            self.add_limits(code, limits)
        if day.first:
            self.first, self.last = min(self.first or day.first, day.first), max(self.last, day.last)
        if day.latest:
            self.earliest, self.latest = min(self.earliest or day.earliest, day.earliest), max(self.latest, day.latest)
