"""Cleaning: its laws on any text, and what it does to a page written for this, line by line."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.gates.stand import PROSE, article_of, cleaned_of
from tests.test_text import MIXED, TEXTS

from winnowd.cleaning.page import trimmed
from winnowd.cleaning.repairs import repair

if TYPE_CHECKING:
    from winnowd.model import Cleaned

RESIDUE = (
    *("ADVERTISEMENT", "×", "Share on Facebook", "Related Articles", "Leave a Reply", "Back to top", "Follow us on"),
    *("We use cookies to make this site better. Accept all cookies", "© 2024 The Valley Herald. All rights reserved."),
    *(
        "Reporting by Anna Weber; editing by Jon Pike",
        "Already a subscriber? Log in",
        "Access denied",
        "By Anna Weber",
        "May 3, 2024",
        "The Valley Herald",
    ),
    *(
        "Photo: Anna Weber",
        "Two bridges and who pays for them",
        "- a bullet",
        "Short line",
        "",
        "",
        "2024-05-03 Rain fell",
    ),
)
PAGES = st.lists(st.sampled_from([*PROSE, *RESIDUE]), max_size=40).map("\n".join)
ALL = TEXTS | PAGES | st.lists(MIXED | st.sampled_from([*PROSE, *RESIDUE]), max_size=30).map("\n".join)
REMOVING = re.compile(r"CLN3(?:1[2-7]|2\d|3[0-2])")


def bare(text: str) -> str:
    """A text without its blanks."""
    return "".join(text.split())


def parts_of(cleaned: Cleaned) -> Counter[str]:
    """The lines that were kept and those that notes keep, without blanks."""
    taken = [note.text for note in cleaned.notes if REMOVING.match(note.code)]
    return Counter(filter(None, map(bare, [*cleaned.article.text.split("\n"), *taken])))


@given(ALL.filter(bool))
@example("a" * 1_000_000)
@example("Leave a Reply " * 20_000)
@example("\n" * 10_000)
@example("&amp;" * 5_000)
@example("Â£" * 5_000)
@settings(deadline=None)
def test_no_line_is_lost(text: str) -> None:
    """What was kept and what the notes keep, together, are all lines of the repaired text, whatever the text."""
    before = trimmed(repair(text).tokens).text

    cleaned = cleaned_of(text)

    lead = next((note.text for note in cleaned.notes if note.code == "CLN311"), "")
    expected = Counter(filter(None, map(bare, before.strip().removeprefix(lead).split("\n"))))
    assert parts_of(cleaned) == expected
    assert cleaned.article.text.endswith("\n")


@given(st.lists(st.sampled_from(PROSE), min_size=1, unique=True), st.sampled_from(["\n", "\n\n"]))
def test_a_text_that_needs_no_cleaning_stays_byte_for_byte(lines: list[str], between: str) -> None:
    """Prose in lines, with or without blank lines between them, and one LF at the end."""
    text = between.join(lines) + "\n"

    cleaned = cleaned_of(text, title="Bridges, goats and rain")

    assert cleaned.article.text == text
    assert {note.code for note in cleaned.notes} == set()


@given(ALL.filter(bool))
@settings(deadline=None)
def test_measures_are_numbers_of_what_notes_say(text: str) -> None:
    """Shares lie between 0 and 1; lines cut outside the article and lost spaces are as many as their notes."""
    cleaned = cleaned_of(text)

    counts = Counter(note.code for note in cleaned.notes)
    measures = cleaned.measures
    assert 0 <= measures["removed_share"] <= 1
    assert 0 <= measures["consent_share"] <= 1
    assert measures["outside_lines"] == counts["CLN332"]
    assert measures["lost_space"] == sum(note.count for note in cleaned.notes if note.code == "CLN341")


PAGE = f"""
×
ADVERTISEMENT

Two bridges and who pays for them

By Anna Weber and Jonas Lind

May 3, 2024

The Valley Herald

Two bridges and who pays for them

{PROSE[0]}

Story continues below

{PROSE[1]}

{PROSE[2]}
{PROSE[1]}

