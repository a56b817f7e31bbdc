"""CLN311: the date that some sources put before the first sentence. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from winnowd.cleaning.dates import day_in

if TYPE_CHECKING:
    import datetime as dt

_LEAD = re.compile(
    r"\A\s*(?P<label>(?:date|published|posted|updated)\W{1,3})?(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?: ?Z|[+-]\d{2}:?\d{2})?)?(?![\w-])[ \t:|·–—-]*\n*",
    re.IGNORECASE,
)


class Lead(NamedTuple):
    """A date before the text: its day, what it is the date of, and where the text begins after it."""

    day: dt.date
    modified: bool
    end: int


def lead_date(text: str) -> Lead | None:
    """The date a text begins with, if a sentence begins after it; None if there is none, or no such day."""
    match = _LEAD.match(text)
    if match is None:
        return None
    after = text[match.end() : match.end() + 1]
    if not match["label"] and "\n" not in match[0] and after.isalpha() and after.islower():
        return None  # the date is the sentence's subject: "2024-03-23 was a Saturday"
    day = day_in(match["day"])
    return None if day is None else Lead(day, (match["label"] or "").lower().startswith("updated"), match.end())
