"""A test stand for events and views: one judged record, made as the route makes it, all of it told by the test."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
from typing import TYPE_CHECKING, Any

from tests.originality.stand import ROOT, Stand, fingerprint_of, prepared_of

from winnowd import event
from winnowd.article import Article
from winnowd.catalogue import Catalogue
from winnowd.decision import decide
from winnowd.event.schema import EVENT
from winnowd.model import Arrival, Finding, Grade, Judged, Limit, Note, Outcome, Prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = dt.datetime(2026, 11, 22, 3, 47, 12, 123456, dt.UTC)
RUN = "01a20157-dc6a-7d10-8b7e-1f2e3d4c5b6a"
EVENT_ID = "01a2015d-767b-7c3a-9d52-6e0f4a1b2c3d"
TEXTS: dict[str, str] = json.loads((ROOT / "tests" / "originality" / "golden.json").read_text(encoding="utf-8"))[
    "texts"
]
ORIGINAL, REWRITE = TEXTS["A"], TEXTS["B"]
ADVERT = Note("CLN322", 9, 1, "ADVERTISEMENT")
FEW_WORDS = Limit("QUA401", "words", "min", 100, 80)
MANY_WORDS = Limit("QUA402", "words", "max", 25_000, 100_000)


@functools.cache
def catalogue() -> Catalogue:
    """The catalogue that winnowd ships."""
    return Catalogue.parse((ROOT / "service" / "winnowd" / "rules.toml").read_text(encoding="utf-8"))


def context(sequence: int = 4711, **changed: Any) -> event.Context:
    """A run on a node, at one event."""
    made = event.Context(
        run=RUN, node="press-1", pid=4242, version="0.1.0", config="c" * 64, ruleset="balanced", catalogue=catalogue()
    )
    return dataclasses.replace(made, **changed).numbered(EVENT_ID, sequence)


def arrival(path: bytes = b"feed-a/harvest.txt", **changed: Any) -> Arrival:
    """A file that lay in the inbox for 5 s."""
    made = Arrival(
        id="7d0c51e2a94b3f60",
        number=1,
        feed="feed-a",
        path=path,
        dev=1,
        ino=2,
        size=3_601,
        mtime_ns=1_795_319_221_000_000_000,
        seen_at=NOW - dt.timedelta(seconds=6),
        claimed_at=NOW - dt.timedelta(seconds=1),
    )
    return dataclasses.replace(made, **changed)


def article_of(text: str, **fields: Any) -> Article:
    """An article as reading and cleaning leave it."""
    return Article(text=text, **{"title": "Fire on the survey boat", "url": "https://www.example.org/a?b=c", **fields})


@functools.cache
def originality_of(text: str, twin: str | None) -> Any:
    """What originality says of a text when it knows the twin."""
    stand = Stand()
    if twin is not None:
        stand.take(twin)
    return stand.examine(text)


def judged_of(
    text: str = ORIGINAL,
    *,
    twin: str | None = None,
    findings: Sequence[Finding] = (),
    notes: Sequence[Note] = (),
    fields: dict[str, Any] | None = None,
    **changed: Any,
) -> Judged:
    """A judged article; ``twin`` is a text that is in the corpus already, ``findings`` stand beside originality's."""
    examination = originality_of(text, twin)
    prepared = dataclasses.replace(
        prepared_of(text, fingerprint_of(text)),
        article=article_of(text, **(fields or {})),
        notes=tuple(notes),
        timings={"read": 120_000, "clean": 4_100_000, "gates": 2_700_000},
    )
    decision = decide((*findings, *examination.findings))
    homes = {Outcome.ADMITTED: f"seeds/2026/11/{prepared.text_sha256[:16]}.txt"}
    made = Judged(
        number=9,
        arrival=arrival(),
        prepared=prepared,
        decision=decision,
        name=prepared.text_sha256[:16],
        location=homes.get(decision.outcome, f"{decision.outcome.value}/2026/11/22/harvest~7d0c51e2.txt"),
        begun_at=NOW - dt.timedelta(microseconds=38_123),
        decided_at=NOW,
        originality_ns=12_000_000,
        nearest=examination.nearest,
        relations=examination.relations,
        corpus_sequence=4_702,
        corpus_articles=2_690,
    )
    return dataclasses.replace(made, **changed)


def unreadable(code: str = "INP103", grade: Grade = Grade.FAIL, **changed: Any) -> Judged:
    """A record that gave no article."""
    readable = judged_of()
    finding = Finding(code, "reading", grade, 41_943_040, because="40 MiB, at most 8 MiB")
    prepared = Prepared(readable.prepared.provenance, None, (), (finding,))
    made = dataclasses.replace(
        readable,
        prepared=prepared,
        decision=decide((finding,)),
        name=f"{readable.arrival.id}-0",
        location="rejected/2026/11/22/harvest~7d0c51e2.txt",
        nearest=None,
        relations=(),
    )
    return dataclasses.replace(made, **changed)


def line_of(made: Any, prev: str = event.FIRST) -> dict[str, Any]:
    """The event as a reader of the log gets it; held to the schema on the way."""
    line = event.render(made, prev)
    EVENT.validate_json(line)
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def limits() -> dict[str, dict[str, Any]]:
    """All rules by code, with the limits that the stand's findings know."""
    known = [finding.limit for finding in judged_of(REWRITE, twin=ORIGINAL).decision.findings]
    in_force = event.in_force([FEW_WORDS, MANY_WORDS, *(limit for limit in known if limit is not None)], catalogue())
    return {
        code: {"slug": rule.slug, "help": rule.help, **in_force.get(code, {})} for code, rule in catalogue().items()
    }
