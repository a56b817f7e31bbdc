"""The marks of damaged text, TXT511 to TXT523: where they stand, and what they weigh together. Pure.

A mark alone proves nothing; TXT501 grades their sum. The patterns stand in marks.toml and are for English only.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LOST_SPACE, FUSED = "TXT523", "TXT522"


class Mark(NamedTuple):
    """One mark found: its code, weight, and where it stands in the cleaned text."""

    code: str
    weight: float
    start: int
    end: int


class _Pattern(NamedTuple):
    code: str
    weight: float
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Fusions:
    """Two words without a space: a word that nobody knows, and that splits into a function word and a known word."""

    function_words: frozenset[str]
    not_prefix: tuple[str, ...]
    not_suffix: tuple[str, ...]
    partner_letters: int

    def is_one(self, word: str, known: frozenset[str]) -> bool:
        """Whether a lower-case word is two known ones, fused."""
        if word in known or word.startswith(self.not_prefix) or word.endswith(self.not_suffix):
            return False
        parts = [(word[:at], word[at:]) for at in range(2, len(word) - 1)]
        parts += [(right, left) for left, right in parts]
        return any(
            one in self.function_words and len(other) >= self.partner_letters and other in known for one, other in parts
        )


class Marks:
    """All marks of marks.toml."""

    def __init__(self, patterns: tuple[_Pattern, ...], fusions: Fusions, lost_space: tuple[float, int]) -> None:
        self._patterns = patterns
        self._fusions = fusions
        self._lost_space = lost_space

    @classmethod
    def parse(cls, toml_text: str) -> Marks:
        """Read marks.toml; ValueError, KeyError or re.error if it is not of its form."""
        tables: dict[str, dict[str, Any]] = tomllib.loads(toml_text)
        by_code = {table["code"]: table for table in tables.values()}
        lost = by_code.pop(LOST_SPACE)
        fused = by_code[FUSED]
        fusions = Fusions(
            frozenset(fused["function_words"].split()),
            tuple(fused["not_prefix"].split()),
            tuple(fused["not_suffix"].split()),
            fused["partner_letters"],
        )
        patterns = [_Pattern(code, table["weight"], re.compile(table["pattern"])) for code, table in by_code.items()]
        return cls(tuple(patterns), fusions, (lost["weight"], lost["at_most"]))

    def found(self, text: str, known_words: frozenset[str]) -> Iterator[Mark]:
        """The marks in a cleaned text, but for lost spaces: those are no longer in it."""
        for code, weight, pattern in self._patterns:
            for match in pattern.finditer(text):
                if code != FUSED or self._fusions.is_one(match[0], known_words):
                    yield Mark(code, weight, match.start(), match.end())

    def weight_of_lost_spaces(self, count: int) -> float:
        """What so many spaces that cleaning had to put in weigh; more than a few weigh no more."""
        weight, at_most = self._lost_space
        return weight * min(count, at_most)
