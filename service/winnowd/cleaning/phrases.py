"""The line patterns of English (phrases/en.toml): which kind of residue or header a line is. Pure.

Most lines are prose and need no pattern: one look-up of all words of a text tells which categories a line may be of.
"""

from __future__ import annotations

import functools
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from winnowd.cleaning.languages import ENGLISH_SHARE, ENGLISH_WORDS
from winnowd.text import Kind, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from winnowd.cleaning.listing import Listing
    from winnowd.text import Tokens

COMMENT_FORM, AD, GLYPHS, SOCIAL, SUBSCRIBE = "CLN321", "CLN322", "CLN323", "CLN324", "CLN325"
NAVIGATION, COOKIE, LEGAL, ERROR, CREDIT = "CLN326", "CLN327", "CLN328", "CLN329", "CLN330"
BYLINE, DATE, OUTLET, CAPTION = "CLN313", "CLN314", "CLN315", "CLN316"
RESIDUE = frozenset({COMMENT_FORM, AD, GLYPHS, SOCIAL, SUBSCRIBE, NAVIGATION, COOKIE, LEGAL, ERROR})

LONGEST = 1_000
"""Characters from which on a line or sentence is no residue."""
REMEMBERED = 4_096
_HOLDS = 16
"""The bits of words that a line may hold lie so far above those of words that it may begin with."""
_ENGLISH = 1 << _HOLDS - 1
"""The bit of words that tell English: categories have those below."""


class Category(NamedTuple):
    """One kind of line: its code, how many blank-separated words it may have, what it looks like, and its signs.

    ``opens`` are the words that such a line begins with (or a digit, if ``digit``), ``holds`` those that it holds
    elsewhere, ``sign`` a character that it may have instead. ``everywhere``: asked of texts in every language.
    """

    code: str
    max_words: int
    pattern: re.Pattern[str]
    opens: frozenset[str]
    holds: frozenset[str]
    sign: str
    digit: bool
    everywhere: bool

    @classmethod
    def of(cls, table: Mapping[str, Any], parts: Mapping[str, str]) -> Category:
        """Read one table of phrases/en.toml."""
        joined = "|".join(f"(?:{pattern})" for pattern in table["patterns"])
        for name, part in parts.items():
            joined = joined.replace(f"%{name}%", part)
        if table.get("whole"):
            joined = rf"^\W*(?:{joined})\W*$"
        pattern = re.compile(joined, 0 if table.get("case") else re.IGNORECASE)
        opens, holds = (frozenset(table.get(name, "").split()) for name in ("opens", "holds"))
        sign, digit = table.get("sign", ""), table.get("digit", False)
        everywhere = table.get("everywhere", False)
        return cls(table["code"], table["max_words"], pattern, opens, holds, sign, digit, everywhere)


class SentencePatterns(NamedTuple):
    """What is asked of sentences: whether two are glued (groups 1 and 2), only look so, or keep the rest back."""

    glued: re.Pattern[str]
    sound: re.Pattern[str]
    wall: re.Pattern[str]

    @classmethod
    def of(cls, tables: dict[str, Any]) -> Self:
        """Take their tables out of those of phrases/en.toml."""
        glued, wall = tables.pop("missing-space"), tables.pop("wall")
        return cls(re.compile(glued["pattern"]), re.compile(glued["except"]), _either(wall["patterns"]))


