"""What crosses between processes: these types and no others, checked as they are read.

``answers`` makes them of the values of the model, and the values of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import numpy as np

from winnowd.model import Grade  # noqa: TC001 - msgspec reads the types while it runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd import model

_Scalar = str | int | float | bool | None


class Plain(msgspec.Struct, frozen=True, array_like=True):
    """A value on its way between processes, its fields in order."""


class Provenance(Plain, frozen=True):
    """How a record came."""

    record: int
    raw_sha256: str
    raw_size: int
    media_type: str
    encoding: str | None
    parser: str | None
    extractor: str | None


class Tdm(Plain, frozen=True):
    """What an article reserves for text and data mining."""

    reservation: Literal[0, 1] | None
    policy: str | None
    robots_meta: str | None
    content_usage: str | None
    source: str | None


class Article(Plain, frozen=True):
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
    tdm: Tdm | None
    synthetic: bool | None
    extra: dict[str, _Scalar]


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit that was asked; by the names of its fields, as the model's own is written."""

    code: str
    measure: str
    side: Literal["min", "max"]
    doubt: int | float | None
    fail: int | float | None
    reached: bool


class Findings(Plain, frozen=True):
    """What the gates say of one record, field by field: one of each for a finding.

    The limits are in MessagePack of their own, since they are the same for record after record.
    """

    code: tuple[str, ...]
    gate: tuple[str, ...]
    grade: tuple[Grade, ...]
    measured: tuple[int | float | str | None, ...]
    limit: bytes
    because: tuple[str, ...]
    evidence: tuple[dict[str, Any], ...]


class Note(Plain, frozen=True):
    """What cleaning did."""

    code: str
    line: int
    count: int
    text: str
    kinds: tuple[tuple[str, int], ...]


class Fingerprint(Plain, frozen=True):
    """A fingerprint; its arrays as bytes, little-endian."""

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
    query_keys: bytes | None
    lexicon: str


class Prepared(Plain, frozen=True):
    """One record."""

    provenance: Provenance
    article: Article | None
    notes: tuple[Note, ...]
    findings: Findings
    fingerprint: Fingerprint | None
    text_sha256: str
    words: int
    language: str
    raw: bytes | None
    timings: dict[str, int]


class Slice(Plain, frozen=True, tag="slice"):
    """Some records of an arrival."""

    prepared: tuple[Prepared, ...]
    last: bool
    read_over: int


class Stopped(Plain, frozen=True, tag="stopped"):
    """Why there are none."""

    code: str
    because: str


def values(one: Any) -> list[Any]:  # noqa: ANN401 - any value with slots
    """The values of its fields, in order."""
    return [getattr(one, name) for name in one.__slots__]


def fields(plain: msgspec.Struct) -> list[Any]:
    """The values of its fields, in order."""
    return [getattr(plain, name) for name in plain.__struct_fields__]


def plainer(value: Any) -> Any:  # noqa: ANN401 - whatever a gate has measured with
    """A number of numpy's as Python's own."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is no plain value")


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=plainer)
_DECODER: Final = msgspec.msgpack.Decoder(Slice | Stopped)
_LIMITS: Final = msgspec.msgpack.Decoder(tuple[Limit | None, ...])


def packed(plain: Slice | Stopped | Sequence[model.Limit | None]) -> bytes:
    """Its MessagePack."""
    return _ENCODER.encode(plain)


def unpacked(data: bytes) -> Slice | Stopped:
    """What these bytes are.

    Raises:
        msgspec.MsgspecError, ValueError, OverflowError, RecursionError: they are nothing that crosses.
    """
    return _DECODER.decode(data)


def unpacked_limits(data: bytes) -> tuple[Limit | None, ...]:
    """The limits of a record's findings; raises as ``unpacked`` does."""
    return _LIMITS.decode(data)
