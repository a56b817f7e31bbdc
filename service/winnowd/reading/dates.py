"""Dates as the world writes them: ISO 8601, RFC 2822, ``March 23, 2024`` and ``23 March 2024``. Pure.

A string of digits is no date unless it is ``YYYYMMDD``; a number never is. Without a zone only the day is kept, since
nobody knows which hour was meant.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, NamedTuple

_LONGEST: Final = 80
_MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_BY_NAME: Final = {month: number for number, month in enumerate(_MONTHS, start=1)} | {
    **{month[:3]: number for number, month in enumerate(_MONTHS, start=1)},
    "sept": 9,
}
_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d(?::?\d\d){0,2}(?:[.,]\d+)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?))?)?", re.IGNORECASE
)
_COMPACT: Final = re.compile(r"\d{8}(?:T\d{4,6}(?:Z|[+-]\d\d:?(?:\d\d)?)?)?", re.IGNORECASE)
_MONTH_FIRST: Final = re.compile(
    r"(?:[a-z]{3,9},? )?([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.IGNORECASE
)
_DAY_FIRST: Final = re.compile(r"(?:[a-z]{3,9},? )?(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})\.?,? (\d{4})", re.IGNORECASE)
_RFC_2822: Final = re.compile(r"(?:[a-z]{3}, ?)?\d{1,2} [a-z]{3} \d{4} \d\d:\d\d", re.IGNORECASE)
_ZONE_NAME: Final = re.compile(r" ?(?:UTC|GMT)$", re.IGNORECASE)


class Moment(NamedTuple):
    """A time with its zone, or a day; ``cut`` tells that a time without a zone was cut off."""

    value: dt.datetime | dt.date
    cut: bool = False


def moment(text: str) -> Moment | None:
    """What a date says; None if it cannot be read."""
    text = " ".join(text[: _LONGEST + 1].split())
    if len(text) > _LONGEST:
        return None
    try:
        if _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
            return _iso(text)
        if _RFC_2822.match(text):
            from email.utils import parsedate_to_datetime

            return _zoned(parsedate_to_datetime(text))
        return _written(text)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> Moment:
    if len(text) in {8, 10}:
        return Moment(dt.date.fromisoformat(text))
    return _zoned(dt.datetime.fromisoformat(_ZONE_NAME.sub("Z", text).replace(" Z", "Z").replace(" +", "+")))


def _zoned(value: dt.datetime) -> Moment:
    return Moment(value.date(), cut=True) if value.utcoffset() is None else Moment(value)


def _written(text: str) -> Moment | None:
    """A month's name, a day, a year; a time behind them is not read."""
    if match := _MONTH_FIRST.fullmatch(text):
        month, day, year = match.groups()
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
    else:
        return None
    number = _BY_NAME.get(month.lower())
    return None if number is None else Moment(dt.date(int(year), number, int(day)))
