"""What a worker answers, as plain data: the process that meets hostile bytes can send values, never objects or code.

One answer is one frame: its length in four bytes, then MessagePack of exactly the types below. Whatever else comes is
no answer (ValueError), and its worker is replaced.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import struct
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import numpy as np

from winnowd.article import Article, Tdm
from winnowd.model import Finding, Fingerprint, Grade, Limit, Note, Prepared, Provenance, Sketch, Slice, Stopped

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST: Final = 1 << 28
"""Bytes of one answer; a slice holds at most some 16 MB."""
_LENGTH: Final = struct.Struct("!I")
_Scalar = str | int | float | bool | None


class _Plain(msgspec.Struct, frozen=True, array_like=True):
    """A value on its way between processes, its fields in order."""


class _Provenance(_Plain, frozen=True):
    record: int
    raw_sha256: str
    raw_size: int
    media_type: str
    encoding: str | None
    parser: str | None
    extractor: str | None


class _Tdm(_Plain, frozen=True):
    reservation: Literal[0, 1] | None
    policy: str | None
    robots_meta: str | None
    content_usage: str | None
    source: str | None


class _Article(_Plain, frozen=True):
    """The fields of an article, in its order; a day or a moment is ISO 8601."""

    text: str
    title: str | None
    subtitle: str | None
    description: str | None
    authors: tuple[str, ...]
    publisher: str | None
    url: str | None
    canonical_url: str | None
    published_at: str | None
    modified_at: str | None
    language: str | None
    section: str | None
    tags: tuple[str, ...]
    kind: str | None
    licence: str | None
    usage_terms: str | None
    copyright_holder: str | None
    accessible_for_free: bool | None
    tdm: _Tdm | None
    synthetic: bool | None
    extra: dict[str, _Scalar]


class _Limit(_Plain, frozen=True):
    code: str
    measure: str
    side: Literal["min", "max"]
    doubt: int | float | None
    fail: int | float | None
    reached: bool


class _Finding(_Plain, frozen=True):
    code: str
    gate: str
    grade: Grade
    measured: int | float | str | None
    limit: _Limit | None
    because: str
    evidence: dict[str, Any]


class _Note(_Plain, frozen=True):
    code: str
    line: int
    count: int
    text: str
    kinds: tuple[tuple[str, int], ...]


class _Fingerprint(_Plain, frozen=True):
    raw_digest: bytes
    word_digest: bytes
    shingles: bytes
    minima: bytes | None
    keys: bytes
    sketch: tuple[bytes, ...] | None
    words: int
    language: str
    publisher: str
    published: int | None
    asked: bytes | None


class _Prepared(_Plain, frozen=True):
    provenance: _Provenance
    article: _Article | None
    notes: tuple[_Note, ...]
    findings: tuple[_Finding, ...]
    fingerprint: _Fingerprint | None
    text_sha256: str
    words: int
    language: str
    raw: bytes | None
    timings: dict[str, int]


class _Slice(_Plain, frozen=True, tag="slice"):
    prepared: tuple[_Prepared, ...]
    last: bool
    read_over: int


class _Stopped(_Plain, frozen=True, tag="stopped"):
    code: str
    because: str


_SKETCH: Final[dict[str, str]] = {
    "ids": "<u4", "positions": "<u2", "weights": "<u2", "counts": "u1", "sentence_terms": "<u2",
    "sentence_bounds": "<u2", "numbers": "<u4",
}  # fmt: skip
_MOMENTS: Final = ("published_at", "modified_at")


def _plainer(value: Any) -> Any:  # noqa: ANN401 - whatever a gate has measured with
    """A number of numpy's as Python's own."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is no plain value")


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_plainer)
_DECODER: Final = msgspec.msgpack.Decoder(_Slice | _Stopped)


def encoded(answer: Slice | Stopped) -> bytes:
    """The frame of an answer."""
    plain = _Stopped(answer.code, answer.because) if isinstance(answer, Stopped) else _plain_slice(answer)
    return framed(_ENCODER.encode(plain))


def framed(data: bytes) -> bytes:
    """A frame of these bytes."""
    return _LENGTH.pack(len(data)) + data


def decoded(data: bytes) -> Slice | Stopped:
    """The answer of a frame without its length.

    Raises:
        ValueError: it is none.
    """
    try:
        plain = _DECODER.decode(data)
        return Stopped(plain.code, plain.because) if isinstance(plain, _Stopped) else _slice(plain)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as fault:
        raise ValueError(f"no answer: {type(fault).__name__}") from fault


