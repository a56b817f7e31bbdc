"""What months and weekdays are called: in English at hand, in other languages by dateparser's tables. Pure."""

from __future__ import annotations

import functools
import importlib
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LANGUAGES: Final = (
    "ar bg ca cs da de el en es et fa fi fr he hi hr hu id is it ja ko lt lv nb nl nn pl pt ro ru sk sl sr sv tr uk "
    "vi zh"
)


class CalendarWords(NamedTuple):
    """Case-folded names without their full stop: of months with their numbers, and of weekdays."""

    months: Mapping[str, int]
    weekdays: frozenset[str]


ENGLISH: Final = CalendarWords(
    {name: number for number, month in enumerate(_MONTHS, 1) for name in (month, month[:3])} | {"sept": 9},
    frozenset(name for day in _WEEKDAYS for name in (day, day[:2], day[:3])) | {"tues", "thur", "thurs"},
)


@functools.cache
def everywhere() -> CalendarWords:
    """The names in all languages that are known; one that means two months is none (*listopad* in Polish and Croatian).

    The first call imports dateparser: 70 ms and 15 MB, unless a page was read before.
    """
    found: dict[str, set[int]] = defaultdict(set)
    weekdays = set(ENGLISH.weekdays)
    for language in _LANGUAGES.split():
        table = importlib.import_module(f"dateparser.data.date_translation_data.{language}").info
        for number, month in enumerate(_MONTHS, 1):
            for name in table[month]:
                found[_folded(name)].add(number)
        weekdays.update(_folded(name) for day in _WEEKDAYS for name in table[day])
    months = {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1 and not name.isdecimal()}
    return CalendarWords({**months, **ENGLISH.months}, frozenset(weekdays))


def _folded(name: str) -> str:
    return name.casefold().rstrip(".")
