"""What is rendered in a process of its own is, to the byte, what is rendered where it was decided."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.e2e.instance import Instance
from tests.e2e.test_determinism import STREAM
from tests.event.stand import ADVERT, FEW_WORDS, NOW, arrival, catalogue, context, judged_of, unreadable

from winnowd.article import Tdm
from winnowd.daemon import subjects
from winnowd.daemon.subjects import Said
from winnowd.model import Finding, Grade, Note
from winnowd.pipeline.rendering import InProcessRenderer, Numbered, RecordRenderer, Subject, no_text
from winnowd.wiring.rules import lexicon, rules_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from winnowd.model import Judged
    from winnowd.pipeline.rendering import Rendered

RENDERER = RecordRenderer(lexicon, rules_with({}))
WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
MEASURED = st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | WORDS | st.none()


def crossed(chunk: Sequence[Subject]) -> list[Rendered | None]:
    """What is said of records over there, back here."""
    there = subjects.unpacked(subjects.packed(chunk), catalogue())
    said = Said(chunk[0].context.sequence, tuple(map(RENDERER.render, there)))
    return list(subjects.unpacked_said(subjects.packed_said(said)).rendered)


@pytest.mark.parametrize("keep", ["first", "best"])
def test_all_of_a_stream_is_rendered_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str) -> None:
    """Copies, rewrites, pages, records of many, what is broken: event, evidence, why-file, index row."""
    found: list[Subject] = []

    def render(self: InProcessRenderer, batch: Sequence[Numbered]) -> Iterator[Rendered]:
        for one in batch:
            found.append(Subject.of(one, self.text_of))
            yield self.renderer.render(found[-1])

    monkeypatch.setattr(InProcessRenderer, "render", render)
    instance = Instance(tmp_path, gates__originality__keep=keep)
    instance.drop(STREAM)
    instance.pass_over()

    here = [RENDERER.render(one) for one in found]
    assert [crossed([one])[0] for one in found] == here == crossed(found)
    assert sum(one.texts is not None for one in found) > 3
    assert {one.explained for one in found} == {True, False}


def subject(judged: Judged) -> Subject:
    """A record that is laid beside no text."""
    return Subject.of(Numbered(judged, context()), no_text)


TOLD: dict[str, Judged] = {
    "rights": judged_of(fields={"tdm": Tdm(reservation=1, policy="https://example.org/tdm"), "licence": "CC BY 4.0"}),
    "day": judged_of(fields={"published_at": dt.date(2026, 11, 21), "authors": ("A. Writer",)}),
    "moment": judged_of(fields={"published_at": NOW.astimezone(dt.timezone(dt.timedelta(hours=-9)))}),
    "synthetic": judged_of(fields={"synthetic": True, "canonical_url": "https://example.org/one"}),
    "notes": judged_of(notes=[ADVERT, Note("CLN351", 0, 2, "", kinds=(("url", 2),))]),
    "doubt": judged_of(findings=[Finding("QUA401", "length", Grade.DOUBT, 92, FEW_WORDS, "why", {"lines": [1, "a"]})]),
    "continued": judged_of(arrival=arrival(continues=(3, "0123456789abcdef")), repeats=True),
    "bytes-in-a-name": judged_of(arrival=arrival(b"feed-a/\xff\n.txt")),
    "unreadable": unreadable(),
    "of-many": unreadable(prepared=dataclasses.replace(unreadable().prepared, raw=b"its own bytes")),
}


@pytest.mark.parametrize("name", TOLD)
def test_whatever_a_record_has_is_told(name: str) -> None:
    """Fields, rights, times with their zone, notes, names that are no text."""
    one = subject(TOLD[name])

    assert crossed([one]) == [RENDERER.render(one)]


@given(st.lists(st.tuples(MEASURED, WORDS, st.sampled_from(Grade)), max_size=5))
def test_whatever_was_measured_is_told_alike(found: list[tuple[Any, str, Grade]]) -> None:
    """A count stays a count, and a number the same number."""
    findings = [Finding("QUA401", "length", grade, measured, FEW_WORDS, why) for measured, why, grade in found]
    one = subject(judged_of(findings=findings))

    assert crossed([one]) == [RENDERER.render(one)]


@given(st.binary(max_size=200).filter(lambda data: data[:1] != b"\x92"))
def test_other_bytes_are_no_answer(data: bytes) -> None:
    """Named as such, whatever they are: an answer begins as a list of two."""
    with pytest.raises(ValueError, match="no answer"):
        subjects.unpacked_said(data)


def test_a_value_that_cannot_cross_is_refused() -> None:
    """It is rendered here: nothing is changed on the way so that it fits."""
    one = subject(judged_of(arrival=arrival(size=10**24)))

    with pytest.raises(OverflowError):
        subjects.packed([one])
