"""JSON Lines: an article a line, in ASCII, so that no reader splits a line where a title has a separator. Pure."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.model.corpus import Article, Departure
    from winnowd.operations.corpus import Extract


def lines(extract: Extract) -> Iterator[str]:
    """The articles, then what has left: a line of it has ``left``, and no text."""
    yield from map(article_line, extract.articles())
    yield from map(departure_line, extract.departures)


def article_line(article: Article) -> str:
    """An article with its text and all of its fields; null is what nobody knows."""
    return json.dumps(article.fields(), allow_nan=False) + "\n"


def departure_line(departure: Departure) -> str:
    """What has left: its id, why, when, by which event."""
    return json.dumps(dataclasses.asdict(departure)) + "\n"
