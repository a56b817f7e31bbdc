"""The event of a decision: its fields, their order, what it never holds, and that any decision makes a valid line."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.event.stand import (
    ADVERT,
    FEW_WORDS,
    NOW,
    ORIGINAL,
    REWRITE,
    arrival,
    context,
    judged_of,
    line_of,
    unreadable,
)

from winnowd import event
from winnowd.event.schema import EVENT
from winnowd.model import EvidenceLine, Finding, Grade, Limit, Note, Outcome

SCHEMA = EVENT.json_schema()


def ordered_as_the_schema(value: Any, schema: dict[str, Any]) -> bool:
    """Whether all keys of all blocks come in the order in which the schema names them."""
    schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if isinstance(value, list):
        return all(ordered_as_the_schema(one, schema["items"]) for one in value)
    if not isinstance(value, dict) or "properties" not in schema:
        return True
    named = [key for key in schema["properties"] if key in value]
    return named == list(value) and all(ordered_as_the_schema(value[key], schema["properties"][key]) for key in value)


def test_a_rejected_rewrite_names_rule_limit_and_twin_in_one_sentence() -> None:
    """Message and reason: file, code, slug, twin, value and the limit it passed; no word of the article."""
    said = line_of(event.decided(judged_of(REWRITE, twin=ORIGINAL), context()))

    assert said["message"] == "rejected harvest.txt: DUP606 rewrite of 5512adcf1f510a1f (2.28, limit 1.30)"
    assert said["event"]["reason"].startswith("rewrite 2.28, limit 1.30; ")
    assert said["event"]["action"] == "reject"
    assert said["event"]["type"] == ["info", "denied"]
    assert said["rule"] == {
        "id": "DUP606", "name": "rewrite", "category": "originality", "ruleset": "balanced", "version": "1",
    }  # fmt: skip
    assert said["winnowd"]["nearest"]["twin"] is True


def test_an_admitted_article_has_no_code_but_its_measures() -> None:
    """Nothing to blame: neither code nor rule nor findings; every rule asked has its value."""
    said = line_of(
        event.decided(judged_of(findings=[Finding("QUA401", "length", Grade.PASS, 551.0, FEW_WORDS)]), context())
    )

    assert said["message"].startswith("admitted harvest.txt as ")
    assert "code" not in said["event"]
    assert "rule" not in said
    assert "findings" not in said["winnowd"]
    assert said["winnowd"]["codes"] == []
    assert said["winnowd"]["measured"]["QUA401"] == 551
    assert said["winnowd"]["destination"]["path"].startswith("seeds/2026/11/")


def test_the_headline_of_what_is_both_a_copy_and_damaged_is_the_copy() -> None:
    """Of the findings of the worst grade originality's come first; the others follow in the order of the catalogue."""
    damage = Finding("TXT501", "integrity", Grade.FAIL, 7.0, because="7 marks of damage")

    said = line_of(event.decided(judged_of(REWRITE, twin=ORIGINAL, findings=[damage]), context()))

    assert said["event"]["code"] == "DUP606"
    assert said["winnowd"]["codes"] == ["DUP606", "DUP607", "TXT501"]


def test_a_value_that_would_look_like_its_limit_gets_more_decimals() -> None:
    """1.296 is not shown as 1.30 beside a limit of 1.30."""
    limit = Limit("DUP606", "rewrite", "max", 1.0, 1.296)
    rewrite = Finding("DUP606", "originality", Grade.FAIL, 1.2961, limit)

    said = line_of(event.decided(judged_of(findings=[rewrite]), context()))

    assert "(1.2961, limit 1.2960)" in said["message"]


def test_keys_come_in_the_order_of_the_schema() -> None:
    """An auditor reads the fields of every decision in one order."""
    record = judged_of(REWRITE, twin=ORIGINAL, notes=[ADVERT], fields={"published_at": dt.date(2024, 3, 26)})
    for judged in (record, judged_of(), unreadable()):
        said = line_of(event.decided(judged, context(), EvidenceLine("audit/evidence/x.jsonl", 0, b"{}", "0" * 64)))

        assert ordered_as_the_schema(said, SCHEMA)


def test_a_record_without_article_is_named_by_its_arrival() -> None:
    """An unreadable file has no article block, and still everything else."""
    said = line_of(event.decided(unreadable(), context()))

    assert "article" not in said["winnowd"]
    assert said["message"] == "rejected harvest.txt: INP103 too-large (41943040)"
    assert said["trace"]["id"] == said["winnowd"]["arrival"]["id"]


def test_notes_are_counted_and_never_quoted() -> None:
    """Two adverts and a headline become two entries with sums; their words are nowhere in the line."""
    notes = [Note("CLN322", 3, 1, "BUY OUR HERRING"), Note("CLN322", 9, 2, "herring!"), Note("CLN317", 1, 1, "Fire")]

    line = event.render(event.decided(judged_of(notes=notes), context()), event.FIRST)

    assert json.loads(line)["winnowd"]["notes"] == [
        {"code": "CLN317", "count": 1, "chars": 4},
        {"code": "CLN322", "count": 3, "chars": 23},
    ]
    assert b"erring" not in line.lower()


def test_personal_data_is_counted_by_kind() -> None:
    """How many of each, and none of them."""
    notes = [Note("CLN355", 0, 3, "", (("email", 2), ("phone", 1)))]

    said = line_of(event.decided(judged_of(notes=notes), context()))

    assert said["winnowd"]["notes"] == [{"code": "CLN355", "count": 3, "chars": 0, "kinds": {"email": 2, "phone": 1}}]


