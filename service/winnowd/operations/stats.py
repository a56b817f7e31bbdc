"""What the decisions of a time add up to, from the files of the audit log alone; nothing is written or kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
import operator
from array import array
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.decisions import DECISIONS, Limit, decoder, events
from winnowd.audit.pieces import holding
from winnowd.audit.search import days_between
from winnowd.views.statistics import OUTCOMES, Bin, By, Measured, Outcomes, Quantiles, Statistics, ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from winnowd.audit.decisions import Event
    from winnowd.audit.reader import Log

POLICY: Final = frozenset({"QUA460", "SCH212", "SCH213"})
"""What is turned away for what it is, not for what is wrong with it: language, rights, made by a machine."""
ORDERS: Final = frozenset({"release", "confirm", "restore", "supersede", "retract", "erase"})
WHOLE: Final = "arrival to decision"
"""From when a file was first seen in the inbox until its record was decided."""
_NS: Final = 1_000_000_000
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_BINS: Final = 20
_LOG_FROM: Final = 50
"""How many times as large as the 5 % point the largest value is where bins grow by a factor."""

_KEYS: Final[Mapping[By, Callable[[Event[Any, Any]], str]]] = {
    "day": lambda event: event.at[:10],
    "hour": lambda event: event.at[11:13],
    "code": operator.attrgetter("event.code"),
    "feed": operator.attrgetter("winnowd.arrival.feed"),
    "source": operator.attrgetter("winnowd.article.source.domain"),
}
_OUTCOME: Final = operator.attrgetter("winnowd.outcome")


class NoSuchMeasureError(Exception):
    """No decision was measured by a rule, and the log does not tell of it; the text is its code."""


@dataclasses.dataclass(slots=True)
class _Sums:
    """What is added up while the log is read."""

    by: By
    groups: Counter[tuple[str, str]] = dataclasses.field(default_factory=Counter)
    refused: Counter[str] = dataclasses.field(default_factory=Counter)
    slugs: dict[str, str] = dataclasses.field(default_factory=dict)
    orders: Counter[str] = dataclasses.field(default_factory=Counter)
    times: dict[str, array[int]] = dataclasses.field(default_factory=lambda: {WHOLE: array("q")})
    first: str = ""
    last: str = ""
    broken: int = 0
    values: list[float | str] = dataclasses.field(default_factory=list)
    limits: list[Limit] = dataclasses.field(default_factory=list)

    def add(self, found: Sequence[Event[Any, Any]]) -> None:
        """Some events more."""
        decisions = [one for one in found if one.event.action in DECISIONS]
        decided = [one for one in decisions if one.winnowd.outcome in OUTCOMES]
        self.broken += len(decisions) - len(decided)
        self._add_others(one for one in found if one.event.action not in DECISIONS)
        if not decided:
            return
        self.groups.update(zip(map(_KEYS[self.by], decided), map(_OUTCOME, decided), strict=True))
        self.refused.update(one.event.code for one in decided if one.winnowd.outcome != "admitted")
        self.slugs.update((one.event.code, one.rule.name) for one in decided if one.event.code)
        measured = [one.winnowd.measured.value for one in decided if one.winnowd.measured is not None]
        self.values += [value for value in measured if value is not None]
        times = [one.at for one in decided]
        self.first, self.last = min(self.first or times[0], *times), max(self.last, *times)
        self._add_times(decided)

    def _add_others(self, others: Iterable[Event[Any, Any]]) -> None:
        for one in others:
            if one.event.action in ORDERS:
                self.orders[one.event.action] += 1
            elif one.winnowd.limits is not None and one.winnowd.limits.value is not None:
                self.limits.append(one.winnowd.limits.value)

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


def stats(
    log: Log,
    by: By = "day",
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    measure: str = "",
) -> Statistics:
    """Count the decisions between two moments, both included; ``measure`` is the code of a rule, "" for none.

    Raises:
        NoSuchMeasureError: nothing was measured by that rule.
    """
    sums, unread = _Sums(by), []
    for part in events(log, since=since, until=until, code=measure):
        sums.broken += part.broken
        if part.fault:
            unread.append((part.file, part.fault))
        sums.add(part.events)
    groups: dict[str, dict[str, int]] = {}
    for (key, outcome), count in sums.groups.items():
        groups.setdefault(key, {})[outcome] = count
    outcomes = {key: Outcomes(**counts) for key, counts in groups.items()}
    return Statistics(
        by=by,
        groups=ordered(outcomes, by),
        total=Outcomes(*map(sum, zip(*outcomes.values(), strict=True))),
        first=sums.first,
        last=sums.last,
        slugs=sums.slugs,
        refused=_by_kind(sums.refused),
        orders=dict(sums.orders.most_common()),
        times={name: _quantiles(spans) for name, spans in sums.times.items() if spans},
        measured=_measured(log, measure, sums, since) if measure else None,
        broken=sums.broken,
        unread=tuple(unread),
    )


def kind_of(code: str) -> str:
    """What turns a record away with this code first: a copy, a person's order, policy, or a defect."""
    if code in POLICY:
        return "policy"
    return {"DUP": "copies", "ORD": "orders"}.get(code[:3], "defects")


