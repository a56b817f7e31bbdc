"""What each character is to the rules: one kind for each. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from winnowd.text.folding import IGNORABLE
from winnowd.text.scripts import HAN, KANA, SOUTHEAST, STOPLESS
from winnowd.text.stops import BRACKETS, FAR_COMMAS, FAR_QUOTES, FAR_STOPS, WORD_BLANKS


class Kind:
    """What a character is to the rules. Those of words come first, then those that join parts to a word.

    Plain numbers, no enumeration: numpy compares them with whole texts, and an enum's member costs it 1 us each time.
    """

    LOWER: Final = 0
    UPPER: Final = 1
    LETTER: Final = 2  # neither: caseless or title case
    LEAD_LOWER: Final = 3  # a letter with which mis-decoded UTF-8 begins
    LEAD_UPPER: Final = 4
    DIGIT: Final = 5
    NUMERAL: Final = 6  # a word's character, yet no letter or digit: a half, a circled number
    UNDERSCORE: Final = 7
    FAR_LOWER: Final = 8  # far: from U+0300 on, where a text may not be composed (NFC)
    FAR_UPPER: Final = 9
    FAR_LETTER: Final = 10
    FAR_DIGIT: Final = 11
    FAR_NUMERAL: Final = 12
    FAR_MARK: Final = 13  # a combining mark, which belongs to the letter before it
    HAN: Final = 14  # here and in the next two each letter is a word
    KANA: Final = 15
    SOUTHEAST: Final = 16  # scripts of Thailand, Laos, Myanmar, Cambodia
    ALONE_MARK: Final = 17  # a mark of the last
    APOSTROPHE: Final = 18
    CURLY: Final = 19
    HYPHEN: Final = 20
    JOINER: Final = 21  # U+200C, U+200D: between letters they are part of the spelling
    LF: Final = 22
    SPACE: Final = 23
    TO_SPACE: Final = 24  # blanks that CLN305 makes a space
    OTHER_BLANK: Final = 25
    CONTROL_BLANK: Final = 26  # U+001C to U+001F: control characters that also part words
    LINE_END: Final = 27  # CLN301: CR, U+0085, U+2028, U+2029
    FULL_STOP: Final = 28
    STOP: Final = 29  # ! ? and the stops of other scripts
    COMMA: Final = 30
    HASH: Final = 31
    BRACKET: Final = 32
    LESS: Final = 33
    AMPERSAND: Final = 34
    AT: Final = 35
    QUOTE: Final = 36  # the straight double one
    OPENING: Final = 37  # the curly ones
    CLOSING: Final = 38
    FAR_QUOTE: Final = 39  # those of East Asia, and the dot between the parts of a name
    ELLIPSIS: Final = 40
    COLON: Final = 41
    INVISIBLE: Final = 42
    LOST: Final = 43
    CONTROL: Final = 44
    OTHER: Final = 45
    FAR_OTHER: Final = 46
    ASTRAL: Final = 47  # beyond the table: settled one by one


KINDS: Final = Kind.ASTRAL + 1
LAST_WORD_KIND: Final = Kind.ALONE_MARK
INVISIBLES = "\u200b\u2060\ufeff\u00ad"
JOINERS = "\u200c\u200d"
TO_SPACES = "\u00a0\u2007\u2009\u200a\u202f\u3000\t\v\f"
LINE_ENDS = "\r\u0085\u2028\u2029"
_SPECIAL = {
    Kind.UNDERSCORE: "_",
    Kind.LEAD_LOWER: "âï",
    Kind.LEAD_UPPER: "ÂÃÅÐÑ",
    Kind.APOSTROPHE: "'",
    Kind.CURLY: "’",
    Kind.HYPHEN: "-",
    Kind.JOINER: JOINERS,
    Kind.LF: "\n",
    Kind.SPACE: " ",
    Kind.TO_SPACE: TO_SPACES,
    Kind.CONTROL_BLANK: "\x1c\x1d\x1e\x1f",
    Kind.OTHER_BLANK: WORD_BLANKS,
    Kind.LINE_END: LINE_ENDS,
    Kind.FULL_STOP: ".",
    Kind.STOP: f"!?{FAR_STOPS}",
    Kind.COMMA: f",{FAR_COMMAS}",
    Kind.HASH: "#",
    Kind.BRACKET: f"{{}}[](){BRACKETS}",
    Kind.LESS: "<",
    Kind.AMPERSAND: "&",
    Kind.AT: "@",
    Kind.QUOTE: '"',
    Kind.OPENING: "“",
    Kind.CLOSING: "”",
    Kind.FAR_QUOTE: FAR_QUOTES,
    Kind.ELLIPSIS: "…",
    Kind.COLON: ":",
    Kind.INVISIBLE: INVISIBLES,
    Kind.LOST: "\ufffd",
}
_SPECIAL_KIND = {character: kind for kind, characters in _SPECIAL.items() for character in characters}
_FAR = {
    Kind.LOWER: Kind.FAR_LOWER,
    Kind.UPPER: Kind.FAR_UPPER,
    Kind.LETTER: Kind.FAR_LETTER,
    Kind.DIGIT: Kind.FAR_DIGIT,
    Kind.NUMERAL: Kind.FAR_NUMERAL,
    Kind.OTHER: Kind.FAR_OTHER,
}
LETTERS = (
    Kind.LOWER, Kind.UPPER, Kind.LETTER, Kind.LEAD_LOWER, Kind.LEAD_UPPER, Kind.FAR_LOWER, Kind.FAR_UPPER,
    Kind.FAR_LETTER, Kind.FAR_MARK, Kind.HAN, Kind.KANA, Kind.SOUTHEAST, Kind.ALONE_MARK,
)  # fmt: skip
"""Letters, and the marks that belong to them."""
ALONE = (Kind.HAN, Kind.KANA, Kind.SOUTHEAST)
"""Letters that are a word each."""
MARKS = (Kind.FAR_MARK, Kind.ALONE_MARK)
DIGITS = (Kind.DIGIT, Kind.FAR_DIGIT)
BLANKS = (Kind.LF, Kind.SPACE, Kind.TO_SPACE, Kind.OTHER_BLANK, Kind.CONTROL_BLANK, Kind.LINE_END)
FAR = (*_FAR.values(), *MARKS, *ALONE, Kind.JOINER)

PLANE = 0x10000
"""Characters that have an entry in the table of kinds; those beyond are settled one by one."""
_PLAIN_PUNCTUATION = range(0x2010, 0x2028)  # dashes, quotes, bullets: composed as they are


_SIGNS = re.compile(f"[{IGNORABLE}\u20d0-\u20ff]")
"""Marks of category M that belong to no letter: those without a glyph, and those around symbols."""
_SCRIPTS = ((HAN, Kind.HAN), (KANA, Kind.KANA), (SOUTHEAST, Kind.SOUTHEAST))


def kind_of(character: str) -> int:
    """The kind of one character."""
    special = _SPECIAL_KIND.get(character)
    if special is not None:
        return special
    kind = _letter_or_number(character) if character.isalnum() else _other(character)
    code = ord(character)
    if code < 0x300 or code in _PLAIN_PUNCTUATION:
        return kind
    return _far(character, kind)


def is_open_end(character: str) -> bool:
    """Whether a text that ends so may break off: in a comma, or a small letter, of scripts with stops."""
    if character.isascii():
        return character.islower() or character == ","
    kind = kind_of(character)
    return kind == Kind.COMMA or (kind in _OPEN and STOPLESS.match(character) is None)


_OPEN = {*LETTERS} - {Kind.UPPER, Kind.LEAD_UPPER, Kind.FAR_UPPER}


def _far(character: str, kind: int) -> int:
    """The kind of a character beyond U+0300, from what it would be before."""
    if kind in {Kind.OTHER, Kind.LETTER}:
        is_mark = kind == Kind.OTHER
        if is_mark and (unicodedata.category(character)[0] != "M" or _SIGNS.match(character)):
            return Kind.FAR_OTHER
        for script, found in _SCRIPTS:
            if script.match(character):
                return Kind.ALONE_MARK if is_mark and found == Kind.SOUTHEAST else found
        return Kind.FAR_MARK if is_mark else Kind.FAR_LETTER
    return _FAR.get(kind, kind)


def _letter_or_number(character: str) -> int:
    if not character.isalpha():
        return Kind.DIGIT if character.isdigit() else Kind.NUMERAL
    if character.islower():
        return Kind.LOWER
    return Kind.UPPER if character.isupper() else Kind.LETTER


def _other(character: str) -> int:
    if character.isspace():
        return Kind.OTHER_BLANK
    code = ord(character)
    return Kind.CONTROL if code < 0x20 or 0x7F <= code < 0xA0 else Kind.OTHER
