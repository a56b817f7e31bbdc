"""The one tokenisation of a text: characters by kind, words, lines; cleaning and all gates ask it. Pure."""

from winnowd.text.genres import RECIPE, RESULTS, VERSE, genre_of
from winnowd.text.grams import REPEATED_SIZES, TOP_SIZES, GramCharacters, gram_characters
from winnowd.text.kinds import BLANKS, DIGITS, FAR, LETTERS, TO_SPACES, Kind, is_open_end, kind_of
from winnowd.text.lines import FEW_LINES, LineShares, sentences_in
from winnowd.text.stops import CLOSERS, ENDS, FAR_COMMAS, FAR_STOPS
from winnowd.text.tokens import Spans, Tokens, blank_words, has_words, word_count, word_hash
from winnowd.text.vocabulary import Vocabulary

__all__ = [
    "BLANKS",
    "CLOSERS",
    "DIGITS",
    "ENDS",
    "FAR",
    "FAR_COMMAS",
    "FAR_STOPS",
    "FEW_LINES",
    "LETTERS",
    "RECIPE",
    "REPEATED_SIZES",
    "RESULTS",
    "TOP_SIZES",
    "TO_SPACES",
    "VERSE",
    "GramCharacters",
    "Kind",
    "LineShares",
    "Spans",
    "Tokens",
    "Vocabulary",
    "blank_words",
    "genre_of",
    "gram_characters",
    "has_words",
    "is_open_end",
    "kind_of",
    "sentences_in",
    "word_count",
    "word_hash",
]
