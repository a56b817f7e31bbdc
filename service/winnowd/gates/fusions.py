"""TXT522: two words written as one, told by a list of known words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from winnowd.text import Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping


class KnownWords:
    """Known words by themselves and by hash, so that the words of a text need not be cut out to be looked up."""

    def __init__(self, words: frozenset[str]) -> None:
        self.words = words
        self.hashes: frozenset[int] = frozenset(Tokens("\n".join(sorted(words))).hashes.tolist())


@dataclass(frozen=True, slots=True)
class Fusions:
    """A word that nobody knows and that splits into a function word and a known word of enough letters."""

    function_words: frozenset[str]
    not_prefix: tuple[str, ...]
    not_suffix: tuple[str, ...]
    partner_letters: int

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Fusions:
        """Read the table of marks.toml."""
        return cls(
            frozenset(table["function_words"].split()),
            tuple(table["not_prefix"].split()),
            tuple(table["not_suffix"].split()),
            table["partner_letters"],
        )

    def is_one(self, word: str, known: frozenset[str]) -> bool:
        """Whether a lower-case word is two known ones, fused."""
        if word in known or word.startswith(self.not_prefix) or word.endswith(self.not_suffix):
            return False
        functions, least = self.function_words, self.partner_letters
        for at in range(2, len(word) - 1):
            left, right = word[:at], word[at:]
            if left in functions and len(right) >= least and right in known:
                return True
            if right in functions and len(left) >= least and left in known:
                return True
        return False
