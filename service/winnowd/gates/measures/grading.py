"""How a measured value becomes a finding: its grade, and the sentence that says why. Pure."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from winnowd.gates.measures.wording import because
from winnowd.model import Finding, Grade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from winnowd.model import Limit

Measured = tuple["Limit", float]
_made = functools.partial(tuple.__new__, Finding)  # a third of what the class takes with its defaults
_NO_EVIDENCE = Finding._field_defaults["evidence"]
_passed_at_zero: dict[str, Finding] = {}
"""By measure the finding that its limit makes of 0, where 0 passes: half of all findings of an article are such."""


def _no_evidence(_code: str) -> Mapping[str, Any]:
    return {}


def graded(
    gate: str, measured: Iterable[Measured], evidence: Callable[[str], Mapping[str, Any]] = _no_evidence
) -> tuple[Finding, ...]:
    """One finding for each measured value; ``evidence`` is asked by code, for doubts and fails only."""
    findings = []
    for limit, value in measured:
        finding = None if value else _passed_at_zero.get(limit.measure)
        if finding is not None and finding.limit is limit:
            findings.append(finding)
        elif limit.passes(value):
            finding = _made((limit.code, gate, Grade.PASS, value or 0, limit, "", _NO_EVIDENCE))
            if not value:
                _passed_at_zero[limit.measure] = finding
            findings.append(finding)
        else:
            grade = limit.grade(value)
            reason = because(limit, value, grade)
            findings.append(Finding(limit.code, gate, grade, value, limit, reason, evidence(limit.code)))
    return tuple(findings)


def skipped(gate: str, limit: Limit, reason: str) -> Finding:
    """The passing finding of a rule that this article was not asked."""
    return Finding(limit.code, gate, Grade.PASS, None, limit, f"not asked: {reason}")
