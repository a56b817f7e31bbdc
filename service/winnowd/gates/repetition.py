"""Gate repetition: how much of a text it says again (QUA430 to QUA442). Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from winnowd.gates.measures.grading import graded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.gates.limits import RepetitionLimits
    from winnowd.gates.measures.subject import Subject
    from winnowd.model import Finding

GATE = "repetition"
_BRACKETED = re.compile(r"\([^()\n]*\)|\[[^\[\]\n]*\]")


class Repetition:
    """Tells generated, scraped and doubled text by lines, paragraphs and runs of words that come again."""

    def __init__(self, limits: RepetitionLimits) -> None:
        self._limits = limits
        self._top = (limits.top_2_gram, limits.top_3_gram, limits.top_4_gram)
        self._repeated = (
            limits.repeated_5_grams,
            limits.repeated_6_grams,
            limits.repeated_7_grams,
            limits.repeated_8_grams,
            limits.repeated_9_grams,
            limits.repeated_10_grams,
        )

    def examine(self, subject: Subject) -> tuple[Finding, ...]:
        """Grade copies of lines and paragraphs, and repeated runs of words, by number and by characters."""
        limits, tokens = self._limits, subject.tokens
        size = len(tokens.text) or 1
        lines = [line for line in tokens.lines if line]
        line_copies, line_characters = copies(lines)
        paragraphs = _paragraphs(tokens.text)
        paragraph_copies, paragraph_characters = copies(paragraphs)
        grams = tokens.grams
        measured = [
            (limits.repeated_lines, line_copies / (len(lines) or 1)),
            (limits.repeated_line_characters, line_characters / size),
            (limits.repeated_paragraphs, paragraph_copies / (len(paragraphs) or 1)),
            (limits.repeated_paragraph_characters, paragraph_characters / size),
            *[(limit, characters / size) for limit, characters in zip(self._top, grams.top, strict=True)],
            *[(limit, characters / size) for limit, characters in zip(self._repeated, grams.repeated, strict=True)],
        ]
        return graded(GATE, measured)


def _paragraphs(text: str) -> list[str]:
    pieces = [piece.strip("\n") for piece in text.split("\n\n")]
    return [piece for piece in pieces if piece]


def copies(pieces: Sequence[str]) -> tuple[int, int]:
    """How many pieces equal an earlier one, and how many characters these have.

    Those without a letter, or wholly in brackets, part or accompany a text and say nothing: ``___``, ``(Applause)``.
    """
    if len(set(pieces)) == len(pieces):
        return 0, 0
    counted = Counter(pieces).items()
    repeated = [(len(piece), count - 1) for piece, count in counted if count > 1 and not _says_nothing(piece)]
    return sum(count for _, count in repeated), sum(size * count for size, count in repeated)


def _says_nothing(piece: str) -> bool:
    return _BRACKETED.fullmatch(piece) is not None or not any(map(str.isalpha, piece))
