"""Passages side by side: which are shown, what is marked, and that quotes are the texts' own words."""

from __future__ import annotations

import itertools
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.event.stand import ORIGINAL, REWRITE, TEXTS, judged_of

from winnowd import event
from winnowd.views.lines import line_cells, plain
from winnowd.views.passages import APART, LONGEST_SHOWN, Excerpt, as_text, marked, side_by_side, windows

WORD = re.compile(r"\w+")


def evidence_of(text: str, twin: str | None = ORIGINAL) -> dict[str, Any]:
    """The evidence of a text against the original; with ``twin`` None the original's text is gone."""
    made = event.evidence(judged_of(text, twin=ORIGINAL), twin)
    assert made is not None
    return made


def test_windows_lie_apart_and_in_the_order_of_the_text() -> None:
    """The longest runs first in choice, the text's order in print."""
    found = windows(evidence_of(TEXTS["D"]), most=3)

    starts = [window.item.start for window in found]
    assert starts == sorted(starts)
    assert all(second - first >= APART - 100 for first, second in itertools.pairwise(starts))
    assert "67 words in a row" in [window.caption for window in found]


def test_a_rewrite_shows_its_most_similar_sentences() -> None:
    """No run of a rewrite is telling; sentences beside those of the twin are."""
    found = windows(evidence_of(REWRITE))

    assert next(window.caption for window in found) == "two sentences, 97 % alike in rare words"


def test_nothing_is_shown_of_a_twin_whose_text_is_gone() -> None:
    """No words, no columns."""
    assert side_by_side(evidence_of(REWRITE, None), 100) == []


def test_shown_words_stand_in_the_texts() -> None:
    """Each column holds words of its own text only."""
    for window in windows(evidence_of(TEXTS["D"]), most=5):
        assert window.item.text in TEXTS["D"]
        assert window.twin.text in ORIGINAL


def test_brackets_hold_what_both_columns_share() -> None:
    """What stands in brackets on the left stands in the twin's text, word by word."""
    for window in windows(evidence_of(TEXTS["D"]), most=5):
        text = plain([marked(window.item, window.item_runs)])
        for run in re.findall(r"\[(.+?)\]", text):
            assert " ".join(WORD.findall(run)).lower() in " ".join(WORD.findall(ORIGINAL)).lower()


@given(
    st.text(alphabet="abc", max_size=30),
    st.integers(0, 20),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(1, 4)), max_size=6),
)
def test_of_runs_that_overlap_the_later_one_counts(text: str, start: int, runs: list[tuple[int, int, int]]) -> None:
    """Letter by letter, in the style of the last run that holds it."""
    line = marked(Excerpt(start, text, cut_before=False, cut_after=False), runs)

    shown = [(sign, span.style) for span in line if span.style != "dim" for sign in span.text]
    held = [
        ["", *(f"band{band}" for begin, end, band in runs if begin <= at < end)]
        for at in range(start, start + len(text))
    ]
    assert shown == [(sign, styles[-1]) for sign, styles in zip(text, held, strict=True)]


def test_columns_stand_beside_each_other_from_90_cells_on() -> None:
    """Below, one above the other, each under its head."""
    wide, narrow = (plain(side_by_side(evidence_of(TEXTS["D"]), width)) for width in (100, 89))

    assert wide.splitlines()[0].split("   ")[0] == "this file"
    assert wide.splitlines()[0].endswith("in the corpus")
    assert narrow.splitlines()[1:].count("in the corpus") == len(windows(evidence_of(TEXTS["D"])))


def test_a_retracted_twin_is_named_as_such() -> None:
    """The head of the column says where the twin is."""
    made = evidence_of(TEXTS["D"])
    made["twin"] = {**made["twin"], "standing": "retracted"}

    assert plain(side_by_side(made, 100)).splitlines()[0].endswith("retracted")


def test_a_whole_copy_shows_its_beginning() -> None:
    """One run as long as the text: 320 characters of it, and a sign that it goes on."""
    made = evidence_of(ORIGINAL)

    (window,) = windows(made)

    assert len(window.item.text) <= LONGEST_SHOWN
    assert window.item.cut_after
    assert plain(side_by_side(made, 100)).count("] …") == 2


@given(
    st.text(alphabet="abc \n\t\x1b\u202e", max_size=80),
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100), st.integers(1, 4)), max_size=5),
    st.integers(0, 50),
)
def test_marking_changes_no_word(text: str, runs: list[tuple[int, int, int]], start: int) -> None:
    """Any runs, also such that overlap or lie outside: the same letters come out, brackets are balanced."""
    line = marked(Excerpt(start, text, cut_before=False, cut_after=False), runs)

    shown = "".join(span.text for span in line)
    assert re.sub(r"[^abc]", "", re.sub(r"<U\+\w+>", "", shown)) == re.sub(r"[^abc]", "", text)
    assert shown.count("[") == shown.count("]")
    assert "\x1b" not in shown
    assert "\n" not in shown


@given(st.integers(20, 118))
def test_no_line_is_wider_than_asked(width: int) -> None:
    """Any terminal."""
    assert all(line_cells(line) <= width for line in side_by_side(evidence_of(TEXTS["D"]), width))


@given(st.sampled_from([TEXTS["D"], REWRITE]), st.text(max_size=200), st.integers(90, 130), st.integers(1, 5))
def test_rows_without_styles_are_those_with_them(text: str, strange: str, width: int, most: int) -> None:
    """A file has the very rows that a terminal shows, whatever the text holds."""
    made = evidence_of(text)
    for one in made.get("passages", []):
        for quote in one.get("quote", {}).values():
            quote["suffix"] = strange

    assert as_text(made, width, most=most) == plain(side_by_side(made, width, most=most)).splitlines()