class Phrases:
    """The patterns of English: all categories in file order, the first that fits counts.

    A *mask* has one bit for each category that a line may be of.
    """

    listing: Listing | None = None
    """Other languages have one (``LineRules``)."""

    def __init__(self, categories: tuple[Category, ...], sentences: SentencePatterns) -> None:
        """Take the categories and the patterns of sentences."""
        self.categories = categories
        self.glued, self.sound, self._wall = sentences
        self.every = (1 << len(categories)) - 1
        self.bit = {category.code: 1 << number for number, category in enumerate(categories)}
        self.everywhere = sum(self.bit[category.code] for category in categories if category.everywhere)
        self._by_code = {category.code: category for category in categories}
        self._opens = self._masks(lambda category: category.opens)
        holds = self._masks(lambda category: category.holds)
        english = dict.fromkeys(ENGLISH_WORDS.split(), _ENGLISH)
        self._words = Vocabulary(
            {
                word: self._opens.get(word, 0) | english.get(word, 0) | holds.get(word, 0) << _HOLDS
                for word in self._opens | english | holds
            }
        )
        self._opening = {one.code: _opening(one.opens) for one in categories}
        self._holding = {one.code: _holding(one) for one in categories}
        self._digit = sum(self.bit[category.code] for category in categories if category.digit)
        self._signs = [(category.sign, self.bit[category.code]) for category in categories if category.sign]
        self._code_of: Callable[[str, int], str] = functools.lru_cache(REMEMBERED)(self._classified)

    def _masks(self, words_of: Callable[[Category], frozenset[str]]) -> dict[str, int]:
        masks: dict[str, int] = {}
        for category in self.categories:
            for word in words_of(category):
                masks[word] = masks.get(word, 0) | self.bit[category.code]
        return masks

    @classmethod
    def parse(cls, toml_text: str) -> Phrases:
        """Read phrases/en.toml; ValueError, KeyError or re.error if it is not of its form."""
        tables = tomllib.loads(toml_text)
        parts = tables.pop("parts")
        sentences = SentencePatterns.of(tables)
        return cls(tuple(Category.of(table, parts) for table in tables.values()), sentences)

    def masks(self, tokens: Tokens) -> list[int]:
        """For each line of a trimmed text the categories that it may be of: 0 for most lines."""
        return self.masks_by(tokens, self.classes(tokens))

    def classes(self, tokens: Tokens) -> NDArray[np.uint32]:
        """What each part of a text is to these patterns: bits."""
        return self._words.classes(tokens.part_hashes)

    def is_english(self, tokens: Tokens, classes: NDArray[np.uint32]) -> bool:
        """Whether a text has so many English words that nothing else need be asked; ``classes`` are those of it."""
        return bool(np.count_nonzero(classes & _ENGLISH) >= ENGLISH_SHARE * tokens.count)

    def masks_by(self, tokens: Tokens, classes: NDArray[np.uint32]) -> list[int]:
        """The masks of a text whose ``classes`` were looked up."""
        masks = self._by_first_word(tokens, classes)
        indexes = (classes >= 1 << _HOLDS).nonzero()[0]  # of bools: half the time
        after = tokens.line_parts.searchsorted(indexes, side="right")
        for line, bits in zip(after.tolist(), classes.take(indexes).tolist(), strict=True):
            masks[line - 1] |= bits >> _HOLDS
        for sign, bit in self._signs:
            if sign in tokens.text:
                masks = [mask | bit if sign in line else mask for mask, line in zip(masks, tokens.lines, strict=True)]
        return masks

    def _by_first_word(self, tokens: Tokens, classes: NDArray[np.uint32]) -> list[int]:
        """The categories that lines begin as; all of them for a line of fewer than two words."""
        bounds = tokens.line_parts
        few = bounds[1:] - bounds[:-1] < 2
        if not len(classes):
            return [self.every] * len(few)
        firsts = np.minimum(bounds[:-1], len(classes) - 1)
        masks = classes.take(firsts) & self.every
        masks[tokens.kinds.take(tokens.parts.starts.take(firsts)) == Kind.DIGIT] |= self._digit
        masks[few] = self.every
        listed: list[int] = masks.tolist()
        return listed

    def code_of(self, line: str, mask: int) -> str:
        """The code of the category that a trimmed line belongs to, of those in the mask; "" for none."""
        return self._code_of(line, mask) if mask and line and len(line) <= LONGEST else ""

    def _classified(self, line: str, mask: int) -> str:
        words = len(line.split())
        for number, category in enumerate(self.categories):
            if mask >> number & 1 and words <= category.max_words and category.pattern.search(line):
                return category.code
        return ""

    def tells(self, code: str, sentence: str, mask: int) -> bool:
        """Whether a sentence from a line with this mask holds a phrase of one category, however many words it has."""
        if len(sentence) > LONGEST:
            return False
        holds = mask & self.bit[code] and self._holding[code].search(sentence) is not None
        if not holds and self._opening[code].match(sentence) is None:
            return False
        return self._by_code[code].pattern.search(sentence) is not None

    def fits(self, code: str, line: str, mask: int) -> bool:
        """Whether a line is one of a category, and has not more words than such a line may have."""
        return self.tells(code, line, mask) and len(line.split()) <= self._by_code[code].max_words

    def keeps_back(self, sentence: str, mask: int) -> bool:
        """Whether a sentence is that of a wall: it asks to subscribe, and promises the rest of the article."""
        return self.fits(SUBSCRIBE, sentence, mask) and self._wall.search(sentence) is not None


def _opening(words: frozenset[str]) -> re.Pattern[str]:
    """What begins with one of these words."""
    return re.compile(rf"\W*{_one_of(words)}\b", re.IGNORECASE)


def _holding(category: Category) -> re.Pattern[str]:
    """What holds a word of a category, or its sign, or begins with a digit where that says it: no other can be of it.

    It takes a fifth of the time of the patterns of the category.
    """
    sign = re.escape(category.sign) if category.sign else "(?!)"
    digit = r"\A\W*\d" if category.digit else "(?!)"
    return re.compile(rf"\b{_one_of(category.holds)}\b|{sign}|{digit}", re.IGNORECASE)


def _either(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _one_of(words: frozenset[str]) -> str:
    return f"(?:{'|'.join(sorted(words)) or '(?!)'})"
