"""A copy that looks like its original is one to the fingerprint, whatever characters it is written with."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.originality.stand import Stand, fingerprint_of, prepared_of

from winnowd.model import Grade
from winnowd.originality import pack
from winnowd.text.folding import LOOKALIKES, fold2

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

TEXT: str = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))["texts"]["A"]
FILLERS = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u200b\u200c\u200d\u200e\u202e\u2060\u2063\u3164\ufe0f\ufeff\uffa0"
FILLERS += "\U000e0041\U000e0101\u0640\u02bc"
MARKS = "\u0301\u0308\u0323\u0327\u0336\u0338\u20dd\u0489"
SMALL = {latin: [o for o, of in LOOKALIKES.items() if of == latin and not o.isupper()] for latin in LOOKALIKES.values()}


def sprinkled(one: Random, characters: str) -> str:
    """The text with one of these after every few letters."""
    return re.sub(r"[A-Za-z]", lambda letter: letter[0] + (one.choice(characters) if one.random() < 0.2 else ""), TEXT)


def swapped(one: Random) -> str:
    """The text with other scripts' letters for some of its own."""
    return re.sub(r"[a-z]", lambda letter: one.choice([letter[0], *SMALL[letter[0]]]), TEXT)


def shifted(text: str, small: int, capital: int) -> str:
    """The text in one of the alphabets that begin at these."""
    text = re.sub(r"[a-z]", lambda letter: chr(small + ord(letter[0]) - ord("a")), text)
    return re.sub(r"[A-Z]", lambda letter: chr(capital + ord(letter[0]) - ord("A")), text)


DISGUISES: dict[str, Callable[[Random], str]] = {
    "fillers": lambda one: sprinkled(one, FILLERS),
    "marks": lambda one: sprinkled(one, MARKS),
    "lookalikes": swapped,
    "fullwidth": lambda _: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in TEXT),
    "mathematical": lambda _: shifted(TEXT, 0x1D41A, 0x1D400),
    "circled": lambda _: shifted(TEXT, 0x24D0, 0x24B6),
    "accents": lambda _: TEXT.replace("e", "é").replace("o", "ø").replace("a", "ä"),
    "long s and ligatures": lambda _: TEXT.replace("s", "ſ").replace("fi", "ﬁ"),
}


def parts(text: str) -> dict[str, Any]:
    """All that the ledger would store, but for the digest of the bytes."""
    return pack(fingerprint_of(text)) | {"raw_digest": b""}


@pytest.mark.parametrize("name", DISGUISES)
@given(one=st.randoms(use_true_random=True))
def test_a_disguise_leaves_the_fingerprint_as_it_is(name: str, one: Random) -> None:
    """Words, shingles, keys, sentences and numbers are those of the text that a reader sees."""
    assert parts(DISGUISES[name](one)) == parts(TEXT)


@pytest.mark.parametrize("name", DISGUISES)
@given(one=st.randoms(use_true_random=True))
@settings(max_examples=3)
def test_a_disguised_copy_is_stopped(name: str, one: Random) -> None:
    """It is the same text."""
    stand = Stand()
    stand.take(TEXT)
    stand.commit()

    examination = stand.examine(prepared_of(DISGUISES[name](one)))

    assert [one.code for one in examination.findings if one.grade is Grade.FAIL][:1] == ["DUP602"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("½ m² ① 中文 かな ｶﾞ 한글", "½ m² ① 中文 かな ガ 한글"),
        ("क्षि मी", "क्षि मी"),
        ("Чай", "чaй"),
        ("می\u200cخواهد", "میخواهد"),
    ],
)
def test_what_looks_like_nothing_latin_stays(text: str, folded: str) -> None:
    """Numbers that are no digits, other scripts with their marks; only joiners and lookalikes go."""
    assert fold2(text).decode() == folded


def test_a_flood_of_marks_is_folded_in_linear_time() -> None:
    """Also where fillers part them, which the fold takes out."""
    begun = time.process_time()
    fold2("o" + "\u0336\u0316\u034f" * 170_000)

    assert time.process_time() - begun < 5
