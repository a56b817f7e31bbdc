"""Gate clutter: what is no article, or not all of it: leftovers, walls, stubs, cuts (QUA450 to QUA458). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from winnowd.gates.measures.grading import graded, skipped
from winnowd.gates.measures.words import Class
from winnowd.text import Kind, blank_words, is_open_end, sentences_in, word_count

if TYPE_CHECKING:
    from winnowd.gates.limits import ClutterLimits
    from winnowd.gates.measures.subject import Subject
    from winnowd.model import Finding
    from winnowd.text import Tokens

GATE = "clutter"
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_PLACEHOLDER = re.compile(r"\blorem ipsum\b", re.IGNORECASE)
_CUT_MARK = re.compile(r"(?:\.\.\.|…|\[…\]|\[\+\d{1,12} chars\])$")
_LONGEST_MARK = 24
_CUT_WORDS = 20
_OPEN_WORDS = range(8, 31)


class Clutter:
    """Tells pages, stubs and cut texts, by what is left in them and by what cleaning saw."""

    def __init__(self, limits: ClutterLimits, others: frozenset[str] = frozenset()) -> None:
        """Take the limits, and the languages that are not judged as English is."""
        self._limits = limits
        self._others = others

    def examine(self, subject: Subject) -> tuple[Finding, ...]:
        """Grade leftovers and stubs; QUA455 is asked only of a short text whose end asks to subscribe."""
        limits, tokens, cleaned = self._limits, subject.tokens, subject.measures
        before = (
            (limits.removed_share, cleaned["removed_share"]),
            (limits.html_leftover, tags(tokens)),
            (limits.placeholder_text, placeholders(subject)),
            (limits.error_page, cleaned["error_lines"]),
            (limits.consent_wall, cleaned["consent_share"]),
        )
        cut_off = bool(cleaned["more_pages"]) or is_cut_off(tokens, in_english=subject.language not in self._others)
        after = (
            (limits.cut_off, int(cut_off)),
            (limits.whole_page, cleaned["outside_lines"]),
            (limits.said_twice, cleaned["repeated_share"]),
        )
        return (*graded(GATE, before), self._paywall(subject), *graded(GATE, after))

    def _paywall(self, subject: Subject) -> Finding:
        limit = self._limits.paywall_stub
        if not subject.measures["subscribe_tail"]:
            return skipped(GATE, limit, "it is no short text that ends by asking to subscribe")
        return graded(GATE, ((limit, subject.measures["raw_words"]),))[0]


def tags(tokens: Tokens) -> int:
    """How many HTML tags stand in a text."""
    return len(_TAG.findall(tokens.text)) if tokens.census[Kind.LESS] else 0


def placeholders(subject: Subject) -> int:
    """How often placeholder text begins in a text."""
    return len(_PLACEHOLDER.findall(subject.text)) if subject.any_classes & Class.LOREM else 0


def is_cut_off(tokens: Tokens, *, in_english: bool) -> bool:
    """Whether the last line ends in a mark of omission, or is long and ends in the middle of a sentence.

    In other languages than English, where one good post or chat in ten has no mark at its end, the open sentence has 8
    to 30 words (with fewer it may be a signature, with more its writer sets no marks), and no other line ends so.
    """
    last = tokens.lines[-1]
    if _CUT_MARK.search(last[-_LONGEST_MARK:]):
        return True
    if not is_open_end(last[-1:]) or blank_words(last) < _CUT_WORDS:
        return False
    if in_english:
        return True
    if word_count(sentences_in(last)[-1]) not in _OPEN_WORDS:
        return False
    return not any(is_open_end(line[-1:]) and blank_words(line) >= _OPEN_WORDS.start for line in tokens.lines[:-1])
