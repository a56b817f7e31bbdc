"""What a person looks through: decisions of any outcome, or the corpus; which of them, and one row of a page."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

INBOX_ITSELF: Final = "."
"""What the feed is called that lies in no folder of the inbox."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sought:
    """Which records are meant: all that is given must hold.

    ``feed`` takes its sub-folders too, ``INBOX_ITSELF`` means the inbox without any; ``day`` is that of the decision
    (``2026-11-22``); ``least`` and ``most`` bound the share (0 to 1) of its words that stand in the nearest article in
    order. ``text``: the beginning of an id, else words that all stand in the title or the file's name, in whatever
    case of ASCII. ``in_corpus``: only what is in the corpus now.
    """

    outcome: str = ""
    code: str = ""
    feed: str = ""
    source: str = ""
    day: str = ""
    least: float | None = None
    most: float | None = None
    text: str = ""
    in_corpus: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Listed:
    """A record as a list has it; ``number`` is its row in the ledger, by which lists go on.

    ``file`` is below ``inbox/`` as events have it. ``title`` and ``source`` are "", ``shared`` and ``words`` None, of
    what gave no article, or was erased. ``nearest`` is the id of the article that it is like, "" for none.
    """

    number: int
    sequence: int
    id: str
    record: str
    outcome: str
    codes: tuple[str, ...]
    decided_at: dt.datetime
    file: str
    feed: str
    location: str
    title: str
    source: str
    published: str
    language: str
    words: int | None
    shared: float | None
    nearest: str


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A page, newest first. ``older`` and ``newer`` are the numbers that the next ones begin behind; None: no more.

    ``is_cut``: only so many records were looked at, and there may be fewer on the page than there are.
    """

    items: Sequence[Listed]
    older: int | None
    newer: int | None
    is_cut: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Facets:
    """How many records have which value, most first, by facet: outcome, code, feed, source, day.

    Of each facet those are counted that fit all but its own condition; among the newest ``among`` of ``total``.
    """

    counts: Mapping[str, Mapping[str, int]]
    among: int
    total: int
