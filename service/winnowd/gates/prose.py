"""Gate prose: whether the lines are those of running text, and if not, of what genre (QUA420 to 426, 462). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.gates.measures.grading import graded, skipped
from winnowd.model import Finding, Grade
from winnowd.text import FEW_LINES, RECIPE, RESULTS, VERSE, Kind, genre_of, sentences_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.gates.limits import ProseLimits
    from winnowd.gates.measures.subject import Subject
    from winnowd.text import Tokens

GATE, GENRE = "prose", "QUA462"
_BULLETS = ("•", "·", "-", "*", "–")
_ELLIPSES = ("...", "…")
FEW_TEASERS = 2
"""Lines below which there is no list of teasers outside English: in Vietnamese three full stops say "and so on"."""
_CALLED = {VERSE: "verse", RECIPE: "a recipe", RESULTS: "a list of results"}


class Prose:
    """Tells menus, link lists, line-ups and teasers from articles by their lines; and verse from all of these."""

    def __init__(self, limits: ProseLimits, others: frozenset[str] = frozenset()) -> None:
        """Take the limits, and the languages that are not judged as English is."""
        self._limits = limits
        self._others = others
        self._grades = {VERSE: limits.genres.verse, RECIPE: limits.genres.recipe, RESULTS: limits.genres.results}

    def examine(self, subject: Subject) -> tuple[Finding, ...]:
        """Grade the shares of lines; a text without lines has none that is marked, and all that are short.

        Of verse and recipes, which have other lines, nothing is asked but what becomes of their genre; and prose with
        a list of its own is doubted at most by the shares of its lines.
        """
        limits, tokens = self._limits, subject.tokens
        shares = tokens.line_shares
        measured = (
            (limits.line_marks, shares.marked),
            (limits.marked_words, shares.marked_words),
            (limits.long_line_words, shares.long_line_words),
            (limits.short_lines, shares.short),
            (limits.newlines, tokens.census[Kind.LF] / (tokens.count or 1)),
            (limits.bullet_lines, bulleted(tokens)),
            (limits.ellipsis_lines, teasers(tokens, FEW_TEASERS if subject.language in self._others else 1)),
        )
        findings = graded(GATE, measured)
        if tokens.is_stopless:
            unasked = (skipped(GATE, limit, "its script marks no end of a sentence") for limit, _ in measured[:2])
            findings = (*unasked, *findings[2:])
        if all(finding.grade is Grade.PASS for finding in findings):
            return (*findings, Finding(GENRE, GATE, Grade.PASS, "prose"))
        genre = genre_of(tokens.lines, tokens.line_words)
        if genre in {VERSE, RECIPE}:
            findings = tuple(skipped(GATE, limit, f"its genre is {genre}") for limit, _ in measured)
        elif subject.measures["own_lines"]:
            findings = (*map(_doubted, findings[:4]), *findings[4:])
        return (*findings, self._genre(genre))

    def _genre(self, genre: str) -> Finding:
        if not genre:
            return Finding(GENRE, GATE, Grade.PASS, "", because="its genre is not known")
        grade = self._grades[genre]
        return Finding(GENRE, GATE, grade, genre, because=f"it is no prose: its lines are those of {_CALLED[genre]}")


def _doubted(finding: Finding) -> Finding:
    """A fail as a doubt."""
    if finding.grade is not Grade.FAIL:
        return finding
    because = f"{finding.because}, yet its prose stands in one run"
    return finding._replace(grade=Grade.DOUBT, because=because)


def bulleted(tokens: Tokens) -> float:
    """The share of lines that begin with a bullet, or of the words in these if that is less: steps amid paragraphs."""
    rows = [
        (line.startswith(_BULLETS), words) for line, words in zip(tokens.lines, tokens.line_words, strict=True) if line
    ]
    lines, words = [is_bullet for is_bullet, _ in rows], [words for is_bullet, words in rows if is_bullet]
    return min(sum(lines) / (len(lines) or 1), sum(words) / (tokens.count or 1))


def teasers(tokens: Tokens, least: int = 1) -> float:
    """The share of lines that end in an ellipsis, of which there are at least so many, else 0.

    Of fewer than 5 lines that of the sentences, if it is less.
    """
    lines = [line for line in tokens.lines if line]
    share = _ending_in_ellipses(lines)
    if share * len(lines) < least:
        return 0.0
    if len(lines) < FEW_LINES:
        share = min(share, _ending_in_ellipses([sentence for line in lines for sentence in sentences_in(line)]))
    return share


def _ending_in_ellipses(lines: Sequence[str]) -> float:
    return sum([line.endswith(_ELLIPSES) for line in lines]) / (len(lines) or 1)
