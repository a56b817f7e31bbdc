"""Dates as the world writes them, read where one day is plain; ``03/04/2024`` has two, and is none. Pure.

1. ISO 8601 with its weeks, days of the year and basic forms; RFC 822 and its followers; what ``ctime``, ``date`` and
   JavaScript print; year, month, day in this order; day and month in figures where only one order gives a day, or dots
   stand between; months by name in any order; 12 or 14 digits.
2. Seconds, milli-, micro- or nanoseconds since 1970 that lie between 1990 and 2100, as a number or as digits.
3. What holds one date: a list of one, MongoDB's ``$date``, Firestore's ``_seconds``, feedparser's ``struct_time``,
   Java's list of parts.

Without a zone that is plain only the day is kept, since nobody knows which hour was meant.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.reading.calendar_words import ENGLISH, everywhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from winnowd.reading.calendar_words import CalendarWords

_LONGEST: Final = 100
_DEEPEST: Final = 4
_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d(?::?\d\d){0,2}(?:[.,]\d+)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?))?)?",
    re.IGNORECASE | re.ASCII,
)
_COMPACT: Final = re.compile(r"\d{8}(?:T\d{4,6}(?:Z|[+-]\d\d:?(?:\d\d)?)?)?", re.IGNORECASE | re.ASCII)
_WEEK: Final = re.compile(r"\d{4}-W\d\d-\d|\d{4}W\d{3}", re.IGNORECASE | re.ASCII)
_ZONE_NAME: Final = re.compile(r" ?(?:UTC|GMT)$", re.IGNORECASE)

_OFFSETS: Final = {"z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5} | {
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
}
"""The zones that RFC 822 names, in hours east."""
_VAGUE_ZONES: Final = (
    "uhr hrs et ct mt pt ist bst cet cest mez mesz wet west eet eest msk jst kst sgt hkt aest aedt akst hst"
)
_TIME: Final = re.compile(
    r"(?:(?<=\d)t|(?<![\w:.+-]))(?P<hour>\d{1,2})(?:[:h.](?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?)?"
    r"(?![\d:]|\.\d) ?(?P<half>[ap]\.?m\b\.?)?"
    rf" ?(?:uhr |hrs )?(?P<zone>(?:{'|'.join(_OFFSETS)}|{'|'.join(_VAGUE_ZONES.split())})(?![a-z]))?"
    r" ?(?P<offset>[+-]\d\d(?::?\d\d)?(?!\d)(?: (?:utc|gmt))?|(?<=utc|gmt)[+-]\d(?![\d:.]))?"
)
_FIGURES: Final = re.compile(r"(\d{1,4})(?:([-/.])|[年년]) ?(\d{1,2})(?:\2|[月월]) ?(\d{1,4})[日일.]?")
_ZONED_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:z|[+-]\d\d:\d\d)")
_ORDINAL_DAY: Final = re.compile(r"(\d{4})-(\d{3})")
_DIGITS: Final = re.compile(r"\d{12}(?:\d\d)?")
_EPOCH: Final = re.compile(r"(?:/date\()?(-?\d{9,19})(?:\.\d{1,9})?(?:[+-]\d{4})?(?:\)/)?")
_SCALES: Final = (1, 10**3, 10**6, 10**9)
_EPOCH_RANGE: Final = (631_152_000, 4_102_444_800)
"""1990 and 2100, in seconds since 1970."""

_ASIDE: Final = re.compile(
    r"\([^()]*\)|\[[^\[\]]*\]| (?:africa|america|asia|atlantic|australia|europe|indian|pacific)/[a-z_/]{2,40}$"
)
"""A zone or a weekday in brackets; a zone of the tz database, whose hours change."""
_DASH: Final = re.compile(r"(?<=\d)[\u2010-\u2015\u2212](?=\d)")
_VIETNAMESE: Final = re.compile(r" ?(?:tháng|thg) ?(\d{1,2}),?(?: năm)? (?=\d{4})")
_WORD: Final = re.compile(r"\d+|[^\s\d.,/'’|_–-]+")
_LINKING: Final = frozenset(
    {
        *("at", "on", "of", "the", "um", "uhr", "am", "vom", "den", "der", "dem", "le", "la", "à", "de", "del"),
        *("el", "a", "da", "do", "às", "o", "alle", "ore", "er", "y", "г", "года"),
        *("kl", "klo", "il", "em", "op", "ngày", "в"),
        *("time", "eastern", "central", "mountain", "pacific"),
    }
)
_ORDINALS: Final = frozenset({"st", "nd", "rd", "th", "er", "ère", "e", "º", "ª", "°", "o", "a"})
_LABEL: Final = re.compile(
    r"^(?:first |last )?(?:date|posted|published|updated|modified|created"
    r"|veröffentlicht|aktualisiert|erstellt|stand|publiée?|mise? à jour|modifiée?|publicado|publicada|actualizado"
    r"|atualizado|pubblicato|aggiornato|gepubliceerd|bijgewerkt|geplaatst|publicerad|uppdaterad|opublikowano"
    r"|опубликовано|обновлено|опубліковано)(?: (?:on|am|le|el|em|il|op|den))?[ :–-]+",
    re.IGNORECASE,
)
"""What stands before a date in a page's line, in the languages of most news."""
_HOLDERS: Final = ("$date", "$numberLong", "@value", "#text", "date", "value", "iso", "seconds", "_seconds")
_STRUCT_TIME: Final = 9


