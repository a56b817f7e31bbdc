"""Gate clutter: what is no article, or not all of it: leftovers, walls, stubs, cuts (QUA450 to QUA458). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from winnowd.cleaning import LISTED
from winnowd.gates.measures.grading import graded, skipped
from winnowd.gates.measures.words import Class
from winnowd.model import Grade
from winnowd.text import Kind, blank_words, is_open_end, sentences_in, word_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.gates.limits import ClutterLimits
    from winnowd.gates.measures.subject import Subject
    from winnowd.model import Finding, Limit
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
        return (*self._by_phrases(subject, before), self._paywall(subject), *graded(GATE, after))

    def _by_phrases(self, subject: Subject, measured: Sequence[tuple[Limit, float]]) -> Sequence[Finding]:
        """Grade them; in a language without a list a rule that asks phrases and passes has measured nothing."""
        findings = graded(GATE, measured)
        if not _is_unlisted(subject):
            return findings
        limits = self._limits
        by_phrases = {limit.code for limit in (limits.removed_share, limits.error_page, limits.consent_wall)}
        return [
            skipped(GATE, limit, _no_list(subject)) if limit.code in by_phrases and one.grade is Grade.PASS else one
            for one, (limit, _) in zip(findings, measured, strict=True)
        ]

    def _paywall(self, subject: Subject) -> Finding:
        limit = self._limits.paywall_stub
        if not subject.measures["subscribe_tail"]:
            reason = "it is no short text that ends by asking to subscribe"
            return skipped(GATE, limit, _no_list(subject) if _is_unlisted(subject) else reason)
        return graded(GATE, ((limit, subject.measures["raw_words"]),))[0]


def _is_unlisted(subject: Subject) -> bool:
    """Whether cleaning has no list of what stands around articles in this language."""
    return bool(subject.language) and subject.language not in LISTED


def _no_list(subject: Subject) -> str:
    return f"no phrases are listed for '{subject.language}'"


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
