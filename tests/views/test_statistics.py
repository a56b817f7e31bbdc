"""Statistics as lines: they fit, name what they draw, and show outside names as text."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnowd.views.lines import line_cells, plain
from winnowd.views.statistics import Bin, Measured, Outcomes, Quantiles, Statistics, statistics_lines

if TYPE_CHECKING:
    from winnowd.views.statistics import By

HOSTILE = "feed\x1b[2J\u202e\n"
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def made(groups: dict[str, Outcomes], by: By = "feed", measured: Measured | None = None) -> Statistics:
    """Statistics of these groups."""
    total = Outcomes(*map(sum, zip(*groups.values(), strict=True)))
    refused = {"policy": {"QUA460": 1}, "copies": {"DUP606": 1}}
    times = {"arrival to decision": Quantiles(3, 3.2, 61.0, 9_000.0), "read": Quantiles(3, 1.5e-4, 2e-3, 1.0)}
    first, last = "2026-11-01T00:00:00.000000Z", "2026-11-22T03:47:12.123456Z"
    slugs = {"QUA460": "language", "DUP606": "rewrite"}
    return Statistics(by, groups, total, first, last, slugs, refused, {"confirm": 2}, times, measured)


outcomes = st.builds(Outcomes, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))


@given(
    groups=st.dictionaries(st.text(max_size=60), outcomes, min_size=1, max_size=5),
    width=st.integers(60, 118),
    plot=st.booleans(),
)
def test_any_names_stay_in_their_lines_and_nothing_is_wider(
    groups: dict[str, Outcomes], width: int, *, plot: bool
) -> None:
    """From 60 cells on; what a stranger calls a feed neither moves a cursor nor makes a line."""
    lines = list(statistics_lines(made(groups), width, plot=plot))

    assert max(map(line_cells, lines)) <= width
    assert not {category(sign) for line in lines for span in line for sign in span.text} & HIDDEN


@given(said=st.text(max_size=30))
def test_whatever_a_log_says_is_shown_as_text(said: str) -> None:
    """Times, slugs, units and names of stages come from the log, which an auditor need not trust."""
    measured = Measured("DUP606", said, said, "max", 1.0, None, False, (Bin(0, 1, 1),), 0)
    found = dataclasses.replace(
        made({said: Outcomes(1)}, "code", measured),
        first=said, last=said, slugs={said: said, "DUP606": said}, orders={said: 1},
        times={said: Quantiles(1, 1, 1, 1)},
    )  # fmt: skip

    for plot in (True, False):
        lines = statistics_lines(found, 100, plot=plot)
        assert not {category(sign) for line in lines for span in line for sign in span.text} & HIDDEN


def test_control_signs_in_a_name_are_named() -> None:
    """So that it is seen what it is."""
    shown = plain(statistics_lines(made({HOSTILE: Outcomes(1)}), 100))

    assert "feed<U+001B>[2J<U+202E>" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("width", [60, 100])
def test_a_bar_is_as_long_as_its_group_and_cut_by_outcome(width: int) -> None:
    """The largest fills the line, half as many half of it; each outcome has its own sign, named above."""
    groups = {"a": Outcomes(50, 25, 25), "b": Outcomes(50, 0, 0), "c": Outcomes(0, 0, 0)}

    lines = plain(statistics_lines(made(groups), width, plot=True)).splitlines()

    legend, first, second, third = lines[lines.index("") + 1 :][:4]
    assert legend.split() == ["█", "admitted", "▒", "quarantined", "░", "rejected"]
    assert abs(first.count("█") - 2 * first.count("▒")) <= 1
    assert abs(first.count("▒") - first.count("░")) <= 1
    assert abs(second.count("█") - first.count("█")) <= 1
    assert third.split() == ["c", "0"]


def test_policy_is_told_apart_from_defects() -> None:
    """And what is accepted of the rest."""
    shown = " ".join(plain(statistics_lines(made({"": Outcomes(2, 1, 1)}), 100)).split())

    assert "4 decisions from 2026-11-01 00:00Z to 2026-11-22 03:47Z" in shown
    assert "50.0 % accepted, 66.7 % of what policy lets in" in shown
    assert "1 turned away by policy (language, rights): 1 QUA460 language" in shown
    assert "1 turned away as copies: 1 DUP606 rewrite" in shown
    assert "ordered later: 2 confirm" in shown
    assert "(the inbox itself)" in shown
    assert "arrival to decision 3.20 s 61.0 s 2.50 h read 150 us 2.00 ms 1.00 s" in shown


@pytest.mark.parametrize(("side", "doubt", "fail"), [("max", 1.0, 1.3), ("min", 1.3, 1.0)])
def test_limits_stand_between_the_bins_that_they_part(side: str, doubt: float, fail: float) -> None:
    """Each with its name; how many lie beyond is said above."""
    bins = (Bin(0.0, 1.0, 8), Bin(1.0, 1.3, 2), Bin(1.3, 2.0, 1))
    measured = Measured("DUP606", "rewrite", "score", side, doubt, fail, True, bins, 3, 1, changed=True, texts=1)

    shown = plain(statistics_lines(made({"": Outcomes(1)}, measured=measured), 100)).splitlines()

    at = next(number for number, line in enumerate(shown) if line.startswith("DUP606 rewrite"))
    assert shown[at] == f"DUP606 rewrite: 11 measured (score), 3 beyond doubt {doubt:g}, 1 beyond fail {fail:g}"
    assert shown[at + 1] == "other limits were in force within this time, too; drawn are the last"
    assert [line.split()[0] for line in shown[at + 3 :]] == [
        "0",
        *(("┆", "1", "┃") if side == "max" else ("┃", "1", "┆")),
        "1.3",
    ]


def test_nothing_decided_is_said_in_a_line() -> None:
    """No empty tables."""
    nothing = Statistics("day", {}, Outcomes(), "", "", {}, {}, {}, {})

    assert plain(statistics_lines(nothing, 80)) == "no decisions in this time\n"
