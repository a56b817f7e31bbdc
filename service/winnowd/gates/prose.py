"""Gate prose: whether the lines are those of running text (QUA420 to QUA426). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from winnowd.gates.measures.grading import graded
from winnowd.model import Limit
from winnowd.text import Kind

if TYPE_CHECKING:
    from winnowd.gates.measures.subject import Subject
    from winnowd.model import Finding

GATE = "prose"
_BULLETS = ("•", "·", "-", "*", "–")
_ELLIPSES = ("...", "…")


@dataclass(frozen=True, slots=True)
class ProseLimits:
    """FineWeb's limits for lines (420, 423, 424), Gopher's (425, 426), and our own by words (421, 422).

    C4's rule to drop lines without a mark would drop 14 to 19 % of news, mC4's three lines of 200 characters fail 35 %.
    """

    line_marks: Limit = Limit("QUA420", "line_marks", "min", 0.40, 0.12)
    marked_words: Limit = Limit("QUA421", "marked_words", "min", 0.60, 0.40)
    long_line_words: Limit = Limit("QUA422", "long_line_words", "min", 0.50, 0.40)
    short_lines: Limit = Limit("QUA423", "short_lines", "max", 0.67, 0.85)
    newlines: Limit = Limit("QUA424", "newlines", "max", 0.20, 0.30)
    bullet_lines: Limit = Limit("QUA425", "bullet_lines", "max", 0.60, 0.90)
    ellipsis_lines: Limit = Limit("QUA426", "ellipsis_lines", "max", 0.15, 0.30)


class Prose:
    """Tells menus, link lists, line-ups and teasers from articles by their lines."""

    def __init__(self, limits: ProseLimits) -> None:
        self._limits = limits

    def examine(self, subject: Subject) -> tuple[Finding, ...]:
        """Grade the shares of lines; a text without lines has none that is marked, and all that are short."""
        limits, tokens = self._limits, subject.tokens
        shares = tokens.line_shares
        full = [line for line in tokens.lines if line]
        lines, words = len(full) or 1, tokens.count or 1
        bullets = sum([line.startswith(_BULLETS) for line in full])
        teasers = sum([line.endswith(_ELLIPSES) for line in full])
        measured = (
            (limits.line_marks, shares.marked),
            (limits.marked_words, shares.marked_words),
            (limits.long_line_words, shares.long_line_words),
            (limits.short_lines, shares.short),
            (limits.newlines, tokens.census[Kind.LF] / words),
            (limits.bullet_lines, bullets / lines),
            (limits.ellipsis_lines, teasers / lines),
        )
        return graded(GATE, measured)
