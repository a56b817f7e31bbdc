"""TXT522: two words written as one, told by a list of known words. Pure."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from winnowd.text import Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_SLOT_BITS = 16
_SLOT = np.uint64(64 - _SLOT_BITS)


class KnownWords:
    """Known words by themselves and by hash, so that the words of a text need not be cut out to be looked up."""

    def __init__(self, words: frozenset[str]) -> None:
        self.words = words
        hashes = Tokens("\n".join(sorted(words))).hashes
        self._hashes: frozenset[int] = frozenset(hashes.tolist())
        self._slots = np.zeros(1 << _SLOT_BITS, dtype=np.uint64)
        self._slots[hashes >> _SLOT] = hashes

    @classmethod
    @functools.lru_cache(maxsize=2)  # there is one list of words, and tests have another
    def of(cls, words: frozenset[str]) -> KnownWords:
        """These words, hashed once however many panels of gates ask for them."""
        return cls(words)

    def unknown(self, hashes: NDArray[np.uint64]) -> list[int]:
        """The places of the words that are none of these, by their hashes.

        The upper bits of a hash name a slot that holds one known word: those that have lost it are looked up singly.
        """
        offsets = (self._slots.take((hashes >> _SLOT).view(np.intp)) != hashes).nonzero()[0]
        vocabulary = self._hashes
        singly = zip(offsets.tolist(), hashes.take(offsets).tolist(), strict=True)
        return [offset for offset, number in singly if number not in vocabulary]


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
