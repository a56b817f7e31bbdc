"""The generated pages are what the program gives, and whole."""

from __future__ import annotations

import json

import pytest
from tests import reference

from winnowd.cli.faults import Exit
from winnowd.settings import catalogue

PAGES = reference.pages()


@pytest.mark.parametrize("path", PAGES)
def test_a_generated_page_is_up_to_date(path: str) -> None:
    """Whoever changes a command, a rule, a setting or a field of events runs ``make reference``."""
    assert (reference.ROOT / path).read_text(encoding="utf-8") == PAGES[path]


def test_every_exit_code_is_explained() -> None:
    """None is left for a script to guess at."""
    assert set(reference.EXITS) == set(Exit)


def test_every_code_has_a_row() -> None:
    """One each, below what gives it."""
    rows = [line.split(" | ")[0].removeprefix("| ") for line in reference.codes_page() if line.startswith("| ")]

    assert sorted(row for row in rows if row != "code") == sorted(catalogue())


def test_blocks_within_blocks_are_listed_to_the_last_field() -> None:
    """A field behind a list, behind a table by code, and one of a block that holds itself."""
    rows = [line.split(" | ")[0] for line in reference.events_page()]

    assert {"| `winnowd.findings[].limit.doubt`", "| `winnowd.limits.CODE.also[]`", "| `service.node.name`"} <= set(
        rows
    )
    assert [row for row in rows if row.count("also[]") > 1] == []


def test_the_format_for_lnav_names_fields_that_events_have() -> None:
    """A field of another name would be an empty column."""
    (form,) = [
        part
        for part in json.loads((reference.ROOT / "deploy" / "lnav" / "winnowd.json").read_text()).values()
        if isinstance(part, dict)
    ]
    fields = {line.split(" | ")[0].strip("| `") for line in reference.events_page() if line.startswith("| `")}

    named = {name.replace("/", ".") for name in form["value"]}

    assert named - fields == set()
    assert {form["timestamp-field"], form["body-field"], form["opid-field"].replace("/", ".")} <= fields


def test_what_would_be_taken_for_markup_is_shown_as_it_is() -> None:
    """Angle brackets and stars of a sentence; what stands in backticks stays."""
    (row,) = list(reference._table(("a",), [("<meta> *or* `<b_c>` | more",)]))[2:]

    assert row == r"| \<meta> \*or\* `<b_c>` \| more |"
