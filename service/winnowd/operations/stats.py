"""What the decisions of a time add up to, from the files of the audit log alone: rollups of days, or their lines."""

from __future__ import annotations

import itertools
import math
import sys
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.decisions import Limit, bounds, decoder, events
from winnowd.audit.pieces import holding
from winnowd.audit.search import days_between
from winnowd.audit.sums import ORDERS, UNLIMITED, Sums
from winnowd.operations.rollups import rollups
from winnowd.views.statistics import Bin, Measured, Outcomes, Quantiles, Statistics, ordered

if TYPE_CHECKING:
    import datetime as dt
    from collections import Counter
    from collections.abc import Iterable, Sequence

    from winnowd.audit.decisions import Event
    from winnowd.audit.reader import Log
    from winnowd.views.statistics import By

POLICY: Final = frozenset({"QUA460", "SCH212", "SCH213"})
"""What is turned away for what it is, not for what is wrong with it: language, rights, made by a machine."""
_NS: Final = 1_000_000_000
_SPANS: Final = range(sys.maxsize)
"""All that a span may be, in ns: the event's reader takes none that is longer."""
_BINS: Final = 20
_LOG_FROM: Final = 50
"""How many times as large as the 5 % point the largest value is where bins grow by a factor."""


class NoSuchMeasureError(Exception):
    """No decision was measured by a rule, and the log does not tell of it; the text is its code."""


def stats(
    log: Log,
    by: By = "day",
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    measure: str = "",
    owned: bool = False,
) -> Statistics:
    """Count the decisions between two moments, both included; ``measure`` is the code of a rule, "" for none.

    Of a sealed day its rollup is read where one is believed, else its lines: the answer is the same. ``owned``: the log
    is an instance's own; rollups that are missing are made and kept (``rollups``).

    Raises:
        NoSuchMeasureError: nothing was measured by that rule.
    """
    sums, unread = _summed(log, by, since, until, measure, owned=owned)
    groups: dict[str, dict[str, int]] = {}
    for (key, outcome), count in sums.groups[by].items():
        groups.setdefault(key, {})[outcome] = count
    outcomes = {key: Outcomes(**counts) for key, counts in groups.items()}
    return Statistics(
        by=by,
        groups=ordered(outcomes, by),
        total=Outcomes(*map(sum, zip(*outcomes.values(), strict=True))),
        first=sums.first,
        last=sums.last,
        slugs=sums.slugs,
        refused=by_kind(sums.refused),
        orders={name: n for name, n in sums.others.most_common() if name in ORDERS},
        times={name: quantiles(pieces) for name, pieces in sums.ranked().items()},
        measured=_measured(log, measure, sums, since) if measure else None,
        broken=sums.broken,
        unread=unread,
    )


def _summed(
    log: Log, by: By, since: dt.datetime | None, until: dt.datetime | None, code: str, *, owned: bool
) -> tuple[Sums, tuple[tuple[str, str], ...]]:
    """The events between two moments, added up; and the files that cannot be read, with why."""
    sums, unread, lines = Sums((by,)), list[tuple[str, str]](), list[str]()
    first, last = bounds(since, until)

    def read() -> None:
        for part in events(log, lines, since=since, until=until, code=code):
            sums.broken += part.broken
            if part.fault:
                unread.append((part.file, part.fault))
            add(sums, part.events, code)
        lines.clear()

    for file, day in rollups(log, days_between(log, since, until), (code,), owned=owned):
        if day is None or not first <= day.earliest <= day.latest <= last:
            lines.append(file)
        else:
            read()
            sums.merge(day)
    read()
    return sums, tuple(unread)


def add(sums: Sums, found: Sequence[Event[Any, Any]], code: str) -> list[Event[Any, Any]]:
    """Some events more, with what one rule measured ("": none); gives the decisions among them that are well."""
    decided = sums.add(found)
    if code:
        sums.add_measured(code, [one.winnowd.measured.value for one in decided if one.winnowd.measured is not None])
        limits = (one.winnowd.limits for one in found if one.event.action not in UNLIMITED)
        sums.add_limits(code, (one.value for one in limits if one is not None))
    return decided


