"""The order of cleaning, and the cleaned article with its notes and measures. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.cleaning import headline, outside
from winnowd.cleaning.fields import lifted
from winnowd.cleaning.lead import lead_date
from winnowd.cleaning.page import Page, trimmed
from winnowd.cleaning.phrases import RESIDUE
from winnowd.cleaning.repairs import repair
from winnowd.cleaning.residue import take_residue
from winnowd.cleaning.seen import seen
from winnowd.cleaning.stubs import stub_measures
from winnowd.model import Cleaned, Note
from winnowd.text import Tokens

if TYPE_CHECKING:
    import re

    from winnowd.cleaning.phrases import Phrases
    from winnowd.model import Read

LEAD_DATE, MISSING_SPACE = "CLN311", "CLN341"


def clean(item: Read, phrases: Phrases) -> Cleaned:
    """Clean one article: its text ends in one LF, what was lifted stands in its fields where these were empty.

    The notes are those of reading, then what was done in this order; a removed line is kept in its note, whole.
    """
    article = item.article
    repaired = repair(article.text)
    text, notes = repaired.tokens.text, repaired.notes
    raw = trimmed(text)
    measures = repaired.measures | stub_measures([line for line in raw if line], repaired.tokens.count, phrases)
    lead = lead_date(text)
    if lead is None:
        page = Page(raw)
    else:
        notes.append(Note(LEAD_DATE, 1, 1, text[: lead.end].strip()))
        page = Page(trimmed(text[lead.end :]), 1 + text.count("\n", 0, lead.end))
    take_residue(page, phrases)
    title = article.title or headline.lift_title(page)
    headline.take_repeated(page, title)
    measures["removed_share"] = _removed_share(page)
    tokens = Tokens(page.text(page.kept))
    if item.provenance.extractor is None:
        tokens = outside.inside(page, tokens)
    notes += page.notes()
    if title is None:
        notes.append(Note(headline.NONE, 0, 1, ""))
    measures["outside_lines"] = sum(code == outside.OUTSIDE for code in page.fate.values())
    tokens, glued = _spaced(tokens, phrases)
    measures["lost_space"] = len(glued)
    if glued:
        notes.append(Note(MISSING_SPACE, 0, len(glued), "\n".join(glued)))
    notes += seen(tokens)
    article = article.model_copy(update={"text": tokens.text + "\n", **lifted(article, page, lead)})
    return Cleaned(article, (*item.notes, *notes), measures, tokens)


def _removed_share(page: Page) -> float:
    """The words of the lines that were removed as residue or repetition, as a share of all words (QUA450)."""
    removed = [place for place, code in page.fate.items() if code in RESIDUE or code == headline.REPEATED]
    if not removed:
        return 0.0
    every = page.words(page.full)
    return page.words(removed) / every if every else 0.0


def _spaced(tokens: Tokens, phrases: Phrases) -> tuple[Tokens, list[str]]:
    """Part sentences that stand together without a space; give also what was parted."""
    glued: list[str] = []

    def parted(match: re.Match[str]) -> str:
        if phrases.sound.search(match[0]):
            return match[0]
        glued.append(match[0])
        return f"{match[1]} {match[2]}"

    text = phrases.glued.sub(parted, tokens.text)
    return (Tokens(text), glued) if glued else (tokens, glued)
