"""What a corpus holds, and what has left it, as programs outside read it. Pure."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class Article:
    """An article of the corpus.

    ``id`` is the beginning of ``text_sha256``, the SHA-256 of the text in UTF-8; ``published`` and ``admitted`` are
    days, ``source`` the host or the publisher, ``feed`` the folder of the inbox that it came by. ``flags`` are codes of
    what was doubted or seen, and admitted all the same. ``nearest`` is the id of the article most like it when it came,
    ``nearest_shared_runs`` the share of its words that stand there too (0 to 1). ``path`` lies below ``seeds/``;
    ``sequence`` is that of the event that let it in. None is what nobody knows.
    """

    id: str
    text: str
    title: str | None
    authors: tuple[str, ...]
    source: str | None
    url: str | None
    published: dt.date | None
    admitted: dt.date
    language: str | None
    words: int
    bytes: int
    licence: str
    tdm_opt_out: str
    feed: str
    flags: tuple[str, ...]
    nearest: str | None
    nearest_shared_runs: float | None
    path: str
    text_sha256: str
    sequence: int

    @classmethod
    def of(cls, row: Mapping[str, Any], text: str) -> Self:
        """The article of an index row, and its text."""
        plain = {name: row[name] for name in _AS_THEY_ARE}
        nearest = row["nearest"] or {}
        return cls(
            text=text,
            authors=tuple(row["authors"]),
            published=None if row["published"] is None else dt.date.fromisoformat(row["published"]),
            admitted=dt.date.fromisoformat(row["admitted"]),
            flags=tuple(row["flags"]),
            nearest=nearest.get("id"),
            nearest_shared_runs=nearest.get("shared_runs"),
            **plain,
        )

    def fields(self) -> dict[str, Any]:
        """It as plain values: days as ``2026-11-22``, lists as lists."""
        return {name: _plain(getattr(self, name)) for name in COLUMNS}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    if isinstance(value, dt.date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


COLUMNS = tuple(field.name for field in dataclasses.fields(Article))
_MADE = {"text", "authors", "published", "admitted", "flags", "nearest", "nearest_shared_runs"}
_AS_THEY_ARE = tuple(name for name in COLUMNS if name not in _MADE)


@dataclasses.dataclass(frozen=True, slots=True)
class Departure:
    """An article that has left the corpus and is not back.

    ``left``: why, a person's order (``retract``, ``erase``, ``restore``) or the code by which another took its place;
    ``at``: when, ISO 8601; ``sequence``: that of the event.
    """

    id: str
    left: str
    at: str
    sequence: int
