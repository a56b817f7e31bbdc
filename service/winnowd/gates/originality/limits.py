"""The limits of originality, their defaults and sources (docs/design/originality.md, "Codes and limits"). Pure."""

from __future__ import annotations

import dataclasses
from typing import Literal

from winnowd.model import Limit

RESEMBLANCE = Limit("DUP603", "resemblance", "max", 0.30, 0.50, reached=True)
EXCERPT = Limit("DUP604", "excerpt", "max", 0.40, 0.70, reached=True)
WRAPPED = Limit("DUP605", "wrapped", "max", 0.40, 0.70, reached=True)
REWRITE = Limit("DUP606", "rewrite", "max", 1.00, 1.30, reached=True)
REORDERED = Limit("DUP607", "reordered", "max", 0.48, 0.60, reached=True)


@dataclasses.dataclass(frozen=True, slots=True)
class OriginalityLimits:
    """Where a resemblance begins to be doubted and where it fails, and what moderates it.

    Distinct articles on one event were measured to reach at most .20 (resemblance), .34 (excerpt, wrapped), .98
    (rewrite), .46 (reordered: R, the order close by); the limits stand above these. ``corroborated``: of articles with
    at least this in reordered it is asked whether they are a rewrite (so it takes both to tell one), and reordered is
    doubted from here on if all numbers agree, and there are at least ``numbers_agree`` (with 3 a distinct pair of court
    reports was doubted, with 5 none). ``related``: rewrite values from here on are noted as follow-ups.
    ``few_sentences``, ``extended``, ``numbers_differ``, ``numbers_share``, ``follow_up_days``: caps
    (docs/design/originality.md, "What moderates a grade"). ``languages``: those asked for rewriting; ``doubt_only``:
    those of them that may only doubt. ``keep``: the first article of a pair, or the better one, by ``sources`` (hosts
    or publishers, best first) among other things.
    """

    resemblance: Limit = RESEMBLANCE
    excerpt: Limit = EXCERPT
    wrapped: Limit = WRAPPED
    rewrite: Limit = REWRITE
    reordered: Limit = REORDERED
    related: float = 0.60
    corroborated: float = 0.40
    least_shingles: int = 30
    least_contained: int = 60
    few_sentences: int = 4
    extended: float = 2.5
    numbers_differ: int = 3
    numbers_share: float = 0.5
    numbers_agree: int = 5
    follow_up_days: int = 3
    challenge_days: int = 1
    keep: Literal["first", "best"] = "first"
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    doubt_only: tuple[str, ...] = ()

    @property
    def by_measure(self) -> tuple[Limit, ...]:
        """The limits of DUP603 to DUP607, in this order."""
        return (self.resemblance, self.excerpt, self.wrapped, self.rewrite, self.reordered)
