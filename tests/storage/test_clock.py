"""Names made by the clock: they sort as they were made, and say when."""

from __future__ import annotations

import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnowd.storage.clock import SystemClock

NANOSECONDS = st.integers(0, 4_000_000_000 * 10**9)


@given(NANOSECONDS, st.integers(245, 10**12))
def test_names_sort_as_they_were_made_even_within_a_millisecond(at: int, later: int) -> None:
    """Orders that are given together are carried out in the order of their names."""
    names = [made_at(moment) for moment in (at, at + later)]

    assert names == sorted(names)
    assert names[0] != names[1]


@given(NANOSECONDS)
def test_a_name_is_a_uuid7_of_its_millisecond(at: int) -> None:
    """As RFC 9562 lays it out, whoever reads it."""
    name = uuid.UUID(made_at(at))

    assert (name.version, name.variant) == (7, uuid.RFC_4122)
    assert name.int >> 80 == at // 1_000_000


def made_at(nanoseconds: int) -> str:
    """A name made at this time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: nanoseconds)
        return SystemClock().uuid7()
