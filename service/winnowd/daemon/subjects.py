"""What crosses between the process that decides and the one that renders: of each record what is needed, no more.

A chunk is one frame of MessagePack, and so is what is said of it; of exactly these types, checked as they are read.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the types while it runs
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from winnowd import event, model
from winnowd.daemon import answers, wire
from winnowd.originality.article_text import ArticleText
from winnowd.pipeline import rendering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.catalogue import Catalogue


class _Context(wire.Plain, frozen=True):
    """What the events of a chunk say of the service."""

    run: str
    node: str
    pid: int
    version: str
    config: str
    ruleset: str
    rules_version: str


class _Arrival(wire.Plain, frozen=True):
    """How its file lay in the inbox; ``continues`` is the id alone."""

    id: str
    feed: str
    path: bytes
    size: int
    mtime_ns: int
    seen_at: dt.datetime
    claimed_at: dt.datetime
    continues: str | None


class _Findings(wire.Plain, frozen=True):
    """All findings field by field; limits of those that did not pass, the first; evidence of those that have some."""

    code: tuple[str, ...]
    gate: tuple[str, ...]
    grade: tuple[model.Grade, ...]
    measured: tuple[int | float | str | None, ...]
    because: tuple[str, ...]
    limit: tuple[wire.Limit | None, ...]
    evidence: dict[int, dict[str, Any]]


class _Nearest(wire.Plain, frozen=True):
    """The known article most like it."""

    id: str
    number: int
    path: str
    text_sha256: str
    standing: model.Standing
    twin: bool
    measures: dict[str, float]
    shared_runs: float | None
    runs: int
    longest_run_words: int
    candidates: int
    root: int | None


class _Presentation(wire.Plain, frozen=True):
    """What both texts are laid side by side for, and the other of them; its own is that of the article."""

    text: str
    code: str
    any_order: bool
    sentences: Literal["", "any", "in order"]
    rewrites: tuple[str, ...]
    lexicon: str


class _Record(wire.Plain, frozen=True):
    """One record: what it was prepared to, and what was decided on it."""

    provenance: wire.Provenance
    article: wire.Article | None
    notes: tuple[wire.Note, ...]
    text_sha256: str
    words: int
    language: str
    of_many: bool
    timings: dict[str, int]
    outcome: model.Outcome
    findings: _Findings
    nearest: _Nearest | None
    presentation: _Presentation | None
    name: str
    location: str
    begun_at: dt.datetime
    decided_at: dt.datetime
    originality_ns: int
    repeats: bool
    corpus_sequence: int
    corpus_articles: int
    explained: bool
    kept: dict[str, str | dict[str, str]]


class _Subject(wire.Plain, frozen=True):
    """One record, its arrival, id and number of its event."""

    id: str
    sequence: int
    arrival: _Arrival
    record: _Record


class _Chunk(wire.Plain, frozen=True):
    """Some records."""

    context: _Context
    subjects: tuple[_Subject, ...]


class Said(wire.Plain, frozen=True):
    """What is said of each record of a chunk; None where it could not be said. ``first``: the number of its event."""

    first: int
    rendered: tuple[rendering.Rendered | None, ...]


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=wire.plainer)
_CHUNKS: Final = msgspec.msgpack.Decoder(_Chunk)
_SAID: Final = msgspec.msgpack.Decoder(Said)


def packed(chunk: Sequence[rendering.Subject]) -> bytes:
    """The MessagePack of a chunk, of one at least.

    Raises:
        TypeError, ValueError, OverflowError: something in it cannot cross.
    """
    of = chunk[0].context
    context = _Context(of.run, of.node, of.pid, of.version, of.config, of.ruleset, of.rules_version)
    return _ENCODER.encode(_Chunk(context, tuple(map(_plain_subject, chunk))))


def unpacked(data: bytes, catalogue: Catalogue) -> list[rendering.Subject]:
    """The chunk that these bytes are; raises msgspec.MsgspecError, ValueError."""
    chunk = _CHUNKS.decode(data)
    of = chunk.context
    context = event.Context(of.run, of.node, of.pid, of.version, of.config, of.ruleset, catalogue, of.rules_version)
    return [_subject(one, context) for one in chunk.subjects]


def packed_said(said: Said) -> bytes:
    """Its MessagePack."""
    return _ENCODER.encode(said)


def unpacked_said(data: bytes) -> Said:
    """What was said.

    Raises:
        ValueError: nothing of the kind.
    """
    try:
        return _SAID.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as fault:
        raise ValueError(f"no answer: {type(fault).__name__}") from fault


def _plain_subject(one: rendering.Subject) -> _Subject:
    at = one.judged.arrival
    continues = None if at.continues is None else at.continues[1]
    arrival = _Arrival(at.id, at.feed, at.path, at.size, at.mtime_ns, at.seen_at, at.claimed_at, continues)
    return _Subject(one.context.id, one.context.sequence, arrival, _plain_record(one))


def _plain_record(one: rendering.Subject) -> _Record:
    judged, prepared = one.judged, one.judged.prepared
    return _Record(
        wire.Provenance(*wire.values(prepared.provenance)),
        None if prepared.article is None else answers.plain_article(prepared.article),
        tuple(wire.Note(*wire.values(note)) for note in prepared.notes),
        prepared.text_sha256,
        prepared.words,
        prepared.language,
        prepared.raw is not None,
        dict(prepared.timings),
        judged.decision.outcome,
        _plain_findings(judged.decision),
        None if judged.nearest is None else _Nearest(*wire.values(judged.nearest)),
        _plain_presentation(one),
        judged.name,
        judged.location,
        judged.begun_at,
        judged.decided_at,
        judged.originality_ns,
        judged.repeats,
        judged.corpus_sequence,
        judged.corpus_articles,
        one.explained,
        dict(one.kept),
    )


def _plain_findings(decision: model.Decision) -> _Findings:
    findings = decision.findings
    if not findings:
        return _Findings((), (), (), (), (), (), {})
    code, gate, grade, measured, _, because, evidence = zip(*findings, strict=True)
    limit = tuple(one.limit for one in decision.not_passed)
    found = {at: dict(one) for at, one in enumerate(evidence) if one}
    return _Findings(code, gate, grade, measured, because, limit, found)  # type: ignore[arg-type] # by its fields


def _plain_presentation(one: rendering.Subject) -> _Presentation | None:
    presentation = one.judged.presentation
    if one.texts is None or presentation is None:
        return None
    return _Presentation(one.texts[1].text, *wire.values(presentation))


def _subject(plain: _Subject, context: event.Context) -> rendering.Subject:
    record, presentation = plain.record, plain.record.presentation
    texts = None
    if record.article is not None and presentation is not None:
        texts = ArticleText(record.article.text), ArticleText(presentation.text)
    judged = _judged(record, _arrival(plain.arrival))
    return rendering.Subject(judged, context.numbered(plain.id, plain.sequence), texts, record.explained, record.kept)


def _arrival(plain: _Arrival) -> model.Arrival:
    """An arrival without its row in the ledger."""
    *same, continues = wire.fields(plain)
    id_, feed, path, size, mtime_ns, seen_at, claimed_at = same
    before = None if continues is None else (0, continues)
    return model.Arrival(id_, 0, feed, path, 0, 0, size, mtime_ns, seen_at, claimed_at, continues=before)


def _judged(plain: _Record, arrival: model.Arrival) -> model.Judged:
    """A judged record with all that is told of it; what else it has been judged by is not here."""
    shown = plain.presentation
    prepared = model.Prepared(
        model.Provenance(*wire.fields(plain.provenance)),
        None if plain.article is None else answers.article(plain.article),
        tuple(model.Note(*wire.fields(note)) for note in plain.notes),
        (),
        text_sha256=plain.text_sha256,
        words=plain.words,
        language=plain.language,
        raw=b"" if plain.of_many else None,
        timings=plain.timings,
    )
    return model.Judged(
        number=0,
        arrival=arrival,
        prepared=prepared,
        decision=model.Decision(plain.outcome, _findings(plain.findings)),
        name=plain.name,
        location=plain.location,
        begun_at=plain.begun_at,
        decided_at=plain.decided_at,
        originality_ns=plain.originality_ns,
        nearest=None if plain.nearest is None else model.Nearest(*wire.fields(plain.nearest)),
        repeats=plain.repeats,
        corpus_sequence=plain.corpus_sequence,
        corpus_articles=plain.corpus_articles,
        presentation=None if shown is None else model.Presentation(*wire.fields(shown)[1:]),
    )


_NONE: Final[dict[str, Any]] = {}


def _findings(plain: _Findings) -> tuple[model.Finding, ...]:
    count = len(plain.code)
    limits = [None if one is None else model.Limit(*wire.fields(one)) for one in plain.limit]
    limits += [None] * (count - len(limits))
    evidence = [_NONE] * count
    for at, one in plain.evidence.items():
        evidence[at] = one
    columns = (plain.code, plain.gate, plain.grade, plain.measured, limits, plain.because, evidence)
    return tuple(map(model.Finding._make, zip(*columns, strict=True)))
