"""The schema where a case file would be too large: long texts, many fields; and its laws."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.reading.stand import RECEIVED, read_all, the_article, told

from winnowd.article import LONGEST_TEXT, Article
from winnowd.model import Grade
from winnowd.reading import ReadingLimits, SchemaPolicy
from winnowd.reading.name_table import NAMES
from winnowd.reading.names import SERVICE_FIELDS
from winnowd.reading.schema import judge

POLICY = SchemaPolicy()
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
)

OPTIONAL = sorted({name for field, names in NAMES.items() if field != "text" for name in names} | {"tdm_opt_out"})
SPELT = [
    *(
        "None",
        "N/A",
        "0000-00-00",
        "03/04/2024",
        "23 mars 2024",
        "1711180800",
        "en_US.UTF-8",
        "English",
        "xx",
        "yes",
        "no",
    ),
    *(
        "By <b>Anna Clerk</b>, Bo Keeper and Cy",
        "clerk@example.org (Anna)",
        "['a', 'b']",
        "//example.org/a b",
        "ftp://a.b",
    ),
    *("www.example.org", "CC BY 4.0", "noai", "opinion", "2024-03-23T10:00:00+14:00", "9999-12-31T23:59:59-12:00"),
]


def record_of(fields: dict[str, Any]) -> Any:
    """The one record of these fields as JSON."""
    (item,) = read_all(json.dumps({"text": "The mill opened.", **fields}).encode(), "story.json")
    return item


@pytest.mark.parametrize(("length", "says"), [(LONGEST_TEXT, "article"), (LONGEST_TEXT + 1, "SCH203 fail")])
def test_a_text_may_have_two_million_characters(length: int, says: str) -> None:
    """One more is too many."""
    assert told(record_of({"text": "x" * length})) == says


def test_a_hundred_unknown_fields_are_kept_and_no_more() -> None:
    """The surplus is set aside, and noted."""
    item = record_of({f"field {number}": number for number in range(101)})

    assert told(item) == "article SCH210 pass"
    assert len(the_article(item).article.extra) == 100


@pytest.mark.parametrize(
    "fields",
    [{"k" * 201: 1}, {"a": "x" * 10_001}, {"a": ["x" * 10_001]}, {"a\u202eb": 1}, {"a\ud800": 1}],
    ids=["long key", "long text", "long list", "hidden character", "half a pair"],
)
def test_an_unknown_field_that_is_too_large_or_unfit_is_set_aside(fields: dict[str, Any]) -> None:
    """Its key must be printable and of 200 characters at most, its value of 10,000."""
    item = record_of(fields)

    assert told(item) == "article SCH210 pass"
    assert the_article(item).article.extra == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 501),
        ("description", "x" * 5_001),
        ("authors", [f"Clerk {number}" for number in range(51)]),
        ("authors", ["x" * 501]),
        ("tags", [f"tag {number}" for number in range(101)]),
        ("url", "https://example.org/" + "x" * 2_083),
    ],
)
def test_a_field_that_is_too_long_is_absent_and_noted(field: str, value: object) -> None:
    """The article is judged without it."""
    item = record_of({field: value})

    assert told(item) == "article SCH206 pass"
    assert not getattr(the_article(item).article, field)


def test_the_evidence_of_a_faulty_field_shows_what_it_held() -> None:
    """Its beginning, so that a person can see; the sentence names only the field."""
    (finding,) = record_of({"title": "Herring " * 100}).findings

    assert finding.because == "title: longer than 500 characters"
    assert finding.evidence["fields"]["title"].startswith("Herring Herring")


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({"title": 5}, "title: a number and not a text"),
        ({"title": ["Herring", "Cod"]}, "title: a list and not a text"),
        ({"authors": [5, "A. Clerk"]}, "authors: a part of it is of the wrong type"),
        ({"authors": 5}, "authors: a number and not a list of texts"),
        ({"synthetic": "perhaps"}, "synthetic: a text and not true or false"),
        ({"tdm": {"policy": 5}}, "tdm: a part of it is of the wrong type"),
        ({"kind": "rumour"}, "kind: none of 'news', 'opinion', "),
        ({"description": "x" * 5_001}, "description: longer than 5,000 characters"),
        ({"tags": list(map(str, range(101)))}, "tags: more than 100"),
        ({"tags": list(map(str, range(1_001)))}, "tags: too many, or in too long a text, to be told apart"),
        ({"tags": [["a", "b"], ",".join(map(str, range(1_001)))]}, "tags: more than 100"),
        ({"authors": "A. Clerk, " * 20_000}, "authors: too many, or in too long a text, to be told apart"),
        ({"text": " "}, "under text, "),
    ],
)
def test_a_faulty_field_is_told_with_what_came_and_what_may_come(fields: dict[str, Any], because: str) -> None:
    """Whoever sends it knows what to change; the value itself is in the evidence only."""
    found = judge({"text": "The mill opened.", **fields}, RECEIVED, POLICY).findings[0]

    assert because in found.because


@given(st.dictionaries(st.sampled_from(sorted(name for names in NAMES.values() for name in names)), values))
def test_any_values_under_known_names_give_an_article_or_a_fault_of_the_text(fields: dict[str, Any]) -> None:
    """Optional fields never cost the article; what is kept meets the schema when it is read back."""
    article, findings, _ = judge(fields, RECEIVED, POLICY)

    if article is None:
        assert findings[0].code in {"SCH201", "SCH202", "SCH203", "SCH204"}
    else:
        assert Article.model_validate_json(article.model_dump_json()) == article


@given(st.dictionaries(st.sampled_from(OPTIONAL), values | st.sampled_from(SPELT) | st.lists(st.sampled_from(SPELT))))
@example({"author": "By By A (B)"})
def test_no_optional_field_holds_an_article_unless_it_states_rights(fields: dict[str, Any]) -> None:
    """Whatever stands in them is read, or absent and noted; a statement of rights that cannot be read is a doubt."""
    article, findings, _ = judge({**fields, "text": "The mill opened."}, RECEIVED, POLICY)

    assert article is not None
    doubted = {name for one in findings if one.grade is not Grade.PASS for name in one.evidence["fields"]}
    assert doubted <= {"licence", "tdm", "synthetic"}


@given(st.dictionaries(st.sampled_from(OPTIONAL), values | st.sampled_from(SPELT), max_size=4))
def test_an_article_that_was_read_reads_the_same_again(fields: dict[str, Any]) -> None:
    """What reading made of the fields is what it makes of it, once written as JSON: nothing is mended twice."""
    article, _, _ = judge({**fields, "text": "The mill opened."}, RECEIVED, POLICY)
    assert article is not None
    written = {name: value for name, value in json.loads(article.model_dump_json()).items() if name != "extra"}

    again, _, _ = judge(written, RECEIVED, POLICY)

    assert again is not None
    assert again.model_copy(update={"extra": article.extra}) == article


@given(st.dictionaries(st.text(max_size=20), values, max_size=5))
def test_no_unknown_field_is_lost_unseen(fields: dict[str, Any]) -> None:
    """What is not known is in `extra`, or set aside with a note, or dropped by name; nulls and blanks are nothing."""
    known = {name.lower() for names in NAMES.values() for name in names}
    unknown = {name: value for name, value in fields.items() if name.lower() not in known | SERVICE_FIELDS}

    article, findings, _ = judge({"text": "The mill opened.", **unknown}, RECEIVED, POLICY)

    assert article is not None
    kept = {name for name, value in unknown.items() if value not in (None, [], {}) and str(value).strip()}
    assert set(article.extra) <= kept
    assert (set(article.extra) == kept) != any(finding.code == "SCH210" for finding in findings)


def test_the_first_name_present_is_taken_for_every_field() -> None:
    """The order of the names is the order of precedence, whatever the order in the record."""
    order = [name for name in NAMES["text"] if "." not in name]
    record = {name: f"Text under {name}." for name in reversed(order)}

    taken = []
    while record:
        article, _, _ = judge(record, RECEIVED, POLICY)
        assert article is not None
        taken.append(article.text)
        record = {name: text for name, text in record.items() if text != article.text}

    assert taken == [f"Text under {name}." for name in order]


def test_a_page_in_a_record_is_read_only_where_the_text_is() -> None:
    """Of HTML in another field nothing is extracted: what nobody knows stays as it is."""
    html = "<p>x</p>" * 10
    (item,) = read_all(json.dumps({"text": "The mill opened.", "teaser": html}).encode(), "a.json")

    assert the_article(item).article.extra == {"teaser": html}
    assert item.provenance.extractor is None
    assert ReadingLimits().page_characters == 250
