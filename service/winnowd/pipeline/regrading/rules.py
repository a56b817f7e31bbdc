"""The rules by which decisions were graded, as the log tells them; a decision as its event measured it. Pure."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from winnowd.model import Grade, Limit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from winnowd.decision import Profile

OFF: Final = "off"


class Bounds(NamedTuple):
    """The mildest grade that something may have, and the worst."""

    least: Grade
    most: Grade

    @classmethod
    def of(cls, *grades: Grade) -> Self:
        """The bounds of these grades."""
        ranks = [grade.rank for grade in grades]
        return cls(_BY_RANK[min(ranks)], _BY_RANK[max(ranks)])

    @classmethod
    def sure(cls, grade: Grade) -> Bounds:
        """The bounds of what has this grade for sure."""
        return _SURE[grade]

    @property
    def is_sure(self) -> bool:
        """Whether there is but one grade that it may be."""
        return self.least is self.most


_BY_RANK: Final = sorted(Grade, key=lambda grade: grade.rank)
_SURE: Final = {grade: Bounds(grade, grade) for grade in Grade}


class LimitsOutOfOrderError(Exception):
    """A change would make a limit whose fail does not lie beyond its doubt; ``limit`` is what it would be."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit.code)
        self.limit = limit


@dataclasses.dataclass(frozen=True)
class Rules:
    """The limits of one configuration by code (TXT501 has two), and its other settings by their full names.

    The ``measure`` of a limit is its setting, without ``.doubt`` or ``.fail``.
    """

    limits: Mapping[str, tuple[Limit, ...]]
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, limits: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]) -> Self:
        """The rules of limits as events tell them (``event.in_force``), and of settings as a file would have them."""
        return cls({code: tuple(_limits(code, block)) for code, block in limits.items()}, settings)

    def changed(self, changes: Mapping[str, Any]) -> Rules:
        """The same with some settings changed, by their full names; a limit is a number, or None for "off".

        Raises:
            LimitsOutOfOrderError: the fail of a limit would not lie beyond its doubt.
        """
        limits = {code: tuple(_moved(limit, changes) for limit in group) for code, group in self.limits.items()}
        return Rules(limits, {**self.settings, **{name: OFF if new is None else new for name, new in changes.items()}})

    @property
    def profile(self) -> Profile:
        """What a doubt does."""
        profile: Profile = self.settings.get("profile", "balanced")
        return profile

    @functools.cached_property
    def corroborated(self) -> float:
        """The least R of which other measures may tell a re-ordering."""
        return float(self.settings.get("gates.originality.corroborated", 0.0))

    @property
    def keeps_best(self) -> bool:
        """Whether a better version takes its twin's place."""
        return bool(self.settings.get("gates.originality.keep") == "best")

    def genre(self, name: str) -> Grade:
        """What becomes of a text of this genre."""
        return Grade(self.settings.get(f"gates.prose.genres.{name}", Grade.DOUBT))

    def one(self, code: str) -> Limit | None:
        """The first limit of a code, None if it has none."""
        return self._first.get(code)

    @functools.cached_property
    def _first(self) -> Mapping[str, Limit]:
        return {code: group[0] for code, group in self.limits.items()}


def _limits(code: str, block: Mapping[str, Any]) -> list[Limit]:
    return [
        Limit(code, one["setting"], one["side"], one.get("doubt"), one.get("fail"), one.get("reached", False))
        for one in (block, *block.get("also", ()))
    ]


def _moved(limit: Limit, changes: Mapping[str, Any]) -> Limit:
    ends = {end: changes[name] for end in ("doubt", "fail") if (name := f"{limit.measure}.{end}") in changes}
    if not ends:
        return limit
    moved = dataclasses.replace(limit, **ends)
    if moved.doubt is not None and moved.fail is not None:
        lies_beyond = moved.fail < moved.doubt if moved.side == "min" else moved.fail > moved.doubt
        if not lies_beyond:
            raise LimitsOutOfOrderError(moved)
    return moved


class Decided(NamedTuple):
    """A decision as its event tells it: by code what was measured, how it was graded, and the limits of what stopped.

    ``ours`` is the event's ``winnowd``; ``grades`` have doubts and fails alone; ``limits`` are those of the findings.
    """

    ours: Mapping[str, Any]
    measured: Mapping[str, Any]
    grades: Mapping[str, Grade]
    limits: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, ours: Mapping[str, Any]) -> Self:
        """Of the ``winnowd`` of an event; of several findings by one code the first, which is the worst."""
        findings = ours.get("findings", ())
        grades = {one["code"]: Grade(one["grade"]) for one in reversed(findings)}
        return cls(ours, ours.get("measured", {}), grades, {one["code"]: one.get("limit", {}) for one in findings})

    def grade(self, code: str) -> Grade:
        """The grade that it had by a code."""
        return self.grades.get(code, Grade.PASS)

    def value(self, code: str) -> float | None:
        """The number measured; None if there is none."""
        value = self.measured.get(code)
        return value if isinstance(value, int | float) else None

    @property
    def language(self) -> str:
        """The language that its text was found to be in, "" if that was unsure."""
        return str(self.ours.get("article", {}).get("language") or "")

    @property
    def words(self) -> int:
        """The words of its text."""
        return int(self.ours.get("article", {}).get("words", 0))
