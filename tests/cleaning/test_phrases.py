"""Which kind of residue a line is: each pattern is found by the look-up, whatever line it makes; and the categories."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.gates.stand import PROSE, SERVICE, phrases
from tests.test_text import MIXED

from winnowd.cleaning.phrases import Phrases
from winnowd.text import Tokens

FILE = SERVICE / "cleaning" / "phrases" / "en.toml"
TABLES: dict[str, dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
PARTS = TABLES.pop("parts")
TABLES.pop("missing-space")
WALL = TABLES.pop("wall")["patterns"]
ALPHABET = st.characters(codec="ascii", exclude_characters="\n\r\x0b\x0c\x1c\x1d\x1e\x1f") | st.sampled_from(
    "éñ’“”…×•©–€"
)


def written_out(pattern: str, *, whole: bool) -> str:
    """One pattern of the file as it is searched."""
    for name, part in PARTS.items():
        pattern = pattern.replace(f"%{name}%", part)
    return rf"^\W*(?:{pattern})\W*$" if whole else pattern


PATTERNS = [
    (
        table["code"],
        re.compile(written_out(one, whole=table.get("whole", False)), 0 if table.get("case") else re.IGNORECASE),
    )
    for table in TABLES.values()
    for one in table["patterns"]
]
OF_SENTENCES = [("CLN325", re.compile(one, re.IGNORECASE)) for one in WALL]


def code_of(line: str) -> str:
    """The category of a line as cleaning finds it: by the look-up of words first."""
    return phrases().code_of(line, phrases().masks(Tokens(line))[0])


def searched(line: str) -> str:
    """The category of a line when every pattern is searched."""
    return phrases().code_of(line, phrases().every)


@pytest.mark.parametrize(("code", "pattern"), PATTERNS, ids=[f"{code}-{at}" for at, (code, _) in enumerate(PATTERNS)])
def test_no_line_of_a_pattern_escapes_the_look_up(code: str, pattern: re.Pattern[str]) -> None:
    """Lines made from the pattern itself are found as if every pattern had been searched."""

    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=[HealthCheck.filter_too_much])
    @given(st.from_regex(pattern, alphabet=ALPHABET).map(str.strip))
    def holds(line: str) -> None:
        assert code_of(line) == searched(line)

    assert code in phrases().bit
    holds()


@pytest.mark.parametrize("code", ["CLN325", "CLN327", "CLN329"])
def test_no_sentence_of_a_pattern_escapes_the_look_for_its_words(code: str) -> None:
    """What rules ask of sentences (QUA453 to QUA455) is found as the pattern alone finds it, one word too."""
    whole = next(one.pattern for one in phrases().categories if one.code == code)

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=[HealthCheck.filter_too_much])
    @given(st.from_regex(whole, alphabet=ALPHABET).map(str.strip))
    def holds(sentence: str) -> None:
        assert phrases().tells(code, sentence, phrases().every) == (whole.search(sentence) is not None)

    holds()


WORDS = sorted(
    {word for table in TABLES.values() for name in ("opens", "holds") for word in table.get(name, "").split()}
)
LINES = st.lists(st.sampled_from([*WORDS, "5", "3rd", "the", "©", "-", "all rights"]), max_size=25).map(" ".join)


@given(st.lists((LINES | MIXED | st.sampled_from(PROSE)).map(lambda line: " ".join(line.split())), min_size=1))
@settings(deadline=None)
def test_the_look_up_of_a_whole_text_is_that_of_its_lines(lines: list[str]) -> None:
    """Whatever stands above or below, each line has the category that a full search gives it."""
    masks = phrases().masks(Tokens("\n".join(lines)))

    found = [phrases().code_of(line, mask) for line, mask in zip(lines, masks, strict=True)]

    assert found == [searched(line) for line in lines]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Leave a Reply", "CLN321"),
        ("Your email address will not be published. Required fields are marked *", "CLN321"),
        ("12 comments", "CLN321"),
        ("Comments (5 of 10)", "CLN321"),
        ("Readers’ comments", "CLN321"),
        ("3 thoughts on “Two bridges and who pays for them”", "CLN321"),
        ("ADVERTISEMENT", "CLN322"),
        ("Story continues below", "CLN322"),
        ("×", "CLN323"),
        ("* * *", "CLN323"),
        ("Share on Facebook", "CLN324"),
        ("Facebook Twitter WhatsApp", "CLN324"),
        ("FacebookTwitterEmail", "CLN324"),
        ("Already a subscriber? Log in", "CLN325"),
        ("Sign up for our daily newsletter and have it sent straight to your inbox", "CLN325"),
        ("Back to top button", "CLN326"),
        ("Related Articles", "CLN326"),
        ("Editors’ picks", "CLN326"),
        ("Related: Who pays for the bridges", "CLN326"),
        ("Also read | Ferry runs again", "CLN326"),
        ("This video is not available in your country.", "CLN326"),
        ("Media playback is unsupported on your device", "CLN326"),
        ("You can follow us on Facebook", "CLN324"),
        ("With reporting from Anna Weber.", "CLN330"),
        ("Anna Weber is The Herald’s harbour correspondent.", "CLN330"),
        ("Jonas Lind is a reporter based in Aldermere", "CLN330"),
        ("Visit Herald.com for more on the harbour", "CLN330"),
        ("We and our partners use cookies to give you the best experience.", "CLN327"),
        ("© 2024 The Valley Herald. All rights reserved.", "CLN328"),
        ("Copyright 2024 The Valley Herald", "CLN328"),
        ("Access denied", "CLN329"),
        ("Are you a robot?", "CLN329"),
        ("By Anna Weber and Jonas Lind", "CLN313"),
        ("Updated: 3 May 2024, 14:10", "CLN314"),
        ("May 3, 2024", "CLN314"),
        ("5 min read", "CLN314"),
        ("Photo: Anna Weber / The Valley Herald", "CLN316"),
        ("The crew before they left (Image: Harbour Trust)", "CLN316"),
        ("By the river stood a mill", ""),
        ("The trial of the baker began on Monday, and her account of the fire took all morning to be read out.", ""),
        ("She had already written to the members of the council about the cookies that were sold at the fair.", ""),
        ("May the road rise", ""),
        ("This video is not the one that the council saw.", ""),
        ("Related work was done at the mill.", ""),
        ("Related-party loans fell by half in the spring", ""),
        ("Two responses to the letter came from the mill.", ""),
        ("The harbour is a place of which the editor of the Herald knows little.", ""),
        ("Anna Weber is a correspondent whom nobody had asked.", ""),
        (PROSE[0], ""),
    ],
)
def test_lines_have_the_category_that_a_reader_would_give_them(line: str, code: str) -> None:
    """One line of each kind, and lines of prose that hold the same words."""
    assert code_of(line) == code


def test_a_line_that_is_too_long_is_no_residue() -> None:
    """Over 1,000 characters nothing is searched."""
    assert code_of(f"All rights reserved {'x' * 1_000}") == ""
    assert not phrases().tells("CLN327", f"we use cookies {'x' * 1_000}", phrases().every)


def test_a_broken_file_of_phrases_says_so() -> None:
    """A pattern that is none, and a category without its patterns."""
    head = "[parts]\nSITE='x'\n[missing-space]\npattern='a'\nexcept='b'\n[wall]\npatterns=['a']\n"
    head += "[one]\ncode='CLN321'\nmax_words=3\n"

    with pytest.raises(re.error):
        Phrases.parse(head + "patterns=['(']")
    with pytest.raises(KeyError):
        Phrases.parse(head)
