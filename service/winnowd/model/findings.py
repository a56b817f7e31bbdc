"""What rules say: grades, limits, findings, notes; and what follows from them: outcomes, standings. Pure."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Grade(StrEnum):
    """What one finding says of an article; ordered by ``rank``."""

    PASS = "pass"  # noqa: S105 - a grade, not a password
    DOUBT = "doubt"
    FAIL = "fail"

    def __init__(self, _word: str) -> None:
        """Its ``rank``, 0 for pass, 1 for doubt, 2 for fail: kept, since an article's findings are sorted by it."""
        self.rank = len(type(self).__members__)


class Outcome(StrEnum):
    """The all-in answer for one record."""

    ADMITTED = "admitted"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"


class Standing(StrEnum):
    """What a known article is to a newcomer that resembles it (docs/design/originality.md, "Standing")."""

    ADMITTED = "admitted"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"  # for a fault of its own
    COPY = "copy"  # rejected or superseded only as a copy; ``IndexedArticle.root`` names of what
    RETRACTED = "retracted"
    ERASED = "erased"


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """Where a measure begins to be doubted and where it fails; ``None`` switches that limit off, zero is a number.

    ``code`` is the rule's code, ``measure`` the setting's name under its gate, ``side`` tells which way is worse.
    A measure must lie strictly beyond a limit unless ``reached`` counts too. ``fail`` lies beyond ``doubt``.
    """

    code: str
    measure: str
    side: Literal["min", "max"]
    doubt: float | None = None
    fail: float | None = None
    reached: bool = False

    def grade(self, value: float) -> Grade:
        """Grade one measured value."""
        if self.passes(value):
            return Grade.PASS
        return Grade.FAIL if self.fail is not None and self._beyond(value, self.fail) else Grade.DOUBT

    def passes(self, value: float) -> bool:
        """Whether one measured value is neither doubted nor failed."""
        nearest = self.fail if self.doubt is None else self.doubt
        return nearest is None or not self._beyond(value, nearest)

    def _beyond(self, value: float, limit: float) -> bool:
        if value == limit:
            return self.reached
        return value < limit if self.side == "min" else value > limit


_NONE: Mapping[str, Any] = {}


class Finding(NamedTuple):
    """One rule's statement about one record; made when it passes, too: sixty an article, so they must be cheap.

    ``because`` never quotes the article (it enters the audit log); ``evidence`` may (it goes to the evidence only)
    and must be made of JSON values.
    """

    code: str
    gate: str
    grade: Grade
    measured: float | str | None = None
    limit: Limit | None = None
    because: str = ""
    evidence: Mapping[str, Any] = _NONE


@dataclasses.dataclass(frozen=True, slots=True)
class Note:
    """One thing that reading or cleaning did.

    The rule's code, the line (from 1; 0 = the whole text), how often, the text that was taken, whole; and of what was
    only seen, each ``kind`` and how often.
    """

    code: str
    line: int
    count: int
    text: str
    kinds: tuple[tuple[str, int], ...] = ()
