"""In which language a text's lines are asked: told by common words and by script, before anything is removed. Pure.

The model that the gates ask reads a cleaned text and takes 0.3 ms. Here a wrong answer costs little, as a list holds
whole lines that stand in no article; a few words of grammar, looked up with those of the phrases, are enough. What the
page declares is taken where the text does not tell, since templates declare what they like.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from winnowd.text import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from winnowd.text import Tokens

ENGLISH: Final = "en"
ENGLISH_WORDS: Final = "and been from has have of that the their they this were which with would"
"""Their share is over 0.05 in true English texts, and at most 0.011 in others (docs/design/gates.md, "Language")."""
ENGLISH_SHARE: Final = 0.02
"""Between the two: menus and credits around an article hold few of these words."""

WORDS: Final[Mapping[str, str]] = {
    "de": "und der die das den ist nicht für auf mit von sich auch werden wird ein eine einen dem nach bei aus sind",
    "fr": "les des est une dans pour qui sur pas plus sont avec cette aux été",
    "es": "los las una por del con más como pero fue este esta también según muy sus hasta entre desde",
    "it": "che di della per non una gli nel sono più anche alla delle dei è",
    "pt": "não uma são com os em ao dos das mais também foi pela pelo às",
    "nl": "het een van niet zijn voor dat aan ook wordt werd naar bij maar deze",
    "pl": "się nie jest że oraz został przez dla jak przy tym był może także już",
    "tr": "ve bir bu için ile olarak olan daha çok değil gibi kadar ise sonra ancak",
}
"""Words of grammar; those that two of these languages share tell nothing by themselves, and the most of all decide."""
SHARE: Final = 0.04
LEAST_WORDS: Final = 12


class _Letters(NamedTuple):
    """A language that its script and what stands in its texts tell: more than four times as often as the others."""

    language: str
    script: tuple[int, int]
    own: tuple[str, ...]
    others: tuple[str, ...]


_CYRILLIC, _ARABIC, _DEVANAGARI = (0x0400, 0x04FF), (0x0600, 0x06FF), (0x0900, 0x097F)
_LETTERS: Final = (
    _Letters("ru", _CYRILLIC, tuple("ыэ"), tuple("іїєўөүәқң")),
    _Letters("uk", _CYRILLIC, tuple("іїє"), tuple("ыэўөүәқң")),
    _Letters("ar", _ARABIC, tuple("يةك"), tuple("یکەێڕ")),
    _Letters("hi", _DEVANAGARI, (" के ", " में ", " है"), (" आहे", " छन्", " गरेको")),
)
_TIMES: Final = 4
_KANA, _HAN, _HANGUL = (0x3041, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3)
_KANA_SHARE: Final = 0.08
_SCRIPT_SHARE: Final = 0.25

LISTED: Final = frozenset({ENGLISH, *WORDS, *(one.language for one in _LETTERS), "zh", "ja", "ko"})
"""The languages with a file in ``phrases/``."""


def language_of(tokens: Tokens, declared: str | None) -> str:
    """The listed language of a text that is not English by its words; English if it can be told by nothing.

    ``declared`` is the language tag that it came with.
    """
    found = _by_script(tokens) or _by_words(tokens)
    if not found and declared is not None:
        found = declared.partition("-")[0].lower()
    return found if found in LISTED else ENGLISH


def _by_script(tokens: Tokens) -> str:
    """The language by its script, and by letters and words that others of that script do not have."""
    if tokens.text.isascii():
        return ""
    least = _SCRIPT_SHARE * len(tokens.codes)
    if np.count_nonzero(tokens.codes >= _CYRILLIC[0]) < least:
        return ""  # Latin letters
    kana, han, hangul = (_letters_of(tokens, script) for script in (_KANA, _HAN, _HANGUL))
    if kana + han + hangul >= least:
        return "ko" if hangul > kana + han else "ja" if kana >= _KANA_SHARE * (kana + han) else "zh"
    for one in _LETTERS:
        if _letters_of(tokens, one.script) >= least and _counted(tokens, one.own) > _TIMES * _counted(
            tokens, one.others
        ):
            return one.language
    return ""


def _letters_of(tokens: Tokens, script: tuple[int, int]) -> int:
    codes = tokens.codes
    return int(np.count_nonzero((codes >= script[0]) & (codes <= script[1])))


def _counted(tokens: Tokens, pieces: Iterable[str]) -> int:
    return sum(tokens.text.count(piece) for piece in pieces)


def _by_words(tokens: Tokens) -> str:
    """The language of which most words are; "" below 12 words, or if these are too few."""
    if tokens.count < LEAST_WORDS:
        return ""
    classes = _vocabulary().classes(tokens.part_hashes)
    counts = {language: int(np.count_nonzero(classes & 1 << bit)) for bit, language in enumerate(WORDS)}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] >= SHARE * tokens.count else ""


@functools.cache
def _vocabulary() -> Vocabulary:
    bits: dict[str, int] = {}
    for bit, words in enumerate(WORDS.values()):
        for word in words.split():
            bits[word] = bits.get(word, 0) | 1 << bit
    return Vocabulary(bits)