def write(descriptor: int, frame: bytes) -> None:
    """Write all of a frame to a pipe."""
    left = memoryview(frame)
    while left:
        left = left[os.write(descriptor, left) :]


class Frames:
    """The frames that come through a pipe, piece by piece: whoever sends half of one holds up nobody."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def read(self, descriptor: int) -> bool:
        """Take what is there now of a pipe that is ready; False at its end."""
        piece = os.read(descriptor, 1 << 20)
        self._bytes += piece
        return bool(piece)

    def next(self) -> bytes | None:
        """The next whole frame, without its length; None if it is still to come.

        Raises:
            ValueError: it would be longer than any answer.
        """
        if len(self._bytes) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._bytes)
        if length > LONGEST:
            raise ValueError(f"no answer: {length} bytes")
        end = _LENGTH.size + length
        if len(self._bytes) < end:
            return None
        frame = bytes(self._bytes[_LENGTH.size : end])
        del self._bytes[:end]
        return frame


def _plain_slice(one: Slice) -> _Slice:
    return _Slice(tuple(map(_plain_prepared, one.prepared)), one.last, one.read_over)


def _plain_prepared(one: Prepared) -> _Prepared:
    return _Prepared(
        _Provenance(*_values(one.provenance)),
        None if one.article is None else _plain_article(one.article),
        tuple(_Note(*_values(note)) for note in one.notes),
        tuple(_plain_finding(finding) for finding in one.findings),
        None if one.fingerprint is None else _plain_fingerprint(one.fingerprint),
        one.text_sha256,
        one.words,
        one.language,
        one.raw,
        dict(one.timings),
    )


def _values(one: Any) -> list[Any]:  # noqa: ANN401 - any value with slots
    return [getattr(one, name) for name in one.__slots__]


def _plain_article(article: Article) -> _Article:
    fields = dict(article)
    for name in _MOMENTS:
        fields[name] = None if fields[name] is None else fields[name].isoformat()
    fields["tdm"] = None if article.tdm is None else _Tdm(**dict(article.tdm))
    return _Article(**fields)


def _plain_finding(finding: Finding) -> _Finding:
    code, gate, grade, measured, limit, because, evidence = finding
    return _Finding(code, gate, grade, measured, _plain_limit(limit), because, dict(evidence))


@functools.lru_cache(maxsize=1_024)
def _plain_limit(limit: Limit | None) -> _Limit | None:
    return None if limit is None else _Limit(*_values(limit))


def _plain_fingerprint(made: Fingerprint) -> _Fingerprint:
    sketch = made.sketch
    return _Fingerprint(
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
        None if made.asked is None else _packed(made.asked, "<u8"),
    )


def _packed(array: NDArray[Any], kind: str) -> bytes:
    return array.astype(kind, copy=False).tobytes()


def _slice(plain: _Slice) -> Slice:
    return Slice(tuple(map(_prepared, plain.prepared)), plain.last, plain.read_over)


def _prepared(plain: _Prepared) -> Prepared:
    return Prepared(
        Provenance(*_fields(plain.provenance)),
        None if plain.article is None else _article(plain.article),
        tuple(Note(*_fields(note)) for note in plain.notes),
        tuple(_finding(finding) for finding in plain.findings),
        None if plain.fingerprint is None else _fingerprint(plain.fingerprint),
        plain.text_sha256,
        plain.words,
        plain.language,
        plain.raw,
        plain.timings,
    )


def _fields(plain: _Plain) -> list[Any]:
    return [getattr(plain, name) for name in plain.__struct_fields__]


def _article(plain: _Article) -> Article:
    """The article as it was, its fields of the right types; schema and cleaning have judged them, over there."""
    fields = msgspec.structs.asdict(plain)
    for name in _MOMENTS:
        fields[name] = None if fields[name] is None else _moment(fields[name])
    if plain.tdm is not None:
        fields["tdm"] = Tdm.model_construct(**msgspec.structs.asdict(plain.tdm))
    return Article.model_construct(**fields)


def _moment(stated: str) -> dt.datetime | dt.date:
    return dt.datetime.fromisoformat(stated) if "T" in stated else dt.date.fromisoformat(stated)


def _finding(plain: _Finding) -> Finding:
    limit = _limit(plain.limit)
    return Finding(plain.code, plain.gate, plain.grade, plain.measured, limit, plain.because, plain.evidence)


@functools.lru_cache(maxsize=1_024)
def _limit(plain: _Limit | None) -> Limit | None:
    return None if plain is None else Limit(*_fields(plain))


def _fingerprint(plain: _Fingerprint) -> Fingerprint:
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
        None if plain.asked is None else np.frombuffer(plain.asked, "<u8"),
    )
