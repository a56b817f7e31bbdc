"""Decisions of one configuration under other limits: which grades differ, and which outcomes there may be. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.decision import decide, profile_for
from winnowd.model import Finding, Grade, Outcome
from winnowd.pipeline.regrading.copies import (
    COPIES,
    REPLACING,
    WAITING,
    bounds_of_copies,
    copies_moved_by,
    is_replacing,
    strictest,
)
from winnowd.pipeline.regrading.gates import (
    GENRE,
    LINES,
    TOO_LONG,
    Regrading,
    bounds_of_lines,
    bounds_of_measure,
    bounds_of_the_long,
)
from winnowd.pipeline.regrading.rules import Bounds, Decided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from winnowd.pipeline.regrading.rules import Rules

_TOGETHER: Final = frozenset({*LINES, *COPIES})
_GENRES: Final = "gates.prose.genres."


class Regraded(NamedTuple):
    """What a decision would be: the outcomes that there may be, the mildest first; by code the grade then and now."""

    was: Outcome
    outcomes: tuple[Outcome, ...]
    grades: Mapping[str, tuple[Grade, Bounds]]


class Regrader:
    """Grades what was decided by some rules by others, which know the same codes."""

    def __init__(self, then: Rules, now: Rules, *, every: bool = False) -> None:
        """Take both; ``every``: also what no change touches is graded from its measure, to be held to what was said."""
        moved = {code for code in now.limits if every or then.limits.get(code) != now.limits[code]}
        self._then, self._now = then, now
        self._alone = tuple(moved - _TOGETHER)
        self._genres = any(
            then.settings.get(name) != new for name, new in now.settings.items() if name.startswith(_GENRES)
        )
        self._lines = self._genres or not moved.isdisjoint(LINES)
        self._copies = copies_moved_by(moved)
        self._too_long = TOO_LONG in moved
        self._other_profile = every or then.profile != now.profile
        together = {*(LINES if self._lines else ()), GENRE} | {*self._copies, WAITING}
        self._concerned = frozenset({*self._alone, *together})
        self._strictest = [(code, limit) for code in self._concerned if (limit := strictest(now, code)) is not None]
        self._outcome = {
            (grade, has_article): decide(
                (Finding("", "", grade),), profile_for(now.profile, has_article=has_article)
            ).outcome
            for grade in Grade
            for has_article in (True, False)
        }

    def regrade(self, ours: Mapping[str, Any]) -> Regraded | None:
        """What the decision of an event's ``winnowd`` would be; None if all would be as it was."""
        concerned = self._concerns(ours)
        if not concerned and not self._other_profile:
            return None
        decided = Decided.of(ours)
        found = self._differing(decided) if concerned else {}
        was, outcomes = Outcome(ours["outcome"]), self._outcomes(decided, found)
        if not found and outcomes == (was,):
            return None
        return Regraded(was, outcomes, {code: (decided.grade(code), bounds) for code, bounds in found.items()})

    def _concerns(self, ours: Mapping[str, Any]) -> bool:
        """Whether a grade may differ: told quickly of the many that passed by all that is moved, and still do."""
        measured = ours["measured"]
        if any(one["code"] in self._concerned for one in ours.get("findings", ())):
            return True
        if (self._genres and GENRE in measured) or (self._copies and REPLACING in measured):
            return True
        for code, limit in self._strictest:
            value = measured.get(code)
            if value is not None and not isinstance(value, str) and not limit.passes(value):
                return True
        return False

    def _differing(self, decided: Decided) -> dict[str, Bounds]:
        """The bounds of all grades that may be others."""
        one = Regrading(decided, self._then, self._now)
        found = {code: bounds_of_measure(one, code) for code in self._alone if code in decided.measured}
        if self._lines:
            found |= bounds_of_lines(one)
        if self._copies:
            found |= bounds_of_copies(one, self._copies)
        if self._too_long and bounds_of_the_long(one) is Grade.FAIL:
            found |= dict.fromkeys(COPIES, Bounds(Grade.PASS, Grade.FAIL))
        found = {code: bounds for code, bounds in found.items() if bounds != Bounds.sure(decided.grade(code))}
        return self._with_places(one, found) if found and self._now.keeps_best else found

    def _with_places(self, one: Regrading, found: dict[str, Bounds]) -> dict[str, Bounds]:
        """Where the better version is kept: what stops a copy may pass since it takes a place, or stop it after all."""
        if is_replacing(one.decided):
            return bounds_of_copies(one, COPIES) | found
        stopped = [code for code in one.decided.grades if code.startswith("DUP")]
        return {code: Bounds.of(Grade.PASS, one.decided.grade(code)) for code in stopped} | found

    def _outcomes(self, decided: Decided, found: Mapping[str, Bounds]) -> tuple[Outcome, ...]:
        """All that there may be, since grades may be anything between their bounds."""
        others = max((grade.rank for code, grade in decided.grades.items() if code not in found), default=0)
        least = max((bounds.least.rank for bounds in found.values()), default=0)
        most = max((bounds.most.rank for bounds in found.values()), default=0)
        has_article = "article" in decided.ours
        grades = (grade for grade in Grade if max(others, least) <= grade.rank <= max(others, most))
        return tuple(dict.fromkeys(self._outcome[grade, has_article] for grade in grades))
