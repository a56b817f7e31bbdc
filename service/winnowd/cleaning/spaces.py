"""CLN341: the space that is missing between two sentences. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.text import Kind, Tokens

if TYPE_CHECKING:
    import re

    from winnowd.cleaning.phrases import Phrases

MISSING = "CLN341"


def parted(tokens: Tokens, phrases: Phrases) -> tuple[Tokens, list[str]]:
    """Part sentences that stand together without a space; give also what was parted.

    The pattern is asked only where a capital stands right after a mark that stands right after a small letter.
    """
    if not _may_be_glued(tokens):
        return tokens, []
    glued: list[str] = []

    def spaced(match: re.Match[str]) -> str:
        if phrases.sound.search(match[0]):
            return match[0]
        glued.append(match[0])
        return f"{match[1]} {match[2]}"

    text = phrases.glued.sub(spaced, tokens.text)
    return (Tokens(text), glued) if glued else (tokens, glued)


def _may_be_glued(tokens: Tokens) -> bool:
    between = tokens.between
    glued = ((between == Kind.FULL_STOP) | (between == Kind.STOP)).nonzero()[0]
    if not len(glued):
        return False
    kinds, (starts, ends) = tokens.kinds, tokens.parts
    capitals = kinds.take(starts.take(glued + 1)) == Kind.UPPER
    return bool((capitals & (kinds.take(ends.take(glued) - 1) == Kind.LOWER)).any())
