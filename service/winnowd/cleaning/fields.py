"""What was lifted from the text, put into fields of the article that were empty: title, authors, days. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from winnowd.cleaning import dates, headline
from winnowd.cleaning.phrases import BYLINE, CAPTION, DATE, OUTLET

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from winnowd.article import Article
    from winnowd.cleaning.lead import Lead
    from winnowd.cleaning.listing import Listing
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


def lifted(article: Article, page: Page, lead: Lead | None, listing: Listing | None = None) -> dict[str, Any]:
    """The fields to change, by name; a field that the article came with is never changed.

    ``listing`` tells the names and days of lines in another language than English.
    """
    lines: dict[str, list[str]] = {}
    for index, code in sorted(page.fate.items()):
        lines.setdefault(code, []).append(page.lines[index])
    found = {
        field: value
        for field, code, value_of in _LIFTED
        if code in lines and not getattr(article, field) and (value := value_of(lines[code], listing))
    }
    if CAPTION in lines:
        found["extra"] = {"caption": "\n".join(lines[CAPTION]), **article.extra}
    return found | _days(article, lines.get(DATE, []), lead, listing)


def _authors(bylines: Sequence[str], listing: Listing | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for line in bylines for name in _names_in(line, listing)))


def _names_in(line: str, listing: Listing | None) -> Sequence[str]:
    found = None if listing is None else listing.find(line)
    return authors_in(line) if found is None else found.names


_LIFTED: Final[tuple[tuple[str, str, Callable[[Sequence[str], Listing | None], Any]], ...]] = (
    ("title", headline.TITLE, lambda lines, _: lines[0]),
    ("authors", BYLINE, _authors),
    ("publisher", OUTLET, lambda lines, _: lines[0][:LONGEST]),
)
"""Fields that lifted lines may fill: the code of the lines, and what they say."""


def authors_in(byline: str) -> list[str]:
    """The names of a byline: no desks, agencies and remarks in brackets."""
    names = [_EDGE.sub("", name) for name in _BETWEEN.split(_BY.sub("", _BRACKETED.sub("", byline)))]
    return [name[:LONGEST] for name in names if name and _NOBODY.fullmatch(name) is None]


def _days(article: Article, date_lines: Sequence[str], lead: Lead | None, listing: Listing | None) -> dict[str, Any]:
    """The first day named as that of publication, and as that of a change, where the article knew none."""
    named = [_day_of(line, listing) for line in date_lines]
    if lead is not None:
        named.insert(0, (lead.modified, lead.day))
    found: dict[str, Any] = {}
    for modified, day in named:
        field = "modified_at" if modified else "published_at"
        if day is not None and getattr(article, field) is None:
            found.setdefault(field, day)
    return found


def _day_of(line: str, listing: Listing | None) -> tuple[bool, dt.date | None]:
    """Whether a line names the day of a change, and the day."""
    found = None if listing is None else listing.find(line)
    if found is None:
        return dates.is_modified(line), dates.day_in(line)
    return found.is_modified, found.day
