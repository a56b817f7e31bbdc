"""From findings to a decision: the only place where an outcome is chosen. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from winnowd.model import Decision, Finding, Grade, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

Profile = Literal["strict", "balanced", "lenient"]

_DOUBTED: dict[Profile, Outcome] = {
    "strict": Outcome.REJECTED,
    "balanced": Outcome.QUARANTINED,
    "lenient": Outcome.ADMITTED,
}

_FIRST: Final = {"ORD": 0, "DUP": 1}


def decide(findings: Iterable[Finding], profile: Profile = "balanced") -> Decision:
    """Choose the outcome: one fail rejects; else one doubt does what the profile says; else the article is admitted.

    The findings of the decision are ordered by grade, worst first. Of those that stop it what a person has decided
    comes first, then what makes it a copy, then the others in the order of the route, which is that of the codes'
    numbers; equal ones keep their order. The first is its headline: the code of event, message, why-files and sums.
    """
    stopping: list[Finding] = []
    passing: list[Finding] = []
    for one in findings:
        (stopping if one.grade.rank else passing).append(one)
    ordered = (*sorted(stopping, key=_weight), *sorted(passing, key=_number))
    worst = ordered[0].grade if ordered else Grade.PASS
    if worst is Grade.FAIL:
        return Decision(Outcome.REJECTED, ordered)
    return Decision(_DOUBTED[profile] if worst is Grade.DOUBT else Outcome.ADMITTED, ordered)


def profile_for(profile: Profile, *, has_article: bool) -> Profile:
    """What a doubt does; one about what gave no article lets nothing in, since there is nothing to let in."""
    return "balanced" if not has_article and profile == "lenient" else profile


def _weight(finding: Finding) -> tuple[int, int, str]:
    return -finding.grade.rank, _FIRST.get(finding.code[:3], len(_FIRST)), _number(finding)


def _number(finding: Finding) -> str:
    return finding.code[3:]
