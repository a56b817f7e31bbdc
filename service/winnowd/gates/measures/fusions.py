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
    """A word that nobody knows and that splits into a function word and a known word of enough letters.

    ``sizes`` are the lengths of the function words, ascending.
    """

    function_words: frozenset[str]
    sizes: tuple[int, ...]
    not_prefix: tuple[str, ...]
    not_suffix: tuple[str, ...]
    partner_letters: int

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Fusions:
        """Read the table of damage_patterns.toml."""
        words = frozenset(table["function_words"].split())
        return cls(
            words,
            tuple(sorted(set(map(len, words)))),
            tuple(table["not_prefix"].split()),
            tuple(table["not_suffix"].split()),
            table["partner_letters"],
        )

    def is_one(self, word: str, vocabulary: frozenset[str]) -> bool:
        """Whether a lower-case word is two known ones, fused."""
        if word in vocabulary or word.startswith(self.not_prefix) or word.endswith(self.not_suffix):
            return False
        functions, most = self.function_words, len(word) - self.partner_letters
        for size in self.sizes:
            if size > most:
                return False
            if word[:size] in functions and word[size:] in vocabulary:
                return True
            if word[-size:] in functions and word[:-size] in vocabulary:
                return True
        return False