class Moment(NamedTuple):
    """A time with its zone, or a day; ``cut`` tells that a time without a zone was cut off."""

    value: dt.datetime | dt.date
    cut: bool = False


def moment(value: object) -> Moment | None:
    """What a date says; None if it cannot be read, or could be two days."""
    try:
        return _of(value, _DEEPEST)
    except (ValueError, OverflowError):
        return None


def _of(value: object, deepest: int) -> Moment | None:
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_number(value)
    if isinstance(value, list) and len(value) > 1:
        return _of_parts(value)
    if deepest:
        inner = value if isinstance(value, list) else _held(value)
        return _of(inner[0], deepest - 1) if inner else None
    return None


def _held(value: object) -> list[object]:
    """What the first name that may hold a date holds."""
    return [value[name] for name in _HOLDERS if name in value][:1] if isinstance(value, dict) else []


def _of_text(text: str) -> Moment | None:
    text = " ".join(text[: _LONGEST + 1].strip(" \t\r\n\"'").split())
    if len(text) > _LONGEST:
        return None
    if not text.isascii():
        text = _DASH.sub("-", "".join(map(_plain_digit, unicodedata.normalize("NFKC", text))))
    if _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _iso(text)
    if _WEEK.fullmatch(text):
        return Moment(dt.date.fromisoformat(text.upper()))
    text = _LABEL.sub("", text).casefold()
    if not text[:1].isalpha():
        for form in _WHOLE:
            if (read := form(text)) is not None:
                return read
    return _with_time(text)


def _plain_digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _iso(text: str) -> Moment:
    if len(text) in {8, 10}:
        return Moment(dt.date.fromisoformat(text))
    return _zoned(dt.datetime.fromisoformat(_ZONE_NAME.sub("Z", text).upper().replace(" Z", "Z").replace(" +", "+")))


def _zoned(value: dt.datetime) -> Moment:
    return Moment(value.date(), cut=True) if value.utcoffset() is None else Moment(value)


