"""Verse, recipe or list of results, told by the lines of a text. Pure.

Asked only of texts whose lines are not those of prose.
"""

from __future__ import annotations

import operator
import re
import statistics
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSE, RECIPE, RESULTS = "verse", "recipe", "results"
GENRES: Final = (VERSE, RECIPE, RESULTS)
LEAST_LINES = 8

_NUMBER = r"(?:\d{1,4}(?:[.,/]\d{1,3})?(?: ?[-–] ?\d{1,4})?|[½¼¾⅓⅔⅛])(?: ?(?:\d/\d|[½¼¾⅓⅔⅛]))?"
_UNIT = (
    r"(?:m?g|kg|[mcd]?l|lit(?:re|er)s?|oz|ounces?|lbs?|pounds?|cups?|tbsps?|tablespoons?|tsps?|teaspoons?|pinch(?:es)?"
    r"|cloves?|sprigs?|slices?|tins?|cans?|sticks?|handfuls?|bunch(?:es)?|sheets?|knobs?|packets?|quarts?|pints?"
    r"|large|small|medium|ripe|whole|eggs?|egg yolks?|onions?|lemons?|carrots?|apples?|tomatoes|potatoes)"
)
_QUANTITY = re.compile(
    rf"^\W{{0,4}}(?:(?:about|an?|one|two|three|half an?) )?(?:{_NUMBER} ?)?(?:x )?{_UNIT}\b", re.IGNORECASE
)
_COUNTED = re.compile(rf"^\W{{0,4}}(?:{_NUMBER}|an?|one|two|three|half)\b", re.IGNORECASE)
LEAST_QUANTITIES, QUANTITY_LINES = 4, 0.2

_SCORE = re.compile(r"\b\d{1,3} ?[-–:] ?\d{1,3}\b|\b\d{1,3}[.:]\d{2}\b")
_NUMBERS = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*$")
RESULT_WORDS, RESULT_LINES = 16, 0.5

_GOES_ON = re.compile(r"[,;:—–-][\"'”’]?$")
_SMALL_WORDS = re.compile(r"\b[a-zà-öø-ÿ]{2,}\b")
_LETTERS = re.compile(r"[^\W\d_]+")
VERSE_CHARACTERS, LONGEST_VERSE, VERSE_WORDS = 60, 90, (3, 12)
GOING_ON, RHYMED, DIGITS_IN = 0.18, 0.45, 0.1
SMALL_WORDS = 0.5
"""Of the words of verse, how many begin small; headlines and names do not."""


def genre_of(lines: Sequence[str], line_words: Sequence[int]) -> str:
    """The genre that these lines are of, "" for none; ``line_words`` are the numbers of their words."""
    rows = [(line, words) for line, words in zip(lines, line_words, strict=True) if line]
    if len(rows) < LEAST_LINES:
        return ""
    if _is_recipe([line for line, _ in rows]):
        return RECIPE
    if sum([_is_result(line, words) for line, words in rows]) >= RESULT_LINES * len(rows):
        return RESULTS
    return VERSE if _is_verse(rows) else ""


def _is_recipe(lines: Sequence[str]) -> bool:
    """Whether enough lines begin with how much of something is taken."""
    quantities = sum([_QUANTITY.match(line) is not None and _COUNTED.match(line) is not None for line in lines])
    return quantities >= max(LEAST_QUANTITIES, QUANTITY_LINES * len(lines))


def _is_result(line: str, words: int) -> bool:
    """Whether a line is a score or two numbers with names, and no sentence."""
    if words > RESULT_WORDS or _SENTENCE_END.search(line):
        return False
    return _SCORE.search(line) is not None or len(_NUMBERS.findall(line)) >= 2


def _is_verse(rows: Sequence[tuple[str, int]]) -> bool:
    """Whether lines are short, in small letters, and go on in the next or rhyme with one of the next three."""
    lines = [line for line, _ in rows]
    sizes = sorted(map(len, lines))
    few, many = VERSE_WORDS
    if statistics.median(sizes) > VERSE_CHARACTERS or sizes[int(0.95 * (len(sizes) - 1))] > LONGEST_VERSE:
        return False
    if not few <= statistics.median([words for _, words in rows]) <= many:
        return False
    if sum([_NUMBERS.search(line) is not None for line in lines]) > DIGITS_IN * len(lines):
        return False
    text = " ".join(lines)
    if len(_SMALL_WORDS.findall(text)) < SMALL_WORDS * len(_LETTERS.findall(text)):
        return False
    ends = [_GOES_ON.search(line[-2:]) is not None for line in lines]
    begins = [line[0].islower() for line in (*lines[1:], " ")]
    going_on = sum(map(operator.or_, ends, begins))
    return going_on >= GOING_ON * len(lines) or _rhymed(lines) >= RHYMED * len(lines)


def _rhymed(lines: Sequence[str]) -> int:
    """How many lines end in the same letters as one of the three after or before them, in another word."""
    words = [_LETTERS.findall(line)[-1].lower() if _LETTERS.search(line) else "" for line in lines]
    rhymed: set[int] = set()
    for index, word in enumerate(words):
        for other in range(index + 1, min(index + 4, len(words))):
            if len(word) > 1 and word != words[other] and word[-3:][-2:] == words[other][-2:] and len(words[other]) > 1:
                rhymed |= {index, other}
    return len(rhymed)
