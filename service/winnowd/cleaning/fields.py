"""What was lifted from the text, put into fields of the article that were empty: title, authors, days. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from winnowd.cleaning import dates, headline
from winnowd.cleaning.phrases import BYLINE, CAPTION, DATE, OUTLET

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from winnowd.article import Article
    from winnowd.cleaning.lead import Lead
    from winnowd.cleaning.page import Page

_BY = re.compile(r"^\W*(?:written |posted |reported |words |story |article |text )?by:? *", re.IGNORECASE)
_BETWEEN = re.compile(r" ?[,&|]+ ?(?:and )?| and ")  # lines are trimmed: no two spaces in a row
_EDGE = re.compile(r"^[^\w]+|[^\w.]+$")
_NOBODY = re.compile(
    r"(?:no|unknown|guest) author|(?:the )?(?:web|news)? ?(?:desk|staff|team|editors?|admin)|staff (?:writer|reporter)"
    r"|anonymous|agenc(?:y|ies)"
    r"|(?:associated press|reuters|afp|press association)(?: staff)?",
    re.IGNORECASE,
)
"""What stands in the place of names and names no person."""
_BRACKETED = re.compile(r" ?[(\[][^()\[\]]{0,200}[)\]]")
LONGEST = 500


def lifted(article: Article, page: Page, lead: Lead | None) -> dict[str, Any]:
    """The fields to change, by name; a field that the article came with is never changed."""
    lines: dict[str, list[str]] = {}
    for index, code in sorted(page.fate.items()):
        lines.setdefault(code, []).append(page.lines[index])
    found = {
        field: value_of(lines[code])
        for field, code, value_of in _LIFTED
        if code in lines and not getattr(article, field) and value_of(lines[code])
    }
    if CAPTION in lines:
        found["extra"] = {"caption": "\n".join(lines[CAPTION]), **article.extra}
    return found | _days(article, lines.get(DATE, []), lead)


def _authors(bylines: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for line in bylines for name in authors_in(line)))


_LIFTED: Final[tuple[tuple[str, str, Callable[[Sequence[str]], Any]], ...]] = (
    ("title", headline.TITLE, lambda lines: lines[0]),
    ("authors", BYLINE, _authors),
    ("publisher", OUTLET, lambda lines: lines[0][:LONGEST]),
)
"""Fields that lifted lines may fill: the code of the lines, and what they say."""


def authors_in(byline: str) -> list[str]:
    """The names of a byline: no desks, agencies and remarks in brackets."""
    names = [_EDGE.sub("", name) for name in _BETWEEN.split(_BY.sub("", _BRACKETED.sub("", byline)))]
    return [name[:LONGEST] for name in names if name and _NOBODY.fullmatch(name) is None]


def _days(article: Article, date_lines: list[str], lead: Lead | None) -> dict[str, Any]:
    """The first day named as that of publication, and as that of a change, where the article knew none."""
    named = [(dates.is_modified(line), dates.day_in(line)) for line in date_lines]
    if lead is not None:
        named.insert(0, (lead.modified, lead.day))
    found: dict[str, Any] = {}
    for modified, day in named:
        field = "modified_at" if modified else "published_at"
        if day is not None and getattr(article, field) is None:
            found.setdefault(field, day)
    return found
