"""No text takes more than its length: time grows as the text does, for every pattern and for the whole way.

Growth is measured over an input eight times as long: linear work takes 8 times as long, quadratic 64. The least of
up to three runs is taken, in processor time; small inputs pay for what each run costs anyway, so less than 8 is no
surprise.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from tests.cleaning.test_phrases import OF_SENTENCES, PATTERNS
from tests.gates.stand import PROSE, SERVICE, findings_of, listing
from tests.gates.test_damage_patterns import PATTERNS as MARK_PATTERNS

from winnowd.cleaning import (
    dates,
    fields,
    headline,
    lead,
    markdown,
    observed,
    outside,
    page,
    repairs,
    residue,
    stubs,
    templates,
    wrapped,
)
from winnowd.cleaning.languages import LISTED
from winnowd.cleaning.listing import LONGEST
from winnowd.gates import characters, clutter, repetition
from winnowd.text import folding, genres, kinds, lines, scripts, stops, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST, TIMES, MOST_GROWTH = 2_000, 8, 24
NO_TIME = 0.002  # s
PUMPS = (
    *(
        "a",
        "A",
        " ",
        "\n",
        "-",
        ".",
        ",",
        "(",
        "1",
        "“",
        "a ",
        "a.",
        "a. ",
        "A. ",
        "the ",
        "the a ",
        "of ",
        "said ",
        "and, ",
    ),
    *(
        "<a",
        "<a ",
        "&a",
        "&#1",
        "By A ",
        "By A. ",
        "getty images ",
        "istock!",
        "cookies we ",
        "by using ",
        "reading the ",
    ),
    *(
        "x ",
        "facebook ",
        "copy link",
        "share ",
        "privacy, ",
        "page ",
        "error ",
        "1 1",
        "1.1.",
        "+1 (",
        "a@a.",
        "a@",
        "May 1, ",
        "- ",
    ),
    *("not be published, ", "privacy terms ", "!?", "…", "Ã", "’s ", "you consent ", "our newsletter "),
)
LISTED_PUMPS = ("12:30 ", "1.1.", "12. ", "2026-1-1 ", "A. ", "A, ", "a und ", "12 ", "12 a ", "月1日", "h: ")
MODULES = (
    *(dates, fields, headline, lead, markdown, outside, page, repairs, residue, observed, stubs, templates, wrapped),
    *(characters, clutter, repetition, folding, genres, kinds, lines, scripts, stops, tokens),
)


def patterns_of_code() -> list[tuple[str, re.Pattern[str]]]:
    """Every pattern that stands in the code of cleaning and gates."""
    found = []
    for module in MODULES:
        for name, value in sorted(vars(module).items()):
            values = value if isinstance(value, tuple) else (value,)
            found += [(f"{module.__name__}.{name}", one) for one in values if isinstance(one, re.Pattern)]
    return found


EVERY = [*PATTERNS, *OF_SENTENCES, *MARK_PATTERNS.items(), *patterns_of_code()]


def seconds(work: Callable[[str], object], text: str) -> float:
    """The processor time of one run."""
    begun = time.process_time()
    work(text)
    return time.process_time() - begun


def growth(work: Callable[[str], object], pump: str, least: int) -> float:
    """How many times as long an input takes that is eight times as long; 0 if even that takes no time to speak of.

    The long one is run again only where it seems to take too long: another run could but make it less.
    """
    short, long = (pump * (length // len(pump)) + "\x00" for length in (least, least * TIMES))
    taken = seconds(work, long)
    if taken < NO_TIME:
        return 0.0
    base = max(min(seconds(work, short) for _ in range(3)), 1e-6)
    for _ in range(2):
        if taken > MOST_GROWTH * base:
            taken = min(taken, seconds(work, long))
    return 0.0 if taken < NO_TIME else taken / base


@pytest.mark.parametrize(("code", "pattern"), EVERY, ids=[f"{code}-{at}" for at, (code, _) in enumerate(EVERY)])
def test_a_pattern_takes_time_as_its_input_grows(code: str, pattern: re.Pattern[str]) -> None:
    """Searched in anything that repeats a piece of text written to slow such patterns down."""
    grown = {pump: growth(lambda text: sum(1 for _ in pattern.finditer(text)), pump, LEAST) for pump in PUMPS}

    assert {pump: value for pump, value in grown.items() if value > MOST_GROWTH} == {}, code


@pytest.mark.parametrize("language", sorted(LISTED - {"en"}))
def test_no_line_keeps_a_list_busy(language: str) -> None:
    """A line as long as any that is looked at, written to slow templates down, takes a millisecond at most."""
    one = listing(language)
    starts = ["", *{line for _, pattern in one.patterns for line in [pattern.pattern[:6].replace("\\", "")]}]
    lines = [f"{start}{pump * LONGEST}"[: LONGEST - 1] for start in starts for pump in LISTED_PUMPS]

    begun = time.process_time()
    for line in lines:
        one.find(line)

    assert (time.process_time() - begun) / len(lines) < 0.001


HOSTILE = {
    "one word": "a" * 100,
    "one line of words": "the mill and the ferry ",
    "the same line": f"{PROSE[0]}\n",
    "blank lines": "\n\n\n ",
    "residue": "Leave a Reply\nADVERTISEMENT\nShare on Facebook\n",
    "menus": "Menu entry\nHome\nSport\n",
    "marks": "The has, the of. said it The second ministryfrom, where agreed. ",
    "entities": "&amp;&nbsp;",
    "mojibake": "Ã¢â‚¬â„¢ cafÃ© ",
    "tags": "<a <b ",
    "quotes": "“a “b ’s ",
    "addresses": "http://www.a@a.example/1.2.3.4 ",
    "glued": "yesterday.The",
    "lines of one letter": "a\nb\n",
    "astral": "𝐀😀 ",
    "numbers": "123 456 789 0",
    "wrapped": f"{'the mill and the ferry ' * 3}\n",
    "links": "[a](http://a)\n[a]: http://a\n![",
    "dates": "2024-03-23\n",
    "other script": "中文字 हिन्दी ",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_whole_way_takes_time_as_the_text_grows(name: str) -> None:
    """Cleaning, all gates and the detection of the language, on texts written to slow them down."""
    findings_of(HOSTILE[name])  # tables and models load once

    assert growth(lambda text: findings_of(text.removesuffix("\x00")), HOSTILE[name], 20_000) < MOST_GROWTH


def test_the_rule_would_notice_a_pattern_that_is_not_linear() -> None:
    """A pattern known to be quadratic grows beyond what is allowed."""
    slow = re.compile(r"\s+$")

    assert growth(slow.search, " ", 1_000) > MOST_GROWTH


def test_every_file_of_patterns_is_looked_at() -> None:
    """A module that compiles a pattern is among those whose patterns are tried here."""
    compiling = {
        path.stem
        for room in ("cleaning", "gates", "text")
        for path in (SERVICE / room).glob("*.py")
        if "= re.compile(" in path.read_text(encoding="utf-8")
    }

    assert compiling - {"phrases", "listing", "marks"} <= {module.__name__.rpartition(".")[2] for module in MODULES}
