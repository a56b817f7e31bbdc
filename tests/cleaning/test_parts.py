"""The smaller steps of cleaning: fields, dates, the best run of lines, what is only seen, stubs."""

from __future__ import annotations

import datetime as dt
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gates.stand import PROSE, article_of, cleaned_of, phrases
from tests.test_text import MIXED, TEXTS

from winnowd.catalogue import catalogue
from winnowd.cleaning import stubs
from winnowd.cleaning.dates import day_in
from winnowd.cleaning.fields import authors_in
from winnowd.cleaning.headline import letters_of
from winnowd.cleaning.observed import _IP, _PHONE, personal, said_twice, unbalanced_quotes
from winnowd.cleaning.outside import best_run
from winnowd.cleaning.page import Page, trimmed
from winnowd.cleaning.stubs import PAYWALL_STUB_WORDS, last_sentences, sentences
from winnowd.text import Tokens


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Published: 3 May 2024, 14:10 BST", dt.date(2024, 5, 3)),
        ("May 3rd, 2024", dt.date(2024, 5, 3)),
        ("Fri, 3 May 2024", dt.date(2024, 5, 3)),
        ("3-Sept-2024", dt.date(2024, 9, 3)),
        ("Updated 2024-05-03T10:00", dt.date(2024, 5, 3)),
        ("03/04/2024", None),
        ("31 February 2024", None),
        ("3 May 1066", None),
        ("5 min read", None),
    ],
)
def test_a_day_is_read_only_where_it_is_unmistakable(line: str, day: dt.date | None) -> None:
    """Numbers that may be day or month name no day, nor do days that never were."""
    assert day_in(line) == day


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Anna Weber", ["Anna Weber"]),
        ("Written by Anna Weber, Jonas Lind and Maja Holm", ["Anna Weber", "Jonas Lind", "Maja Holm"]),
        ("By: Anna de Weber | Jonas Lind", ["Anna de Weber", "Jonas Lind"]),
        ("By A. B. Cole & Jonas Lind,", ["A. B. Cole", "Jonas Lind"]),
        ("Article by Anna Weber (Image: Harbour Post)", ["Anna Weber"]),
        ("By Anna Weber | Reuters", ["Anna Weber"]),
        ("By No Author", []),
        ("By Staff Writer", []),
        ("By ", []),
    ],
)
def test_a_byline_names_its_authors(line: str, names: list[str]) -> None:
    """One name each, whatever stands between them; nobody is no name, nor is an agency or a picture's source."""
    assert authors_in(line) == names


@given(st.lists(st.floats(-3, 100).map(round), max_size=12))
def test_the_best_run_is_the_best_of_all_runs(scores: list[int]) -> None:
    """Its sum is the highest that any run has; without a positive score there is none."""
    begin, end = best_run(scores)

    highest = max((sum(scores[a:b]) for a, b in itertools.combinations(range(len(scores) + 1), 2)), default=0)
    assert sum(scores[begin:end]) == max(0, highest)
    assert (begin < end) is (highest > 0)


@given(TEXTS, TEXTS)
def test_lines_say_the_same_if_their_letters_and_digits_do(one: str, other: str) -> None:
    """Case, blanks, marks and underscores apart; a line has as many letters in its key as in itself."""
    assert letters_of(one) == letters_of(f"_ {one}!") == letters_of(letters_of(one))
    assert len(letters_of(one)) == sum(map(str.isalnum, one))
    assert letters_of(one + other) == letters_of(one) + letters_of(other)


@given(st.lists(MIXED.filter(lambda line: "\n" not in line), min_size=1, max_size=8))
def test_a_page_counts_the_letters_of_its_lines(lines: list[str]) -> None:
    """Word characters by line, the number that lines are first compared by."""
    page = Page(Tokens("\n".join(lines)))

    assert page.letters == [sum(one.isalnum() or one == "_" for one in line) for line in lines]


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Write to a.weber@harbour.example or to crew@sea.harbour.example.", {"email": 2}),
        ("Call 020 7946 0123, +44 20 7946 0123 or (555) 010-9999.", {"phone": 3}),
        ("The log says 192.0.2.17 and 198.51.100.4.", {"ip": 2}),
        ("On 2024-03-23 it was 1,234,567 of 3.5 in 1999-2004; 12 34 56 78 90 12.", {}),
        ("It cost 100 and @ is a sign.", {}),
        ("٠١٢٣٤٥٦٧٨٩", {"phone": 0}),
    ],
)
def test_personal_data_is_counted_and_not_copied(text: str, counts: dict[str, int]) -> None:
    """E-mail, phone and IP addresses; dates, sums and lists of numbers are none."""
    assert personal(Tokens(text)) == {kind: count for kind, count in counts.items() if count}


@given(
    st.lists(
        st.sampled_from(
            ["020 7946 0123", "+44", " ", "(0", ")", ".", "-", "12", "192.0.2.17", "1.2", "a", "7", "\n", "٣", "²"]
        )
    ).map("".join)
)
def test_numbers_are_found_in_groups_as_in_the_whole_text(text: str) -> None:
    """Searching only where digits stand close together changes nothing but the time."""
    addresses = len(_IP.findall(text))
    phones = len(_PHONE.findall(_IP.sub(" ", text)))

    found = personal(Tokens(text))

    assert (found.get("ip", 0), found.get("phone", 0)) == (addresses, phones)


