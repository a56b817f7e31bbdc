"""CLN352 to CLN355: what is only seen, said in a note and never changed. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from winnowd.cleaning.stubs import sentences
from winnowd.model import Note
from winnowd.text import REPEATED_SIZES, Kind, word_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from winnowd.text import Tokens

MAYBE_CUT, TWICE, UNBALANCED, PII = "CLN352", "CLN353", "CLN354", "CLN355"
CUT_WORDS = range(8, 20)
TWICE_WORDS = 8
_OPEN_END = re.compile(r"[a-z,]$")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_PHONE = re.compile(
    r"(?<![\w.+-])(?:\+\(?\d|\(\d|0\d|\d(?=\d\d[ .-]\d{3}[ .-]\d{4}\b))(?:[ ().-]{0,2}\d){7,13}(?![\w-])"
)
_PHONE_DIGITS, _IP_DIGITS, _IP_DOTS = 8, 4, 3
_SPAN = _PHONE_DIGITS * 3
"""Eight digits with two marks between any two of them lie within so many characters."""
_IP = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)")


def seen(tokens: Tokens) -> Iterator[Note]:
    """The notes on a cleaned text: a last line that may be cut, sentences said twice, quotes, personal data."""
    last = tokens.lines[-1]
    if _OPEN_END.search(last) and len(last.split()) in CUT_WORDS:
        yield Note(MAYBE_CUT, 0, 1, last)
    if tokens.grams.repeated[TWICE_WORDS - REPEATED_SIZES[0]]:
        twice = said_twice(tokens.lines)
        if twice:
            yield Note(TWICE, 0, len(twice), "\n".join(twice))
    if unbalanced := unbalanced_quotes(tokens):
        yield Note(UNBALANCED, 0, unbalanced, "")
    found = personal(tokens)
    if found:
        yield Note(PII, 0, sum(found.values()), " ".join(f"{kind} {count}" for kind, count in sorted(found.items())))


def said_twice(lines: Iterable[str]) -> list[str]:
    """The sentences of at least 8 words that stand in a text more than once, in the order of their first occurrence."""
    met = Counter(sentence for line in lines for sentence in sentences(line))
    return [sentence for sentence, count in met.items() if count > 1 and word_count(sentence) >= TWICE_WORDS]


def unbalanced_quotes(tokens: Tokens) -> int:
    """How many double quotes lack their partner: curly ones that open or close, and one straight if they are odd."""
    census = tokens.census
    return abs(census[Kind.OPENING] - census[Kind.CLOSING]) + census[Kind.QUOTE] % 2


def personal(tokens: Tokens) -> dict[str, int]:
    """How many e-mail addresses, phone numbers and IP addresses a text holds; kinds that it does not hold are left out.

    Counted, never masked or copied: the text says them, the note only how many.
    """
    text = tokens.text
    counts: dict[str, int] = {}
    if tokens.census[Kind.AT]:
        counts["email"] = len(_EMAIL.findall(text))
    if _may_hold_numbers(tokens):
        addresses = len(_IP.findall(text))
        counts["ip"] = addresses
        counts["phone"] = len(_PHONE.findall(_IP.sub(" ", text) if addresses else text))
    return {kind: count for kind, count in counts.items() if count}


def _may_hold_numbers(tokens: Tokens) -> bool:
    """Whether so many digits stand close together as a phone number or IP address has."""
    if tokens.census[Kind.FAR_DIGIT]:
        return True
    if tokens.census[Kind.DIGIT] < _IP_DIGITS:
        return False
    digits = (tokens.kinds == Kind.DIGIT).nonzero()[0]
    if len(digits) >= _PHONE_DIGITS and (digits[_PHONE_DIGITS - 1 :] - digits[: 1 - _PHONE_DIGITS] < _SPAN).any():
        return True
    parted = (digits[1:] - digits[:-1] == 2).nonzero()[0]
    if len(parted) < _IP_DOTS:
        return False
    return int(np.count_nonzero(tokens.kinds.take(digits.take(parted) + 1) == Kind.FULL_STOP)) >= _IP_DOTS
