"""Whatever a level does, people are told once for each time that it reaches its limit."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from winnowd.daemon.crossings import EASE, crossed

LEVELS = st.lists(st.integers(0, 20).map(float))


def told(levels: list[float], limit: float, raised: float | None = None) -> list[int]:
    """The positions at which people are told."""
    positions = []
    for position, level in enumerate(levels):
        raised, is_new = crossed(raised, level, limit)
        if is_new:
            positions.append(position)
    return positions


@given(LEVELS, st.integers(1, 10).map(float))
def test_each_is_told_at_the_limit_and_after_a_fall_well_below_it(levels: list[float], limit: float) -> None:
    """No notice without a level at the limit; between two notices it was below four fifths of that."""
    positions = told(levels, limit)

    assert all(levels[position] >= limit for position in positions)
    for one, following in itertools.pairwise(positions):
        assert min(levels[one:following]) < EASE * limit


@given(LEVELS, st.integers(1, 10).map(float))
def test_none_is_missed(levels: list[float], limit: float) -> None:
    """Whoever was told of every rise from well below the limit would be told as often."""
    expected, is_low = [], True
    for position, level in enumerate(levels):
        if level >= limit and is_low:
            expected.append(position)
            is_low = False
        is_low = is_low or level < EASE * limit

    assert told(levels, limit) == expected


@given(LEVELS, LEVELS, st.integers(1, 10).map(float))
def test_a_restart_in_between_changes_nothing(before: list[float], after: list[float], limit: float) -> None:
    """What is remembered is all that counts."""
    raised: float | None = None
    for level in before:
        raised, _ = crossed(raised, level, limit)

    late = [len(before) + position for position in told(after, limit, raised)]

    assert told(before, limit) + late == told([*before, *after], limit)


@given(st.integers(1, 10).map(float), st.integers(1, 10).map(float), st.integers(0, 20).map(float))
def test_another_limit_is_another_crossing(old: float, new: float, level: float) -> None:
    """Under a new limit what has reached it is told, whatever was told under the old one; what has not, will be."""
    raised, is_new = crossed(old, level, new)

    if old != new:
        assert is_new == (level >= new)
        assert raised == (new if level >= new else None)
    assert crossed(old, level, None) == (None, False)
