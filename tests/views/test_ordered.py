"""The page of an order: what a person finds beside a file that somebody moved."""

from __future__ import annotations

import datetime as dt

import pytest

from winnowd.views.ordered import Ordered, order_md

AT = dt.datetime(2026, 11, 30, 9, 15, tzinfo=dt.UTC)
CONFIRMED = Ordered(
    "confirm", "c-list.txt", "376dba0ab3043c5b", "quarantined", "rejected", AT, "ana", "a list, no article", 4711
)  # fmt: skip


def test_who_did_what_when_and_why_is_told() -> None:
    """And how it is undone."""
    assert order_md(CONFIRMED).decode() == (
        "# c-list.txt: confirmed by ana\n"
        "\n"
        "ana turned it away for good on 2026-11-30 at 09:15:00 UTC. It was quarantined, and is rejected.\n"
        "\n"
        "- why: a list, no article\n"
        "- id: 376dba0ab3043c5b\n"
        "- event: 4711\n"
        "\n"
        "- to see all of it: `winnowd explain 376dba0ab3043c5b`\n"
        '- to undo this: `winnowd restore 376dba0ab3043c5b --reason "..."`\n'
    )


def test_what_was_undone_is_told() -> None:
    """By the event that told it."""
    restored = CONFIRMED._replace(action="restore", was="rejected", became="quarantined", restores=4711, sequence=4800)

    assert "undid event 4711. It was rejected, and is quarantined." in order_md(restored).decode()


@pytest.mark.parametrize("field", ["file", "person", "reason"])
def test_what_strangers_wrote_is_text(field: str) -> None:
    """No line of its own, no link, no tag, no sign that does not print."""
    evil = "x\n# y\n[a](http://b) <img> \x1b[31m \u202e"

    page = order_md(Ordered(**{**CONFIRMED._asdict(), field: evil})).decode()

    assert len(page.splitlines()) == len(order_md(CONFIRMED).splitlines())
    assert not {"\x1b", "\u202e", "<"} & set(page)
    assert "[a](" not in page
