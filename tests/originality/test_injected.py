"""Seven hundred near copies among eight hundred articles: all found, nothing else stopped.

``make bench-originality`` asks it of two thousand, and of real articles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.injected import LEAST_J, grams, injected, made_articles, resemblance, scored
from tests.originality.stand import Stand

from winnowd.model import Outcome

if TYPE_CHECKING:
    from tests.bench.injected import Arriving


def twins(stream: list[Arriving]) -> list[int | None]:
    """The twin that the gate names of each arrival, by its place in the stream; None of those it admits."""
    stand, found = Stand(), list[int | None]()
    for one in stream:
        decision, examination = stand.take(one.text)
        nearest = examination.nearest
        stopped = decision.outcome is not Outcome.ADMITTED and nearest is not None
        found.append(nearest.number - 1 if stopped and nearest else None)
        if stand.number % 256 == 0:
            stand.commit()
    return found


def test_injected_copies_are_found_and_nothing_else_is_stopped() -> None:
    """At J >= .8; where the LSH decides, peers lose 1 to 28 %."""
    stream = list(injected(made_articles(800, seed=1), copies=700, seed=2))

    score = scored(stream, twins(stream))

    assert (score.copies, score.recall, score.precision) == (700, 1.0, 1.0)


def test_injected_copies_are_what_they_are_said_to_be() -> None:
    """Each resembles its source by J >= .8 and no other article at all, counted exactly."""
    stream = list(injected(made_articles(40, seed=3), copies=40, seed=4))
    sets = [grams(one.text) for one in stream]

    for place, one in enumerate(stream):
        if one.source is not None:
            assert resemblance(sets[place], sets[one.source]) >= LEAST_J
        others = (sets[other] for other in range(place) if one.source is None and stream[other].source is None)
        assert all(resemblance(sets[place], other) < 0.01 for other in others)
