"""Text from outside, shown: nothing of it acts on a terminal, in Markdown, in YAML."""

from __future__ import annotations

import json
import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from winnowd.views.escape import cell, fenced, flat, printable, yaml

HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(), st.sampled_from(list("|[]()*_~`<>&\\$:/@!#-\n\r\t\x1b\u202e\u200b\u2028\ufeffw.h"))
    ),
    max_size=300,
)


def shows_nothing_hidden(text: str) -> bool:
    """Whether no sign of a text is control, format, surrogate, private or a line break."""
    return not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for sign in text)


@given(HOSTILE)
def test_printable_names_what_would_act_on_a_terminal(text: str) -> None:
    """Escape, bidi, zero-width and line breaks become ``<U+001B>``; all else stays as it is."""
    shown = printable(text)

    back = re.sub(r"<U\+([0-9A-F]{4,6})>", lambda found: chr(int(found[1], 16)), shown)
    assert shows_nothing_hidden(shown)
    assert back == re.sub(r"<U\+([0-9A-F]{4,6})>", lambda found: chr(int(found[1], 16)), text)


def test_printable_shows_a_reversed_name_as_it_is() -> None:
    """The classic: ``exe`` that reads as ``txt``."""
    assert printable("cod\u202etxt.exe") == "cod<U+202E>txt.exe"


@given(HOSTILE)
def test_a_cell_is_one_line_without_any_mark_of_its_own(text: str) -> None:
    """No line break, no bare pipe, bracket, tag or address; at most 120 characters before escaping."""
    shown = cell(text, empty="-")

    bare = re.sub(r"\\[\\|\[\]*_~`$]", "", shown)
    assert shows_nothing_hidden(shown)
    assert not set(bare) & set("|[]*_~`<>$\\")
    assert "://" not in shown
    assert "www." not in shown.lower()
    assert len(flat(text)) <= 120
    assert shown


def test_a_long_title_ends_in_an_ellipsis() -> None:
    """120 characters, the last of them the ellipsis."""
    assert flat("word " * 100) == ("word " * 24)[:119].rstrip() + "…"


def test_composed_and_decomposed_letters_look_alike() -> None:
    """NFC, so that two rows of one title are equal."""
    assert cell("Cafe\u0301") == cell("Caf\u00e9") == "Café"


@given(st.lists(st.text(alphabet="`a~", max_size=30), max_size=5))
def test_a_fence_is_longer_than_any_inside(lines: list[str]) -> None:
    """A quote cannot close its block."""
    opening, *inside, closing = fenced(lines)

    assert inside == lines
    assert opening == f"{closing}text"
    assert all(closing not in line for line in lines)


@given(HOSTILE)
def test_yaml_is_json_in_one_line(text: str) -> None:
    """A scalar that any YAML reader takes: JSON's quotes, no escape that YAML has not."""
    shown = yaml(text)

    assert shows_nothing_hidden(shown)
    assert json.loads(shown) == "".join(sign for sign in text if shows_nothing_hidden(sign))
    assert "\\u" not in shown.replace("\\\\", "")
