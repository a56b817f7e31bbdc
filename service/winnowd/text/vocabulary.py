"""Words that belong to classes, looked up for all words of a text at once. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from winnowd.text.tokens import ODD, word_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class Vocabulary:
    """A few hundred words, each with the bits of the classes it belongs to; asked for all words of a text at once.

    A word's slot is the top bits of its hash times a number chosen so that no two words share one.
    """

    _BITS = 14
    _MOST = 500  # more could hardly be parted in so many slots

    def __init__(self, classes: Mapping[str, int]) -> None:
        hashes = np.array([word_hash(word) for word in classes], dtype=np.uint64)
        self._shift = np.uint64(64 - self._BITS)
        self._factor = self._merged(hashes)
        slots = (hashes * self._factor) >> self._shift
        self._hashes = np.zeros(1 << self._BITS, dtype=np.uint64)
        self._classes = np.zeros(1 << self._BITS, dtype=np.uint32)
        self._hashes[slots] = hashes
        self._classes[slots] = list(classes.values())

    def _merged(self, hashes: NDArray[np.uint64]) -> np.uint64:
        for odd in range(1, 2_000 if len(hashes) <= self._MOST else 1, 2):
            factor = np.uint64((ODD * odd) % (1 << 64) | 1)
            if len(np.unique((hashes * factor) >> self._shift)) == len(np.unique(hashes)):
                return factor
        raise ValueError("too many words for one vocabulary: give it fewer, or more slots")

    def classes(self, hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
        """The class bits of each word, 0 for a word that is none of these."""
        slots = ((hashes * self._factor) >> self._shift).view(np.intp)
        found: NDArray[np.uint32] = self._classes.take(slots)
        found *= self._hashes.take(slots) == hashes
        return found
