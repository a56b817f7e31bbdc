"""The marks that end sentences and part clauses, quotes and brackets that close after them, of any script. Pure.

Each constant is the inside of a class of a regular expression. A sentence that ends in one of ``WIDE_STOPS`` needs no
blank behind it, and a line may end in any of ``LINE_MARKS``.
"""

from __future__ import annotations

import re
from typing import Final

WIDE_STOPS: Final = "。！？．｡"
FAR_STOPS: Final = f"{WIDE_STOPS}।॥؟۔։።፧፨།༎။។៕᙮᠃܀܂⁇⁈⁉‼"
"""Devanagari and its kin, Arabic, Urdu, Armenian, Ethiopic, Tibetan, Burmese, Khmer, Canadian, Mongolian, Syriac."""
FAR_COMMAS: Final = "،、，،፣፤፥፦；：؛၊､︰៖"
"""Half stops, too: a semicolon and a colon that are as wide as a letter."""
WORD_BLANKS: Final = "་༌፡"
"""Marks that stand where others leave a blank: Tibetan tsheg, Ethiopic word space."""
CLOSING: Final = "»«“›‹」』）】》〉］｣＂＇"
"""What closes beside ``"'”’)]``: German closes with “ and in books with «."""
FAR_QUOTES: Final = "「」『』《》〈〉・"
"""Common marks where they are used, as commas are: no symbols."""
BRACKETS: Final = "（）【】［］｛｝"

COLONS: Final = ":：፦៖"
"""What announces a list: wide, Ethiopic, Khmer."""

ENDS: Final = f"[.!?…{FAR_STOPS}]"
CLOSERS: Final = f"[\"'”’)\\]{CLOSING}]"
LINE_MARKS: Final = frozenset(f".!?\"”’'…){COLONS}{FAR_STOPS}{CLOSING}")
ENDS_SENTENCE: Final = re.compile(f"{ENDS}{CLOSERS}{{0,2}}$")
