"""Segments of two texts: they make up each text, and mark what is shared at both sides with one number."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from winnowd.event.evidence import band
from winnowd.views.escape import printable
from winnowd.views.side_by_side import SIDES, Segment, segments


def passage(words: int, item: tuple[int, int], twin: tuple[int, int]) -> dict[str, Any]:
    """One as evidence has it."""
    spans = {side: {"start": start, "end": end} for side, (start, end) in zip(SIDES, (item, twin), strict=True)}
    return {"words": words, "band": band(words), **spans}


spans = st.tuples(st.integers(0, 60), st.integers(1, 30)).map(lambda one: (one[0], one[0] + one[1]))
passages = st.lists(st.builds(passage, st.integers(3, 20), spans, spans), max_size=12)


@given(text=st.text(max_size=60), found=passages)
def test_segments_make_up_the_text_and_each_shows_the_longest_run_that_covers_it(
    text: str, found: list[dict[str, Any]]
) -> None:
    """Whatever the passages: they may overlap, and end behind a text that is not theirs."""
    order = sorted(found, key=lambda one: (one["item"]["start"], one["twin"]["start"]))
    for side in SIDES:
        cut = segments(text, side, found)

        expected = [longest(order, side, at) for at in range(len(text))]
        shown = [shown_as(sign) for sign in text]
        assert "".join(one.text for one in cut) == "".join(shown)
        assert [(one.band, one.run) for one in cut] == grouped(expected)


def longest(order: list[dict[str, Any]], side: str, at: int) -> tuple[int, int]:
    """Band and number of the run that a character belongs to, looked for the plain way."""
    there = [(one, number) for number, one in enumerate(order, 1) if one[side]["start"] <= at < one[side]["end"]]
    one, number = min(there, key=lambda each: (-each[0]["words"], each[1]), default=({"band": 0}, 0))
    return one["band"], number


def grouped(owners: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without repetitions next to each other."""
    return [one for at, one in enumerate(owners) if not at or owners[at - 1] != one]


def shown_as(sign: str) -> str:
    """A character as it is shown."""
    return sign if sign in "\n\t" else printable(sign)


def test_a_run_has_one_number_at_both_sides() -> None:
    """So that a page can link them; numbers count in the order of the item."""
    moved = [passage(3, (0, 5), (8, 13)), passage(12, (6, 9), (0, 3))]

    assert segments("a b c xyz", "item", moved) == (Segment("a b c", 1, 1), Segment(" "), Segment("xyz", 4, 2))
    assert segments("xyz and a b c", "twin", moved) == (Segment("xyz", 4, 2), Segment(" and "), Segment("a b c", 1, 1))


def test_what_turns_the_direction_of_a_text_is_seen() -> None:
    """And line breaks stay what they are."""
    assert segments("one\n\ttwo\u202ethree", "item", []) == (Segment("one\n\ttwo<U+202E>three"),)
