"""A test stand for cleaning and gates: the shipped phrases and marks, one way to judge a text, a few lines of prose."""

from __future__ import annotations

import functools
from typing import Any

from tests.originality.stand import ROOT, lexicon

from winnowd.article import Article
from winnowd.cleaning import Listing, Phrasebook, Phrases, clean
from winnowd.gates.limits import GATES
from winnowd.gates.measures.damage_patterns import DamagePatterns
from winnowd.gates.measures.fusions import KnownWords
from winnowd.gates.measures.subject import Subject
from winnowd.gates.panel import Panel
from winnowd.model import Cleaned, Finding, Provenance, Read

SERVICE = ROOT / "service" / "winnowd"

PROSE = (
    "The ferry left the harbour at dawn, and by noon the crew had counted every crate of tea that was on board.",
    "Nobody in the village could say which of the two bridges had been built first, or who would pay for the repairs.",
    "When the baker opened her shop on Monday, a queue of forty people was waiting with baskets and a single umbrella.",
    "They asked the council for a lamp at the corner of the lane, and they were told that it would take until spring.",
    "Rain fell on the hills for six days, but the river has never been lower than it was in the week that followed.",
    "The teacher kept the maps from the old school in a drawer, with the names of all the farms that had gone.",
    "Two of the goats were found near the chapel; the third came back alone in the evening, hungry and quite clean.",
    "Most of the money was spent on rope and paint, which is more than can be said of the year before.",
)
"""Sentences written for these tests: each passes every gate beside the others."""


def article_of(paragraphs: int = len(PROSE)) -> str:
    """An article without a headline that needs no cleaning: so many paragraphs, one LF at the end."""
    return "\n\n".join(PROSE[:paragraphs]) + "\n"


@functools.cache
def phrases() -> Phrases:
    """The line patterns of English that winnowd ships."""
    return Phrases.parse((SERVICE / "cleaning" / "phrases" / "en.toml").read_text(encoding="utf-8"))


@functools.cache
def listing(language: str) -> Listing:
    """The list of another language that winnowd ships."""
    return Listing.parse((SERVICE / "cleaning" / "phrases" / f"{language}.toml").read_text(encoding="utf-8"))


@functools.cache
def phrasebook() -> Phrasebook:
    """All of them, as cleaning asks."""
    return Phrasebook(phrases(), listing)


@functools.cache
def marks() -> DamagePatterns:
    """The marks that winnowd ships."""
    return DamagePatterns.parse((SERVICE / "gates" / "measures" / "damage_patterns.toml").read_text(encoding="utf-8"))


@functools.cache
def known_words() -> KnownWords:
    """The English words that winnowd ships."""
    return KnownWords(lexicon().word_set)


def panel_of(**limits: object) -> Panel:
    """All gates with their default limits, but for those given; None switches a gate off."""
    chosen: dict[str, object] = {name: made() for name, made in GATES} | limits
    return Panel.of({name: one for name, one in chosen.items() if one is not None}, marks(), lexicon().word_set)


@functools.cache
def panel() -> Panel:
    """All gates with their default limits."""
    return panel_of()


def read_of(text: str, *, extractor: str | None = None, **fields: Any) -> Read:
    """A record as reading would hand it over."""
    provenance = Provenance(0, "0" * 64, len(text), "text/plain", extractor=extractor)
    return Read(provenance, Article(text=text, **fields))


def cleaned_of(text: str, **fields: Any) -> Cleaned:
    """A text, cleaned."""
    return clean(read_of(text, **fields), phrasebook())


def subject_of(text: str, **fields: Any) -> Subject:
    """A text, cleaned and ready for the gates."""
    return Subject.of(cleaned_of(text, **fields))


def findings_of(text: str, **fields: Any) -> dict[str, Finding]:
    """All findings on a text, by code."""
    return {finding.code: finding for finding in panel().examine(subject_of(text, **fields))}


def codes(findings: dict[str, Finding], grade: str) -> list[str]:
    """The codes of all findings of a grade, sorted."""
    return sorted(code for code, finding in findings.items() if finding.grade == grade)
