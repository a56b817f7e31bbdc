"""CLN341: the space that is missing between two sentences. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from winnowd.text import Kind, Tokens

if TYPE_CHECKING:
    import re

    from winnowd.cleaning.line_rules import LineRules

MISSING = "CLN341"
_FULL_STOP, _TO_STOP = np.uint8(Kind.FULL_STOP), np.uint8(Kind.STOP - Kind.FULL_STOP)


def parted(tokens: Tokens, rules: LineRules) -> tuple[Tokens, list[str]]:
    """Part sentences that stand together without a space; give also what was parted.

    The pattern is asked only where a capital stands right after a mark that stands right after a small letter.
    """
    if not _may_be_glued(tokens):
        return tokens, []
    glued: list[str] = []

    def spaced(match: re.Match[str]) -> str:
        if rules.sound.search(match[0]):
            return match[0]
        glued.append(match[0])
        return f"{match[1]} {match[2]}"

    text = rules.glued.sub(spaced, tokens.text)
    return (Tokens(text), glued) if glued else (tokens, glued)


def _may_be_glued(tokens: Tokens) -> bool:
    kinds = tokens.kinds
    stops = (kinds - _FULL_STOP <= _TO_STOP).nonzero()[0]
    glued = kinds.take(stops + 1) == Kind.UPPER
    glued &= kinds.take(stops - 1) == Kind.LOWER  # before the first character stands the last, an LF
    return bool(glued.any())
