"""A record as a row of a page: of the queue, of a list, of the latest. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.views.escape import flat, printable
from winnowd.views.queue import age, reason, short_id, title_name

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from winnowd.model import Waiting, browsing
    from winnowd.operations.overview import Latest

_LEAST_SHOWN: Final = 0.01


class Listed(NamedTuple):
    """What is shown of it; all of it may be shown. ``number`` is its row in the ledger, ``at`` when it was held."""

    number: int
    record: str
    name: str
    title: str
    reason: str
    codes: Sequence[str]
    grade: str
    feed: str
    age: str
    at: str


def listed(item: Waiting, now: dt.datetime) -> Listed:
    """A row."""
    return Listed(
        number=item.number,
        record=item.record,
        name=short_id(item),
        title=title_name(item),
        reason=reason(item),
        codes=item.codes,
        grade=str(item.finding.get("grade", "doubt")),
        feed=printable(item.feed),
        age=age((now - item.decided_at).total_seconds()),
        at=item.decided_at.isoformat(timespec="seconds"),
    )


class Decided(NamedTuple):
    """What is shown of a record in a list; all of it may be shown."""

    record: str
    title: str
    file: str
    outcome: str
    codes: tuple[str, ...]
    feed: str
    source: str
    shared: str
    at: str


def decided(item: browsing.Listed) -> Decided:
    """A row of a list."""
    file = printable(item.file)
    return Decided(
        record=item.record,
        title=printable(flat(item.title)) or file.rpartition("/")[2],
        file=file,
        outcome=item.outcome,
        codes=item.codes,
        feed=printable(item.feed),
        source=printable(item.source),
        shared=f"{item.shared:.0%}" if item.shared is not None and item.shared >= _LEAST_SHOWN else "",
        at=item.decided_at.isoformat(timespec="seconds"),
    )


def just_decided(item: Latest, titles: Mapping[str, str]) -> Decided:
    """A row of the latest decisions; a copy is told with what it copies."""
    file = printable(item.name)
    twin = printable(flat(titles.get(item.twin, ""))) or item.twin
    return Decided(
        record=f"{item.arrival}-{item.record}",
        title=printable(flat(titles.get(item.article, ""))) or file,
        file=f"like “{twin}”" if twin else file,
        outcome=item.outcome,
        codes=(item.code,) if item.code else (),
        feed="",
        source="",
        shared="",
        at=item.at,
    )
