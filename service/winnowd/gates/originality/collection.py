"""A long text that holds several whole articles of the corpus: DUP613, a note for whoever decides on it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.model import Finding, Grade, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.gates.limits import OriginalityLimits
    from winnowd.originality.cascade import Pair

COLLECTION = "DUP613"
GATE = "originality"
WHOLE = 0.9
"""The share of an article's runs of five words from which on it stands there whole: an edited sentence aside."""
SEVERAL = 3
"""Two are often an article and its own earlier version."""


def collection(pairs: Sequence[Pair], limits: OriginalityLimits) -> Finding | None:
    """The note, if a newcomer holds at least three articles of the corpus whole."""
    held = [
        pair.indexed.id
        for pair in pairs
        if pair.indexed.standing is Standing.ADMITTED
        and len(pair.indexed.fingerprint.shingles) >= limits.least_contained
        and pair.measures.overlap.wrapped >= WHOLE
    ]
    if len(held) < SEVERAL:
        return None
    because = f"it holds {len(held)} articles of the corpus whole: {', '.join(held)}"
    return Finding(COLLECTION, GATE, Grade.PASS, len(held), because=because)
