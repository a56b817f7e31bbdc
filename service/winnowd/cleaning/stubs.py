"""What of the repaired text tells a stub (error page, consent wall, paywall), before residue is removed. Pure."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING

from winnowd.cleaning.phrases import COOKIE, ERROR
from winnowd.text import word_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from winnowd.cleaning.line_rules import LineRules
    from winnowd.text import Tokens

_PAGE_OF = re.compile(
    r"^\W*page (\d{1,3}) (?:of|/) (\d{1,3})\W*$|^\W*continued on (?:the )?(?:next )?page\b.{0,12}$", re.IGNORECASE
)
_LAST_LINES = 8
_SENTENCE_END = re.compile(r"([.!?])\s+")  # to look back for the mark at each blank takes twice as long
ERROR_PAGE_WORDS = 250
CONSENT_WALL_WORDS = 400
PAYWALL_STUB_WORDS = 400
"""No limit of QUA455 may be higher (``most`` in the catalogue)."""
TAIL_SENTENCES = 6
_TAIL_CHARACTERS = 1_000
"""More than six sentences have as a rule."""


def stub_measures(tokens: Tokens, masks: Sequence[int], rules: LineRules) -> dict[str, float]:
    """The measures of QUA453 to QUA455, of a trimmed text and the masks of its lines.

    A line that praises a newsletter says nothing of the article above it: QUA455 asks for one that keeps the rest.

    ``error_lines``, ``consent_share`` (of words, by sentence) and ``subscribe_tail`` are asked of short texts only, and
    are 0 for others: to look for the last of them costs 15 us.
    """
    words, lines = tokens.count, tokens.lines
    errors = 0
    if words < ERROR_PAGE_WORDS:
        errors = sum(rules.fits(ERROR, line, mask) for line, mask in zip(lines, masks, strict=True))
    asking: Iterable[bool] = ()
    if words < PAYWALL_STUB_WORDS:
        asking = (rules.keeps_back(sentence, masks[index]) for sentence, index in last_sentences(lines))
    return {
        "raw_words": words,
        "error_lines": errors,
        "consent_share": _asking_words(lines, masks, rules) / words if 0 < words < CONSENT_WALL_WORDS else 0.0,
        "subscribe_tail": int(any(asking)),
    }


def has_more_pages(lines: Sequence[str]) -> bool:
    """Whether the last lines say that this is not the last page: "Page 1 of 2"."""
    for line in [line for line in lines if line][-_LAST_LINES:]:
        match = _PAGE_OF.match(line)
        if match is not None and (match[1] is None or int(match[1]) < int(match[2])):
            return True
    return False


def _asking_words(lines: Sequence[str], masks: Sequence[int], rules: LineRules) -> int:
    """The words of sentences that ask for consent."""
    asking = 0
    for line, mask in zip(lines, masks, strict=True):
        if mask & rules.bit[COOKIE]:
            asking += sum(word_count(one) for one in sentences(line) if rules.tells(COOKIE, one, mask))
    return asking


def sentences(line: str) -> list[str]:
    """The sentences of one line: what stands between full stops, exclamation or question marks and blanks."""
    pieces = _SENTENCE_END.split(line)
    joined = map(operator.add, pieces[0::2], (*pieces[1::2], ""))
    return [sentence for sentence in joined if sentence]


def _tail(line: str) -> list[str]:
    """The last six sentences of a line: they stand in its last characters, or else all are looked at.

    A sentence ends where its mark and the blanks behind it stand, whatever is before them: but for the first one that
    begins in them, all that begin in the last characters are sentences of the line.
    """
    tail = sentences(line[-_TAIL_CHARACTERS:])
    return (tail if len(tail) > TAIL_SENTENCES else sentences(line))[-TAIL_SENTENCES:]


def last_sentences(lines: Sequence[str]) -> list[tuple[str, int]]:
    """The last six sentences of a text, the last first, each with the number of its line from 0."""
    found: list[tuple[str, int]] = []
    for index in range(len(lines) - 1, -1, -1):
        if lines[index]:
            found += [(sentence, index) for sentence in reversed(_tail(lines[index]))]
            if len(found) >= TAIL_SENTENCES:
                break
    return found[:TAIL_SENTENCES]
