"""What an article just decided will be to later ones. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.model import Outcome, Standing

if TYPE_CHECKING:
    from winnowd.model import Decision, Examination

GATE = "originality"
ORDERS = "orders"
"""As the gate of a finding: a person has decided, which is no fault of the article itself."""

_KEPT = {Outcome.ADMITTED: Standing.ADMITTED, Outcome.QUARANTINED: Standing.QUARANTINED}


def standing_after(decision: Decision, examination: Examination) -> tuple[Standing, int | None]:
    """The standing of an article, and the number of its root if it is turned away only as a copy.

    An article has a fault of its own if any other gate has given the grade that rejected it: then no later article is
    ever measured by it. The root of a copy's copy is the root of that copy.
    """
    kept = _KEPT.get(decision.outcome)
    if kept is not None:
        return kept, None
    worst = decision.findings[0].grade
    nearest = examination.nearest
    own = any(finding.gate not in {GATE, ORDERS} for finding in decision.findings if finding.grade is worst)
    if own or nearest is None or not nearest.twin:
        return Standing.REJECTED, None
    return Standing.COPY, nearest.number if nearest.root is None else nearest.root
