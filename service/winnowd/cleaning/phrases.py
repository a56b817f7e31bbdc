"""The line patterns of phrases.toml: which kind of residue or header a line is. Pure."""

from __future__ import annotations

import functools
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

COMMENT_FORM, AD, GLYPHS, SOCIAL, SUBSCRIBE = "CLN321", "CLN322", "CLN323", "CLN324", "CLN325"
NAVIGATION, COOKIE, LEGAL, ERROR = "CLN326", "CLN327", "CLN328", "CLN329"
BYLINE, DATE, OUTLET, CAPTION = "CLN313", "CLN314", "CLN315", "CLN316"
RESIDUE = frozenset({COMMENT_FORM, AD, GLYPHS, SOCIAL, SUBSCRIBE, NAVIGATION, COOKIE, LEGAL, ERROR})
HEADER = frozenset({BYLINE, DATE, CAPTION})

LONGEST = 1_000
"""Characters from which on a line is no residue."""
REMEMBERED = 4_096


class Category(NamedTuple):
    """One kind of line: its code, how many blank-separated words it may have, and what it looks like."""

    code: str
    max_words: int
    pattern: re.Pattern[str]


class Phrases:
    """All categories in file order, the first that fits counts; and the pattern of a missing space."""

    def __init__(self, categories: tuple[Category, ...], glued: re.Pattern[str], sound: re.Pattern[str]) -> None:
        """Take the categories, the pattern of two glued sentences (groups 1 and 2), and of what only looks like it."""
        self.categories = categories
        self.glued = glued
        self.sound = sound
        self._by_code = {category.code: category for category in categories}
        self._code_of: Callable[[str], str] = functools.lru_cache(REMEMBERED)(self._classified)

    @classmethod
    def parse(cls, toml_text: str) -> Phrases:
        """Read phrases.toml; ValueError, KeyError or re.error if it is not of its form."""
        tables = tomllib.loads(toml_text)
        sites = tables.pop("sites")["pattern"]
        glued = tables.pop("missing-space")
        categories = tuple(_category(table, sites) for table in tables.values())
        return cls(categories, re.compile(glued["pattern"]), re.compile(glued["except"]))

    def code_of(self, line: str) -> str:
        """The code of the category that a trimmed line belongs to; "" for none."""
        return "" if len(line) > LONGEST else self._code_of(line)

    def _classified(self, line: str) -> str:
        words = len(line.split())
        for code, max_words, pattern in self.categories:
            if words <= max_words and pattern.search(line):
                return code
        return ""

    def tells(self, code: str, sentence: str) -> bool:
        """Whether a sentence holds a phrase of one category, however long the sentence is."""
        return self._by_code[code].pattern.search(sentence) is not None

    def fits(self, code: str, line: str) -> bool:
        """Whether a line is one of a category, and not longer than such a line may be."""
        return len(line.split()) <= self._by_code[code].max_words and self.tells(code, line)


def _category(table: dict[str, Any], sites: str) -> Category:
    patterns = [pattern.replace("%SITE%", sites) for pattern in table["patterns"]]
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    if table.get("whole"):
        joined = rf"^\W*(?:{joined})\W*$"
    return Category(table["code"], table["max_words"], re.compile(joined, 0 if table.get("case") else re.IGNORECASE))