{PROSE[3]}

{PROSE[4]}

Photo: Anna Weber

Share on Facebook
Leave a Reply
"""


def test_a_page_is_cleaned_line_by_line() -> None:
    """Every line that is no article has its note, with its number in the page; the fields are filled from them."""
    cleaned = cleaned_of(PAGE)

    assert [(note.code, note.line, note.text) for note in cleaned.notes] == [
        ("CLN323", 2, "×"),
        ("CLN322", 3, "ADVERTISEMENT"),
        ("CLN312", 5, "Two bridges and who pays for them"),
        ("CLN313", 7, "By Anna Weber and Jonas Lind"),
        ("CLN314", 9, "May 3, 2024"),
        ("CLN315", 11, "The Valley Herald"),
        ("CLN317", 13, "Two bridges and who pays for them"),
        ("CLN322", 17, "Story continues below"),
        ("CLN331", 22, PROSE[1]),
        ("CLN316", 28, "Photo: Anna Weber"),
        ("CLN324", 30, "Share on Facebook"),
        ("CLN321", 31, "Leave a Reply"),
    ]
    article = cleaned.article
    assert article.text == f"{PROSE[0]}\n\n{PROSE[1]}\n\n{PROSE[2]}\n\n{PROSE[3]}\n\n{PROSE[4]}\n"
    assert article.title == "Two bridges and who pays for them"
    assert article.authors == ("Anna Weber", "Jonas Lind")
    assert article.published_at == dt.date(2024, 5, 3)
    assert article.publisher == "The Valley Herald"
    assert article.extra == {"caption": "Photo: Anna Weber"}


def test_fields_that_the_article_came_with_are_never_changed() -> None:
    """The lines are lifted from the text all the same."""
    fields = {
        "title": "Two bridges and who pays for them",
        "authors": ("Maja Holm",),
        "published_at": dt.date(2024, 5, 2),
        "publisher": "The Hill Post",
        "extra": {"caption": "none"},
    }

    cleaned = cleaned_of(PAGE, **fields)

    kept = {name: getattr(cleaned.article, name) for name in fields}
    assert kept == fields
    assert "Anna Weber" not in cleaned.article.text


def test_the_same_words_inside_an_article_are_left() -> None:
    """Away from the edges a bullet, a long sentence and a lone word of navigation are the author's own."""
    inside = (
        "- Share on Facebook",
        "Access denied",
        "More",
        "Sign up for the choir was slow at first, but by the autumn there were forty voices in it.",
    )
    between = [
        line for one, prose in zip(inside, PROSE, strict=False) for line in (one, f"Again: {prose}", f"So: {prose}")
    ]
    text = "\n".join([*PROSE, *between, *PROSE[::-1]])

    cleaned = cleaned_of(text, title="Bridges, goats and rain")

    assert all(f"\n{line}\n" in cleaned.article.text for line in inside)


def test_navigation_among_navigation_is_removed_inside_too() -> None:
    """Two more hits in the four lines around it give a lone word away."""
    text = "\n".join([*PROSE, "Home", "Sport", "Weather", *(f"{line} Again." for line in PROSE)])

    cleaned = cleaned_of(text, title="Bridges, goats and rain")

    assert [note.text for note in cleaned.notes if note.code == "CLN326"] == ["Home", "Sport", "Weather"]


@pytest.mark.parametrize(
    ("text", "rest", "day", "field"),
    [
        ("date 2024-03-23 The ferry left.", "The ferry left.", dt.date(2024, 3, 23), "published_at"),
        (" Updated: 2024-03-23T10:00:00Z - The ferry left.", "The ferry left.", dt.date(2024, 3, 23), "modified_at"),
        ("2024-03-23 “The ferry left,” he said.", "“The ferry left,” he said.", dt.date(2024, 3, 23), "published_at"),
        ("2024-03-23\n\nThe ferry left.", "The ferry left.", dt.date(2024, 3, 23), "published_at"),
        ("2024-03-23 was a Saturday.", "2024-03-23 was a Saturday.", None, "published_at"),
        ("2024-02-31 The ferry left.", "2024-02-31 The ferry left.", None, "published_at"),
        ("2024-03-23-04 The ferry left.", "2024-03-23-04 The ferry left.", None, "published_at"),
    ],
)
def test_a_date_before_the_first_sentence_becomes_a_field(
    text: str, rest: str, day: dt.date | None, field: str
) -> None:
    """CLN311: whole, if it is a day and a sentence begins after it; else it is part of the text."""
    cleaned = cleaned_of(text, title="Bridges, goats and rain")

    assert cleaned.article.text == rest + "\n"
    assert getattr(cleaned.article, field) == day
    assert ("CLN311" in {note.code for note in cleaned.notes}) is (day is not None)


