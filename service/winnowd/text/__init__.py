"""The one tokenisation of a text: characters by kind, words, lines; cleaning and all gates ask it. Pure."""

from winnowd.text.kinds import DIGITS, FAR, INVISIBLES, LETTERS, TO_SPACES, Kind, kind_of
from winnowd.text.tokens import LINE_MARKS, LineShares, Spans, Tokens, word_count, word_hash
from winnowd.text.vocabulary import Vocabulary

__all__ = [
    "DIGITS",
    "FAR",
    "INVISIBLES",
    "LETTERS",
    "LINE_MARKS",
    "TO_SPACES",
    "Kind",
    "LineShares",
    "Spans",
    "Tokens",
    "Vocabulary",
    "kind_of",
    "word_count",
    "word_hash",
]
