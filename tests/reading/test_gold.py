"""Pages with bodies cut by hand: how much of them is found."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.reading.stand import read_all, the_article
from tests.samples.stand import OWN, QUALITY, both

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = both(OWN / "pages", QUALITY / "cleanportaleval.jsonl")
COUNT = {"own": 3, "shared": 71}


def pages(samples: str) -> Iterator[tuple[Path, str]]:
    """Each page, and its body as a person cut it."""
    place = PAGES[samples]
    if samples == "own":
        for path in sorted(place.glob("*.html")):
            yield path, path.with_suffix(".txt").read_text(encoding="utf-8")
    else:
        for row in map(json.loads, place.read_text(encoding="utf-8").splitlines()):
            yield place.parent / row["html"], row["text"]


def overlap(found: str, gold: str) -> float:
    """F1 of two texts by their words, each as often as it stands there."""
    mine, theirs = (Counter(re.findall(r"\w+", text.lower())) for text in (found, gold))
    return 2 * (mine & theirs).total() / (mine.total() + theirs.total())


@pytest.mark.parametrize("samples", PAGES)
def test_the_bodies_of_known_pages_are_found(samples: str) -> None:
    """Mean F1 at least 0.925 (of 71 pages of four portals 0.928: docs/design/reading.md), and each page has a day."""
    known = list(pages(samples))

    reads = [the_article(*read_all(path.read_bytes(), "page.html")) for path, _ in known]
    scores = [overlap(read.article.text, body) for read, (_, body) in zip(reads, known, strict=True)]

    assert len(scores) == COUNT[samples]
    assert sum(scores) / len(scores) >= 0.925
    assert all(read.article.published_day for read in reads)