def kind_of(code: str) -> str:
    """What turns a record away with this code first: a copy, a person's order, policy, or a defect."""
    if code in POLICY:
        return "policy"
    return {"DUP": "copies", "ORD": "orders"}.get(code[:3], "defects")


def by_kind(refused: Counter[str]) -> dict[str, dict[str, int]]:
    """How many were turned away, by kind and code, the most first."""
    found: dict[str, dict[str, int]] = {}
    for code, count in sorted(refused.items(), key=lambda one: (-one[1], one[0])):
        found.setdefault(kind_of(code), {})[code] = count
    return found


def quantiles(pieces: Sequence[Sequence[int]]) -> Quantiles:
    """The nearest ranks: the smallest value that so many of all do not exceed. In ns, in pieces that are in order."""
    n = sum(map(len, pieces))

    def ranked(share: float) -> float:
        return bisect_left(_SPANS, math.ceil(share * n), key=lambda span: _up_to(pieces, span)) / _NS

    return Quantiles(n, ranked(0.5), ranked(0.9), ranked(0.99))


def _up_to(pieces: Sequence[Sequence[int]], value: int) -> int:
    """How many of all are no larger."""
    return sum(bisect_right(piece, value) for piece in pieces)


def _measured(log: Log, code: str, sums: Sums, since: dt.datetime | None) -> Measured:
    limits = sums.limits.get(code) or _known_before(log, code, since)
    values, texts = sums.values.get(code, ()), sums.texts[code]
    if not (values or texts or limits):
        raise NoSuchMeasureError(code)
    return spread(code, values, limits, texts)


def spread(code: str, values: Iterable[float], limits: Sequence[Limit], texts: int = 0) -> Measured:
    """How the values of a measure are spread, beside the last of its limits."""
    rule, ranked = limits[-1] if limits else Limit(), sorted(values)
    doubted, failed = _beyond(ranked, rule)
    return Measured(
        code, rule.slug, rule.unit, rule.side, rule.doubt, rule.fail, rule.reached, _bins(ranked, rule), doubted,
        failed, changed=len({(one.doubt, one.fail) for one in limits}) > 1, texts=texts,
    )  # fmt: skip


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


def _beyond(ranked: Sequence[float], rule: Limit) -> tuple[int | None, int | None]:
    """How many values are doubted or worse, and how many failed."""

    def count(limit: float | None) -> int | None:
        if limit is None:
            return None
        if rule.side == "min":
            return (bisect_right if rule.reached else bisect_left)(ranked, limit)
        return len(ranked) - (bisect_left if rule.reached else bisect_right)(ranked, limit)

    return count(rule.doubt), count(rule.fail)


def _bins(ranked: Sequence[float], rule: Limit) -> tuple[Bin, ...]:
    """Some twenty bins from the least value to the largest, of which edges stand on the limits."""
    if not ranked:
        return ()
    least, most = ranked[0], ranked[-1]
    edges = _edges(ranked)
    edges += [limit for limit in (rule.doubt, rule.fail) if limit is not None and least < limit < most]
    edges = sorted(set(edges))
    if len(edges) == 1:
        return (Bin(least, most, len(ranked)),)
    starts = [*(bisect_left(ranked, edge) for edge in edges[:-1]), len(ranked)]
    counts = [end - start for start, end in itertools.pairwise(starts)]
    return tuple(itertools.starmap(Bin, zip(edges, edges[1:], counts, strict=False)))


def _edges(ranked: Sequence[float]) -> list[float]:
    """Evenly spread, or by a factor where few values are far larger than most."""
    least, most = ranked[0], ranked[-1]
    low = ranked[len(ranked) // 20]
    if low > 0 and most >= _LOG_FROM * low:
        step = (math.log(most) - math.log(low)) / (_BINS - 1)  # of logarithms: a ratio of floats may be no float
        return [least, *(min(low * math.exp(at * step), most) for at in range(_BINS - 1)), most]
    return [least + (most - least) * at / _BINS for at in range(_BINS)] + [most]
