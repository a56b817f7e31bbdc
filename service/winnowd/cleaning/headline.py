"""CLN312, 317, 331 and 351: the headline is lifted once, and what repeats it or an earlier line is removed. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from winnowd.text import CLOSERS, FAR_COMMAS, FAR_STOPS, Kind, blank_words, has_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.cleaning.page import Page

TITLE, AGAIN, REPEATED, NONE = "CLN312", "CLN317", "CLN331", "CLN351"
TITLE_WORDS = range(2, 26)
LONGEST_TITLE = 500
FIRST_LINES = 6
LEAST_WORDS = 3
_NOT_LETTERS = re.compile(r"[\W_]+")
_SENTENCE_LIKE = re.compile(rf"(?:[.,;:]['\"’”)]?|[{FAR_STOPS}{FAR_COMMAS}]{CLOSERS}?)$")


def lift_title(page: Page) -> str | None:
    """Take the first kept line if it can be a headline, and give it: 2 to 25 words that do not end as a sentence."""
    first = next((index for index in page.full if index not in page.fate), None)
    if first is None:
        return None
    line = page.lines[first]
    if len(line) > LONGEST_TITLE or blank_words(line) not in TITLE_WORDS or _SENTENCE_LIKE.search(line[-2:]):
        return None
    page.remove((first,), TITLE)
    return line


def remove_repeated(page: Page, title: str | None) -> None:
    """Take lines that say the title again, among the first six, and lines that say an earlier line again, anywhere.

    Lines are compared by their letters and digits; those with fewer than 3 words are left.
    """
    kept = page.kept
    long_enough = [index for index in kept if page.words[index] >= LEAST_WORDS]
    headline = letters_of(title) if title is not None and has_words(title, LEAST_WORDS) else None
    met = set() if headline is None else {headline}
    for index in _alike(page, long_enough, headline):
        key = letters_of(page.lines[index])
        if key in met:
            page.remove((index,), AGAIN if key == headline and index in kept[:FIRST_LINES] else REPEATED)
        met.add(key)


def _alike(page: Page, indexes: Sequence[int], headline: str | None) -> list[int]:
    """Those lines that have as many letters and digits as another one, or as the headline: only they can say the same.

    An underscore is in a word, yet is neither: where there are any, all lines are looked at.
    """
    if page.tokens.census[Kind.UNDERSCORE]:
        return list(indexes)
    counts = page.letters
    first_with = {} if headline is None else {len(headline): -1}
    alike: set[int] = set()
    for index in indexes:
        before = first_with.setdefault(counts[index], index)
        if before != index:
            alike |= {before, index}
    return sorted(alike - {-1})


def letters_of(line: str) -> str:
    """The letters and digits of a line, in lower case, each by itself: as many as the line has."""
    letters = _NOT_LETTERS.sub("", line)
    lowered = letters.replace("Σ", "σ").lower()  # a capital sigma's lower case would depend on what follows
    return lowered if len(lowered) == len(letters) else "".join([_lower(character) for character in letters])


def _lower(character: str) -> str:
    lowered = character.lower()
    return lowered if len(lowered) == 1 else character
