"""The line of an event: bytes, chain, and what is cut when it grows too long."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.event.stand import ORIGINAL, REWRITE, context, judged_of

from winnowd import event
from winnowd.event.context import ascii_json
from winnowd.event.schema import EVENT
from winnowd.model import Finding, Grade

NUMBERS = st.integers() | st.floats() | st.floats(-1e-3, 1e-3) | st.integers(0, 300).map(lambda of: of / 1e6)
VALUES = st.recursive(
    NUMBERS
    | st.text(st.characters(), max_size=20)
    | st.text('ab \x7f\x1fé\ud800"\\/', max_size=6)
    | st.none()
    | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4))
def test_a_block_is_written_as_the_standard_library_does(block: dict[str, Any]) -> None:
    """To the byte, or refused by both: the log of one version must be that of the next."""
    try:
        expected = json.dumps(block, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:
        with pytest.raises(ValueError, match="Out of range"):
            ascii_json(block)
    else:
        assert ascii_json(block) == expected


def many_findings(count: int, size: int) -> dict[str, Any]:
    """An event with so many findings, each with a sentence of so many characters."""
    findings = [Finding("SCH205", "schema", Grade.DOUBT, 1, because="x" * size) for _ in range(count)]
    return event.decided(judged_of(findings=findings), context())


def test_the_chain_comes_last_and_is_the_digest_of_the_line_before() -> None:
    """``printf '%s' LINE | sha256sum`` is what the next line calls prev."""
    made = event.decided(judged_of(REWRITE, twin=ORIGINAL), context())

    first = event.render(made, event.FIRST)
    second = event.render(made, event.digest(first))

    parsed = json.loads(second)
    assert parsed["winnowd"]["chain"] == {"prev": hashlib.sha256(first).hexdigest()}
    assert list(parsed["winnowd"])[-1] == "chain"
    assert b"\n" not in first


def test_rendering_leaves_the_event_as_it_was() -> None:
    """A retried batch renders the same event with another prev."""
    made = event.decided(judged_of(), context())
    before = json.dumps(made)

    event.render(made, event.FIRST)

    assert json.dumps(made) == before


def test_a_line_of_more_than_64_kib_is_cut_and_says_so() -> None:
    """The biggest list loses its end; how many entries went is named, and the event stays valid."""
    line = event.render(many_findings(200, 1_000), event.FIRST)

    said = json.loads(line)["winnowd"]
    EVENT.validate_json(line)
    assert len(line) <= 65_536
    assert said["cut"] == {"findings": 200 - len(said["findings"])}
    assert list(said)[-2:] == ["cut", "chain"]


def test_a_line_that_fits_is_not_cut() -> None:
    """No mark where nothing is missing."""
    line = event.render(many_findings(50, 1_000), event.FIRST)

    assert "cut" not in json.loads(line)["winnowd"]


def test_a_block_of_settings_is_cut_like_a_list() -> None:
    """The whole configuration of a start-up may be long; what went is counted there, too."""
    settings = {f"gates.length.{at}": "y" * 100 for at in range(2_000)}
    made = event.service("startup", context(), judged_of().decided_at, "started", carries={"settings": settings})

    said = json.loads(event.render(made, event.FIRST))["winnowd"]

    assert len(said["settings"]) + said["cut"]["settings"] == 2_000


def test_what_cannot_be_cut_is_refused() -> None:
    """A text field that long is a bug of ours and must not reach the log."""
    made = {**event.decided(judged_of(), context()), "message": "z" * 70_000}

    with pytest.raises(ValueError, match="no list left to cut"):
        event.render(made, event.FIRST)


def test_no_number_that_json_has_not() -> None:
    """A measure that is no number is written as text by ``decided``; one that came by another way is refused."""
    endless = Finding("QUA404", "length", Grade.DOUBT, math.inf)
    made = event.decided(judged_of(findings=[endless]), context())

    assert made["winnowd"]["measured"]["QUA404"] == "inf"
    with pytest.raises(ValueError, match="JSON compliant"):
        event.render({**made, "message": math.nan}, event.FIRST)


@given(st.integers(0, 40), st.integers(1, 4_000), st.binary(min_size=32, max_size=32))
@settings(max_examples=25)
def test_a_line_closed_elsewhere_is_chained_to_the_one_before(count: int, size: int, prev: bytes) -> None:
    """As if it had been closed here, also where it was cut to its length, and whatever it was chained to."""
    said = event.written(many_findings(count, size))

    elsewhere = event.closed(said, "f" * 64)

    assert event.chained(elsewhere, prev.hex()) == event.closed(said, prev.hex())
