"""CLN343: the addresses of Markdown's links are taken out; their words stay, and images go. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from winnowd.model import Note

if TYPE_CHECKING:
    from collections.abc import Callable

LINKS = "CLN343"
_TARGET = (
    r"""<?(?:https?://|mailto:|www\.|/|\.{1,2}/|#)[^\s()<>]{0,2000}(?:\([^\s()<>]{0,200}\)[^\s()<>]{0,200}){0,2}>?"""
)
_TITLE = r"""(?:[ \t]{1,4}(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'|\([^()\n]{0,300}\)))?"""
_DEFINITION = re.compile(rf"(?m)^ {{0,3}}\[[^\[\]\n]{{1,100}}\]:[ \t]{{0,4}}{_TARGET}{_TITLE}[ \t]{{0,4}}(?:\n|\Z)")
_INLINE = re.compile(rf"(!?)\[([^\[\]\n]{{0,500}})\]\({_TARGET}{_TITLE}\)")
_BY_NAME = re.compile(r"(!?)\[([^\[\]\n]{1,500})\] ?\[[^\[\]\n]{0,100}\]")


def unlinked(text: str) -> tuple[str, Note | None]:
    """A text without the addresses that Markdown's links and their definitions hold, and the note that keeps these."""
    removed: list[str] = []

    def words(match: re.Match[str]) -> str:
        removed.append(match[0])
        return "" if match[1] else match[2]

    if "](" in text:
        text = _replaced(_INLINE, words, text)
    if "]:" in text:
        defined = _DEFINITION.findall(text)
        if defined:
            removed += [definition.strip() for definition in defined]
            text = _replaced(_BY_NAME, words, _DEFINITION.sub("", text))
    if not removed:
        return text, None
    return text.rstrip("\n"), Note(LINKS, 0, len(removed), "\n".join(removed))


def _replaced(pattern: re.Pattern[str], words: Callable[[re.Match[str]], str], text: str) -> str:
    """Twice, since the words of a link may be an image."""
    return pattern.sub(words, pattern.sub(words, text))
