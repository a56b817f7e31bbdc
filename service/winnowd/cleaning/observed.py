"""CLN352 to CLN355: what is only seen, said in a note and never changed. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from winnowd.cleaning.stubs import sentences
from winnowd.model import Note
from winnowd.text import DIGITS, REPEATED_SIZES, Kind, blank_words, has_words, is_open_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from winnowd.text import Tokens

MAYBE_CUT, TWICE, UNBALANCED, PII = "CLN352", "CLN353", "CLN354", "CLN355"
CUT_WORDS = range(8, 20)
TWICE_WORDS = 8
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_PHONE = re.compile(
    r"(?<![\w.+-])(?:\+\(?\d|\(\d|0\d|\d(?=\d\d[ .-]\d{3}[ .-]\d{4}\b))(?:[ ().-]{0,2}\d){7,13}(?![\w-])"
)
_PHONE_DIGITS, _IP_DIGITS, _IP_STOPS = 8, 4, 3
"""What a number has at least: a year, say, is too short for either."""
_FARTHEST = 3
"""Two marks between two digits."""
_AROUND = 4
"""A sign and a bracket before the first digit, and what must not stand around them."""
_IP = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)")


def observed(tokens: Tokens) -> Iterator[Note]:
    """The notes on a cleaned text: a last line that may be cut, sentences said twice, quotes, personal data."""
    last = tokens.lines[-1]
    if is_open_end(last[-1:]) and blank_words(last) in CUT_WORDS:
        yield Note(MAYBE_CUT, 0, 1, last)
    if tokens.grams.repeated[TWICE_WORDS - REPEATED_SIZES[0]]:
        twice = said_twice(tokens.lines)
        if twice:
            yield Note(TWICE, 0, len(twice), "\n".join(twice))
    if unbalanced := unbalanced_quotes(tokens):
        yield Note(UNBALANCED, 0, unbalanced, "")
    found = personal(tokens)
    if found:
        yield Note(PII, 0, sum(found.values()), "", tuple(sorted(found.items())))


def said_twice(lines: Iterable[str]) -> list[str]:
    """The sentences of at least 8 words that stand in a text more than once, in the order of their first occurrence."""
    met = Counter(sentence for line in lines for sentence in sentences(line))
    return [sentence for sentence, count in met.items() if count > 1 and has_words(sentence, TWICE_WORDS)]


def unbalanced_quotes(tokens: Tokens) -> int:
    """How many double quotes lack their partner: curly ones that open or close, and one straight if they are odd.

    After „ quotes close in “ (German, Czech) or in ” (Polish), and Swedish and Finnish open in ”, too: there all curly
    ones are counted by two.
    """
    census = tokens.census
    opening, closing, straight = census[Kind.OPENING], census[Kind.CLOSING], census[Kind.QUOTE] % 2
    low = tokens.text.count("„") if opening != closing else 0
    return straight + ((low + opening + closing) % 2 if low or not opening else abs(opening - closing))


def personal(tokens: Tokens) -> dict[str, int]:
    """How many e-mail addresses, phone numbers and IP addresses a text holds; kinds that it does not hold are left out.

    Counted, never masked or copied: the text says them, the note only how many.
    """
    census = tokens.census
    counts = {
        "email": sum([len(_EMAIL.findall(line)) for line in tokens.lines if "@" in line]) if census[Kind.AT] else 0,
        "ip": 0,
        "phone": 0,
    }
    for digits, group in digit_groups(tokens):
        addresses = len(_IP.findall(group)) if group.count(".") >= _IP_STOPS else 0
        counts["ip"] += addresses
        if digits >= _PHONE_DIGITS:
            counts["phone"] += len(_PHONE.findall(_IP.sub(" ", group) if addresses else group))
    return {kind: count for kind, count in counts.items() if count}


def digit_groups(tokens: Tokens) -> list[tuple[int, str]]:
    """How many digits stand close together, two marks at most between any two, with what is around; at least 4.

    No number reaches from one group into another, so each may be searched by itself.
    """
    if tokens.number_of(*DIGITS) < _IP_DIGITS:
        return []
    is_digit = tokens.kinds == Kind.DIGIT
    if tokens.census[Kind.FAR_DIGIT]:
        is_digit |= tokens.kinds == Kind.FAR_DIGIT
    digits = is_digit.nonzero()[0]
    breaks = (digits[1:] - digits[:-1] > _FARTHEST).nonzero()[0].tolist()
    firsts, lasts = [0, *(last + 1 for last in breaks)], [*breaks, len(digits) - 1]
    text = tokens.text
    return [
        (last - first + 1, text[max(0, int(digits[first]) - _AROUND) : int(digits[last]) + _AROUND])
        for first, last in zip(firsts, lasts, strict=True)
        if last - first + 1 >= _IP_DIGITS
    ]
