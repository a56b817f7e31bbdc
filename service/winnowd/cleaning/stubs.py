"""What of the repaired text tells a stub (error page, consent wall, paywall), before residue is removed. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from winnowd.cleaning.phrases import COOKIE, ERROR, SUBSCRIBE
from winnowd.text import word_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.cleaning.phrases import Phrases
    from winnowd.text import Tokens

    Line = tuple[str, int]

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
ERROR_PAGE_WORDS = 250
CONSENT_WALL_WORDS = 400
TAIL_SENTENCES = 6


def stub_measures(tokens: Tokens, masks: Sequence[int], phrases: Phrases) -> dict[str, float]:
    """The measures of QUA453 to QUA455, of a trimmed text and the masks of its lines.

    ``error_lines`` and ``consent_share`` (of words, by sentence) are counted in short texts only, and are 0 in others.
    """
    words = tokens.count
    lines = [(line, mask) for line, mask in zip(tokens.lines, masks, strict=True) if line]
    errors = sum(phrases.fits(ERROR, line, mask) for line, mask in lines) if words < ERROR_PAGE_WORDS else 0
    asking = (phrases.fits(SUBSCRIBE, sentence, mask) for sentence, mask in last_sentences(lines))
    return {
        "raw_words": words,
        "error_lines": errors,
        "consent_share": _consent_share(lines, words, phrases) if 0 < words < CONSENT_WALL_WORDS else 0.0,
        "subscribe_tail": int(any(asking)),
    }


def _consent_share(lines: Sequence[Line], words: int, phrases: Phrases) -> float:
    asking = 0
    for line, mask in lines:
        if mask & phrases.bit[COOKIE]:
            asking += sum(word_count(one) for one in sentences(line) if phrases.tells(COOKIE, one, mask))
    return asking / words


def sentences(line: str) -> list[str]:
    """The sentences of one line: what stands between full stops, exclamation or question marks and blanks."""
    return [sentence for sentence in _SENTENCE_END.split(line) if sentence]


def last_sentences(lines: Sequence[Line]) -> list[Line]:
    """The last six sentences of a text, in order, each with the mask of its line."""
    found: list[Line] = []
    for line, mask in reversed(lines):
        found[:0] = [(sentence, mask) for sentence in sentences(line)[-TAIL_SENTENCES:]]
        if len(found) >= TAIL_SENTENCES:
            break
    return found[-TAIL_SENTENCES:]
