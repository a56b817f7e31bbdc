"""The one tokenisation of a text: characters by kind, words, lines; cleaning and all gates ask it. Pure."""

from winnowd.text.grams import REPEATED_SIZES, TOP_SIZES, GramCharacters, gram_characters
from winnowd.text.kinds import BLANKS, DIGITS, FAR, LETTERS, TO_SPACES, Kind, kind_of
from winnowd.text.lines import LineShares, has_words, word_count
from winnowd.text.tokens import Spans, Tokens, word_hash
from winnowd.text.vocabulary import Vocabulary

__all__ = [
    "BLANKS",
    "DIGITS",
    "FAR",
    "LETTERS",
    "REPEATED_SIZES",
    "TOP_SIZES",
    "TO_SPACES",
    "GramCharacters",
    "Kind",
    "LineShares",
    "Spans",
    "Tokens",
    "Vocabulary",
    "gram_characters",
    "has_words",
    "kind_of",
    "word_count",
    "word_hash",
]
