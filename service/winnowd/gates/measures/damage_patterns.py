"""The patterns of damaged text, TXT511 to TXT523: where one fits, and what they weigh together. Pure.

One fit alone proves nothing; TXT501 grades their sum. The patterns stand in a TOML file of this name and are for
English, but for those that ask for nothing of a language (``anywhere``). They are tried only where one may begin
(candidates.py), which changes nothing but the time.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from winnowd.gates.measures.candidates import FUSED, LITERALS, candidates
from winnowd.gates.measures.fusions import Fusions
from winnowd.text import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from winnowd.gates.measures.fusions import KnownWords
    from winnowd.text import Tokens

LOST_SPACE = "TXT523"


class DamageMatch(NamedTuple):
    """One match found: its code, weight, and where it stands in the cleaned text."""

    code: str
    weight: float
    start: int
    end: int


class _Pattern(NamedTuple):
    weight: float
    pattern: re.Pattern[str]


class DamagePatterns:
    """All patterns of damage_patterns.toml."""

    def __init__(
        self,
        patterns: dict[str, _Pattern],
        fusions: Fusions,
        lost_space: tuple[float, int],
        anywhere: dict[str, _Pattern],
    ) -> None:
        self._patterns = patterns
        self._anywhere = anywhere
        self._fusions = fusions
        self._lost_space = lost_space

    @classmethod
    def parse(cls, toml_text: str) -> DamagePatterns:
        """Read damage_patterns.toml; ValueError, KeyError or re.error if it is not of its form."""
        tables: dict[str, dict[str, Any]] = tomllib.loads(toml_text)
        by_code = {table["code"]: table for table in tables.values()}
        lost = by_code.pop(LOST_SPACE)
        patterns = {code: _Pattern(table["weight"], re.compile(table["pattern"])) for code, table in by_code.items()}
        anywhere = {
            code: _Pattern(table["weight"], re.compile(table["anywhere"]))
            for code, table in by_code.items()
            if "anywhere" in table
        }
        return cls(patterns, Fusions.of(by_code[FUSED]), (lost["weight"], lost["at_most"]), anywhere)

    def found_anywhere(self, tokens: Tokens) -> list[DamageMatch]:
        """The matches in a cleaned text that is not English: those that ask for nothing of a language."""
        if not tokens.number_of(Kind.COMMA, Kind.BRACKET):
            return []
        found = [
            DamageMatch(code, weight, *match.span())
            for code, (weight, pattern) in self._anywhere.items()
            for match in pattern.finditer(tokens.text)
        ]
        return sorted(found, key=lambda damage: damage.start)

    def found(self, tokens: Tokens, classes: NDArray[np.uint32], vocabulary: KnownWords) -> list[DamageMatch]:
        """The matches in a cleaned text, from its parts and their classes, in the order of their beginnings.

        Lost spaces are no longer in the text: cleaning has counted them.
        """
        found: list[DamageMatch] = []
        text = tokens.text
        for code, literals in LITERALS.items():
            if any(tokens.census[kind] and literal in text for literal, kind in literals):
                weight, pattern = self._patterns[code]
                found += [DamageMatch(code, weight, *match.span()) for match in pattern.finditer(text)]
        for code, offsets in candidates(tokens, classes, vocabulary):
            if offsets:
                found += self._at(code, text, offsets, vocabulary)
        found.sort(key=lambda damage: (damage.start, damage.code))
        return found

    def _at(self, code: str, text: str, offsets: Iterable[int], vocabulary: KnownWords) -> Iterator[DamageMatch]:
        """The matches that begin at these ascending places, none within another, as ``finditer`` would find them."""
        weight, pattern = self._patterns[code]
        end = 0
        for offset in offsets:
            match = pattern.match(text, offset) if offset >= end else None
            if match is None:
                continue
            end = match.end()
            if code != FUSED or self._fusions.is_one(match[0], vocabulary.words):
                yield DamageMatch(code, weight, offset, end)

    def weight_of_lost_spaces(self, count: int) -> float:
        """What so many spaces that cleaning had to put in weigh; more than a few weigh no more."""
        weight, at_most = self._lost_space
        return weight * min(count, at_most)
