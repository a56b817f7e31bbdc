"""The overview as a page shows it: tiles, pictures with their tables, the latest. Pure; all of it may be shown."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.views.escape import flat, printable
from winnowd.views.pictures import Cause, Copy, Day, Original, causes, copies, days, histogram, hours
from winnowd.web.listed import just_decided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from winnowd.operations.overview import Overview, Star
    from winnowd.views.pictures import Picture
    from winnowd.views.statistics import Measured
    from winnowd.web.listed import Decided

_MOST_NAMED: Final = 5
_MOST_DRAWN: Final = 6
_LONGEST_NAME: Final = 60
_MOST_ANOMALIES: Final = 3
_MINUTE, _HOUR = 60, 3_600


class Tile(NamedTuple):
    """A figure and what it counts; ``grade``: good, bad, or "" for neither."""

    figure: str
    words: str
    grade: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Glance:
    """``pictures`` by what each is about; ``originals``: id and title of those with most copies.

    Nothing is drawn of days on which nothing was decided. ``unread``: files of the log that the figures lack.
    """

    tiles: Sequence[Tile]
    pictures: Mapping[str, Picture]
    anomalies: Sequence[str]
    copies: Picture | None
    originals: Sequence[tuple[str, str]]
    latest: Sequence[Decided]
    unread: Sequence[str]


def glance(found: Overview, cause_address: Callable[[str], str] = lambda _: "") -> Glance:
    """All of it; ``cause_address``: where the decisions of a code are listed, "" for nowhere."""
    drawn = dict(_pictures(found, cause_address)) if any(one.total for one in found.days.values()) else {}
    return Glance(
        tiles=list(_tiles(found)),
        pictures=drawn,
        anomalies=[
            f"{one.day}: {one.refused:,} from {_feed(one.feed)} turned away, where {one.mean:,.0f} are usual"
            for one in found.anomalies[:_MOST_ANOMALIES]
        ],
        copies=drawn.get(_COPIES),
        originals=[
            (star.original, flat(_title(found, star.original), _LONGEST_NAME)) for star in found.stars[:_MOST_NAMED]
        ],
        latest=[just_decided(one, found.titles) for one in found.latest],
        unread=[printable(one) for one in found.unread],
    )


_COPIES: Final = "The originals with most copies"


def _tiles(found: Overview) -> Iterator[Tile]:
    tiles = found.tiles
    if tiles.corpus is not None:
        today = f", {tiles.admitted_today:,} of them today" if tiles.admitted_today else ""
        yield Tile(f"{tiles.corpus:,}", f"{'article' if tiles.corpus == 1 else 'articles'} in the corpus{today}")
    if tiles.acceptance is not None:
        yield Tile(f"{100 * tiles.acceptance:.0f} %", "admitted, of all in 30 days")
    if tiles.arrival_to_decision is not None:
        spans = tiles.arrival_to_decision
        yield Tile(_span(spans.median), f"median from arrival to decision; 99 % within {_span(spans.p99)}")
    failures = "failure of the service" if tiles.failures == 1 else "failures of the service"
    yield Tile(f"{tiles.failures:,}", f"{failures} in 30 days", "bad" if tiles.failures else "")


def _span(seconds: float) -> str:
    """``38 ms``, ``5.9 s``, ``4 min``, ``3 h``."""
    if seconds < 1:
        return f"{1_000 * seconds:.0f} ms"
    if seconds < 2 * _MINUTE:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.0f} h"


def _pictures(found: Overview, cause_address: Callable[[str], str]) -> Iterator[tuple[str, Picture]]:
    """What there is to draw."""
    yield "What was decided, by day (UTC)", days([Day(day, one) for day, one in found.days.items()])
    yield (
        "Why it was turned away",
        causes(
            [
                Cause(code, found.slugs.get(code, ""), n, cause_address(code))
                for by_code in found.causes.values()
                for code, n in by_code.items()
            ]
        ),
    )
    if found.scores is not None:
        yield f"How like the nearest article: {found.scores.code} {found.scores.slug}", _scores(found.scores)
    if found.stars:
        yield _COPIES, copies([_original(found, star) for star in found.stars[:_MOST_DRAWN]])
    yield "When it comes", hours(found.hours)


def _scores(found: Measured) -> Picture:
    return histogram(found.bins, found.doubt, found.fail, None, side="min" if found.side == "min" else "max")


def _original(found: Overview, star: Star) -> Original:
    drawn = tuple(Copy(_title(found, one.article), rule=one.code) for one in star.copies)
    return Original(_title(found, star.original), drawn, star.n)


def _title(found: Overview, name: str) -> str:
    """The title of an article, else its id."""
    return printable(flat(found.titles.get(name, ""))) or name


def _feed(name: str) -> str:
    return printable(name) if name else "the inbox itself"


def decisions_of(code: str) -> str:
    """Where the page lists the decisions of a code."""
    return f"/decisions?code={code}" if code.isalnum() and code.isascii() else ""
