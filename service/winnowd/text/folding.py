"""What a text says, whatever characters it is written with: the fold ``fold2`` of the recipe, and bounded NFC. Pure.

Two texts that look the same shall have the same words, or a copy hides behind a letter that nobody sees or one of
another script that looks the same (docs/design/text.md, "The fold"). ASCII stays as it is, so most texts cost nothing.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_COMBINING: Final = 30
"""Combining marks in a row that no language needs more of (UAX 15, stream-safe): putting n in order costs n * n."""

VARIATIONS: Final = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
IGNORABLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Default_Ignorable_Code_Point: what has no glyph of its own; the inside of a class of an expression, as the above."""

_SIMILAR: Final = {
    "a": "αаɑᎪ", "b": "βвьΒВᏴ", "c": "сϲᏟ", "d": "ԁᎠ", "e": "еεєҽᎬ", "f": "ϝ", "g": "ɡԍց", "h": "нһհΗᎻ", "i": "іιɩӏᎥ",
    "j": "јϳᎫ", "k": "кκᏦ", "l": "Ꮮ", "m": "мϻМΜᎷ", "n": "ηոΝ", "o": "оοօө", "p": "рρᏢ", "q": "ԛզ", "r": "гᏒ",
    "s": "ѕꜱᏚ", "t": "тτᎢ", "u": "υսʋ", "v": "νѵᏙ", "w": "ѡԝωᎳ", "x": "хχ", "y": "уүγΥᎩ", "z": "ᴢζᏃ",
}  # fmt: skip
"""By Latin letter what looks like it, small or capital: the shapes of common fonts. A small letter stands for its
capital, too, but where their shapes differ (Greek Η, Μ, Ν, Υ), each has its own."""
LOOKALIKES: Final = {
    **{other: latin for latin, others in _SIMILAR.items() for other in others.upper()},
    **{other: latin for latin, others in _SIMILAR.items() for other in others},
}
"""By each of them the small Latin letter."""
_LATIN_NAME = re.compile(
    r"(?:LATIN (?:SMALL LETTER|CAPITAL LETTER|LETTER SMALL CAPITAL)"
    r"|(?:NEGATIVE )?(?:CIRCLED|SQUARED) LATIN CAPITAL LETTER|REGIONAL INDICATOR SYMBOL LETTER)"
    r" (?:DOTLESS )?([A-Z])(?: WITH .*)?"
)
_QUOTES = {"‘": "'", "’": "'", "“": '"', "”": '"'}
_DROPPED = frozenset("\u0640\u02bc")
"""The stroke that stretches Arabic words, and the apostrophe that is a letter."""

_IGNORABLE = re.compile(f"[{IGNORABLE}]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_SHORT = 16
_REMEMBERED = 8192
_OTHER = "~"
"""For what is neither letter, number, mark nor blank: it parts words, as any punctuation does."""


def stream_safe(text: str) -> str:
    """The text without what goes beyond 30 combining marks in a row: safe to normalise."""
    return text if text.isascii() else _NOT_ASCII.sub(lambda run: _stream_safe_run(run[0]), text)


def _stream_safe_run(run: str) -> str:
    if len(run) <= MOST_COMBINING or _combining().search(run) is None:
        return run
    groups = itertools.groupby(run, lambda character: unicodedata.combining(character) != 0)
    return "".join(
        itertools.chain.from_iterable(
            itertools.islice(group, MOST_COMBINING if is_combining else None) for is_combining, group in groups
        )
    )


@functools.cache
def _combining() -> re.Pattern[str]:
    """Finds the first mark; or a character beyond the first plane, which may be one. Made at the first need, 10 ms."""
    found = (chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
    return re.compile(f"[{''.join(found)}\U00010000-\U0010ffff]")


def fold2(text: str) -> bytes:
    """Fold a text to the UTF-8 bytes that words are cut from: the fold ``fold2`` of the recipe."""
    return folded(plain(text))


def folded(plain_text: str) -> bytes:
    """What ``fold2`` gives of a text that is plain already: case folded, UTF-8."""
    return plain_text.casefold().encode("utf-8")


def plain(text: str) -> str:
    """A text as it looks, its case kept: what has no glyph is gone, letters that look Latin are Latin without marks.

    Compatibility forms (fullwidth, mathematical, ligatures) are what they stand for, quotes straight, other blanks a
    space, and what is neither letter, number nor mark a tilde.
    """
    return text if text.isascii() else _NOT_ASCII.sub(_plain_run, text)


def continues(character: str) -> bool:
    """Whether a character may merge with the one before it, or vanish: texts are never cut before one."""
    if character.isascii():
        return False
    if _IGNORABLE.match(character) or character in _DROPPED:
        return True
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first)[0] == "M" or "\u1160" <= first <= "\u11ff" or "\ud7b0" <= first <= "\ud7ff"


def _plain_run(match: re.Match[str]) -> str:
    run = match[0]
    return _short_run(run) if len(run) <= _SHORT else _as_it_looks(run)


@functools.lru_cache(maxsize=_REMEMBERED)
def _short_run(run: str) -> str:
    return _as_it_looks(run)


def _as_it_looks(run: str) -> str:
    looks = _stream_safe_run(_IGNORABLE.sub("", run)).translate(_SPELLINGS)
    if _combining().search(looks) is not None:
        looks = "".join(_bared(looks))
    return unicodedata.normalize("NFC", looks)


def _bared(characters: str) -> Iterator[str]:
    """Keep marks only on letters of other scripts, where they belong to the letter; before the first stands ASCII."""
    are_kept = False
    for character in characters:
        if unicodedata.category(character)[0] != "M":
            are_kept = not character.isascii() and character.isalpha() and not _is_latin(character)
            yield character
        elif are_kept:
            yield character


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN ")


class _Spellings(dict[int, str]):
    """What each character is written for, as ``str.translate`` asks; bounded, as texts may hold any."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[code] = spelling = _stands_for(chr(code))
        return spelling


_SPELLINGS: Final = _Spellings()


def _stands_for(character: str) -> str:
    """What one character is written for. A number that is no digit stays: a half is not 1 and 2."""
    if unicodedata.category(character) == "No":
        return character
    return _latin(character) or "".join(map(_glyph, unicodedata.normalize("NFKD", character)))


def _glyph(character: str) -> str:
    """What one character of a decomposition counts as; a mark is settled with the letter that it stands on."""
    if character.isascii() or unicodedata.category(character)[0] == "M":
        return character
    if character in _DROPPED:
        return ""
    latin = _latin(character)
    if latin:
        return latin
    if character.isalnum():
        return character
    return " " if character.isspace() else _QUOTES.get(character, _OTHER)


def _latin(character: str) -> str:
    """The Latin letter that a character looks like, or ""; capitals stay capitals."""
    found = LOOKALIKES.get(character)
    if found is None:
        named = _LATIN_NAME.fullmatch(unicodedata.name(character, ""))
        found = named[1].lower() if named else ""
    return found.upper() if character.isupper() else found
