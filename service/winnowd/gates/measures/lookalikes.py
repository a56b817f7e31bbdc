"""Words in which letters of other scripts stand for the Latin ones that they look like. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from winnowd.text import Kind
from winnowd.text.folding import LOOKALIKES

if TYPE_CHECKING:
    from winnowd.text import Tokens

_FAR_LETTERS = (Kind.FAR_LOWER, Kind.FAR_UPPER, Kind.FAR_LETTER)
_LATIN = "[a-z\u00df-\u00f6\u00f8-\u024f]"
_LOOKALIKE = f"[{''.join(sorted(one for one in LOOKALIKES if not unicodedata.name(one).startswith('LATIN ')))}]"
_MIXED = re.compile(rf"\b(?=\w*{_LOOKALIKE})(?=\w*?{_LATIN}\w*?{_LATIN})\w+")


def mixed_words(tokens: Tokens) -> list[tuple[int, int]]:
    """Where words mix small Latin letters, at least two, with lookalikes: a unit or a formula (TNFα, μm) does not."""
    if not tokens.number_of(*_FAR_LETTERS):
        return []
    return [match.span() for match in _MIXED.finditer(tokens.text)]
