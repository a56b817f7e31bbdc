"""How a measured value is graded, and what a finding of it says."""

from __future__ import annotations

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from winnowd.gates.measures.grading import graded
from winnowd.model import Finding, Grade, Limit

ENDS = st.none() | st.integers(-3, 3)


@given(side=st.sampled_from(["min", "max"]), doubt=ENDS, fail=ENDS, reached=st.booleans(), value=st.integers(-4, 4))
def test_a_value_has_the_grade_of_the_farthest_limit_that_it_is_beyond(
    *, side: Literal["min", "max"], doubt: int | None, fail: int | None, reached: bool, value: int
) -> None:
    """Either limit may be off; the limit itself counts only if it does when reached."""
    if doubt is not None and fail is not None and (fail >= doubt if side == "min" else fail <= doubt):
        return  # fail lies beyond doubt: settings take no other

    def beyond(limit: int | None) -> bool:
        if limit is None:
            return False
        return (value == limit and reached) or (value < limit if side == "min" else value > limit)

    expected = Grade.FAIL if beyond(fail) else Grade.DOUBT if beyond(doubt) else Grade.PASS

    assert Limit("QUA401", "words", side, doubt, fail, reached).grade(value) is expected


@given(st.integers(0, 3))
def test_each_measured_value_gives_one_finding_with_its_limit(value: int) -> None:
    """One that passes says nothing more; a doubt and a fail say why, and only they ask for evidence."""
    limit = Limit("QUA456", "cut_off", "max", 0, 2)

    (found,) = graded("clutter", [(limit, value)], lambda code: {"of": code})

    if value == 0:
        assert found == Finding("QUA456", "clutter", Grade.PASS, 0, limit)
    else:
        grade = Grade.FAIL if value > 2 else Grade.DOUBT
        assert found == Finding("QUA456", "clutter", grade, value, limit, found.because, {"of": "QUA456"})
        assert found.because


@given(st.floats(0.01, 0.99))
def test_a_passing_finding_is_what_its_class_makes(value: float) -> None:
    """It is made in a shorter way, which must not leave out a field."""
    limit = Limit("QUA408", "letter_words", "min", 0.0, None)

    assert graded("characters", [(limit, value)]) == (Finding("QUA408", "characters", Grade.PASS, value, limit),)
