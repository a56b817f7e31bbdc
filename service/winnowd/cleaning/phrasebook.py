"""Which list a text is asked by: that of its language, and what holds in every language. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.cleaning.languages import ENGLISH, language_of
from winnowd.cleaning.listing import WALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.cleaning.line_rules import LineRules
    from winnowd.cleaning.listing import Listing
    from winnowd.cleaning.phrases import Phrases
    from winnowd.text import Tokens

_MOST_USED, _HEAD, _ENOUGH = " the ", 1_000, 4
"""Nine in ten English articles have four in their first 1,000 characters, and no text in another language of those that
were tried: what they are told by takes a fifth of the time of a share of words."""


class Phrasebook:
    """The patterns of English, and a list for each other language of ``LISTED``, made when it is first asked for."""

    def __init__(self, english: Phrases, listing_of: Callable[[str], Listing]) -> None:
        """Take the patterns of English, and what gives the list of another listed language."""
        self._english = english
        self._listing_of = listing_of

    def rules_for(self, tokens: Tokens, declared: str | None) -> tuple[LineRules, list[int]]:
        """What is asked of the lines of a trimmed text, and the masks of these lines.

        ``declared`` is the language tag that the text came with. Words of an English text are looked up once.
        """
        english = self._english
        classes = english.classes(tokens)
        is_english = tokens.text.count(_MOST_USED, 0, _HEAD) >= _ENOUGH or english.is_english(tokens, classes)
        language = ENGLISH if is_english else language_of(tokens, declared)
        if language == ENGLISH:
            return english, english.masks_by(tokens, classes)
        listed = ListedPhrases(english, self._listing_of(language))
        return listed, listed.masks(tokens)


class ListedPhrases:
    """One language's list, and behind it those patterns of English that are asked everywhere."""

    def __init__(self, english: Phrases, listing: Listing) -> None:
        """Take both."""
        self.listing = listing
        self.bit = english.bit
        self.glued, self.sound = english.glued, english.sound
        self._english = english

    def masks(self, tokens: Tokens) -> list[int]:
        """For each line of a trimmed text the categories that it may be of, that of the list for sure."""
        everywhere = self._english.everywhere
        codes = map(self._listed, tokens.lines)
        return [
            self.bit.get(code, 0) | mask & everywhere
            for code, mask in zip(codes, self._english.masks(tokens), strict=True)
        ]

    def code_of(self, line: str, mask: int) -> str:
        """The code of the category that a trimmed line belongs to, of those in the mask; "" for none."""
        if not mask:
            return ""
        return self._listed(line) or self._english.code_of(line, mask & self._english.everywhere)

    def tells(self, code: str, sentence: str, mask: int) -> bool:
        """Whether a sentence from a line with this mask is one of a category."""
        everywhere = mask & self._english.everywhere
        return self._listed(sentence) == code or self._english.tells(code, sentence, everywhere)

    def fits(self, code: str, line: str, mask: int) -> bool:
        """The same of a whole line."""
        everywhere = mask & self._english.everywhere
        return self._listed(line) == code or self._english.fits(code, line, everywhere)

    def keeps_back(self, sentence: str, mask: int) -> bool:
        """Whether a sentence is that of a wall; it may be in English."""
        found = self.listing.find(sentence)
        return (found is not None and found.section == WALL) or self._english.keeps_back(sentence, mask)

    def _listed(self, line: str) -> str:
        found = self.listing.find(line) if line else None
        return "" if found is None else found.code
