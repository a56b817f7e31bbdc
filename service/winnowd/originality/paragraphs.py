"""The longer paragraphs of a text by hash: what stands word for word in several articles is no copy of any. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

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


class HeldParagraphs:
    """Which of some articles hold a paragraph; articles by number, paragraphs by hash."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[int, ...]] = {}
        self._holders: dict[int, set[int]] = {}

    def __contains__(self, number: int) -> bool:
        """Whether an article is one of them."""
        return number in self._of

    def holders(self, paragraph: int) -> AbstractSet[int]:
        """Those that hold a paragraph."""
        return self._holders.get(paragraph, frozenset())

    def add(self, number: int, held: Iterable[int]) -> None:
        """An article that was not there."""
        self._of[number] = tuple(held)
        for paragraph in self._of[number]:
            self._holders.setdefault(paragraph, set()).add(number)

    def drop(self, number: int) -> None:
        """Forget an article, if it is there."""
        for paragraph in self._of.pop(number, ()):
            self._holders[paragraph].discard(number)

    def clear(self) -> None:
        """Forget all."""
        self._of.clear()
        self._holders.clear()
