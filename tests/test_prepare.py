"""One arrival at the desk: each record read, cleaned, judged and fingerprinted, without disk, clock or corpus."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import pickle
from typing import TYPE_CHECKING

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.gates.stand import PROSE, article_of, panel, panel_of, phrasebook
from tests.originality.stand import lexicon, recipe
from tests.test_text import MIXED

from winnowd.decision import decide
from winnowd.model import Grade, Outcome, Source
from winnowd.prepare import Preparer
from winnowd.reading import ReadingLimits, SchemaPolicy

if TYPE_CHECKING:
    from winnowd.gates.panel import Panel
    from winnowd.model import Prepared

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)


def preparer(gates: Panel | None = None) -> Preparer:
    """A desk with all defaults, and a clock that ticks once each time it is asked."""
    ticks = itertools.count(1)
    judges = panel() if gates is None else gates
    return Preparer(ReadingLimits(), SchemaPolicy(), phrasebook(), judges, recipe(), lexicon(), lambda: next(ticks))


def prepared(content: bytes, name: str = "story.txt", gates: Panel | None = None) -> list[Prepared]:
    """All records of one file."""
    source = Source(name, len(content), NOW, lambda: iter((content,)))
    return list(preparer(gates).prepare(source))


def test_an_article_leaves_the_desk_with_all_that_can_be_said_of_it() -> None:
    """Its text, findings of every gate, fingerprint, hash, words, language, and how long each stage took."""
    text = f"Two bridges and who pays for them\n\n{article_of()}"

    (one,) = prepared(text.encode())

    assert one.article is not None
    assert one.article.title == "Two bridges and who pays for them"
    assert one.article.text == article_of()
    assert one.text_sha256 == hashlib.sha256(article_of().encode()).hexdigest()
    assert [note.code for note in one.notes] == ["CLN312"]
    assert one.language == "en"
    assert one.fingerprint is not None
    assert one.fingerprint.raw_digest == hashlib.sha256(text.encode()).digest()
    assert set(one.timings) == {"read", "clean", "gates", "fingerprint"}
    assert decide(one.findings).outcome is Outcome.ADMITTED


def test_each_record_is_judged_alone() -> None:
    """A stub, a line that is no JSON and an article come from one file: three outcomes of their own."""
    lines = [json.dumps({"text": PROSE[0]}), "{no json", json.dumps({"text": article_of(), "title": "Two bridges"})]

    items = prepared("\n".join(lines).encode(), "feed.jsonl")

    assert [item.provenance.record for item in items] == [0, 1, 2]
    assert [decide(item.findings).outcome for item in items] == [Outcome.REJECTED, Outcome.REJECTED, Outcome.ADMITTED]
    assert items[1].article is None
    assert items[1].fingerprint is None


def test_what_cannot_be_read_says_why() -> None:
    """No article, at least one finding that is not a pass, and the bytes are left to who holds the file."""
    (one,) = prepared(b"\x00\x01\x02" * 50, "story.txt")

    assert one.article is None
    assert any(finding.grade is not Grade.PASS for finding in one.findings)
    assert set(one.timings) == {"read"}


def test_the_language_is_told_without_its_gate() -> None:
    """Originality needs it, whatever gates are off."""
    (one,) = prepared(article_of().encode(), gates=panel_of(language=None))

    assert one.language == "en"


def test_the_same_bytes_are_prepared_the_same() -> None:
    """Replay; and what is prepared can be sent from a worker."""
    content = f"ADVERTISEMENT\n{article_of()}".encode()

    (first,), (second,) = prepared(content), prepared(content)

    sent = pickle.loads(pickle.dumps(first))  # noqa: S301 - our own bytes, as a worker sends them
    for one in (second, sent):
        assert (one.findings, one.notes, one.article) == (first.findings, first.notes, first.article)
        assert one.text_sha256 == first.text_sha256


@given(st.binary(max_size=400) | MIXED.map(str.encode) | st.lists(MIXED, max_size=9).map("\n".join).map(str.encode))
@example(article_of().encode("utf-16"))
@example(b"\xff" * 500)
@settings(deadline=None)
def test_any_bytes_end_in_findings(content: bytes) -> None:
    """Nothing is raised; every record has a finding, and a gate of ours never breaks."""
    for name in ("story.txt", "story.json", "page.html"):
        for item in prepared(content, name):
            assert item.findings
            assert "SYS903" not in {finding.code for finding in item.findings}
