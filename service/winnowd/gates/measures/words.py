"""The English words that rules of several gates look for, found by one look-up for all words of a text. Pure."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from winnowd.text import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STOP_WORDS: Final = ("the", "be", "to", "of", "and", "that", "have", "with")
"""Those of Gopher (Rae et al. 2021): QUA409 counts different ones, so each has a bit of its own."""
STOP_BITS: Final = (1 << len(STOP_WORDS)) - 1


class Class:
    """What a word is to the rules, beyond the stop words: bits.

    ``MARKER``: its share is over 0.05 in all true English texts, and at most 0.011 in 188 texts of 30 other languages.
    The others are those that a mark of damaged text may begin with (``A_``), and the word after it
    (``THEN_``), three bits higher; or that stand before a mark (``BEFORE_MARK``), or with a capital inside a sentence
    (``FUNCTION``), and those of placeholder text (``LOREM``).
    """

    MARKER: Final = 1 << 8
    A_ARTICLE: Final = 1 << 9
    A_CONJUNCTION: Final = 1 << 10
    A_TITLE: Final = 1 << 11
    THEN_ARTICLE: Final = 1 << 12
    THEN_CONJUNCTION: Final = 1 << 13
    THEN_TITLE: Final = 1 << 14
    BEFORE_MARK: Final = 1 << 15
    FUNCTION: Final = 1 << 16
    LOREM: Final = 1 << 18
    A_OF: Final = 1 << 19
    THEN_OF: Final = 1 << 22


THEN_SHIFT: Final = 3
PAIRS: Final = Class.A_ARTICLE | Class.A_CONJUNCTION | Class.A_TITLE | Class.A_OF

_WORDS: Final = {
    Class.MARKER: "and been from has have of that the their they this were which with would",
    Class.A_ARTICLE: "the an a",
    Class.THEN_ARTICLE: """
        has had is are was were does did could should would
        of at by with from for into against between that which who where and or but
    """,
    Class.A_CONJUNCTION: "where while because although whereas since if",
    Class.THEN_CONJUNCTION: """
        contributed announced decided launched agreed ordered declared claimed denied refused warned invaded killed
        began became went came took told made said has had have is was were are
    """,
    Class.A_TITLE: "president minister chancellor senator",
    Class.THEN_TITLE: "may has had have is was will would could said told announced",
    Class.BEFORE_MARK: "the an of from with between against into including than",
    Class.FUNCTION: """
        the an and but or of in on at to for with from by as is are was were has have that this these it he she they we
        perhaps however after before when while because although if not also then there which who its their his her had
        will would more most some many such than where
    """,
    Class.LOREM: "lorem",
    Class.A_OF: "of",
    Class.THEN_OF: "of",
}
MARKER_WORDS: Final = tuple(_WORDS[Class.MARKER].split())


@functools.cache
def _vocabulary() -> Vocabulary:
    classes = {word: 1 << bit for bit, word in enumerate(STOP_WORDS)}
    for bits, words in _WORDS.items():
        for word in words.split():
            classes[word] = classes.get(word, 0) | bits
    return Vocabulary(classes)


def classes_of(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The class bits of words or parts, by their hashes."""
    return _vocabulary().classes(hashes)
