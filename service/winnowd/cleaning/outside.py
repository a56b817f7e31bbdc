"""CLN332, the whole-page step: where all visible text of a page arrived, the run of lines that is the article. Pure.

The text goes on to the doubt of QUA457 even where it succeeds: nothing that was cut out is admitted unseen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from winnowd.cleaning.phrases import RESIDUE
from winnowd.text import RECIPE, VERSE, genre_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.cleaning.page import Page
    from winnowd.text import Tokens

OUTSIDE = "CLN332"
LEAST_WORDS = 80
LEAST_MARKED_LINES, LEAST_MARKED_WORDS, LEAST_LONG_LINE_WORDS, MOST_SHORT_LINES = 0.40, 0.60, 0.50, 0.67
"""The doubts of QUA420 to QUA423, by default: a text within them is prose and is not cut."""

LEAST_AROUND, LEAST_RESIDUE = 3, 2
"""Lines on each side, or lines of residue among those on one: with fewer, nothing is cut."""

AGAINST = -12.0
"""What a line that is no sentence counts: as much against the article as the shortest sentence counts for it. At -3 a
run went on over twenty lines of links to the next forty words of small print."""

_SENTENCE = re.compile(r"[.!?][\"'”’)\]]*$")
_PART = re.compile(r"[.!?:;][\"'”’)\]]*$")


def is_prose(tokens: Tokens) -> bool:
    """Whether a text passes QUA420 to QUA423."""
    shares = tokens.line_shares
    return (
        shares.marked >= LEAST_MARKED_LINES
        and shares.marked_words >= LEAST_MARKED_WORDS
        and shares.long_line_words >= LEAST_LONG_LINE_WORDS
        and shares.short <= MOST_SHORT_LINES
    )


def inside(page: Page, tokens: Tokens, *, may_be_page: bool) -> tuple[Tokens, int]:
    """Cut a text that is no prose down to its best run of lines, if that is prose; else give it as it was.

    ``tokens`` are those of the kept lines; the lines outside the run are taken from the page. If they are the article's
    own, or the text comes from an extractor and so is no whole page, they stay, and their number is given.
    """
    if tokens.count < LEAST_WORDS or is_prose(tokens) or genre_of(tokens.lines, tokens.line_words) in {VERSE, RECIPE}:
        return tokens, 0
    kept = page.kept
    begin, end = best_run([_score(page.lines[index]) for index in kept])
    run = page.made_of(kept[begin:end])
    if end - begin == len(kept) or run.count < LEAST_WORDS or not is_prose(run):
        return tokens, 0
    above, below = kept[:begin], kept[end:]
    if not may_be_page or not _is_around(page, above, below):
        return tokens, len(above) + len(below)
    page.remove([*above, *below], OUTSIDE)
    return run, 0


def _is_around(page: Page, above: Sequence[int], below: Sequence[int]) -> bool:
    """Whether lines that are no sentences are those of a page: they stand on both sides, or among residue.

    Those on one side alone are the article's own: tour dates, teams, addresses.
    """
    if min(len(above), len(below)) >= LEAST_AROUND:
        return True
    first, last = (above or below)[0], (below or above)[-1]
    inner = range(above[-1] + 1 if above else first, below[0] if below else last + 1)
    residue = [index for index, code in page.fate.items() if code in RESIDUE and first <= index <= last]
    return sum(index not in inner for index in residue) >= LEAST_RESIDUE


def _score(line: str) -> float:
    """How much a line speaks for the article: its blank-separated words, as far as it looks like sentences."""
    words = len(line.split())
    if words >= 12 and _SENTENCE.search(line):
        return words
    if words >= 25:
        return 0.7 * words
    return 0.5 * words if words >= 8 and _PART.search(line) else AGAINST


def best_run(scores: Sequence[float]) -> tuple[int, int]:
    """Begin and end of the run with the highest sum; (0, 0) if no score is positive. The first of equals."""
    best, answer, total, begin = 0.0, (0, 0), 0.0, 0
    for index, score in enumerate(scores):
        if total <= 0:
            total, begin = 0.0, index
        total += score
        if total > best:
            best, answer = total, (begin, index + 1)
    return answer
