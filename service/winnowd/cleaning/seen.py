"""CLN352 to CLN355: what is only seen, said in a note and never changed. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from winnowd.cleaning.stubs import sentences
from winnowd.model import Note
from winnowd.text import Kind, word_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.text import Tokens

MAYBE_CUT, TWICE, UNBALANCED, PII = "CLN352", "CLN353", "CLN354", "CLN355"
CUT_WORDS = range(8, 20)
TWICE_WORDS = 8
_OPEN_END = re.compile(r"[a-z,]$")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_PHONE = re.compile(
    r"(?<![\w.+-])(?:\+\(?\d|\(\d|0\d|\d(?=\d\d[ .-]\d{3}[ .-]\d{4}\b))(?:[ ().-]{0,2}\d){7,13}(?![\w-])"
)
_IP = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)")


def seen(tokens: Tokens) -> Iterator[Note]:
    """The notes on a cleaned text: a last line that may be cut, sentences said twice, quotes, personal data."""
    last = tokens.text[tokens.text.rfind("\n") + 1 :]
    if _OPEN_END.search(last) and len(last.split()) in CUT_WORDS:
        yield Note(MAYBE_CUT, 0, 1, last)
    twice = said_twice(tokens.text)
    if twice:
        yield Note(TWICE, 0, len(twice), "\n".join(twice))
    if unbalanced := unbalanced_quotes(tokens):
        yield Note(UNBALANCED, 0, unbalanced, "")
    found = personal(tokens)
    if found:
        yield Note(PII, 0, sum(found.values()), " ".join(f"{kind} {count}" for kind, count in sorted(found.items())))


def said_twice(text: str) -> list[str]:
    """The sentences of at least 8 words that stand in a text more than once, in the order of their repetition."""
    met = Counter(sentence for line in text.split("\n") for sentence in sentences(line))
    return [sentence for sentence, count in met.items() if count > 1 and word_count(sentence) >= TWICE_WORDS]


def unbalanced_quotes(tokens: Tokens) -> int:
    """How many double quotes lack their partner: curly ones that open or close, and one straight if they are odd."""
    if not tokens.census[Kind.QUOTE] and "“" not in tokens.text:
        return 0
    text = tokens.text
    return abs(text.count("“") - text.count("”")) + text.count('"') % 2


def personal(tokens: Tokens) -> dict[str, int]:
    """How many e-mail addresses, phone numbers and IP addresses a text holds; kinds that it does not hold are left out.

    Counted, never masked or copied: the text says them, the note only how many.
    """
    text = tokens.text
    counts = {}
    if tokens.census[Kind.AT]:
        counts["email"] = len(_EMAIL.findall(text))
    if tokens.number_of(Kind.DIGIT, Kind.FAR_DIGIT) >= 4:
        addresses = len(_IP.findall(text))
        counts["ip"] = addresses
        counts["phone"] = len(_PHONE.findall(_IP.sub(" ", text) if addresses else text))
    return {kind: count for kind, count in counts.items() if count}
