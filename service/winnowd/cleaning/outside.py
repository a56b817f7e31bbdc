"""CLN332, the whole-page step: where all visible text of a page arrived, the run of lines that is the article. Pure.

The text goes on to the doubt of QUA457 even where it succeeds: nothing that was cut out is admitted unseen.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from winnowd.cleaning.phrases import COMMENT_FORM, RESIDUE
from winnowd.text import CLOSERS, FAR_STOPS, RECIPE, VERSE, blank_words, genre_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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

LEAST_SHARE = 0.25
"""What a part between comment heads must score of what the best one scores: a teaser above "12 comments" has less."""

_SENTENCE = re.compile(rf"[.!?{FAR_STOPS}]{CLOSERS}*$")
_PART = re.compile(rf"[.!?:;{FAR_STOPS}：；؛፤]{CLOSERS}*$")


def is_prose(tokens: Tokens) -> bool:
    """Whether a text passes QUA420 to QUA423; where a script marks no end of a sentence, the last two of them."""
    shares = tokens.line_shares
    is_marked = shares.marked >= LEAST_MARKED_LINES and shares.marked_words >= LEAST_MARKED_WORDS
    return (
        (is_marked or tokens.is_stopless)
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
    kept, article = page.kept, _article(page)
    run = page.made_of(article)
    if len(article) == len(kept) or run.count < LEAST_WORDS or not is_prose(run):
        return tokens, 0
    begin = bisect_left(kept, article[0])
    above, below = kept[:begin], kept[begin + len(article) :]
    if not may_be_page or not _is_around(page, above, below):
        return tokens, len(above) + len(below)
    page.remove([*above, *below], OUTSIDE)
    return run, 0


def _article(page: Page) -> Sequence[int]:
    """The lines that may be the article: the best run of a part between comment heads, of the first that has enough.

    Readers' comments are prose, too, and may be longer than what they are on; but they come after it.
    """
    runs: list[tuple[float, Sequence[int]]] = []
    for part in _parts(page):
        scores = [_score(page.lines[index]) for index in part]
        begin, end = best_run(scores)
        runs.append((sum(scores[begin:end]), part[begin:end]))
    least = LEAST_SHARE * max(score for score, _ in runs)
    enough = (run for score, run in runs if score >= least and sum(page.words[index] for index in run) >= LEAST_WORDS)
    return next(enough, ())


def _parts(page: Page) -> Iterator[Sequence[int]]:
    """The kept lines above, between and below the lines of a comment form (CLN321)."""
    part: list[int] = []
    for index in page.full:
        code = page.fate.get(index)
        if code is None:
            part.append(index)
        elif code == COMMENT_FORM:
            yield part
            part = []
    yield part


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
    words = blank_words(line)
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