def _by_kind(refused: Counter[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for code, count in sorted(refused.items(), key=lambda one: (-one[1], one[0])):
        found.setdefault(kind_of(code), {})[code] = count
    return found


def _quantiles(spans: array[int]) -> Quantiles:
    """The nearest ranks: the smallest value that so many of all do not exceed."""
    ranked = sorted(spans)
    median, p90, p99 = (ranked[math.ceil(share * len(ranked)) - 1] / _NS for share in (0.5, 0.9, 0.99))
    return Quantiles(len(ranked), median, p90, p99)


def _measured(log: Log, code: str, sums: _Sums, since: dt.datetime | None) -> Measured:
    limits = sums.limits or _known_before(log, code, since)
    values = array("d", (one for one in sums.values if isinstance(one, float | int)))
    texts = sum(isinstance(one, str) for one in sums.values)
    if not (values or texts or limits):
        raise NoSuchMeasureError(code)
    rule = limits[-1] if limits else Limit()
    made = Measured(
        code, rule.slug, rule.unit, rule.side, rule.doubt, rule.fail, rule.reached, _bins(values, rule), texts=texts,
        changed=len({(one.doubt, one.fail) for one in limits}) > 1,
    )  # fmt: skip
    doubted, failed = _beyond(values, rule)
    return made._replace(doubted=doubted, failed=failed)


def _known_before(log: Log, code: str, since: dt.datetime | None) -> list[Limit]:
    """The limits that were told last before the time that was read."""
    decode = decoder(code)
    files = log.days()
    before = files[: len(files) - len(days_between(log, since, None))] if since is not None else []
    for file in reversed([*before, *days_between(log, since, since)]):
        found = [decode.decode(line.line).winnowd.limits for line in holding(log, [file], [b'"limits":{'])]
        if in_force := [one.value for one in found if one is not None and one.value is not None]:
            return in_force[-1:]
    return []


def _beyond(values: Sequence[float], rule: Limit) -> tuple[int | None, int | None]:
    """How many values are doubted or worse, and how many failed."""
    sign = -1 if rule.side == "min" else 1

    def count(limit: float | None) -> int | None:
        if limit is None:
            return None
        if rule.reached:
            return sum(sign * value >= sign * limit for value in values)
        return sum(sign * value > sign * limit for value in values)

    return count(rule.doubt), count(rule.fail)


def _bins(values: Sequence[float], rule: Limit) -> tuple[Bin, ...]:
    """Some twenty bins from the least value to the largest, of which edges stand on the limits."""
    if not values:
        return ()
    ranked = sorted(values)
    least, most = ranked[0], ranked[-1]
    edges = _edges(ranked)
    edges += [limit for limit in (rule.doubt, rule.fail) if limit is not None and least < limit < most]
    edges = sorted(set(edges))
    counts = Counter(min(bisect_right(edges, value) - 1, len(edges) - 2) for value in values)
    if len(edges) == 1:
        return (Bin(least, most, len(values)),)
    return tuple(Bin(start, end, counts[at]) for at, (start, end) in enumerate(itertools.pairwise(edges)))


def _edges(ranked: Sequence[float]) -> list[float]:
    """Evenly spread, or by a factor where few values are far larger than most."""
    least, most = ranked[0], ranked[-1]
    low = ranked[len(ranked) // 20]
    if low > 0 and most >= _LOG_FROM * low:
        step = (math.log(most) - math.log(low)) / (_BINS - 1)  # of logarithms: a ratio of floats may be no float
        return [least, *(min(low * math.exp(at * step), most) for at in range(_BINS - 1)), most]
    return [least + (most - least) * at / _BINS for at in range(_BINS)] + [most]
