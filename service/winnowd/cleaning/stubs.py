"""What of the repaired text tells a stub (error page, consent wall, paywall), before residue is removed. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from winnowd.cleaning.phrases import COOKIE, ERROR, SUBSCRIBE
from winnowd.text import word_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.cleaning.phrases import Phrases

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
ERROR_PAGE_WORDS = 250
CONSENT_WALL_WORDS = 400
TAIL_SENTENCES = 6


def stub_measures(lines: Sequence[str], words: int, phrases: Phrases) -> dict[str, float]:
    """The measures of QUA453 to QUA455, from the trimmed lines that are not empty and the number of all words.

    ``error_lines`` and ``consent_share`` (of words, by sentence) are counted in short texts only, and are 0 in others.
    """
    errors = sum(phrases.fits(ERROR, line) for line in lines) if words < ERROR_PAGE_WORDS else 0
    return {
        "raw_words": words,
        "error_lines": errors,
        "consent_share": _consent_share(lines, words, phrases) if 0 < words < CONSENT_WALL_WORDS else 0.0,
        "subscribe_tail": int(any(phrases.fits(SUBSCRIBE, sentence) for sentence in last_sentences(lines))),
    }


def _consent_share(lines: Sequence[str], words: int, phrases: Phrases) -> float:
    asking = [sentence for line in lines for sentence in sentences(line) if phrases.tells(COOKIE, sentence)]
    return sum(map(word_count, asking)) / words


def sentences(line: str) -> list[str]:
    """The sentences of one line: what stands between full stops, exclamation or question marks and blanks."""
    return [sentence for sentence in _SENTENCE_END.split(line) if sentence]


def last_sentences(lines: Sequence[str]) -> list[str]:
    """The last six sentences of a text, in order."""
    found: list[str] = []
    for line in reversed(lines):
        found[:0] = sentences(line)[-TAIL_SENTENCES:]
        if len(found) >= TAIL_SENTENCES:
            break
    return found[-TAIL_SENTENCES:]
