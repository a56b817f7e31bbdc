"""What is judged in a benchmark of the route: an agency's stories where they lie, else articles made by program.

The stories are development data, no part of the project: ``../shared`` beside it. Article ``i`` that is made depends on
the seed and on ``i`` alone, so a longer stream begins as a shorter one does.
"""

from __future__ import annotations

import html
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.bench.injected import distinct, injected
from tests.bench.shelf import read_lines
from tests.e2e.test_flood import articles

if TYPE_CHECKING:
    from collections.abc import Iterator

STORIES: Final = Path(__file__).parents[3] / "shared/data/originality/reuters_2007_09_to_2008_02.jsonl.gz"
SEED: Final = 7
_SECTIONS: Final = ("World", "Business", "Science", "Culture", "Sport", "Opinion", "Weather", "Letters")


class Texts(NamedTuple):
    """So many texts, and what they are called in a table."""

    name: str
    texts: list[str]


def made(number: int, seed: int = SEED) -> str:
    """Article ``number``: two times 212 made-up words in English frames, no two alike."""
    return "\n".join(articles(2, seed=(seed << 40) + number))


def texts_of(count: int, path: Path | None = None) -> Texts:
    """So many texts: of a file of JSON Lines with a ``text`` each if one is given, else stories, else made ones.

    Raises:
        ValueError: the file that was given holds fewer.
    """
    source = path or STORIES
    found = [str(row["text"]) for row in itertools.islice(read_lines(source), count)] if source.exists() else []
    if len(found) == count:
        return Texts("agency stories" if path is None else source.name, found)
    if path is not None:
        raise ValueError(f"{path} holds {len(found)} texts, {count} are asked for")
    return Texts("made articles", [made(number) for number in range(count)])


def with_copies(count: int, share: float) -> Texts:
    """So many arrivals, of which this share are copies at J >= .8 of one before; the others resemble none before.

    Copies follow their sources one by one until there are enough.
    """
    copies = round(share * count)
    new = distinct(texts_of(min(6_000, 3 * (count - copies) + 100)).texts)[: count - copies]
    name = "stories"
    if len(new) < count - copies:
        name, new = "made articles", [made(number) for number in range(count - copies)]
    return Texts(f"{name}, {share:.0%} copies", [one.text for one in injected(new, copies, SEED)])


def page(number: int, text: str) -> str:
    """A web page around a text: navigation, headline, day, paragraphs, a column of links to others, a foot."""
    title, _, rest = text.partition("\n")
    headline = html.escape(" ".join(title.split()[:12]))
    paragraphs = "\n".join(f"<p>{html.escape(part)}</p>" for part in (rest or text).split("\n") if part.strip())
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{headline} | The Tide Gazette</title>\n'
        f'<meta property="og:title" content="{headline}"><meta name="author" content="A. Reporter">\n'
        f'<meta property="article:published_time" content="2025-03-{1 + number % 28:02d}T08:00:00Z">\n'
        f"<style>{'.box { margin: 0; padding: 1em } ' * 20}</style><script>var shown = {number};</script></head>\n"
        f"<body><header><nav><ul>{''.join(_links(number, 'section'))}</ul></nav></header>\n"
        f'<main><article><h1>{headline}</h1><p class="by">By A. Reporter</p>\n{paragraphs}\n</article>\n'
        f"<aside><h2>More stories</h2><ul>{''.join(_links(number, 'story'))}</ul></aside></main>\n"
        f"<footer><p>The Tide Gazette. All rights reserved.</p><ul>{''.join(_links(number, 'about'))}</ul></footer>"
        "</body></html>\n"
    )


def _links(number: int, kind: str) -> Iterator[str]:
    for at, section in enumerate(_SECTIONS * 2):
        yield f'<li class="box"><a href="/{kind}/{section.lower()}/{number + at}">{section} {kind} {at}</a></li>\n'
