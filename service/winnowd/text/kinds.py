"""What each character is to the rules: one kind for each. Pure."""

from __future__ import annotations

from typing import Final


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
    APOSTROPHE: Final = 13
    CURLY: Final = 14
    HYPHEN: Final = 15
    LF: Final = 16
    SPACE: Final = 17
    TO_SPACE: Final = 18  # blanks that CLN305 makes a space
    OTHER_BLANK: Final = 19
    CONTROL_BLANK: Final = 20  # U+001C to U+001F: control characters that also part words
    LINE_END: Final = 21  # CLN301: CR, U+0085, U+2028, U+2029
    FULL_STOP: Final = 22
    STOP: Final = 23  # ! ?
    COMMA: Final = 24
    HASH: Final = 25
    BRACKET: Final = 26
    LESS: Final = 27
    AMPERSAND: Final = 28
    AT: Final = 29
    QUOTE: Final = 30  # the straight double one
    OPENING: Final = 31  # the curly ones
    CLOSING: Final = 32
    ELLIPSIS: Final = 33
    COLON: Final = 34
    INVISIBLE: Final = 35
    LOST: Final = 36
    CONTROL: Final = 37
    OTHER: Final = 38
    FAR_OTHER: Final = 39
    ASTRAL: Final = 40  # beyond the table: settled one by one


KINDS: Final = Kind.ASTRAL + 1
LAST_WORD_KIND: Final = Kind.FAR_NUMERAL
INVISIBLES = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
TO_SPACES = "\u00a0\u2007\u2009\u200a\u202f\u3000\t\v\f"
LINE_ENDS = "\r\u0085\u2028\u2029"
_SPECIAL = {
    Kind.UNDERSCORE: "_",
    Kind.LEAD_LOWER: "âï",
    Kind.LEAD_UPPER: "ÂÃÅÐÑ",
    Kind.APOSTROPHE: "'",
    Kind.CURLY: "’",
    Kind.HYPHEN: "-",
    Kind.LF: "\n",
    Kind.SPACE: " ",
    Kind.TO_SPACE: TO_SPACES,
    Kind.CONTROL_BLANK: "\x1c\x1d\x1e\x1f",
    Kind.LINE_END: LINE_ENDS,
    Kind.FULL_STOP: ".",
    Kind.STOP: "!?",
    Kind.COMMA: ",",
    Kind.HASH: "#",
    Kind.BRACKET: "{}[]()",
    Kind.LESS: "<",
    Kind.AMPERSAND: "&",
    Kind.AT: "@",
    Kind.QUOTE: '"',
    Kind.OPENING: "“",
    Kind.CLOSING: "”",
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
    Kind.FAR_LETTER,
)  # fmt: skip
DIGITS = (Kind.DIGIT, Kind.FAR_DIGIT)
BLANKS = (Kind.LF, Kind.SPACE, Kind.TO_SPACE, Kind.OTHER_BLANK, Kind.CONTROL_BLANK, Kind.LINE_END)
FAR = tuple(_FAR.values())

PLANE = 0x10000
"""Characters that have an entry in the table of kinds; those beyond are settled one by one."""
_PLAIN_PUNCTUATION = range(0x2010, 0x2028)  # dashes, quotes, bullets: composed as they are


def kind_of(character: str) -> int:
    """The kind of one character."""
    special = _SPECIAL_KIND.get(character)
    if special is not None:
        return special
    kind = _letter_or_number(character) if character.isalnum() else _other(character)
    code = ord(character)
    return kind if code < 0x300 or code in _PLAIN_PUNCTUATION else _FAR.get(kind, kind)


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
