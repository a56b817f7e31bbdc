"""The table of every measure: whole at any width, worst first."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.views.golden import inputs

from winnowd.views.lines import line_cells, plain
from winnowd.views.measured import figure, measure_table

RECORDS = inputs()["records"]
RULES = inputs()["rules"]


@settings(deadline=None)
@given(record=st.sampled_from(RECORDS), width=st.integers(60, 118))
def test_no_line_is_wider_than_it_may_be_and_no_measure_is_missing(record: dict[str, Any], width: int) -> None:
    """Bars go first when there is no room, then lines are broken; every rule that was asked has its line."""
    lines = list(measure_table(record["event"], RULES, width))

    text = plain(lines)
    assert max(map(line_cells, lines)) <= width
    assert all(f"{code} " in text for code in record["event"]["winnowd"]["measured"])


def test_a_rule_that_was_not_asked_says_so_below_its_name() -> None:
    """It stands among the measures, with its limits, and without a figure."""
    event = RECORDS[0]["event"]
    ours = {**event["winnowd"], "unmeasured": {"QUA409": "not asked: its language is 'de'"}}
    ours["measured"] = {code: value for code, value in ours["measured"].items() if code != "QUA409"}

    lines = plain(measure_table({**event, "winnowd": ours}, RULES, 100)).splitlines()

    (at,) = (number for number, line in enumerate(lines) if " QUA409 " in line)
    assert lines[at + 1].strip() == "not asked: its language is 'de'"


def test_doubts_and_fails_stand_first() -> None:
    """Grade by grade, then in the order of the route."""
    grades = [line.split()[2] for line in plain(measure_table(RECORDS[1]["event"], RULES, 118)).splitlines()[1:]]

    assert grades[0] == "fail"
    assert grades == sorted(grades, key=["fail", "doubt", "pass"].index)


def test_values_are_short_and_exact() -> None:
    """Four decimals at most, thousands apart, words as they are."""
    assert [figure(value) for value in (1_234, 0.25, 1.23456, 3.0, "en")] == ["1,234", "0.25", "1.2346", "3", "en"]
