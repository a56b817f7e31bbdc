"""Pages where the ways of reading them fail, one after the other; and what a page's date is counted from."""

from __future__ import annotations

import dataclasses
import datetime as dt
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.reading.stand import PROSE, read_all, source_of, the_article, told

from winnowd.reading import ReadingLimits, read
from winnowd.reading.pages import body_of
from winnowd.reading.records import RefusedError

if TYPE_CHECKING:
    from winnowd.reading.page_claims import Element

LIMITS = ReadingLimits()
LONG = PROSE * 3


def nothing(_html: str, _tree: Element | None) -> str:
    """An extractor that finds no body."""
    return ""


def gives(_html: str, _tree: Element | None) -> str:
    """An extractor that finds one."""
    return LONG


def fails(_html: str, _tree: Element | None) -> str:
    """An extractor that cannot stand the page."""
    raise RecursionError("deep in someone else's code")


@pytest.mark.parametrize(
    ("first", "second", "written", "says"),
    [
        (gives, fails, None, "trafilatura"),
        (nothing, gives, None, "resiliparse"),
        (fails, gives, None, "resiliparse"),
        (nothing, nothing, LONG, "json-ld"),
        (fails, fails, LONG, "json-ld"),
        (nothing, fails, "short", "INP120"),
        (fails, nothing, ["no", "text"], "INP120"),
        (fails, fails, None, "INP121"),
    ],
)
def test_the_first_way_that_gives_a_body_is_taken(first: object, second: object, written: object, says: str) -> None:
    """Only a page that every extractor raises on has failed; one without a body in any has none."""
    ways = (("trafilatura", first), ("resiliparse", second))

    try:
        taken = body_of("<html></html>", LIMITS, tree=None, written=written, ways=ways).extractor  # type: ignore[arg-type]
    except RefusedError as refusal:
        taken = refusal.finding.code

    assert taken.split()[0] == says


def test_a_page_that_is_one_endless_tag_is_not_given_to_any_parser() -> None:
    """Parsers take the square of its attributes: 20 s for half a megabyte."""
    page = "<html><body><p " + " ".join(f"a{number}=1" for number in range(100_000)) + f">{LONG}</p></body></html>"

    (item,) = read_all(page.encode(), "story.html")

    assert told(item) == "INP121 doubt"
    assert item.findings[0].because == "a tag with more than 1,000 attributes"


def test_a_page_is_dated_as_of_its_arrival() -> None:
    """What is read of a page depends on its bytes and its arrival alone, not on the day on which it is read again."""
    head = '<html><head><meta name="date" content="2024-03-23"></head>'
    page = f"{head}<body><article><p>{LONG}</p></article></body></html>"
    source = source_of(page.encode(), "story.html")
    before = dataclasses.replace(source, received_at=dt.datetime(2023, 1, 1, tzinfo=dt.UTC))

    (after_it,), (before_it,) = read(source), read(before)

    assert the_article(after_it).article.published_at == dt.date(2024, 3, 23)
    assert the_article(before_it).article.published_at is None


def test_reading_loads_no_library_before_it_needs_it() -> None:
    """A start, and a stream of plain texts, wait for no parser of pages."""
    code = (
        "import sys, winnowd.reading\n"
        "late = {'trafilatura', 'lxml', 'resiliparse', 'htmldate', 'ftfy', 'zstandard', 'fastwarc', 'yaml'}\n"
        "print(sorted(late & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
