"""A record of the queue as a row of a page. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from winnowd.views.escape import printable
from winnowd.views.queue import age, reason, short_id, title_name

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from winnowd.model import Waiting


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
