"""What the field's tools write, file by file: every article in it, and each row of ``shapes.toml`` with a sample."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from typing import Any

import pytest
from tests.reading.stand import PROSE, ROOT, source_of, the_article, told

from winnowd.reading import ReadingLimits, read
from winnowd.reading.name_table import TABLE
from winnowd.reading.names import mapped
from winnowd.reading.reader import records_of

SHAPES = ROOT / "tests" / "reading" / "shapes"
CLIENTS = tomllib.loads((SHAPES / "clients.toml").read_text(encoding="utf-8"))
NAMED = tomllib.loads((SHAPES / "records.toml").read_text(encoding="utf-8"))["record"]


@pytest.mark.parametrize("sample", CLIENTS["sample"], ids=lambda sample: sample["file"])
def test_a_clients_file_gives_all_its_articles(sample: dict[str, Any]) -> None:
    """In order and no other record, each with the fields that the client brings, and nothing of the text lost."""
    wanted = [CLIENTS["articles"][name] for name in sample["of"]]
    source = source_of((SHAPES / sample["file"]).read_bytes(), sample["file"])

    articles = [the_article(item).article for item in read(source)]

    assert len(articles) == len(wanted)
    for article, want in zip(articles, wanted, strict=True):
        found = {
            "title": article.title,
            "authors": list(article.authors),
            "day": article.published_day and dt.date.fromordinal(article.published_day),
            "url": article.url,
        }
        lacks = sample.get("lacks", [])
        assert {name: found[name] for name in found if name not in lacks} == {
            name: want[name] for name in found if name not in lacks
        }
        assert article.text.startswith(sample.get("begins", want["begins"]))
        assert article.text.endswith(want["ends"])


@pytest.mark.parametrize("sample", CLIENTS["sample"], ids=lambda sample: sample["file"])
def test_no_file_of_a_client_brings_two_texts_that_contradict(sample: dict[str, Any]) -> None:
    """A second field may hold the text in another form; and the records stand in what the sample tells."""
    for record in records_in(sample["file"]):
        assert record.fields is not None
        assert mapped(record.fields).texts == {}
        assert record.shape == sample.get("shape", "")


def records_in(file: str) -> list[Any]:
    """The records of a sample before the schema."""
    return [record for record, _ in records_of(source_of((SHAPES / file).read_bytes(), file), ReadingLimits(), {})]


def test_each_row_of_the_table_has_a_sample() -> None:
    """Each wrapper, container, value and name is what something in a sample was read by."""
    records = [record for sample in CLIENTS["sample"] for record in records_in(sample["file"])]
    fields = [record.fields for record in records] + [row["fields"] for row in NAMED]
    text = repr(fields)

    assert {record.shape for record in records} - {""} == {
        shape for kind in ("wrappers", "among_others", "frames") for shape in TABLE[kind]
    }
    at_paths = [(owner, path) for record in fields for owner, path in mapped(record).found_at.items()]
    inner = {f"{container}." for container in TABLE["containers"]}
    assert {start for start in inner if any(path.startswith(start) for _, path in at_paths)} == inner
    assert [form for form in TABLE["values"] if f"{{'{form}': " not in text] == []
    bare = {(owner, path.partition(".")[2] if path.startswith(tuple(inner)) else path) for owner, path in at_paths}
    assert {(owner, path) for owner, names in TABLE["names"].items() for path in names} - bare == set()


@pytest.mark.parametrize(
    "record",
    [
        {"text": "The mill opened.", "items": [{"text": "A flour bag."}, {"text": "A sack."}]},
        {"content": "The mill opened.", "data": [{"body": "A table."}], "results": [{"body": "2:1"}]},
        {"text": "The mill opened.", "author": {"name": "A. Clerk", "text": "She writes on mills."}},
        {"author": {"text": "She writes on mills."}, "article": {"id": 1}},
        {"metadata": {"text": "The mill opened."}, "items": [{"text": "A flour bag."}]},
        {"text": {"value": "The mill opened."}, "title": {"value": "Mill opens"}},
    ],
    ids=["items", "data and results", "an author's text", "an author alone", "a text further in", "values"],
)
def test_an_articles_own_parts_are_no_wrapper(record: dict[str, Any]) -> None:
    """What brings a text is one record, whatever else is in it; so is what no row of the table tells of."""
    (found,) = records_of(source_of(json.dumps(record).encode(), "a.json"), ReadingLimits(), {})

    assert found[0].shape == ""
    assert found[0].raw is None


def test_names_of_the_same_letters_are_names_of_one_field() -> None:
    """So whichever stands first in the table, ``Pub Date`` is what ``pub_date`` and ``pubDate`` are."""
    by_letters: dict[str, set[str]] = {}
    for owner, names in TABLE["names"].items():
        for name in names:
            by_letters.setdefault(name.lower().replace("_", "").replace("-", ""), set()).add(owner)

    assert {name: owners for name, owners in by_letters.items() if len(owners) > 1} == {"source": {"publisher", "url"}}


@pytest.mark.parametrize("name", ["article", "data", "story"])
def test_the_fields_of_one_wrapped_object_are_no_records(name: str) -> None:
    """Its title and its author are never taken for articles of their own, as columns of a table are."""
    record = {
        name: {"title": "Mill opens", "body": "The mill opened.", "author": "A. Clerk"},
        "url": "https://a.example/",
    }

    (item,) = read(source_of(json.dumps(record).encode(), "a.json"))

    if told(item) == "article":
        assert the_article(item).article.title == "Mill opens"
        assert the_article(item).article.url == "https://a.example/"
    else:
        assert told(item) in {"SCH201 fail", "SCH202 fail"}


def test_each_record_in_a_wrapper_is_decided_alone() -> None:
    """With its own bytes and findings: what is no object, has no text, or a key twice, is not the others' fault."""
    text = '{"n": 1, "articles": [{"text": "One."}, 5, {"text": NaN}, {"text": "Two.", "text": "Three."}]}'

    items = list(read(source_of(text.encode(), "a.json")))

    assert [told(item) for item in items] == ["article", "INP112 fail", "SCH201 fail", "article INP114 doubt"]
    assert [item.raw for item in items] == [
        b'{"text": "One."}', b"5", b'{"text": NaN}', b'{"text": "Two.", "text": "Three."}'
    ]  # fmt: skip


