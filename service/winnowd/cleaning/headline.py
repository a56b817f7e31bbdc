"""CLN312, 317, 331 and 351: the headline is lifted once, and what repeats it or an earlier line is removed. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from winnowd.text import word_count

if TYPE_CHECKING:
    from winnowd.cleaning.page import Page

TITLE, AGAIN, REPEATED, NONE = "CLN312", "CLN317", "CLN331", "CLN351"
TITLE_WORDS = range(2, 26)
LONGEST_TITLE = 500
FIRST_LINES = 6
LEAST_WORDS = 3
_SENTENCE_LIKE = re.compile(r"[.,;:]['\"’”)]?$")


def lift_title(page: Page) -> str | None:
    """Take the first kept line if it can be a headline, and give it: 2 to 25 words that do not end as a sentence."""
    first = next((place for place in page.full if place not in page.fate), None)
    if first is None:
        return None
    line = page.lines[first]
    if len(line.split()) not in TITLE_WORDS or len(line) > LONGEST_TITLE or _SENTENCE_LIKE.search(line):
        return None
    page.take(first, TITLE)
    return line


def take_repeated(page: Page, title: str | None) -> None:
    """Take lines that say the title again, among the first six, and lines that say an earlier line again, anywhere.

    Lines are compared by their letters and digits; those with fewer than 3 words are left.
    """
    kept = page.kept
    seen = set()
    if title is not None and word_count(title) >= LEAST_WORDS:
        seen.add(letters_of(title))
        for place in kept[:FIRST_LINES]:
            if letters_of(page.lines[place]) in seen:
                page.take(place, AGAIN)
    for place in page.kept:
        key = letters_of(page.lines[place])
        if word_count(page.lines[place]) < LEAST_WORDS:
            continue
        if key in seen:
            page.take(place, REPEATED)
        seen.add(key)


def letters_of(line: str) -> str:
    """The letters and digits of a line, in lower case."""
    return "".join([character for character in line.lower() if character.isalnum()])
