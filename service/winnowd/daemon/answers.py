"""What a worker answers, as plain data: the process that meets hostile bytes can send values, never objects or code.

One answer is one frame: MessagePack of exactly the types in ``wire``. Whatever else comes is no answer (ValueError),
and its worker is replaced.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from winnowd.article import Article, Tdm
from winnowd.daemon import wire
from winnowd.daemon.frames import framed
from winnowd.model import Finding, Fingerprint, Limit, Note, Prepared, Provenance, Sketch, Slice, Stopped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


_SKETCH: Final[dict[str, str]] = {
    "ids": "<u4", "positions": "<u2", "weights": "<u2", "counts": "u1", "sentence_terms": "<u2",
    "sentence_bounds": "<u2", "numbers": "<u4",
}  # fmt: skip
_MOMENTS: Final = ("published_at", "modified_at")
_FINDING: Final = functools.partial(tuple.__new__, Finding)  # as ``Finding._make``, of seven fields that are sure
_BLANK: Final = Article.model_construct(text="")
_provenance_fields, _note_fields = (operator.attrgetter(*one.__slots__) for one in (Provenance, Note))
_CACHED: Final = 1 << 14  # bytes of limits that are kept: sixty take a third of it


def encoded(answer: Slice | Stopped) -> bytes:
    """The frame of an answer."""
    return framed(packed(answer))


def packed(answer: Slice | Stopped) -> bytes:
    """The same without its length."""
    plain = wire.Stopped(answer.code, answer.because) if isinstance(answer, Stopped) else _plain_slice(answer)
    return wire.packed(plain)


def decoded(data: bytes) -> Slice | Stopped:
    """The answer of a frame without its length.

    Raises:
        ValueError: it is none.
    """
    try:
        plain = wire.unpacked(data)
        return Stopped(plain.code, plain.because) if isinstance(plain, wire.Stopped) else _slice(plain)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as fault:
        raise ValueError(f"no answer: {type(fault).__name__}") from fault


def _plain_slice(one: Slice) -> wire.Slice:
    return wire.Slice(tuple(map(_plain_prepared, one.prepared)), one.last, one.read_over)


def _plain_prepared(one: Prepared) -> wire.Prepared:
    return wire.Prepared(
        wire.Provenance(*_provenance_fields(one.provenance)),
        None if one.article is None else plain_article(one.article),
        tuple(wire.Note(*_note_fields(note)) for note in one.notes),
        _plain_findings(one.findings),
        None if one.fingerprint is None else plain_fingerprint(one.fingerprint),
        one.text_sha256,
        one.words,
        one.language,
        one.raw,
        dict(one.timings),
    )


def plain_article(article: Article) -> wire.Article:
    """An article as it crosses."""
    fields = dict(vars(article))  # to go through the fields of a model takes forty times as long
    for name in _MOMENTS:
        fields[name] = None if fields[name] is None else fields[name].isoformat()
    fields["tdm"] = None if article.tdm is None else wire.Tdm(**dict(article.tdm))
    return wire.Article(**fields)


def _plain_findings(findings: Sequence[Finding]) -> wire.Findings:
    if not findings:
        return wire.Findings((), (), (), (), wire.packed(()), (), ())
    code, gate, grade, measured, limit, because, evidence = zip(*findings, strict=True)
    return wire.Findings(code, gate, grade, measured, _packed_limits(limit), because, evidence)


class _LimitPacker:
    """Packs the limits of a record's findings; where they are those of the record before, it has that at hand."""

    def __init__(self) -> None:
        self._limits: tuple[Limit | None, ...] = ()
        self._packed = wire.packed(())

    def __call__(self, limits: tuple[Limit | None, ...]) -> bytes:
        if len(limits) != len(self._limits) or not all(map(operator.is_, limits, self._limits)):
            self._limits, self._packed = limits, wire.packed(limits)
        return self._packed


_packed_limits = _LimitPacker()


def plain_fingerprint(made: Fingerprint) -> wire.Fingerprint:
    """A fingerprint as it crosses."""
    sketch = made.sketch
    return wire.Fingerprint(
        made.raw_digest,
        made.word_digest,
        _packed(made.shingles, "<u4"),
        None if made.minima is None else _packed(made.minima, "<u4"),
        _packed(made.keys, "<u8"),
        None if sketch is None else tuple(_packed(getattr(sketch, name), kind) for name, kind in _SKETCH.items()),
        made.words,
        made.language,
        made.publisher,
        made.published,
        None if made.query_keys is None else _packed(made.query_keys, "<u8"),
        made.lexicon,
    )


def _packed(array: NDArray[Any], kind: str) -> bytes:
    return array.astype(kind, copy=False).tobytes()


def _slice(plain: wire.Slice) -> Slice:
    return Slice(tuple(map(_prepared, plain.prepared)), plain.last, plain.read_over)


def _prepared(plain: wire.Prepared) -> Prepared:
    return Prepared(
        Provenance(*wire.fields(plain.provenance)),
        None if plain.article is None else article(plain.article),
        tuple(Note(*wire.fields(note)) for note in plain.notes),
        _findings(plain.findings),
        None if plain.fingerprint is None else fingerprint(plain.fingerprint),
        plain.text_sha256,
        plain.words,
        plain.language,
        plain.raw,
        plain.timings,
    )


def article(plain: wire.Article) -> Article:
    """The article as it was, its fields of the right types; schema and cleaning have judged them, over there."""
    fields = msgspec.structs.asdict(plain)
    for name in _MOMENTS:
        fields[name] = None if fields[name] is None else moment(fields[name])
    if plain.tdm is not None:
        fields["tdm"] = Tdm.model_construct(**msgspec.structs.asdict(plain.tdm))
    return _BLANK.model_copy(update=fields)


def moment(text: str) -> dt.datetime | dt.date:
    """A moment or a day of ISO 8601."""
    return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)


def _findings(plain: wire.Findings) -> tuple[Finding, ...]:
    """Findings made of what each field has for them; ValueError if one has more or less than the others."""
    limits = (_limits if len(plain.limit) <= _CACHED else _limits.__wrapped__)(plain.limit)
    fields = (plain.code, plain.gate, plain.grade, plain.measured, limits, plain.because, plain.evidence)
    return tuple(map(_FINDING, zip(*fields, strict=True)))


@functools.lru_cache(maxsize=256)
def _limits(data: bytes) -> tuple[Limit | None, ...]:
    return tuple(None if one is None else Limit(*wire.fields(one)) for one in wire.unpacked_limits(data))


def fingerprint(plain: wire.Fingerprint) -> Fingerprint:
    """The fingerprint as it was."""
    sketch = None
    if plain.sketch is not None:
        arrays = zip(plain.sketch, _SKETCH.items(), strict=True)
        sketch = Sketch(**{name: np.frombuffer(data, kind) for data, (name, kind) in arrays})
    return Fingerprint(
        plain.raw_digest,
        plain.word_digest,
        np.frombuffer(plain.shingles, "<u4"),
        None if plain.minima is None else np.frombuffer(plain.minima, "<u4"),
        np.frombuffer(plain.keys, "<u8"),
        sketch,
        plain.words,
        plain.language,
        plain.publisher,
        plain.published,
        None if plain.query_keys is None else np.frombuffer(plain.query_keys, "<u8"),
        plain.lexicon,
    )
