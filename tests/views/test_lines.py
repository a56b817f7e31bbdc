"""Layout: wrapping loses no word, columns never overlap, plain text is the styled one without styles."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from winnowd.views.lines import Span, cells, cut, in_two_columns, line_cells, padded, plain, table, width_for, wrapped

WORDS = st.text(alphabet="abcdé漢字 …\t\u0301\u200b", max_size=60)
SPANS = st.lists(st.builds(Span, WORDS, st.sampled_from(["", "bad", "band4"])), max_size=8)


def words_of(lines: list[tuple[Span, ...]]) -> list[str]:
    """The words of some lines."""
    return plain(lines).split()


@given(SPANS, st.integers(30, 118))
def test_wrapping_keeps_every_word_and_the_width(spans: list[Span], width: int) -> None:
    """No line is wider; the words come in their order, those that were too wide in parts."""
    lines = wrapped(spans, width)

    assert all(line_cells(line) <= width for line in lines)
    assert "".join(words_of(lines)) == "".join("".join(span.text for span in spans).split())
    if all(cells(word) <= width for word in "".join(span.text for span in spans).split()):
        assert words_of(lines) == "".join(span.text for span in spans).split()


@given(SPANS, st.integers(20, 80))
def test_wrapping_keeps_each_letters_style(spans: list[Span], width: int) -> None:
    """A style follows its letters to the next line."""
    lines = wrapped(spans, width)

    before = [(sign, span.style) for span in spans for sign in span.text if not sign.isspace()]
    after = [(sign, span.style) for line in lines for span in line for sign in span.text if not sign.isspace()]
    assert after == before


@given(SPANS, st.integers(20, 60), st.sampled_from(["", "  ", "    "]))
def test_rows_are_filled(spans: list[Span], width: int, indent: str) -> None:
    """The first word of a row had no room on the row before; rows after the first are indented, none is too wide."""
    first, *others = wrapped(spans, width, indent)

    assert all(line_cells(line) <= width for line in (first, *others))
    assert all(plain([line]).startswith(indent) for line in others)
    for before, after in itertools.pairwise([first, *others]):
        left, word = width - line_cells(before), "".join(span.text for span in after)[len(indent) :].split()[0]
        assert cells(word) + 1 > left or cells(word) >= width - len(indent) - 1


def test_a_bracket_stays_with_its_word() -> None:
    """Spans that touch are one word: no break between them."""
    spans = [Span("aaaa "), Span("["), Span("bbbb"), Span("]"), Span(" cc")]

    assert plain(wrapped(spans, 8)) == "aaaa\n[bbbb]\ncc\n"


@given(SPANS, SPANS)
def test_columns_begin_where_the_gutter_ends(left: list[Span], right: list[Span]) -> None:
    """Whatever stands on the left, the right column begins at one cell."""
    one, two = wrapped(left, 30), wrapped(right, 30)

    for at, line in enumerate(in_two_columns(one, two, 30)):
        right_cells = line_cells(two[at]) if at < len(two) else 0
        assert line_cells(line) == 30 + 3 + right_cells


def test_signs_counted_together_are_those_counted_one_by_one() -> None:
    """Beside a wide letter each sign is asked for its cells."""
    assert all(cells(chr(code)) == cells(chr(code) + "漢") - 2 for code in range(0x3000))


def test_wide_letters_take_two_cells_and_marks_none() -> None:
    """As terminals draw them."""
    assert (cells("漢字"), cells("e\u0301"), cells("plain")) == (4, 1, 5)


@given(st.text(alphabet="ab漢é", max_size=80), st.integers(3, 40))
def test_a_cut_name_keeps_both_ends(text: str, width: int) -> None:
    """The feed and the ending both tell something."""
    shown = cut(text, width)

    assert cells(shown) <= width
    if shown != text:
        head, _, tail = shown.partition("…")
        assert text.startswith(head)
        assert text.endswith(tail)


def test_padding_never_shortens() -> None:
    """A line that is wide enough stays."""
    assert padded((Span("abc"),), 2) == (Span("abc"),)
    assert plain([(*padded((Span("abc"),), 6), Span("|"))]) == "abc   |\n"


def test_a_table_is_as_wide_as_its_widest_cells() -> None:
    """Numbers to the right, text to the left, a rule below the head."""
    rows = [(Span("a"), Span("1,000")), (Span("long name"), Span("7"))]

    lines = plain(table(("file", "words"), rows, (False, True))).splitlines()

    assert lines[0] == "   file        words"
    assert lines[2] == "   a           1,000"
    assert lines[3] == "   long name       7"
    assert set(lines[1].strip()) == {"─"}


def test_the_width_is_the_terminals_up_to_118() -> None:
    """100 where there is no terminal."""
    assert (width_for(None), width_for(80), width_for(300)) == (100, 80, 118)