def test_lines_after_a_lead_date_keep_their_numbers() -> None:
    """A note's line is that in the text as it came."""
    cleaned = cleaned_of(f"2024-03-23\n\nADVERTISEMENT\n{article_of()}")

    assert [(note.code, note.line) for note in cleaned.notes][:2] == [("CLN311", 1), ("CLN322", 3)]


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ("It rained yesterday.The mill stood still!Nobody came.", "yesterday. The mill stood still! Nobody", 2),
        ("He bought it on harbour.Com and was glad.", "harbour.Com", 0),
        ("The U.S.Navy and St.Mary and v1.Two stayed.", "U.S.Navy and St.Mary and v1.Two", 0),
    ],
)
def test_a_missing_space_is_put_between_sentences(before: str, after: str, count: int) -> None:
    """CLN341: after at least three small letters and a mark; names of sites and abbreviations are left."""
    cleaned = cleaned_of(before, title="Bridges, goats and rain")

    assert after in cleaned.article.text
    assert cleaned.measures["lost_space"] == count


@pytest.mark.parametrize(
    ("above", "head", "remarks"),
    [
        ((), "Comments (5 of 10)", 3),
        ((), "12 comments", 30),
        ((), "3 thoughts on “Two bridges and who pays for them”", 30),
        (("12 comments",), "Leave a Reply", 30),
        (
            ("A walk along the quay takes a quarter of an hour, if the tide allows it at all.", "12 comments"),
            "Reply",
            3,
        ),
    ],
)
def test_what_readers_say_below_the_article_is_none_of_it(above: tuple[str, ...], head: str, remarks: int) -> None:
    """CLN332: however much there is of it, and whatever stands above the article; a short article stays whole."""
    menu = [f"Menu entry {number}" for number in range(120)]
    said = [
        f"I crossed bridge number {number} as a child, and it has never been as dear as it is now."
        for number in range(remarks)
    ]
    text = "\n".join([*menu[:60], *above, *PROSE, head, *said, *menu[60:]])

    assert cleaned_of(text, title="Bridges").article.text == "\n".join(PROSE) + "\n"


def test_a_teaser_before_the_number_of_comments_is_not_the_article() -> None:
    """CLN332: a part between comment heads with enough words, but a small share of the best score, is passed over."""
    menu = [f"Menu entry {number}" for number in range(120)]
    article = [f"{line.removesuffix('.')}, said {name}." for name in ("Anna", "Jonas", "Ida", "Ole") for line in PROSE]
    text = "\n".join([*menu[:60], *PROSE[:4], "12 comments", *article, "Reply", *menu[60:]])

    assert cleaned_of(text, title="Bridges").article.text == "\n".join(article) + "\n"


def test_an_extractor_has_cut_the_page_already() -> None:
    """The whole-page step is for text that nobody has cut: CLN332 and its doubt are left out after an extractor."""
    menu = [f"Menu entry {number}" for number in range(120)]
    text = "\n".join([*menu[:60], *PROSE, *menu[60:]])

    by_us = cleaned_of(text, title="Bridges")
    by_an_extractor = cleaned_of(text, title="Bridges", extractor="trafilatura")

    assert by_us.article.text == "\n".join(PROSE) + "\n"
    assert by_us.measures["outside_lines"] == 120
    assert by_an_extractor.measures["outside_lines"] == 0
