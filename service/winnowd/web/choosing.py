"""Which records of the queue a page is about, as its address says it: rules, a feed, an age."""

from __future__ import annotations

import dataclasses
import datetime as dt
import urllib.parse
from typing import TYPE_CHECKING, Final

from winnowd.model import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

AGES: Final[Mapping[str, tuple[str, dt.timedelta]]] = {
    "1h": ("an hour", dt.timedelta(hours=1)),
    "1d": ("a day", dt.timedelta(days=1)),
    "7d": ("a week", dt.timedelta(days=7)),
    "30d": ("a month", dt.timedelta(days=30)),
}
_NAMES: Final = frozenset({"code", "feed", "older"})
_LONGEST: Final = 300


@dataclasses.dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen: ``code`` of a rule, ``feed``, ``older`` (a key of ``AGES``); each "" for all."""

    code: str = ""
    feed: str = ""
    older: str = ""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Chosen:
        """By the pairs of an address or a form; what chooses nothing is left out."""
        given = {name: value[:_LONGEST] for name, value in pairs if name in _NAMES}
        older = given.get("older", "")
        return cls(given.get("code", "").upper(), given.get("feed", "").strip("/"), older if older in AGES else "")

    def selection(self, now: dt.datetime) -> Selection:
        """The records that are meant now."""
        until = now - AGES[self.older][1] if self.older else None
        return Selection(self.feed, (self.code,) if self.code else (), None, until)

    @property
    def fields(self) -> Sequence[tuple[str, str]]:
        """The pairs that say it, for an address or for hidden fields."""
        return [(name, value) for name, value in dataclasses.asdict(self).items() if value]

    def address(self, path: str, **more: object) -> str:
        """A path with all of it behind."""
        query = urllib.parse.urlencode([*self.fields, *((name, str(value)) for name, value in more.items() if value)])
        return f"{path}?{query}" if query else path


def pairs_of(query: str) -> list[tuple[str, str]]:
    """The pairs of a query, as far as it is one."""
    return urllib.parse.parse_qsl(query, errors="replace")
