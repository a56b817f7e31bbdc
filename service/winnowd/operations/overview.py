"""An instance at a glance: the last thirty days by their rollups and the lines of today, and what the ledger counts."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import math
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.audit.behind import ledger_to_ask
from winnowd.audit.decisions import DECISIONS, events
from winnowd.audit.reader import Log, day_of
from winnowd.audit.rollup import copies_among, of_sums
from winnowd.audit.search import Wanted, days_between, newest
from winnowd.audit.sums import WHOLE, Sums
from winnowd.operations.rollups import rollups
from winnowd.operations.stats import add, by_kind, quantiles, spread
from winnowd.views.statistics import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.audit.rollup import Copy, Rollup
    from winnowd.views.statistics import By, Measured, Quantiles

SCORE: Final = "DUP606"
"""The measure by which an article is likest to one of the corpus."""
DAYS: Final = 30
NODES: Final = 50
KEPT: Final = 5.0
"""Seconds for which an overview is kept, whatever is decided meanwhile."""
_BYS: Final[tuple[By, ...]] = ("day", "feed", "hour")
_OF_ONE: Final = 15
"""Nodes of one original at most, so that several are seen."""
_LATEST: Final = 10
_SIGMAS: Final = 3
_LEAST_DAYS: Final = 7
_LEAST_REFUSED: Final = 20


class Tiles(NamedTuple):
    """The figures above all. ``corpus`` and ``waiting`` are now, None where there is no ledger; the others of the days.

    ``acceptance``: the share that was admitted, None of nothing; ``failures``: events of the service's own.
    """

    corpus: int | None
    waiting: int | None
    admitted_today: int
    acceptance: float | None
    failures: int
    arrival_to_decision: Quantiles | None


class Anomaly(NamedTuple):
    """A day on which far more of a feed was turned away than on the others: how many, and their mean."""

    day: str
    feed: str
    refused: int
    mean: float


class Star(NamedTuple):
    """An article of the corpus and what was turned away as a copy of it: ``n`` in all, and the first of them."""

    original: str
    n: int
    copies: tuple[Copy, ...]


class Latest(NamedTuple):
    """A decision: when, where in the log, on what, and of which article it is a copy. Names are outside text."""

    sequence: int
    at: str
    outcome: str
    code: str
    slug: str
    arrival: str
    record: int
    article: str
    name: str
    twin: str


@dataclasses.dataclass(frozen=True, slots=True)
class Overview:
    """All of it. ``days``: each of the last thirty, oldest first, UTC; ``causes``: how many by kind and code.

    ``hours``: how many were decided in each hour (UTC) of the week, from Monday on, on those days.

    ``scores``: how ``SCORE`` is spread, with its limits; ``stars``: most copies first, at most ``NODES`` articles;
    ``latest``: newest first. ``titles``: those of the articles named there, by id, as far as they have one: outside
    text. ``unread``: files with lines that are no events or cannot be read.
    """

    tiles: Tiles
    days: Mapping[str, Outcomes]
    hours: tuple[tuple[int, ...], ...]
    anomalies: tuple[Anomaly, ...]
    causes: Mapping[str, Mapping[str, int]]
    slugs: Mapping[str, str]
    scores: Measured | None
    stars: tuple[Star, ...]
    latest: tuple[Latest, ...]
    titles: Mapping[str, str]
    unread: tuple[str, ...]


class Overviews:
    """The overview of an instance for many who ask; one for a process, safe among its threads.

    ``now`` is the time of day, ``seconds`` a clock that never goes back.
    """

    def __init__(self, instance_dir: Path, now: Callable[[], dt.datetime], seconds: Callable[[], float]) -> None:
        self._instance_dir, self._now, self._seconds = instance_dir, now, seconds
        self._lock = threading.Lock()
        self._kept: tuple[int, float, dt.date, Overview] | None = None

    def overview(self, head: int) -> Overview:
        """As it was when the log's last event was ``head``, or within the last seconds.

        Raises:
            LedgerBehindError, LedgerDamagedError, OSError, EOFError, zlib.error: as ``overview``.
        """
        with self._lock:
            today = self._now().date()
            if self._kept is not None:
                at, then, day, found = self._kept
                if day == today and (at == head or self._seconds() - then < KEPT):
                    return found
            found = overview(self._instance_dir, today)
            self._kept = (head, self._seconds(), today, found)
            return found


def overview(instance_dir: Path, today: dt.date) -> Overview:
    """How an instance does; nothing of it is changed, but that rollups which are missing are kept (``rollups``).

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
        OSError, EOFError, zlib.error: the newest days of the log cannot be read.
    """
    log, sums, unread = Log(instance_dir), Sums(_BYS), list[str]()
    copies: list[Copy] = []
    feeds: dict[str, Counter[str]] = {}
    hours = [[0] * 24 for _ in range(7)]
    names = [(today - dt.timedelta(days=back)).isoformat() for back in reversed(range(DAYS))]
    first = dt.datetime.combine(dt.date.fromisoformat(names[0]), dt.time(), dt.UTC)
    for file, rollup in rollups(log, days_between(log, first, None), (SCORE,), copies=True, owned=True):
        found = rollup or _by_lines(log, file, unread)
        sums.merge(found)
        copies += found.copies
        feeds[day_of(file)] = _refused(found)
        _add_hours(hours[dt.date.fromisoformat(day_of(file)).weekday()], found)
    days, times = _outcomes(sums, names), sums.ranked().get(WHOLE)
    shown, last = tuple(stars(copies)), tuple(latest(log))
    corpus, waiting, titles = _of_ledger(instance_dir, _named(shown, last))
    return Overview(
        tiles=Tiles(
            corpus,
            waiting,
            admitted_today=days[names[-1]].admitted,
            acceptance=Outcomes(*map(sum, zip(*days.values(), strict=True))).acceptance,
            failures=sums.others["failure"],
            arrival_to_decision=quantiles(times) if times else None,
        ),
        days=days,
        hours=tuple(map(tuple, hours)),
        anomalies=tuple(anomalies(feeds)),
        causes=by_kind(sums.refused),
        slugs=sums.slugs,
        scores=_scores(sums),
        stars=shown,
        latest=last,
        titles=titles,
        unread=tuple(dict.fromkeys(unread)),
    )


def _by_lines(log: Log, file: str, unread: list[str]) -> Rollup:
    """What a file adds up to that has no rollup; ``unread`` gets its name if not all of it can be counted."""
    sums, copies = Sums(_BYS), list[Any]()
    for part in events(log, [file], code=SCORE):
        decided = add(sums, part.events, SCORE)
        copies += copies_among(decided)
        unread += [file] if part.broken or part.fault else []
    unread += [file] if sums.broken else []
    return of_sums(sums, copies)


def _outcomes(sums: Sums, names: Iterable[str]) -> dict[str, Outcomes]:
    counts: dict[str, dict[str, int]] = {name: {} for name in names}
    for (day, outcome), count in sums.groups["day"].items():
        if day in counts:  # a clock that stepped back leaves older ones in a later file
            counts[day][outcome] = count
    return {day: Outcomes(**of_day) for day, of_day in counts.items()}


def _scores(sums: Sums) -> Measured | None:
    values, limits = sums.values.get(SCORE, ()), sums.limits.get(SCORE, ())
    return spread(SCORE, values, limits) if values else None


def _refused(found: Rollup) -> Counter[str]:
    """How many were turned away, by feed."""
    refused: Counter[str] = Counter()
    for feed, outcome, count in found.groups["feed"]:
        refused[feed] += 0 if outcome == "admitted" else count
    return refused


def _add_hours(day: list[int], found: Rollup) -> None:
    """Count what was decided on a day by its hours."""
    for hour, _, count in found.groups["hour"]:
        day[int(hour)] += count


def anomalies(feeds: Mapping[str, Mapping[str, int]]) -> Iterator[Anomaly]:
    """By day, how many of each feed were turned away: the days that lie more than 3 sigma above that feed's others.

    Sigma is no less than that of a Poisson process of the same mean; fewer than 20, or beside fewer than 7 days, tell
    nothing.
    """
    if len(feeds) <= _LEAST_DAYS:
        return
    n = len(feeds) - 1
    for feed in sorted({name for refused in feeds.values() for name in refused}):
        counts = {day: refused.get(feed, 0) for day, refused in feeds.items()}
        total, squares = sum(counts.values()), sum(count * count for count in counts.values())
        for day, count in counts.items():
            mean = (total - count) / n
            sigma = math.sqrt(max((squares - count * count) / n - mean * mean, mean))
            if count >= _LEAST_REFUSED and count > mean + _SIGMAS * sigma:
                yield Anomaly(day, feed, count, mean)


def stars(copies: Sequence[Copy]) -> Iterator[Star]:
    """The originals of which most copies came, with as many of these as there is room for."""
    counts, room = Counter(one.original for one in copies), NODES
    of_original: dict[str, list[Copy]] = {}
    for one in copies:
        of_original.setdefault(one.original, []).append(one)
    for original, count in counts.most_common():
        shown = min(count, _OF_ONE - 1, room - 1)
        if shown < 1:
            return
        room -= shown + 1
        yield Star(original, count, tuple(of_original[original][:shown]))


def latest(log: Log, most: int = _LATEST) -> list[Latest]:
    """The last decisions, newest first."""
    lines = newest(log, Wanted(actions=tuple(sorted(DECISIONS))), most)
    return [_latest(line.event()) for line in lines][::-1]


def _latest(event: Mapping[str, Any]) -> Latest:
    happened, ours = event["event"], event["winnowd"]
    nearest = ours.get("nearest", {})
    return Latest(
        sequence=happened["sequence"],
        at=event["@timestamp"],
        outcome=ours["outcome"],
        code=happened.get("code", ""),
        slug=event.get("rule", {}).get("name", ""),
        arrival=ours["arrival"]["id"],
        record=ours["arrival"].get("record", 0),
        article=ours.get("article", {}).get("id", ""),
        name=event.get("file", {}).get("name", ""),
        twin=nearest.get("id", "") if nearest.get("twin") else "",
    )


def _named(shown: Iterable[Star], last: Iterable[Latest]) -> Iterator[str]:
    """The articles that stars and the latest name."""
    for star in shown:
        yield star.original
        yield from (copy.article for copy in star.copies)
    for one in last:
        yield from (one.article, one.twin)


def _of_ledger(instance_dir: Path, names: Iterable[str]) -> tuple[int | None, int | None, dict[str, str]]:
    """How many articles the corpus has, how many wait for a person, and the titles of these articles."""
    try:
        ledger = ledger_to_ask(instance_dir)
    except FileNotFoundError:
        return None, None, {}
    with contextlib.closing(ledger):
        found = {name: ledger.queue.titled(name) for name in set(names) if name}
        titles = {name: one.title for name, one in found.items() if one is not None and one.title}
        return ledger.decisions.in_corpus(), ledger.decisions.quarantined(), titles