def test_a_rule_that_was_not_asked_says_so() -> None:
    """And so does one that passes what it saw without a measure; the others stand among the measures."""
    findings = [
        Finding("QUA409", "characters", Grade.PASS, because="not asked: its language is 'de'"),
        Finding("INP107", "reading", Grade.PASS, because="declared latin-1, and is UTF-8"),
        Finding("QUA401", "length", Grade.PASS, 551, FEW_WORDS),
    ]

    said = line_of(event.decided(judged_of(findings=findings), context()))["winnowd"]

    assert said["unmeasured"] == {
        "INP107": "declared latin-1, and is UTF-8",
        "QUA409": "not asked: its language is 'de'",
    }
    assert said["measured"]["QUA401"] == 551
    assert said["codes"] == []


def test_title_authors_and_address_stay_out() -> None:
    """The chain cannot forget, so what may have to be erased is not in it; of the address only the host is."""
    fields = {"title": "Zanzibar zebras", "authors": ("Quentin Quill",), "url": "https://www.Example.org/zebra?q=1"}

    line = event.render(event.decided(judged_of(fields=fields), context()), event.FIRST)

    assert json.loads(line)["winnowd"]["article"]["source"]["domain"] == "example.org"
    for word in (b"ebra", b"uill", b"q=1"):
        assert word not in line


def test_a_name_that_is_no_utf8_keeps_its_bytes_in_hex() -> None:
    r"""``\xNN`` for people, hex for programs; a line of ASCII either way."""
    path = b"feed-a/h\xffrvest.txt"
    said = line_of(event.decided(judged_of(arrival=arrival(path)), context()))

    assert said["file"]["name"] == "h\\xffrvest.txt"
    assert bytes.fromhex(said["winnowd"]["arrival"]["name_hex"]) == path


def test_a_hostile_name_forges_nothing() -> None:
    """Line breaks, escapes and bidi marks are named in the message; nothing of them stands raw in the line."""
    name = "a\nrejected b\x1b[2J\u202etxt".encode()
    line = event.render(event.decided(judged_of(arrival=arrival(name)), context()), event.FIRST)

    assert json.loads(line)["message"].startswith("admitted a<U+000A>rejected b<U+001B>[2J<U+202E>txt as ")
    assert all(0x20 <= byte < 0x7F for byte in line)


def test_a_time_beyond_the_calendar_is_left_out() -> None:
    """A sender may set any modification time; the decision is logged all the same."""
    said = line_of(event.decided(judged_of(arrival=arrival(mtime_ns=10**24)), context()))

    assert "mtime" not in said["file"]


def test_the_evidence_is_named_by_its_hash() -> None:
    """The log holds place, size and SHA-256 of a line of the evidence, not its words."""
    sha256 = hashlib.sha256(b"{}").hexdigest()
    kept = EvidenceLine("audit/evidence/2026/11/22/7d0c51e2a94b3f60-0.jsonl", 407, b"{}", sha256)

    said = line_of(event.decided(judged_of(), context(), kept))

    assert said["winnowd"]["evidence"] == {"path": kept.path, "offset": 407, "sha256": sha256, "bytes": 2}


def test_clocks_that_step_back_give_no_negative_duration() -> None:
    """Begun after it ended: 0, not less."""
    said = line_of(event.decided(judged_of(begun_at=NOW + dt.timedelta(hours=1)), context()))

    assert said["event"]["duration"] == 0


def test_a_feed_is_always_told() -> None:
    """Empty for a file in the inbox itself, so that a query may ask for it in any line."""
    said = line_of(event.decided(judged_of(arrival=arrival(b"harvest.txt", feed="")), context()))

    assert said["winnowd"]["arrival"]["feed"] == ""


def test_a_record_of_many_is_named_by_its_number() -> None:
    """Record 3 of a file: said in the message; how many there are is not known yet."""
    judged = judged_of()
    provenance = dataclasses.replace(judged.prepared.provenance, record=3)
    prepared = dataclasses.replace(judged.prepared, provenance=provenance, raw=b"{}")

    said = line_of(event.decided(dataclasses.replace(judged, prepared=prepared), context()))

    assert said["message"].startswith("admitted harvest.txt record 3 as ")
    assert said["winnowd"]["arrival"] == {"id": "7d0c51e2a94b3f60", "feed": "feed-a", "record": 3}


ANY_FINDING = st.builds(
    Finding,
    code=st.sampled_from(["INP103", "SCH205", "QUA401", "TXT501", "DUP603", "SYS903"]),
    gate=st.sampled_from(["reading", "length", "originality"]),
    grade=st.sampled_from(list(Grade)),
    measured=st.none() | st.floats() | st.integers(-(10**9), 10**12) | st.text(max_size=2_000),
    limit=st.none() | st.just(FEW_WORDS),
    because=st.text(max_size=3_000),
    evidence=st.just({}),
)


@settings(deadline=None)
@given(
    findings=st.lists(ANY_FINDING, max_size=80), name=st.binary(min_size=1, max_size=255), size=st.integers(0, 2**62)
)
def test_any_decision_gives_one_valid_line_of_ascii(findings: list[Finding], name: bytes, size: int) -> None:
    """Whatever gates say and senders name: one line, valid by the schema, no control character, at most 64 KiB."""
    judged = judged_of(findings=findings, arrival=arrival(name, size=size))

    line = event.render(event.decided(judged, context()), event.FIRST)

    EVENT.validate_json(line)
    assert len(line) <= 65_536
    assert all(0x20 <= byte < 0x7F for byte in line)
    assert (json.loads(line)["winnowd"]["codes"] == []) is (judged.decision.outcome is Outcome.ADMITTED)
