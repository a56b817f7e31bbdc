"""The names in what is said of an article's authors, without markup, addresses and the word *by*. Pure."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_LONGEST: Final = 5_000
_PLAIN: Final = re.compile(
    r"(?: ?(?!(?:by|and|und|et|y|e|och|og|i|и|та|von|par|por|di|da|door|av)\b)[^\W\d_][\w.'’-]*+)++", re.IGNORECASE
)
"""A name that nothing has to be done to."""
_TOKEN: Final = re.compile(r"[^\s<>()\[\],;|]+")
_EMPTY: Final = re.compile(r"<[^<>]{0,500}>|\(\s*\)|\[\s*\]")
_IN_BRACKETS: Final = re.compile(r"^\(([^()]+)\)$")
_BY: Final = re.compile(
    r"(?:(?:(?:written |posted |reported |words |story |text )?by|authors?:|words:|text:)(?::\s*|\s+|(?<=:)))+"
    r"|(?:von|par|por|(?-i:di|da|door|av)) (?=(?-i:[^\W\d_a-z]\S* ){1,3}(?-i:[^\W\d_a-z]))",
    re.IGNORECASE,
)
"""What stands before names; of other languages only before two that are capitalised: *von Holt* is a name."""
_APART: Final = re.compile(r"[;|/\n•·]")
_AND: Final = re.compile(r",?\s+(?:and|und|et|&|(?-i:y|e|och|og|i|и|та))\s+", re.IGNORECASE)
_LINE_BREAK: Final = re.compile(r"<br\s?/?>", re.IGNORECASE)
_NAME_WRITTEN: Final = re.compile(r"""['"](?:full_?)?name['"]:\s?(?:'([^']*)'|"([^"]*)")""")
_TITLE: Final = re.compile(r",\s*(?=(?:jr|sr|ii|iii|iv|phd|ph\.d|md|m\.d|esq|obe|mbe|cbe)\b)", re.IGNORECASE)
_ROLE: Final = re.compile(
    r"(?:\S+ ){0,3}(?:writer|reporter|correspondent|editor|contributor|columnist|journalist|photographer"
    r"|producer|chief)",
    re.IGNORECASE,
)
_ORGANISATION: Final = re.compile(
    r"\b(?:department|ministry|institute|office|centre|center|board|bureau|council|society|association|university"
    r"|commission|committee|agency|corporation|company|news|newsroom|press|media|group|foundation|times|broadcasting"
    r"|network|services?|inc|ltd|llc|gmbh|staff|team|desk|newspapers?|publishing|magazine|radio|television)\b",
    re.IGNORECASE,
)
_NAMED: Final = (
    *("name", "full_name", "fullName", "fullname", "display_name", "displayName", "author_name", "webTitle"),
    *("@value", "#text"),
)
_OTHERWISE: Final = ("label", "title", "slug", "username", "nickname")
_PARTS: Final = (
    ("given_name", "givenName", "first_name", "firstName", "firstname", "given", "first"),
    ("family_name", "familyName", "last_name", "lastName", "lastname", "surname", "family", "last"),
)
_FEWEST_ALONE: Final = 3
"""So many names of one word each are names; two may be a family's and a given one."""


def names_in(text: str) -> list[str] | None:
    """The names of a byline, each once, in order; None if it holds none, or is too long for one.

    Of objects that a table has written into one string, the names in them.
    """
    if len(text) > _LONGEST:
        return None
    if _PLAIN.fullmatch(text) and not text.startswith(" "):
        return [text]
    if text.lstrip().startswith(("{", "[{")):
        text = ";".join(single or double for single, double in _NAME_WRITTEN.findall(text))
    parts = [" ".join(part.split()) for part in _APART.split(_without_markup(text))]
    names = [_IN_BRACKETS.sub(r"\1", name) for part in parts for name in _people(part)]
    return list(dict.fromkeys(name for name in names if any(map(str.isalnum, name)))) or None


def name_of(person: Mapping[str, Any]) -> object:
    """What a person's object calls it: a whole name, or a given one and a family's; None if nothing."""
    for key in _NAMED:
        if person.get(key):
            return person[key]
    parts = [next((str(person[key]) for key in keys if person.get(key)), "") for keys in _PARTS]
    return " ".join(filter(None, parts)) or next((person[key] for key in _OTHERWISE if person.get(key)), None)


def is_organisation(name: str) -> bool:
    """Whether a name holds a word that names bodies and no persons."""
    return _ORGANISATION.search(name) is not None


def _without_markup(text: str) -> str:
    """Tags, addresses of mail and web, handles and what is left of their brackets taken off."""
    text = _LINE_BREAK.sub(";", html.unescape(text))
    text = _TOKEN.sub(lambda token: "" if "@" in token[0] or "://" in token[0] else token[0], text)
    return _EMPTY.sub(" ", text)


def _people(text: str) -> Iterator[str]:
    """The names between ``and`` and commas, where these cannot be part of one name."""
    text = _BY.sub("", text, count=1) if _BY.match(text) else text
    sides = [_TITLE.sub(" ", side) for side in _AND.split(text)]
    apart = [_without_role([part.strip() for part in side.split(",") if part.strip()]) for side in sides]
    single = [name for names in apart for name in names]
    if not single or any(map(is_organisation, single)):
        yield text.strip(" ,")
    elif len(sides) > 1 and all(len(names) == 2 and _are_words(names) for names in apart):
        yield from (", ".join(names) for names in apart)
    elif _are_apart(single):
        yield from single
    else:
        yield text.strip(" ,")


def _without_role(names: Sequence[str]) -> list[str]:
    return [name for at, name in enumerate(names) if at == 0 or _ROLE.fullmatch(name) is None]


def _are_words(names: Sequence[str]) -> bool:
    return all(" " not in name for name in names)


def _are_apart(names: Sequence[str]) -> bool:
    """Whether each is a whole name: all of several words, or many of one; ``Clerk, Anna`` is one person."""
    return all(" " in name for name in names) or (len(names) >= _FEWEST_ALONE and _are_words(names)) or len(names) == 1
