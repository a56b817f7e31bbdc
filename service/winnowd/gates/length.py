"""Gate length: how many words, and how long (QUA401 to QUA405). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from winnowd.gates.measures.grading import graded

if TYPE_CHECKING:
    from winnowd.gates.limits import LengthLimits
    from winnowd.gates.measures.subject import Subject
    from winnowd.model import Finding

GATE = "length"


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
