"""The line patterns of phrases.toml: which kind of residue or header a line is. Pure.

Most lines are prose and need no pattern: one look-up of all words of a text tells which categories a line may be of.
"""

from __future__ import annotations

import functools
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from winnowd.text import Kind, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

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


class Category(NamedTuple):
    """One kind of line: its code, how many blank-separated words it may have, what it looks like, and its signs.

    ``opens`` are the words that such a line begins with (or a digit, if ``digit``), ``holds`` those that it holds
    elsewhere, ``sign`` a character that it may have instead.
    """

    code: str
    max_words: int
    pattern: re.Pattern[str]
    opens: frozenset[str]
    holds: frozenset[str]
    sign: str
    digit: bool

    @classmethod
    def of(cls, table: Mapping[str, Any], parts: Mapping[str, str]) -> Category:
        """Read one table of phrases.toml."""
        joined = "|".join(f"(?:{pattern})" for pattern in table["patterns"])
        for name, part in parts.items():
            joined = joined.replace(f"%{name}%", part)
        if table.get("whole"):
            joined = rf"^\W*(?:{joined})\W*$"
        pattern = re.compile(joined, 0 if table.get("case") else re.IGNORECASE)
        opens, holds = (frozenset(table.get(name, "").split()) for name in ("opens", "holds"))
        sign, digit = table.get("sign", ""), table.get("digit", False)
        return cls(table["code"], table["max_words"], pattern, opens, holds, sign, digit)


class Phrases:
    """All categories in file order, the first that fits counts; and the pattern of a missing space.

    A *mask* has one bit for each category that a line may be of.
    """

    def __init__(self, categories: tuple[Category, ...], glued: re.Pattern[str], sound: re.Pattern[str]) -> None:
        """Take the categories, the pattern of two glued sentences (groups 1 and 2), and of what only looks like it."""
        self.categories = categories
        self.glued = glued
        self.sound = sound
        self.every = (1 << len(categories)) - 1
        self.bit = {category.code: 1 << number for number, category in enumerate(categories)}
        self._by_code = {category.code: category for category in categories}
        self._opens = self._masks(lambda category: category.opens)
        holds = self._masks(lambda category: category.holds)
        self._words = Vocabulary(
            {word: self._opens.get(word, 0) | holds.get(word, 0) << _HOLDS for word in self._opens | holds}
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
        """Read phrases.toml; ValueError, KeyError or re.error if it is not of its form."""
        tables = tomllib.loads(toml_text)
        parts = tables.pop("parts")
        glued = tables.pop("missing-space")
        categories = tuple(Category.of(table, parts) for table in tables.values())
        return cls(categories, re.compile(glued["pattern"]), re.compile(glued["except"]))

    def masks(self, tokens: Tokens) -> list[int]:
        """For each line of a trimmed text the categories that it may be of: 0 for most lines."""
        classes = self._words.classes(tokens.part_hashes)
        masks = self._by_first_word(tokens, classes)
        indexes = (classes >> _HOLDS).nonzero()[0]
        held = tokens.line_parts.searchsorted(indexes, side="right") - 1
        for line, bits in zip(held.tolist(), classes.take(indexes).tolist(), strict=True):
            masks[line] |= bits >> _HOLDS
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


def _one_of(words: frozenset[str]) -> str:
    return f"(?:{'|'.join(sorted(words)) or '(?!)'})"
