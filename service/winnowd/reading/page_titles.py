"""A page's title without the name of its site: "Ferry runs again | The Aldermere Post". Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_BETWEEN: Final = re.compile(r" (?:[|–—·•»«~-]|::|//) ")
_NOT_LETTERS: Final = re.compile(r"[\W_]+")


def without_site(title: str, sites: Iterable[str], headings: Iterable[str]) -> str:
    """A title without what stands behind or before a separator, if that is the site or the rest a heading.

    ``sites`` are the names that the page gives its site or publisher, ``headings`` the texts of its ``h1``.
    """
    names = set(map(_letters, sites)) - {""}
    heads = set(map(_letters, headings)) - {""}
    separators = list(_BETWEEN.finditer(title))
    for separator in reversed(separators):
        if _letters(title[: separator.start()]) in heads or _letters(title[separator.end() :]) in names:
            return title[: separator.start()]
    if separators and (
        _letters(title[: separators[0].start()]) in names or _letters(title[separators[0].end() :]) in heads
    ):
        return title[separators[0].end() :]
    return title


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text).casefold().removeprefix("the")
