"""The longer paragraphs of a text by hash: what stands word for word in several articles is no copy of any. Pure."""

from __future__ import annotations

import hashlib
import re

LEAST_WORDS = 25
_PARAGRAPH = re.compile(r"[^\n]+")


def paragraphs(text: str) -> dict[int, tuple[int, int]]:
    """The span, in code points, of each paragraph of at least 25 words, by 63 bits of a hash of these, case aside."""
    found: dict[int, tuple[int, int]] = {}
    for paragraph in _PARAGRAPH.finditer(text):
        words = _words(paragraph[0])
        if words.count(" ") >= LEAST_WORDS - 1:
            digest = hashlib.blake2b(words.encode(), digest_size=8).digest()
            found.setdefault(int.from_bytes(digest) >> 1, paragraph.span())
    return found


def _words(paragraph: str) -> str:
    """Its words, case aside, with one blank between them: mostly it stands so, since no other white is printable."""
    paragraph = paragraph.casefold()
    if paragraph.isprintable() and "  " not in paragraph:
        return paragraph.strip(" ")
    return " ".join(paragraph.split())
