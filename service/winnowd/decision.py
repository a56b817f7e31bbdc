"""From findings to a decision: the only place where an outcome is chosen. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from winnowd.model import Decision, Finding, Grade, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

Profile = Literal["strict", "balanced", "lenient"]

_DOUBTED: dict[Profile, Outcome] = {
    "strict": Outcome.REJECTED,
    "balanced": Outcome.QUARANTINED,
    "lenient": Outcome.ADMITTED,
}


def decide(findings: Iterable[Finding], profile: Profile = "balanced") -> Decision:
    """Choose the outcome: one fail rejects; else one doubt does what the profile says; else the article is admitted.

    The findings of the decision are ordered by grade, worst first, then in the order of the route, which is
    that of the codes' numbers; equal ones keep their order.
    """
    ordered = tuple(sorted(findings, key=lambda finding: (-finding.grade.rank, finding.code[3:])))
    worst = ordered[0].grade if ordered else Grade.PASS
    if worst is Grade.FAIL:
        return Decision(Outcome.REJECTED, ordered)
    return Decision(_DOUBTED[profile] if worst is Grade.DOUBT else Outcome.ADMITTED, ordered)
