"""What decisions would be, laid out: ranges where it is not sure, nothing from outside that writes on the terminal."""

from __future__ import annotations

from winnowd.views.lines import plain
from winnowd.views.replayed import code_lines, difference_lines, outcome_lines, people_said

UNSURE = ("admitted", "quarantined")


def test_what_is_not_sure_is_a_range() -> None:
    """From what it is for sure to what it may be at most; all decisions are in each column."""
    shown = plain(
        outcome_lines({("rejected", ("rejected",)): 7, ("rejected", UNSURE): 2, ("admitted", ("rejected",)): 1})
    )

    assert [line.split() for line in shown.splitlines()[2:]] == [
        ["admitted", "1", "0", "to", "2"],
        ["quarantined", "0", "0", "to", "2"],
        ["rejected", "9", "8"],
    ]


def test_grades_between_the_bounds_may_be() -> None:
    """A code that may pass or fail may doubt, too."""
    shown = plain(
        code_lines({"DUP606": {("fail", "pass", "fail"): 3, ("doubt", "doubt", "doubt"): 1}}, {"DUP606": "rewrite"})
    )

    assert [line.split()[2:] for line in shown.splitlines()[2:]] == [
        ["doubt", "1", "1", "to", "4"],
        ["fail", "3", "0", "to", "3"],
    ]


def test_people_s_outcomes_are_sentences() -> None:
    """Of what they released, confirmed and took out; nothing is said of an order that nobody gave."""
    people: dict[str, dict[tuple[str, tuple[str, ...]], int]] = {
        "release": {("quarantined", ("admitted",)): 37, ("quarantined", UNSURE): 3, ("rejected", ("rejected",)): 1},
        "retract": {("admitted", ("rejected", "quarantined")): 2},
        "erase": {("admitted", ("admitted",)): 1},
    }

    assert list(people_said(people)) == [
        "of 41 that people released 37 would be admitted, 3 more may be",
        "of 2 that they took out of the corpus 2 would not have been let in",
    ]


def test_a_title_cannot_write_on_the_terminal() -> None:
    """Nor can an id; a long one is cut in its middle."""
    row = ("\x1b[2J", f"\u202e{'long ' * 40}", "rejected", UNSURE, "DUP606 fail > pass..fail")

    shown = plain(difference_lines([row], 100))

    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "admitted or quarantined" in shown
    assert max(map(len, shown.splitlines())) < 120
