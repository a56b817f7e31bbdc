"""Files as they land in the inbox, case by case: what records they give, and why some give none."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from tests.reading.stand import CASES, ROOT, cases_of, run, the_article, told

from winnowd.reading.dates import moment
from winnowd.reading.shapes import shaped

FILES = [case for name in ("files", "json", "encodings", "front_matter", "feeds", "tables") for case in cases_of(name)]
RECORDS = [{"file": "record.json", "content": case["record"], **case} for case in cases_of("schema")]
PAGES = cases_of("pages")
DATES = cases_of("dates")
VALUES = tomllib.loads((CASES / "values.toml").read_text(encoding="utf-8"))
NOT_SEEN_HERE = {
    *("INP101", "INP123"),  # said by storage, before a byte is read
    *("INP125", "INP130", "INP134"),  # of files that are no text: test_hostile_documents
}


def plain(value: object) -> object:
    """A field as a case file writes it."""
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("case", FILES + RECORDS + PAGES, ids=lambda case: case["name"].replace(" ", "-"))
def test_a_file_gives_the_records_that_its_case_tells(case: dict[str, Any]) -> None:
    """Records in order with their findings; and, where the case tells them, encodings, notes, bytes, fields."""
    items = run(case)

    assert [told(item) for item in items] == case["records"]
    if "media_type" in case:
        assert {item.provenance.media_type for item in items} == {case["media_type"]}
    if "encodings" in case:
        assert [item.provenance.encoding for item in items] == case["encodings"]
    if "raw" in case:
        assert [item.raw for item in items] == [text.encode() if text is not False else None for text in case["raw"]]
    assert [note.code for note in items[0].notes] == case.get("notes", [])


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in FILES + RECORDS + PAGES
        if {"fields", "absent", "text", "begins", "ends", "extractor"} & case.keys()
    ],
    ids=lambda case: case["name"].replace(" ", "-"),
)
def test_an_article_has_the_fields_that_its_case_tells(case: dict[str, Any]) -> None:
    """What the first record's article holds, and what it does not."""
    read = the_article(run(case)[0])
    article = read.article

    assert {name: plain(getattr(article, name)) for name in case.get("fields", {})} == case.get("fields", {})
    assert [name for name in case.get("absent", []) if getattr(article, name) is not None] == []
    assert article.text == case.get("text", article.text)
    assert article.text.startswith(case.get("begins", ""))
    assert article.text.endswith(case.get("ends", ""))
    assert (read.provenance.extractor or "").startswith(case.get("extractor", ""))


def test_every_code_that_reading_can_give_has_a_case() -> None:
    """All INP and SCH codes of the catalogue stand in a case file, but those of storage."""
    catalogue = tomllib.loads((ROOT / "service" / "winnowd" / "rules.toml").read_text(encoding="utf-8"))
    codes = {code for code in catalogue if code.startswith(("INP", "SCH"))} - NOT_SEEN_HERE
    text = "".join(path.read_text(encoding="utf-8") for path in CASES.glob("*.toml"))

    missing = {code for code in codes if f"{code} {catalogue[code]['grade']}" not in text}

    assert missing == {"SCH203", "SCH210"}, "these two are too large for a case file: test_schema has them"


@pytest.mark.parametrize(
    ("field", "case"),
    [(field, case) for field, cases in VALUES.items() for case in cases],
    ids=lambda part: str(part["value"]) if isinstance(part, dict) else part,
)
def test_a_value_is_what_its_field_takes(field: str, case: dict[str, Any]) -> None:
    """Names, languages and tags as a careful person reads them, and names that only look like two left whole."""
    assert plain(shaped(field, case["value"])) == case["is"]


@pytest.mark.parametrize("case", DATES, ids=lambda case: case["text"].strip() or "nothing")
def test_a_date_means_what_its_case_tells(case: dict[str, Any]) -> None:
    """What is read of it, and whether a time without a zone was cut off."""
    read = moment(case["text"])

    assert ("" if read is None else read.value.isoformat()) == case["iso"]
    assert (read is not None and read.cut) == case.get("cut", False)
