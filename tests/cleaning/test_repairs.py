"""Repairs of characters: what is replaced, what is left, and that nothing else changes."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.gates.stand import PROSE, article_of
from tests.test_text import TEXTS

from winnowd.cleaning import repairs
from winnowd.cleaning.repairs import repair
from winnowd.text import Kind, Tokens

MARK = "\u0336"
CURLY = "“We’re not amused,” the café owner said – naïvely, perhaps – of the £40 façade."


def misread(text: str, encoding: str) -> str:
    """A text whose UTF-8 bytes somebody read in a one-byte encoding."""
    return text.encode().decode(encoding)


@pytest.mark.parametrize(
    ("code", "before", "after", "taken"),
    [
        ("CLN301", "one\r\ntwo\rthree\u2028four\x85five\u2029six", "one\ntwo\nthree\nfour\nfive\n\nsix", ""),
        ("CLN304", "mi\u00adll\u200b wheel\ufeff", "mill wheel", "\u00ad\u200b\ufeff"),
        ("CLN304", "mi\u3164ll\u200d wh\u034fe\U000e0041el\u115f", "mill wheel", "\u3164\u200d\u034f\U000e0041\u115f"),
        ("CLN305", "a\u00a0b\tc\u202fd\u3000e\x0bf", "a b c d e f", ""),
        (
            "CLN306",
            "Tom &amp; Anna&nbsp;&#8217;s &unknown; R&D",
            "Tom & Anna\u00a0’s &unknown; R&D",
            "&amp; &nbsp; &#8217;",
        ),
        (
            "CLN306",
            "&amp;quot;Two&amp;#8217;s &amp;amp; R&amp;D",
            '"Two’s & R&D',
            "&amp;quot; &amp;#8217; &amp;amp; &amp;",
        ),
        ("CLN307", "cafe\u0301 \u2126", "café Ω", ""),
        ("CLN309", "the \ufb01rst o\ufb03cer", "the first officer", "\ufb01 \ufb03"),
        ("CLN307", f"o{40 * MARK}nly", f"o{30 * MARK}nly", ""),
        ("CLN303", f"{PROSE[0]}\n{misread(CURLY, 'latin-1')}", f"{PROSE[0]}\n{CURLY}", misread(CURLY, "latin-1")),
    ],
)
def test_each_repair_leaves_one_note_with_what_it_took(code: str, before: str, after: str, taken: str) -> None:
    """The text is mended; the note tells how often, and keeps what was replaced where that can be seen."""
    repaired = repair(before)

    assert repaired.text == after.replace("\u00a0", " ") if code == "CLN306" else repaired.text == after
    note = next(note for note in repaired.notes if note.code == code)
    assert note.text == taken
    assert note.count >= 1


@given(TEXTS | st.text(st.characters(max_codepoint=0xFF), max_size=40))
def test_no_step_is_left_out_that_would_change_a_text(text: str) -> None:
    """A text is asked first whether it has a character that any of them looks for."""
    mended, codes = text, []
    for step in repairs._STEPS:
        made = step(Tokens(mended))
        if made is not None:
            mended = made[0]
            codes.append(made[1].code)

    repaired = repair(text)

    assert repaired.text == mended
    assert [note.code for note in repaired.notes] == codes
    census = Tokens(mended).census
    assert repaired.measures["lost_chars"] == census[Kind.LOST]
    assert repaired.measures["control_chars"] == census[Kind.CONTROL] + census[Kind.CONTROL_BLANK]


def test_markup_keeps_its_entities() -> None:
    """A text with tags is markup: decoding its entities would make new tags of what was shown as text."""
    text = "<p>One &lt;b&gt; two &amp; three</p>"

    assert repair(text).text == text


def test_what_cannot_be_repaired_is_measured() -> None:
    """Lost and control characters, and mojibake that no decoding undoes, are counted after the repairs."""
    measures = repair("b\ufffdd \ufffd \x01\x1f \x7f and Ã¢â‚¬ Ã\u0083").measures

    assert (measures["lost_chars"], measures["control_chars"]) == (2, 3)


@given(TEXTS)
@example("Ã" * 10_000)
@settings(deadline=None)
def test_a_repaired_text_has_nothing_left_to_repair(text: str) -> None:
    """No line end, blank or invisible character of the lists is left, and it is composed."""
    repaired = repair(text)

    left = set(repaired.text)
    assert not left & set(
        "\r\x85\u2028\u2029\u200b\u2060\u3164\u115f\u034f\ufeff\u00ad\u00a0\u2007\u2009\u200a\u202f\u3000\t\x0b\x0c"
    )
    assert unicodedata.is_normalized("NFC", repaired.text)


@given(st.lists(st.sampled_from([*PROSE, CURLY, "Garçon, schön, señor, Årsta — £5…", "中文", ""])).map("\n".join))
def test_a_sound_text_is_not_touched(text: str) -> None:
    """Accents, dashes, curly quotes and other scripts are no damage."""
    repaired = repair(text)

    assert repaired.text == text
    assert repaired.notes == []
    assert not any(repaired.measures.values())


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_whole_article_read_wrongly_comes_back(encoding: str) -> None:
    """UTF-8 read as Latin-1 or cp1252, as far as that encoding has a character for each byte."""
    text = article_of() + CURLY.replace("”", "“") + "\n"

    assert repair(misread(text, encoding)).text == text


@pytest.mark.parametrize(
    "text",
    [
        "او می\u200cخواهد کتاب\u200cها را ببیند، و نمی\u200cداند.",  # Persian: without these joiners words run together
        "क्\u200dष और क्\u200cष एक नहीं हैं",  # Hindi: half forms
        "അവന്\u200d വന്നു",  # Malayalam: a letter that ends a word
        "👩\u200d❤\ufe0f\u200d👩 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f ❤\ufe0f",  # emoji
        "שלום (\u200fWHO\u200f) אמר",  # Hebrew: marks of direction
    ],
)
def test_scripts_and_emoji_keep_the_invisible_characters_that_they_need(text: str) -> None:
    """A joiner is a letter's business there, a tag a flag's, a mark of direction a right-to-left text's."""
    repaired = repair(text)

    assert repaired.text == text
    assert repaired.notes == []


def test_a_flood_of_marks_is_composed_in_linear_time() -> None:
    """NFC puts marks in order in the square of their number: half a million would take hours."""
    begun = time.process_time()
    repaired = repair("o" + "\u0336\u0316\u0301" * 170_000)

    assert time.process_time() - begun < 5
    assert len(repaired.text) <= 32
