"""The order of cleaning, and the cleaned article with its notes and measures. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.cleaning import headline, outside, spaces, wrapped
from winnowd.cleaning.fields import lifted
from winnowd.cleaning.lead import lead_date
from winnowd.cleaning.markdown import unlinked
from winnowd.cleaning.observed import observed
from winnowd.cleaning.page import Page, trimmed
from winnowd.cleaning.phrases import RESIDUE
from winnowd.cleaning.repairs import repair
from winnowd.cleaning.residue import remove_residue
from winnowd.cleaning.stubs import has_more_pages, stub_measures
from winnowd.model import Cleaned, Note
from winnowd.text import Tokens

if TYPE_CHECKING:
    from collections.abc import Collection

    from winnowd.cleaning.phrasebook import Phrasebook
    from winnowd.model import Read

LEAD_DATE = "CLN311"


def clean(item: Read, phrasebook: Phrasebook) -> Cleaned:
    """Clean one article: its text ends in one LF, what was lifted stands in its fields where these were empty.

    The notes are those of reading, then what was done in this order; a removed line is kept in its note, whole.
    """
    article = item.article
    repaired = repair(article.text)
    notes = repaired.notes
    text, links = unlinked(repaired.text)
    text, line_ends = wrapped.joined(trimmed(text))
    tokens = repaired.tokens
    if tokens is None or tokens.text != text:
        tokens = Tokens(text)
    notes += [] if links is None else [links]
    notes += [Note(wrapped.WRAPPED, 0, line_ends, "")] if line_ends else []
    rules, masks = phrasebook.rules_for(tokens, article.language)
    measures = repaired.measures | stub_measures(tokens, masks, rules)
    lead = lead_date(tokens.text)
    first = 1
    if lead is not None:
        notes.append(Note(LEAD_DATE, 1, 1, tokens.text[: lead.end].strip()))
        first += tokens.text.count("\n", 0, lead.end)
        tokens = Tokens(tokens.text[lead.end :])
        masks = rules.masks(tokens)
    page = Page(tokens, first)
    remove_residue(page, rules, masks)
    title = article.title or headline.lift_title(page)
    headline.remove_repeated(page, title)
    measures["removed_share"] = _share_of(page, RESIDUE)
    measures["repeated_share"] = _share_of(page, {headline.REPEATED})
    measures["more_pages"] = float(has_more_pages(page.lines))
    tokens = page.made_of(page.kept)
    tokens, measures["own_lines"] = outside.inside(page, tokens, may_be_page=item.provenance.extractor is None)
    notes += page.notes()
    if title is None:
        notes.append(Note(headline.NONE, 0, 1, ""))
    measures["outside_lines"] = sum(code == outside.OUTSIDE for code in page.fate.values())
    tokens, glued = spaces.parted(tokens, rules)
    measures["lost_space"] = len(glued)
    if glued:
        notes.append(Note(spaces.MISSING, 0, len(glued), "\n".join(glued)))
    notes += observed(tokens)
    article = article.model_copy(update={"text": tokens.text + "\n", **lifted(article, page, lead, rules.listing)})
    return Cleaned(article, (*item.notes, *notes), measures, tokens)


def _share_of(page: Page, codes: Collection[str]) -> float:
    """The words of the lines that were removed by these rules, as a share of all words (QUA450, QUA458)."""
    removed = [index for index, code in page.fate.items() if code in codes]
    if not removed:
        return 0.0
    words = page.words
    return sum([words[index] for index in removed]) / (sum(words) or 1)