def test_what_is_seen_is_noted_and_left() -> None:
    """CLN352 to 355 and 351 change nothing."""
    last = f"{PROSE[0]} Write to crew@harbour.example and say “yes\n\nand then nobody came back to the old mill"
    text = f"{article_of()}\n{last}"

    cleaned = cleaned_of(text)

    assert cleaned.article.text == text + "\n"
    assert [(note.code, note.count) for note in cleaned.notes] == [
        ("CLN351", 1),
        ("CLN352", 1),
        ("CLN353", 1),
        ("CLN354", 1),
        ("CLN355", 1),
    ]


def test_only_long_sentences_count_as_said_twice() -> None:
    """Eight words: a short refrain is style."""
    assert said_twice([PROSE[0], "It rained. It rained.", PROSE[0]]) == [PROSE[0]]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("“a” “b”", 0),
        ("“a “b”", 1),
        ('"a" "b', 1),
        ("", 0),
        ('“a" b', 2),
        ("„a“ „b“", 0),
        ("„a” „b”", 0),
        ("„a“ „b", 1),
        ("”a” ”b”", 0),
        ("”a” ”b", 1),
    ],
)
def test_quotes_are_counted_in_pairs(text: str, count: int) -> None:
    """Curly ones by direction, straight ones by two; after a low one either closes, and the closing one may open."""
    assert unbalanced_quotes(Tokens(text)) == count


@given(st.lists(st.sampled_from([*PROSE, "Short.", "No end", "Two. Three! Four?"]), max_size=9))
def test_the_last_sentences_are_those_at_the_end_of_all(lines: list[str]) -> None:
    """Six of them, the last first, each with the number of its line."""
    every = [(sentence, place) for place, line in enumerate(lines) for sentence in sentences(line)]

    assert last_sentences(lines) == every[:-7:-1]


@given(st.text(".!? \na", max_size=60).map(lambda text: text.replace("\n", "\t")), st.integers(1, 60))
def test_the_last_sentences_of_a_long_line_are_found_in_its_last_characters(line: str, looked_at: int) -> None:
    """However many these are, and wherever they begin: within a sentence, its mark or the blanks behind it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stubs, "_TAIL_CHARACTERS", looked_at)
        found = [sentence for sentence, _ in last_sentences([line])]

    assert found == sentences(line)[:-7:-1]


def test_texts_are_asked_whether_they_end_by_asking_to_subscribe_up_to_the_highest_limit() -> None:
    """No limit of QUA455 can be set so high that it would miss a text that was not asked."""

    def measures(words: int) -> list[float]:
        made = cleaned_of("the " * (words - 4) + "\nSubscribe to read on.").measures
        return [made["raw_words"], made["subscribe_tail"]]

    assert catalogue()["QUA455"].most == PAYWALL_STUB_WORDS
    assert measures(PAYWALL_STUB_WORDS - 1) == [PAYWALL_STUB_WORDS - 1, 1]
    assert measures(PAYWALL_STUB_WORDS) == [PAYWALL_STUB_WORDS, 0]


@pytest.mark.parametrize(("title", "taken"), [("Ferry late", []), ("Ferry late again", ["CLN317"])])
def test_a_headline_is_taken_again_from_three_words_on(title: str, taken: list[str]) -> None:
    """Two words may well begin an article again."""
    notes = cleaned_of(f"{title}\n{article_of()}", title=title).notes

    assert [note.code for note in notes if note.code == "CLN317"] == taken


@given(st.text(" \n\t\u2003\x1cab", max_size=12))
def test_a_trimmed_text_has_no_blanks_around_its_lines_and_single_spaces_within(text: str) -> None:
    """Whatever blanks it came with; a text that has none of these is not looked at again."""
    plain = "\n".join(line.strip() for line in re.sub(" {2,}", " ", text).split("\n"))

    assert trimmed(text) == plain


def test_only_sentences_of_eight_words_count_as_said_twice() -> None:
    """Seven are style, eight are not."""
    seven, eight = "One two three four five six seven.", "One two three four five six seven eight."

    assert said_twice([seven, seven, eight, eight]) == [eight]


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("call +1 234 56 78 now", {"phone": 1}),
        ("call +1 234 56 7 now", {}),
        ("at 1.2.3.4 it hung", {"ip": 1}),
        ("call +٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨ now", {"phone": 1}),
        ("in 2024 and 1999", {}),
        ("a@b.com@c.de", {"email": 1}),
        ("write to a.b+c@mill.example.org\nor to d@e.org", {"email": 2}),
    ],
)
def test_personal_data_is_found_from_its_shortest_form_on(text: str, counted: dict[str, int]) -> None:
    """Eight digits make a telephone number, four an address; in any script."""
    assert personal(Tokens(text)) == counted


def test_a_sentence_is_searched_as_if_its_line_were_not_known() -> None:
    """A sentence in the middle of a line is found by its own first word."""
    line = f"{PROSE[0]} Thanks for reading this story."
    mask = phrases().masks(Tokens(line))[0] & ~phrases().bit["CLN325"]

    assert phrases().fits("CLN325", "Thanks for reading this story.", mask)
    assert not phrases().fits("CLN325", PROSE[0], mask)
