"""What waits for a person: one record of the queue, and by what records of the queue are chosen. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """Which records of the queue are meant: all that is given must hold; of several codes one.

    ``feed`` takes its sub-folders too; ``since`` and ``until`` are moments (UTC) of the decision, both included.
    """

    feed: str = ""
    codes: tuple[str, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Twin:
    """The article that a record is like, as it stands today; ``title`` is "" where none is known."""

    id: str
    title: str
    outcome: str


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """A record in quarantine, on which no person has decided: command, review, page and programs are given this.

    ``number`` is its row in the ledger, ``sequence`` that of the event which held it; ``id`` names its text, ``record``
    (``<arrival>-<record>``) it alone. ``file`` is its path, as events have it. ``finding`` is the first of its
    event, empty where an older winnowd has held it and the day is sealed; ``nearest`` what that event says of the
    article it is like, ``twin`` that article, both without content if it is like none.
    """

    number: int
    sequence: int
    id: str
    record: str
    file: str
    feed: str
    title: str
    codes: tuple[str, ...]
    decided_at: dt.datetime
    finding: Mapping[str, Any]
    nearest: Mapping[str, Any]
    twin: Twin | None = None