def _of_number(value: float) -> Moment | None:
    """YYYYMMDD, or what was counted since 1970."""
    if (day := str(int(value))) and len(day) == len("YYYYMMDD"):
        return _iso(day)
    for scale in _SCALES:
        if _EPOCH_RANGE[0] <= value / scale < _EPOCH_RANGE[1]:
            return Moment(dt.datetime.fromtimestamp(int(value // scale), dt.UTC))
    return None


def _of_epoch(text: str) -> Moment | None:
    match = _EPOCH.fullmatch(text)
    return _of_number(int(match[1])) if match else None


def _of_digits(text: str) -> Moment | None:
    if not _DIGITS.fullmatch(text):
        return None
    parts = [int(text[:4]), *(int(text[at : at + 2]) for at in range(4, len(text), 2))]
    return _zoned(dt.datetime(*parts))  # type: ignore[arg-type]  # noqa: DTZ001 - no zone was told


def _of_day_number(text: str) -> Moment | None:
    match = _ORDINAL_DAY.fullmatch(text)
    if match is None:
        return None
    day = dt.date(int(match[1]), 1, 1) + dt.timedelta(days=int(match[2]) - 1)
    return Moment(day) if day.year == int(match[1]) else None


def _of_zoned_day(text: str) -> Moment | None:
    """A day of XML Schema, whose zone tells no hour."""
    match = _ZONED_DAY.fullmatch(text)
    return Moment(dt.date.fromisoformat(match[1])) if match else None


_WHOLE: Final[Sequence[Callable[[str], Moment | None]]] = (_of_epoch, _of_digits, _of_day_number, _of_zoned_day)


def _of_parts(parts: list[object]) -> Moment | None:
    """Year, month, day and what follows; the nine of a ``struct_time``, as feedparser gives it, are in UTC."""
    figures = [part for part in parts[:_STRUCT_TIME] if isinstance(part, int) and not isinstance(part, bool)]
    if not 3 <= len(figures) == len(parts) <= _STRUCT_TIME:
        return None
    if len(figures) == _STRUCT_TIME:
        year, month, day, hour, minute, second = figures[:6]
        return Moment(dt.datetime(year, month, day, hour, minute, min(second, 59), tzinfo=dt.UTC))
    return Moment(dt.date(*figures[:3]), cut=len(figures) > 3)


def _with_time(text: str) -> Moment | None:
    """A day, and perhaps a time before or behind it, of which only a plain zone makes a moment."""
    text = _ASIDE.sub(" ", text).rstrip()
    for match in _times(text):
        day = _day(f"{text[: match.start()]} {text[match.end() :]}")
        if day is not None:
            return _timed(day, match)
    day = _day(text)
    return None if day is None else Moment(day)


def _times(text: str) -> Iterator[re.Match[str]]:
    """What may be a time: hours and minutes, or an hour with its half of the day."""
    return (match for match in _TIME.finditer(text) if match["minute"] or match["half"])


def _timed(day: dt.date, match: re.Match[str]) -> Moment:
    hour = int(match["hour"])
    if match["half"] and hour <= 12:
        hour = hour % 12 + (12 if match["half"].startswith("p") else 0)
    time = dt.time(hour, int(match["minute"] or 0), min(int(match["second"] or 0), 59))
    zone = _zone(match["zone"], match["offset"])
    return Moment(day, cut=True) if zone is None else Moment(dt.datetime.combine(day, time, zone))


def _zone(name: str | None, offset: str | None) -> dt.timezone | None:
    """The zone if it is plain; ``-0000`` says that nobody knows it (RFC 2822, 3.3)."""
    if offset is not None:
        hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":")[:2].strip() or 0)
        east = dt.timedelta(hours=hours, minutes=minutes)
        return None if offset[0] == "-" and not east else dt.timezone(-east if offset[0] == "-" else east)
    return dt.timezone(dt.timedelta(hours=_OFFSETS[name])) if name in _OFFSETS else None


def _day(text: str) -> dt.date | None:
    """The day in what is left without the time: in figures, or with its month by name."""
    text = _VIETNAMESE.sub(r".\1.", text.strip(" ,;|@-–—·•"))
    match = _FIGURES.fullmatch(
        " ".join(word for word in text.split() if word.strip(",.") not in _LINKING).strip(" ,;|")
    )
    return _in_words(text) if match is None else _in_figures(*match.groups())


def _in_figures(first: str, between: str | None, second: str, third: str) -> dt.date | None:
    if len(first) == 4:
        return dt.date(int(first), int(second), int(third))
    if len(third) not in {2, 4} or len(first) > 2 or between is None:
        return None
    low, high, year = int(first), int(second), _year(third)
    if len(third) == 4 and between == "." and high <= 12:
        return dt.date(year, high, low)
    days = {_date(year, high, low), _date(year, low, high)}
    if len(third) == 2:
        days.add(_date(_year(first), high, int(third)))
    days.discard(None)
    return days.pop() if len(days) == 1 else None


def _year(figures: str) -> int:
    """A year, of two digits as POSIX and Python have it."""
    year = int(figures)
    return year if len(figures) == 4 else year + (2000 if year < 69 else 1900)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _in_words(text: str) -> dt.date | None:
    """One month by name, one day, one year; nothing else but a weekday and what links them."""
    words = _WORD.findall(text)
    if not any(word.isdecimal() for word in words):
        return None
    return _named(words, ENGLISH) or _named(words, everywhere())


def _named(words: Sequence[str], calendar: CalendarWords) -> dt.date | None:
    months = [at for at, word in enumerate(words) if word in calendar.months]
    if len(months) > 1:  # "mar" is a month in English and a Tuesday in French
        months = [at for at in months if words[at] not in calendar.weekdays]
    if len(months) != 1:
        return None
    figures = [at for at, word in enumerate(words) if word.isdecimal()]
    for at, word in enumerate(words):
        of_day = word in _ORDINALS and at - 1 in figures
        if not (at in figures or at in months or of_day or word in calendar.weekdays or word in _LINKING):
            return None
    return _put_together([words[at] for at in figures], calendar.months[words[months[0]]])


def _put_together(figures: Sequence[str], month: int) -> dt.date | None:
    """A year of four digits stands anywhere, one of two digits only behind the day (RFC 822)."""
    if len(figures) != 2:
        return None
    day, year = sorted(figures, key=lambda figure: len(figure) == 4)
    if len(day) > 2 or len(year) not in {2, 4}:
        return None
    return dt.date(_year(year), month, int(day))
