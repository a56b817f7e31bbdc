"""The sentences of the quality findings: numbers only, never a word of the article. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.model import Grade

if TYPE_CHECKING:
    from winnowd.model import Limit

_SENTENCES = (
    {
        "words": "it has {value} words",
        "mean_word_length": "its words have {value} characters on average",
        "longest_word": "its longest word has {value} characters",
        "hashes": "it has {value} hash signs per word",
        "ellipses": "it has {value} ellipses per word",
        "letter_words": "{value} of its words hold a letter",
        "stop_words": "it has {value} of 8 common English words",
        "capital_words": "{value} of its words are in capitals",
        "symbol_chars": "{value} of its characters are neither letters, digits, blanks nor common marks",
        "digit_chars": "{value} of its characters are digits",
        "blank_chars": "it has {value} blanks per word",
        "bracket_chars": "{value} of its characters are brackets",
        "addresses": "it has {value} web addresses per word",
        "line_marks": "{value} of its lines end in a mark",
        "marked_words": "{value} of its words stand in lines that end in a mark",
        "long_line_words": "{value} of its words stand in lines of 20 or more, or in sentences",
        "short_lines": "{value} of its lines have at most 30 characters",
        "newlines": "it has {value} line ends per word",
        "bullet_lines": "{value} of its lines begin with a bullet",
        "ellipsis_lines": "{value} of its lines end in an ellipsis",
        "repeated_lines": "{value} of its lines are copies of earlier ones",
        "repeated_line_chars": "{value} of its characters stand in copies of earlier lines",
        "repeated_paragraphs": "{value} of its paragraphs are copies of earlier ones",
        "repeated_paragraph_chars": "{value} of its characters stand in copies of earlier paragraphs",
        "removed_share": "{value} of its words were removed as residue",
        "repeated_share": "{value} of its words stood in lines that only said earlier ones again",
        "tags": "it holds {value} HTML tags",
        "placeholder": "it holds placeholder text {value} times",
        "error_lines": "{value} lines are those of an error page",
        "consent_share": "{value} of its words ask for consent to cookies",
        "raw_words": "it came with {value} words and ends by asking to subscribe",
        "cut_off": "its end is missing",
        "outside_lines": "{value} lines around the article were cut away: it came as a whole page",
        "mojibake": "its encoding was damaged and could not be repaired",
        "lost_chars": "it holds {value} replacement characters, each in the place of a lost one",
        "control_chars": "it holds {value} control characters",
        "lookalike_words": "{value} of its words mix Latin letters with others that look the same",
    }
    | {f"top_{size}_gram": f"its commonest run of {size} words makes {{value}} of its characters" for size in (2, 3, 4)}
    | {
        f"repeated_{size}_grams": f"repeated runs of {size} words make {{value}} of its characters"
        for size in range(5, 11)
    }
)
_SHARES = frozenset(measure for measure, sentence in _SENTENCES.items() if sentence.startswith("{value} of its"))
_SHARES |= {"removed_share", "repeated_share", "consent_share", *(name for name in _SENTENCES if "_gram" in name)}
_PLAIN = frozenset({"cut_off", "mojibake", "error_lines", "placeholder"})


def number(measure: str, value: float) -> str:
    """A value as people read it: shares in per cent."""
    return f"{100 * value:.3g} %" if measure in _SHARES else f"{value:.4g}" if value % 1 else f"{value:.0f}"


def because(limit: Limit, value: float, grade: Grade) -> str:
    """Why a value has its grade: the value, and the limit that it is beyond."""
    sentence = _SENTENCES[limit.measure].format(value=number(limit.measure, value))
    bound = limit.fail if grade is Grade.FAIL else limit.doubt
    if bound is None or limit.measure in _PLAIN:
        return sentence
    beyond = "below" if limit.side == "min" else "at or above" if limit.reached else "above"
    return f"{sentence}, {beyond} {number(limit.measure, bound)}"