def test_lists_that_stand_twice_or_under_two_names_are_all_read() -> None:
    """No record of a file is lost because another list came first."""
    text = '{"articles": [{"text": "One."}], "items": [{"text": "Three."}], "articles": [{"text": "Two."}]}'

    items = list(read(source_of(text.encode(), "a.json")))

    assert [the_article(item).article.text for item in items] == ["One.", "Two.", "Three."]


def test_a_wrapper_holds_no_more_records_than_any_file() -> None:
    """INP117 tells of the rest, in a line of JSON Lines too."""
    line = json.dumps({"articles": [{"text": "One."}, {"text": "Two."}, {"text": "Three."}]}).encode()

    for name in ("a.json", "a.jsonl"):
        items = list(read(source_of(line, name), ReadingLimits(records=2)))
        assert [told(item) for item in items] == ["article", "article", "INP117 fail"]


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (PROSE.replace(". ", ".\n\n"), "article"),
        (f"<p>{PROSE}</p>", "article"),
        (PROSE[: len(PROSE) // 2], "article"),
        (PROSE[::-1], "article SCH209 doubt"),
    ],
    ids=["other breaks", "with markup", "its beginning", "another text"],
)
def test_two_forms_of_one_text_do_not_contradict(other: str, says: str) -> None:
    """As trafilatura writes text and raw_text, fundus plaintext and body; two texts that differ are doubted."""
    (item,) = read(source_of(json.dumps({"text": PROSE, "raw_text": other}).encode(), "a.json"))

    assert told(item) == says
