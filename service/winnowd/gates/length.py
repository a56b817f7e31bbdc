"""Gate length: how many words, and how long (QUA401 to QUA405). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from winnowd.gates.measures.grading import graded
from winnowd.model import Limit

if TYPE_CHECKING:
    from winnowd.gates.measures.subject import Subject
    from winnowd.model import Finding

GATE = "length"


@dataclass(frozen=True, slots=True)
class LengthLimits:
    """Gopher's limits (Rae et al. 2021), but 80 words, not 50: under 80 only stubs were met; C4's giant word."""

    too_few_words: Limit = Limit("QUA401", "words", "min", 100, 80)
    too_many_words: Limit = Limit("QUA402", "words", "max", 25_000, 100_000)
    words_too_short: Limit = Limit("QUA403", "mean_word_length", "min", 3.3, 3.0)
    words_too_long: Limit = Limit("QUA404", "mean_word_length", "max", 7.0, 10.0)
    giant_word: Limit = Limit("QUA405", "longest_word", "max", 100, 1_000)


class Length:
    """Tells stubs, books, tables and broken words by counting."""

    def __init__(self, limits: LengthLimits) -> None:
        self._limits = limits

    def examine(self, subject: Subject) -> tuple[Finding, ...]:
        """Grade the number of words, their mean length and the longest; without words these are 0."""
        limits, sizes = self._limits, subject.tokens.sizes
        words = len(sizes)
        mean = int(np.add.reduce(sizes)) / words if words else 0.0
        measured = (
            (limits.too_few_words, words),
            (limits.too_many_words, words),
            (limits.words_too_short, mean),
            (limits.words_too_long, mean),
            (limits.giant_word, int(np.maximum.reduce(sizes, initial=0))),
        )
        return graded(GATE, measured)
