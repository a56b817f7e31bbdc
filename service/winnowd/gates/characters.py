"""Gate characters: what the words and characters of a text are (QUA406 to QUA415). Pure."""

from __future__ import annotations

import operator
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from winnowd.gates.measures.grading import graded, skipped
from winnowd.gates.measures.words import STOP_BITS
from winnowd.text import BLANKS, DIGITS, LETTERS, Kind

if TYPE_CHECKING:
    from winnowd.gates.limits import CharactersLimits
    from winnowd.gates.measures.subject import Subject
    from winnowd.model import Finding, Limit
    from winnowd.text import Tokens

GATE = "characters"
_TEXT = (*LETTERS, *DIGITS, *BLANKS, Kind.JOINER, Kind.STOP, Kind.COMMA, Kind.FULL_STOP, Kind.FAR_QUOTE)
_of_text = operator.itemgetter(*_TEXT)
_NO_SMALL_LETTER = ~np.isin(np.arange(256), (Kind.LOWER, Kind.LEAD_LOWER, Kind.FAR_LOWER))
_ADDRESS = re.compile(r"\bhttps?://|\bwww\.", re.IGNORECASE)
_CAPITALS = 3
_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
_ALL_STOP_WORDS = 150
"""Words below which fewer different stop words are asked for, in proportion."""


class Characters:
    """Tells lists, tables, code, markup and shouting from prose by what they are made of."""

    def __init__(self, limits: CharactersLimits, *, english: bool = True) -> None:
        """Take the limits, and whether English is accepted: QUA409 asks texts of unsure language only then."""
        self._limits = limits
        self._applicable_languages = frozenset({"en", ""} if english else {"en"})

    def examine(self, subject: Subject) -> tuple[Finding, ...]:
        """Grade ten shares; without words those of words are 0. QUA409 is for English only."""
        limits, tokens = self._limits, subject.tokens
        words, size = tokens.count or 1, len(tokens.text) or 1
        letters, capitals = letter_and_capital_words(tokens)
        by_word = (
            (limits.hash_signs, hash_signs(tokens) / words),
            (limits.ellipses, ellipses(tokens) / words),
            (limits.letter_words, letters / words),
        )
        by_character = (
            (limits.capital_words, capitals / words),
            (limits.symbol_characters, 1 - sum(_of_text(tokens.census)) / size if tokens.text else 0),
            (limits.digit_characters, tokens.number_of(*DIGITS) / size),
            (limits.blank_characters, tokens.number_of(*BLANKS) / words),
            (limits.bracket_characters, tokens.census[Kind.BRACKET] / size),
            (limits.web_addresses, addresses(subject) / words),
        )
        return (*graded(GATE, by_word), self._stop_words(subject), *graded(GATE, by_character))

    def _stop_words(self, subject: Subject) -> Finding:
        limit = self._limits.stop_words
        if subject.language not in self._applicable_languages:
            return skipped(
                GATE, limit, f"its language is '{subject.language}'" if subject.language else "its language is unsure"
            )
        found = int(np.bitwise_or.reduce(subject.classes)) & STOP_BITS
        return graded(GATE, ((stop_words_limit(limit, subject.tokens.count), found.bit_count()),))[0]


def stop_words_limit(limit: Limit, words: int) -> Limit:
    """The limit of QUA409 for a text of so many words: few words have few different stop words."""
    if words >= _ALL_STOP_WORDS or not limit.doubt or not limit.fail:
        return limit
    share = words / _ALL_STOP_WORDS
    return replace(limit, doubt=int(limit.doubt * share), fail=int(limit.fail * share))


def hash_signs(tokens: Tokens) -> int:
    """How many hash signs a text holds, but for those before Markdown's headings."""
    signs = tokens.census[Kind.HASH]
    return signs - sum([len(heading) - 1 for heading in _HEADING.findall(tokens.text)]) if signs else 0


def ellipses(tokens: Tokens) -> int:
    """How often three full stops stand in a row, or the one character for them."""
    dotted = tokens.text.count("...") if tokens.census[Kind.FULL_STOP] >= 3 else 0
    return dotted + tokens.census[Kind.ELLIPSIS]


def addresses(subject: Subject) -> int:
    """How many web addresses a text holds."""
    if "://" not in subject.text and "www." not in subject.text.lower():
        return 0
    return len(_ADDRESS.findall(subject.text))


def letter_and_capital_words(tokens: Tokens) -> tuple[int, int]:
    """How many words hold a letter; and how many, of at least 3 characters, hold capitals and no small letter.

    Few words end in anything but a small letter: only these are looked at one by one.
    """
    text, (starts, ends) = tokens.text, tokens.words
    offsets = _NO_SMALL_LETTER.take(tokens.kinds.take(ends - 1)).nonzero()[0]
    bounds = zip(starts.take(offsets).tolist(), ends.take(offsets).tolist(), strict=True)
    others = [text[start:end] for start, end in bounds]
    without = sum([word.isdigit() or not (word.isalpha() or any(map(str.isalpha, word))) for word in others])
    return tokens.count - without, sum([len(word) >= _CAPITALS and word.isupper() for word in others])
