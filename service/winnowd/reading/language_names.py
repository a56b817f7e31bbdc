"""A language as its sender writes it, to its tag: by name, ISO 639 or BCP 47 (Babel's tables). Pure."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from winnowd.article import LANGUAGES_OF_TWO_LETTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST: Final = 100
_TAG: Final = re.compile(r"([A-Za-z]{2,3})((?:-[A-Za-z0-9]{2,8})*)")
_BEFORE: Final = re.compile(r"__label__|[\['\"]+|lang(?:uage)?:\s*|https?://[^\s]{1,80}/", re.IGNORECASE)
"""What may stand before: fastText's mark, the brackets of a list, the address of a register."""
_BEHIND: Final = re.compile(r"\s*[(\[.@,;'\"\]].*|\s+language$", re.DOTALL | re.IGNORECASE)
"""What may follow: a region in brackets, a locale's encoding, other languages with their weights."""

NO_LANGUAGE: Final = frozenset({"und", "mul", "mis", "zxx"})
"""Codes of ISO 639 for what is no one language."""
_OWN: Final[Mapping[str, str]] = {
    "deutsch": "de",
    "français": "fr",
    "español": "es",
    "castellano": "es",
    "português": "pt",
    "italiano": "it",
    "nederlands": "nl",
    "svenska": "sv",
    "dansk": "da",
    "norsk": "no",
    "suomi": "fi",
    "polski": "pl",
    "čeština": "cs",
    "magyar": "hu",
    "română": "ro",
    "türkçe": "tr",
    "hrvatski": "hr",
    "català": "ca",
    "ελληνικά": "el",
    "русский": "ru",
    "українська": "uk",
    "български": "bg",
    "tiếng việt": "vi",
    "日本語": "ja",
    "中文": "zh",
    "한국어": "ko",
    "العربية": "ar",
    "עברית": "he",
    "हिन्दी": "hi",
    "ไทย": "th",
    "englisch": "en",
    "anglais": "en",
    "inglés": "en",
    "inglês": "en",
    "inglese": "en",
    "francais": "fr",
    "espanol": "es",
    "portugues": "pt",
    "ingles": "en",
    "engels": "en",
    "engelska": "en",
    "engelsk": "en",
    "angielski": "en",
    "английский": "en",
    "bokmål": "nb",
    "nynorsk": "nn",
    "norsk bokmål": "nb",
    "norsk nynorsk": "nn",
    "íslenska": "is",
    "eesti": "et",
    "latviešu": "lv",
    "lietuvių": "lt",
    "slovenčina": "sk",
    "slovenščina": "sl",
    "srpski": "sr",
    "српски": "sr",
    "bosanski": "bs",
    "македонски": "mk",
    "shqip": "sq",
    "euskara": "eu",
    "galego": "gl",
    "gaeilge": "ga",
    "cymraeg": "cy",
    "bahasa indonesia": "id",
    "bahasa melayu": "ms",
    "فارسی": "fa",
    "اردو": "ur",
    "বাংলা": "bn",
    "தமிழ்": "ta",
    "मराठी": "mr",
    "简体中文": "zh",
    "繁體中文": "zh",
    "mandarin chinese": "zh",
    "valencian": "ca",
    "farsi": "fa",
    "mandarin": "zh",
    "castilian": "es",
    "flemish": "nl",
}
"""Languages by their own names, English by its neighbours', and names that CLDR does not have in English."""

_COUNTRIES: Final = {"cn": "zh", "cz": "cs", "dk": "da", "gr": "el", "jp": "ja", "ua": "uk"}
"""Codes of countries that are no codes of languages, and have one language in their news."""


def language_tag(text: str) -> str | None:
    """The tag of a language: ``English`` and ``eng`` are ``en``, ``en_GB.UTF-8`` is ``en-GB``; None for no language.

    A tag of three letters that nothing shortens is kept as it is: there are 8,000 of them.
    """
    if len(text) > LONGEST:
        return None
    text = text.strip()
    before = _BEFORE.match(text)
    text = _BEHIND.sub("", text if before is None else text[before.end() :], count=1)
    return _by_tag(text.replace("_", "-")) or _by_name(text.casefold())


def _by_tag(text: str) -> str | None:
    match = _TAG.fullmatch(text)
    if match is None:
        return None
    first = match[1].lower()
    first = _COUNTRIES.get(first, first)
    if first not in LANGUAGES_OF_TWO_LETTERS:
        first = _first(_aliases().get(first, first))
    is_listed = first in LANGUAGES_OF_TWO_LETTERS or (len(first) > 2 and first not in NO_LANGUAGE)
    return first + match[2] if is_listed else None


def _by_name(name: str) -> str | None:
    return _OWN.get(name) or _english_names().get(name)


def _first(tag: str) -> str:
    return tag.partition("_")[0]


@functools.cache
def _aliases() -> Mapping[str, str]:
    """Codes of ISO 639-2 and -3, and withdrawn ones, with what they are called today."""
    from babel.core import get_global

    return get_global("language_aliases")


@functools.cache
def _english_names() -> Mapping[str, str]:
    """English names, case-folded; loading them takes 20 ms and 5 MB."""
    from babel import Locale

    named = Locale("en").languages.items()
    return {name.casefold(): _first(tag) for tag, name in sorted(named, reverse=True) if _first(tag) not in NO_LANGUAGE}
