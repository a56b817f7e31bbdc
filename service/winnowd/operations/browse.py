"""Looking through decisions and the corpus: a page, and which outcomes, codes, feeds, sources the newest have."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.behind import asked_ledger
from winnowd.model.browsing import INBOX_ITSELF, Facets, Found, Sought
from winnowd.storage.ledger.browse import WINDOW

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from winnowd.model.browsing import Listed
    from winnowd.storage.ledger.browse import Kind

__all__ = [
    "COLUMNS",
    "FACETS",
    "MOST",
    "PAGE",
    "WINDOW",
    "SoughtError",
    "browse",
    "facets",
    "fields",
    "is_day",
    "sought_from",
]

PAGE: Final = 50
MOST: Final = 1_000
"""Most records of one page."""
FACETS: Final = ("outcome", "code", "feed", "source", "day")
COLUMNS: Final = (
    "sequence", "id", "record", "outcome", "codes", "decided_at", "file", "feed", "location", "title", "source",
    "published", "language", "words", "shared", "nearest",
)  # fmt: skip
"""The fields of a record for programs, in their order."""
_DAY: Final = len("2026-11-22")
_SHOWN: Final = 20
"""Most values that are counted of one facet."""


class SoughtError(ValueError):
    """What is sought cannot be; the text says what of it."""


def sought_from(fields: Mapping[str, str], *, in_corpus: bool) -> Sought:
    """What is sought by the fields of a form or of an address; fields of other names, and empty ones, mean nothing.

    Raises:
        SoughtError: a day is none, or a share is no number from 0 to 1.
    """
    given = {name: fields.get(name, "").strip() for name in (*FACETS, "text")}
    if given["day"] and not is_day(given["day"]):
        raise SoughtError(f"{given['day'][:40]!r} is no day; give one as 2026-11-22")
    least, most = (_share(fields.get(name, "").strip()) for name in ("least", "most"))
    return Sought(**given, least=least, most=most, in_corpus=in_corpus)


def is_day(text: str) -> bool:
    """Whether it is one, with another after it."""
    try:
        return (dt.date.fromisoformat(text) + dt.timedelta(days=1)).isoformat() > text and len(text) == _DAY
    except (ValueError, OverflowError):
        return False


def _share(text: str) -> float | None:
    if not text:
        return None
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise SoughtError(f"{text[:40]!r} is no share; give a number from 0 to 1")
    return share


def browse(
    instance_dir: Path, sought: Sought, *, before: int | None = None, after: int | None = None, most: int = PAGE
) -> Found:
    """A page of decisions, or of the corpus, newest first: what comes next below ``before``, or next above ``after``.

    Joined, the pages that ``older`` leads to have each record that fits once, as long as nobody changes it.

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    with asked_ledger(instance_dir) as ledger:
        if ledger is None:
            return Found((), None, None)
        return ledger.browse.page(sought, before=before, after=after, most=max(1, min(most, MOST)))


def facets(instance_dir: Path, sought: Sought) -> Facets:
    """How many of the newest records have which value.

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    with asked_ledger(instance_dir) as ledger:
        kinds, among, total = (Counter[Any](), 0, 0) if ledger is None else ledger.browse.kinds(sought)
    return Facets(_counted(kinds, sought), among, total)


def _counted(kinds: Mapping[Kind, int], sought: Sought) -> dict[str, dict[str, int]]:
    """By facet: a kind counts where it fits all others, so that one sees what another choice would give."""
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for kind, count in kinds.items():
        failing = [facet for facet in FACETS if not _fits(kind, facet, getattr(sought, facet))]
        for facet in FACETS:
            if failing in ([], [facet]):
                for value in _values(kind, facet):
                    counts[facet][value] += count
    return {facet: dict(_ordered(found, facet)[:_SHOWN]) for facet, found in counts.items()}


def _ordered(counts: Counter[str], facet: str) -> list[tuple[str, int]]:
    """Days newest first, all else the most frequent first."""
    if facet == "day":
        return sorted(counts.items(), reverse=True)
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _values(kind: Kind, facet: str) -> tuple[str, ...]:
    """The values of a facet that a kind has; of no source and no code nothing is counted."""
    if facet == "code":
        return tuple(kind.codes.split())
    value = kind.feed or INBOX_ITSELF if facet == "feed" else str(getattr(kind, facet))
    return (value,) if value else ()


def _fits(kind: Kind, facet: str, wanted: str) -> bool:
    """Whether a kind fits one condition, as the ledger's query has it."""
    values = _values(kind, facet)
    return not wanted or wanted in values or (facet == "feed" and values[0].startswith(f"{wanted}/"))


def fields(item: Listed) -> dict[str, Any]:
    """A record for programs; None is what it has not. Fields are added, never renamed."""
    found = {name: getattr(item, name) for name in COLUMNS}
    found |= {"codes": list(item.codes), "decided_at": item.decided_at.isoformat()}
    return {name: None if value == "" and name != "feed" else value for name, value in found.items()}
