"""The lines of one language that stand around articles, as its file in ``phrases/`` lists them. Pure.

A phrase is a whole line, but for marks at its edges and for case. Some have a gap (``templates``). Nothing here asks
for blanks between words or for capitals, so that lists can be written in every script.
"""

from __future__ import annotations

import functools
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.cleaning import phrases
from winnowd.cleaning.templates import EDGES, OPEN_GAPS, Calendar, Names, core_of, folded, gaps, parted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping

UPDATED: Final = "updated-line"
WALL: Final = "wall"
SECTIONS: Final[Mapping[str, str]] = {
    "byline": phrases.BYLINE,
    "date-line": phrases.DATE,
    UPDATED: phrases.DATE,
    "caption": phrases.CAPTION,
    "comment-form": phrases.COMMENT_FORM,
    "ad-marker": phrases.AD,
    "social": phrases.SOCIAL,
    "subscribe": phrases.SUBSCRIBE,
    WALL: phrases.SUBSCRIBE,
    "navigation": phrases.NAVIGATION,
    "cookie": phrases.COOKIE,
    "legal-footer": phrases.LEGAL,
    "error-line": phrases.ERROR,
    "credit": phrases.CREDIT,
}
"""What a list has, with the rule of each; a ``wall`` keeps the rest of an article for those who pay."""
LONGEST: Final = 720
"""Characters from which on a line is on no list; only ``{text}`` reaches so far."""
_LONGEST_OPEN: Final = 200
"""Characters up to which a line can be on a list but for ``{text}``: most prose is longer, and is not read for it."""
_REMEMBERED: Final = 1_024
_KEY: Final = 2


class Found(NamedTuple):
    """What a line was found to be: a section of the list; the persons and the day that it names."""

    section: str
    names: tuple[str, ...] = ()
    day: dt.date | None = None

    @property
    def code(self) -> str:
        """The rule by which such a line is lifted or removed."""
        return SECTIONS[self.section]

    @property
    def is_modified(self) -> bool:
        """Whether its day is that of a change, not of the first publication."""
        return self.section == UPDATED


class _Template(NamedTuple):
    section: str
    pattern: re.Pattern[str]


def listed(tables: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each phrase of a parsed file: its section, itself, and a line that it must find."""
    for section in SECTIONS:
        table = tables.get(section, {})
        for phrase in table.get("lines", ()):
            yield section, phrase, phrase
        for phrase, line in table.get("like", {}).items():
            yield section, phrase, line


class Listing:
    """One language's list.

    ``find`` tells what a trimmed line is, None if it is on no list. Whole lines are looked up at once, templates by
    their first two characters; the first in the order of ``SECTIONS`` counts.
    """

    def __init__(self, tables: Mapping[str, Any]) -> None:
        """Take the parsed file; KeyError or ValueError if it is not of its form."""
        self.calendar = Calendar(tables["months"], tables["weekdays"], day_first=tables["day_first"])
        self._names = Names(tables["between"], tables["nobody"])
        self._gaps = gaps(self.calendar)
        self._whole: dict[str, str] = {}
        self._by_key: dict[str, list[_Template]] = {}
        self._banners: dict[str, list[_Template]] = {}
        self._open: list[_Template] = []
        for section, phrase, _ in listed(tables):
            self._add(section, phrase)
        self._find: Callable[[str], Found | None] = functools.lru_cache(_REMEMBERED)(self._searched)

    @classmethod
    def parse(cls, toml_text: str) -> Listing:
        """Read a file of ``phrases/``; ValueError or KeyError if it is not of its form."""
        return cls(tomllib.loads(toml_text))

    @property
    def patterns(self) -> Iterator[tuple[str, re.Pattern[str]]]:
        """Every pattern, with the rule it is of."""
        for templates in (*self._by_key.values(), self._open):
            yield from ((SECTIONS[one.section], one.pattern) for one in templates)

    def find(self, line: str) -> Found | None:
        """What a trimmed line is; None if it is none of these."""
        return self._find(line) if len(line) < LONGEST else None

    def _add(self, section: str, phrase: str) -> None:
        head, gap, tail = parted(phrase)
        if not gap:
            self._whole.setdefault(folded(core_of(head)), section)
            return
        if gap not in self._gaps:
            raise ValueError(f"no gap is called {gap}: {phrase}")
        head, tail = folded(head).lstrip(EDGES), folded(tail).rstrip(EDGES)
        if gap in OPEN_GAPS and len(head) + len(tail) < _KEY:
            raise ValueError(f"this would be every line: {phrase}")
        start = re.escape(head).replace(r"\ :", " ?:")  # French has a blank there in France, none in Canada
        template = _Template(section, re.compile(f"{start}{self._gaps[gap]}{re.escape(tail)}"))
        if len(head) < _KEY:
            self._open.append(template)
        else:
            self._by_key.setdefault(head[:_KEY], []).append(template)
            if gap == "text":
                self._banners.setdefault(head[:_KEY], []).append(template)

    def _searched(self, line: str) -> Found | None:
        core = core_of(line)
        is_long = len(core) > _LONGEST_OPEN
        candidates = (self._banners if is_long else self._by_key).get(folded(core[:_KEY]), ())
        if is_long and not candidates:
            return None
        key = folded(core)
        section = self._whole.get(key)
        if section is not None:
            return Found(section)
        for template in (*candidates, *(() if is_long else self._open)):
            match = template.pattern.fullmatch(key)
            found = None if match is None else self._found(template.section, core, match)
            if found is not None:
                return found
        return None

    def _found(self, section: str, core: str, match: re.Match[str]) -> Found | None:
        gap = match.lastgroup
        if gap == "date":
            return Found(section, day=self.calendar.day_in(match["date"]))
        if gap != "names":
            return Found(section)
        names = self._names.named_in(core[match.start("names") : match.end("names")])
        return None if names is None else Found(section, names)
