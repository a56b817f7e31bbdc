"""What the lines of a text look like. Pure."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, NamedTuple

from winnowd.text.stops import CLOSERS, COLONS, ENDS, ENDS_SENTENCE, FAR_STOPS, LINE_MARKS, WIDE_STOPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class LineShares(NamedTuple):
    """Of the lines of a text that are not empty: how many look like prose (QUA420 to QUA423); of words, where said.

    ``marked`` end in a mark, ``marked_words`` stand in these: of the sentences, in a text of fewer than 5 lines.
    ``long_line_words`` stand in lines of 20 words or more, or in shorter ones that are whole sentences; ``short`` have
    at most 30 characters. A list that a line with a colon announces is left out. Without words or lines: 0, 0, 0, 1.
    """

    marked: float
    marked_words: float
    long_line_words: float
    short: float


LONG_LINE_WORDS = 20
SENTENCE_WORDS = 5
SHORT_LINE_CHARACTERS = 30
FEW_LINES = 5
"""Lines below which their shares tell nothing: sentences are measured instead."""
LISTED_LINES, LISTED_WORDS, WORDS_BESIDE = 3, 15, 60
_GAP = re.compile(rf"([.!?…]{CLOSERS}?) +")  # to look back for the mark at each blank takes five times as long
_FAR_GAP = re.compile(rf"({ENDS}{CLOSERS}?) +|([{WIDE_STOPS}]{CLOSERS}{{0,2}}) *")
_FAR_STOP = re.compile(f"[{FAR_STOPS}]")


def line_shares(lines: Sequence[str], line_words: Sequence[int], word_count: Callable[[str], int]) -> LineShares:
    """The shares of lines, each with the number of its words; ``word_count``: that of a piece of one."""
    rows = [(line, words) for line, words in zip(lines, line_words, strict=True) if line]
    total = sum(line_words)
    if not total:
        return LineShares(0.0, 0.0, 0.0, 1.0)
    rows = _without_lists(rows, total)
    words = sum([count for _, count in rows])
    long_line_words = sum([count for line, count in rows if count >= LONG_LINE_WORDS or _is_sentence(line, count)])
    short = sum([len(line) <= SHORT_LINE_CHARACTERS for line, _ in rows])
    marked, marked_words = _marked(rows, word_count)
    return LineShares(marked, marked_words, long_line_words / words, short / len(rows))


def _marked(rows: Sequence[tuple[str, int]], word_count: Callable[[str], int]) -> tuple[float, float]:
    """The shares of lines, or of the sentences of few lines, that end in a mark: by number and by words.

    No word spans two sentences: only those of the few sentences without a mark are counted, the others are the rest.
    """
    words = sum([count for _, count in rows])
    if len(rows) < FEW_LINES:
        pieces = [sentence for line, _ in rows for sentence in sentences_in(line)]
        unmarked = [word_count(sentence) for sentence in pieces if sentence[-1] not in LINE_MARKS]
    else:
        pieces = [line for line, _ in rows]
        unmarked = [count for line, count in rows if line[-1] not in LINE_MARKS]
    return (len(pieces) - len(unmarked)) / len(pieces), max(0, words - sum(unmarked)) / words


def sentences_in(line: str) -> list[str]:
    """What stands between marks at which sentences end; the last piece may have none."""
    if line.isascii() or _FAR_STOP.search(line) is None:
        pieces = _GAP.split(line)
        return [sentence for sentence in map(operator.add, pieces[0::2], (*pieces[1::2], "")) if sentence]
    pieces, begin = [], 0
    for gap in _FAR_GAP.finditer(line):
        pieces.append(line[begin : gap.end(gap.lastindex or 0)])
        begin = gap.end()
    return [*pieces, line[begin:]] if begin < len(line) else pieces


def _is_sentence(line: str, words: int) -> bool:
    return words >= SENTENCE_WORDS and not line[0].islower() and ENDS_SENTENCE.search(line[-3:]) is not None


def _without_lists(rows: list[tuple[str, int]], total: int) -> list[tuple[str, int]]:
    """The lines without those of lists that a line with a colon announces, if more words are left than these have."""
    if not any(line[-1] in COLONS for line, _ in rows):
        return rows
    listed: set[int] = set()
    begin = 0
    for index, (line, words) in enumerate((*rows, ("", 0))):
        if line and words <= LISTED_WORDS and line[-1] not in COLONS and not ENDS_SENTENCE.search(line[-3:]):
            continue
        if begin and index - begin >= LISTED_LINES:
            listed.update(range(begin, index))
        begin = index + 1 if line and line[-1] in COLONS else 0
    inside = sum([rows[index][1] for index in listed])
    if not listed or total - inside < max(WORDS_BESIDE, inside):
        return rows
    return [row for index, row in enumerate(rows) if index not in listed]
