"""The queue as people and programs are shown it: narrow or wide, whatever strangers have written into it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnowd.model import Twin, Waiting
from winnowd.views.lines import line_cells, plain
from winnowd.views.queue import age, queue_lines, reason, total_lines, waiting_fields
from winnowd.views.review import head_lines, help_lines, keys_line

NOW: Final = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
TEXT = st.text(st.characters(codec="utf-8"), max_size=150)


def waiting(**fields: Any) -> Waiting:
    """A record that waits, as far as nothing else is said of it."""
    given_fields: dict[str, Any] = {
        "number": 7, "sequence": 4711, "id": "c41f7a90d2b86e35", "record": "7d0c51e2a94b3f60-0", "file": "inbox/a.txt",
        "feed": "", "title": "Counting herring", "codes": ("QUA401",), "decided_at": NOW - dt.timedelta(days=3),
        "finding": {"code": "QUA401", "grade": "doubt", "because": "it has 92 words, below 100"},
        "nearest": {}, "twin": None,
    }  # fmt: skip
    return Waiting(**{**given_fields, **fields})


ITEMS = st.lists(
    st.builds(
        lambda title, feed, because, twin, code: waiting(
            title=title, feed=feed, codes=(code,), finding={"because": because, "grade": "doubt"},
            twin=Twin("5b1d0c7e9a42f386", twin, "admitted"), file=f"inbox/{feed}",
        ),
        TEXT, TEXT, TEXT, TEXT, st.sampled_from(["QUA401", "DUP606"]),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@given(ITEMS, st.integers(60, 118))
def test_no_line_is_wider_than_the_terminal_and_none_holds_what_does_not_print(
    items: list[Waiting], width: int
) -> None:
    """From 60 cells to 118; titles, feeds and sentences come from strangers."""
    lines = queue_lines(items, NOW, width)
    lines += head_lines(items[0], (1, 4), "rejected", now=NOW, width=width)
    lines += [*keys_line(width), *total_lines(4, {"DUP606": 4}, 1, width)]

    assert max(map(line_cells, lines)) <= width
    assert not {unicodedata.category(sign) for sign in plain(lines).replace("\n", "")} & HIDDEN


@pytest.mark.parametrize("width", [60, 80, 100, 118])
def test_each_record_is_there_by_what_one_types_and_what_one_reads(width: int) -> None:
    """Event, id, age, feed, title and reason."""
    items = [waiting(), waiting(sequence=12_345, id="7d0c51e2a94b3f60-12", title="", feed="feed-a")]

    shown = plain(queue_lines(items, NOW, width))

    for said in (
        "4,711",
        "c41f7a90",
        "3 d",
        "Counting herring",
        "92 words",
        "12,345",
        "7d0c51e2-12",
        "feed-a",
        "a.txt",
    ):
        assert said in shown


SHARED = ": 61 % of its words in shared runs"


@pytest.mark.parametrize(
    ("code", "finding", "fields", "said"),
    [
        ("QUA401", {"because": "it has 92 words, below 100"}, {}, "it has 92 words, below 100"),
        ("SCH209", {"rule": "fields-conflict"}, {}, "fields conflict"),
        ("QUA401", {}, {}, "is doubted by QUA401"),
        ("DUP606", {"grade": "doubt"}, {}, f"may be a rewrite of “The tide mill”{SHARED}"),
        ("DUP603", {"grade": "fail"}, {}, f"is a near copy of “The tide mill”{SHARED}"),
        ("DUP604", {}, {"nearest": {}, "twin": Twin("5b1d", "", "erased")}, "may be an excerpt of 5b1d"),
        ("DUP602", {"because": "the same words"}, {"twin": None}, "the same words"),
    ],
)
def test_the_reason_is_a_sentence_in_a_readers_words(
    code: str, finding: dict[str, Any], fields: dict[str, Any], said: str
) -> None:
    """By the worst finding; of a copy it names the other article by its title, or by what else is known of it."""
    like = {"nearest": {"twin": True, "shared_runs": 0.612}, "twin": Twin("5b1d0c7e", "The tide mill", "admitted")}

    assert reason(waiting(**{**like, "codes": (code,), "finding": finding, **fields})) == said
    assert reason(waiting(codes=(), finding={})) == "is doubted"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (40, "40 s"),
        (119, "119 s"),
        (300, "5 min"),
        (7_200, "2 h"),
        (172_800, "2 d"),
        (86_400 * 40, "40 d"),
    ],
)
def test_an_age_is_told_in_the_unit_that_fits(seconds: float, said: str) -> None:
    """A clock that went back makes nothing younger than now."""
    assert age(seconds) == said


def test_programs_are_given_plain_values() -> None:
    """Names are promises; what a record has not is None."""
    fields = waiting_fields(waiting(twin=Twin("5b1d", "The tide mill", "admitted")), NOW)

    assert list(fields) == [
        "sequence", "id", "record", "file", "feed", "title", "code", "codes", "reason", "grade", "measured", "unit",
        "limit", "twin", "nearest", "decided", "age_seconds",
    ]  # fmt: skip
    assert fields["twin"] == {"id": "5b1d", "title": "The tide mill", "outcome": "admitted"}
    assert (fields["decided"], fields["age_seconds"]) == ("2026-11-27T00:00:00.000000Z", 259_200)


def test_every_key_is_told_of() -> None:
    """In the line below a record, and each with what it does."""
    line, lines = plain(keys_line(118)), plain(help_lines())

    assert [part.split()[0] for part in line.split("·")] == list("crsjkuno?q")
    assert lines.count("\n") == 10
