"""Gate length: how many words, and how long (QUA401 to QUA405). Pure."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from winnowd.gates.measures.grading import graded, skipped
from winnowd.gates.measures.languages import ENGLISH, word_length

if TYPE_CHECKING:
    from winnowd.gates.limits import LengthLimits
    from winnowd.gates.measures.subject import Subject
    from winnowd.model import Finding, Limit

GATE = "length"


class Length:
    """Tells stubs, books, tables and broken words by counting."""

    def __init__(self, limits: LengthLimits) -> None:
        self._limits = limits

    def examine(self, subject: Subject) -> tuple[Finding, ...]:
        """Grade the number of words, their mean length and the longest; without words these are 0."""
        limits, tokens = self._limits, subject.tokens
        sizes = tokens.sizes
        number = ((limits.too_few_words, tokens.count), (limits.too_many_words, tokens.count))
        longest = (limits.giant_word, int(np.maximum.reduce(sizes, initial=0)))
        of_mean = (limits.words_too_short, limits.words_too_long)
        if reason := _unasked(subject):
            unasked = [skipped(GATE, limit, reason) for limit in of_mean]
            return (*graded(GATE, number), *unasked, *graded(GATE, (longest,)))
        mean = int(np.add.reduce(sizes)) / len(sizes) if len(sizes) else 0.0
        if subject.language not in {ENGLISH, ""}:
            of_mean = (word_length_limit(of_mean[0], subject.language), word_length_limit(of_mean[1], subject.language))
        return graded(GATE, (*number, (of_mean[0], mean), (of_mean[1], mean), longest))


def _unasked(subject: Subject) -> str:
    """Why the mean length of words tells nothing of a text; "" if it does."""
    if subject.tokens.is_without_blanks:
        return "its script has no blanks between words"
    if word_length(subject.language) is None:  # in Tamil all that is well written would be doubted, in Yoruba much
        return f"how long words are in '{subject.language}' is not known"
    return ""


@functools.lru_cache(maxsize=512)
def word_length_limit(limit: Limit, language: str) -> Limit:
    """The limit of QUA403 or QUA404 for a language: as much more or less as its words are longer or shorter.

    Where that is not known there is none.
    """
    longer = word_length(language)
    if longer is None:
        return replace(limit, doubt=None, fail=None)
    if longer == 1:
        return limit
    doubt, fail = (None if end is None else round(end * longer, 4) for end in (limit.doubt, limit.fail))
    return replace(limit, doubt=doubt, fail=fail)
