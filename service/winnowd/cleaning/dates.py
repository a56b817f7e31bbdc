"""The day that a date line names: CLN314 lifts it into the article. Pure."""

from __future__ import annotations

import datetime as dt
import re

from winnowd.article import EARLIEST_YEAR

_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTHS = {name: number for number, name in enumerate(_NAMES.split("|"), 1)}
_MONTH = rf"(?P<month>{_NAMES})[a-z]{{0,6}}\.?"
_FORMS = (
    re.compile(r"\b(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})(?!\d)"),
    re.compile(rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ .-]{_MONTH}[ ,.-]{{1,2}}(?P<year>\d{{4}})\b", re.IGNORECASE),
)
_MODIFIED = re.compile(r"\b(?:updated|modified)\b", re.IGNORECASE)


def day_in(line: str) -> dt.date | None:
    """The day that a line names unmistakably: year-month-day, or with the month in letters; else None.

    ``03/04/2024`` is no day: nobody can tell which number is the month.
    """
    for form in _FORMS:
        match = form.search(line)
        if match is not None:
            return _day(match)
    return None


def _day(match: re.Match[str]) -> dt.date | None:
    found = match.groupdict()
    month = int(found["number"]) if "number" in found else _MONTHS[found["month"].lower()]
    try:
        day = dt.date(int(found["year"]), month, int(found["day"]))
    except ValueError:
        return None
    return day if day.year >= EARLIEST_YEAR else None


def is_modified(line: str) -> bool:
    """Whether the line says that its day is that of a change, not of the first publication."""
    return _MODIFIED.search(line) is not None
