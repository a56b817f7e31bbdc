"""One arrival's bytes to records, each judged by the schema: the way of reading from end to end. Pure."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from winnowd.model import Provenance, Read, Unreadable
from winnowd.reading.content import Content, Context, peeked
from winnowd.reading.kinds import inner_name, recognise
from winnowd.reading.limits import ReadingLimits, SchemaPolicy
from winnowd.reading.records import Record, RefusedError, beyond, found, refused
from winnowd.reading.schema import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.model import Source

_UNKNOWN: Final = "application/octet-stream"
_HASHED: Final = 1 << 30
"""A larger file is not read for its hash if nothing else of it was: a sparse one costs its sender nothing."""
_DEFAULT_LIMITS: Final = ReadingLimits()
_DEFAULT_POLICY: Final = SchemaPolicy()


def read(
    source: Source, limits: ReadingLimits = _DEFAULT_LIMITS, policy: SchemaPolicy = _DEFAULT_POLICY
) -> Iterator[Read | Unreadable]:
    """The records of one arrival in order, at least one: an article, or why there is none; each decided alone.

    Whatever the bytes are, nothing is raised for them; what ``source.chunks`` raises passes. A fault in mid-stream
    gives one more record, with the finding, for all that is unread. ``raw_sha256`` and ``raw_size`` are of a record's
    own bytes, or of the whole file where that is the record; "" is the hash of what was too large to be read.
    """
    opened = _Opened(source, limits)
    records = opened.records()
    for number in itertools.count():
        try:
            record = next(records, None)
        except RefusedError as refusal:
            record = Record(None, (refusal.finding,))
        if record is None:
            return
        yield _judged(record, opened.provenance(record, number), source, policy)


def _judged(record: Record, provenance: Provenance, source: Source, policy: SchemaPolicy) -> Read | Unreadable:
    if record.fields is None:
        return Unreadable(provenance, record.findings, record.raw, record.notes)
    article, findings, notes = judge(record.fields, source.received_at, policy)
    findings, notes = record.findings + findings, record.notes + notes
    if article is None:
        return Unreadable(provenance, findings, record.raw, notes)
    return Read(provenance, article, findings, record.raw, notes)


class _Tally:
    """The bytes of an arrival as they are taken, their hash and their number."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._hash = hashlib.sha256()
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = next(self._chunks)
        self._hash.update(chunk)
        self._size += len(chunk)
        return chunk

    def whole(self) -> tuple[str, int]:
        """Hash and number of all bytes, those not yet taken read now."""
        for _ in self:
            pass
        return self._hash.hexdigest(), self._size


class _Opened:
    """One arrival being read."""

    def __init__(self, source: Source, limits: ReadingLimits) -> None:
        self._source = source
        self._limits = limits
        self._tally: _Tally | None = None

    def provenance(self, record: Record, number: int) -> Provenance:
        """How a record was read; for one that is the whole file all bytes are read first."""
        if record.raw is None:
            tally = self._tally if record.fields is not None or self._source.size <= _HASHED else None
            sha256, size = ("", self._source.size) if tally is None else tally.whole()
        else:
            sha256 = record.sha256 or hashlib.sha256(record.raw).hexdigest()
            size = len(record.raw) if record.size is None else record.size
        media_type = record.media_type or _UNKNOWN
        return Provenance(number, sha256, size, media_type, record.encoding, record.parser, record.extractor)

    def records(self) -> Iterator[Record]:
        """The records as their format gives them.

        Raises:
            RefusedError: before their kind is known.
        """
        source, limits = self._source, self._limits
        if source.size > limits.stream_bytes:
            because = f"{source.size:,} bytes, of {limits.stream_bytes:,} at most"
            raise beyond("INP103", "bytes", source.size, limits.stream_bytes, because)
        self._tally = _Tally(source.chunks())
        context = Context(limits, source.received_at, _records)
        yield from _records(source.name, self._tally, context, source.size)


def _records(name: str, chunks: Iterator[bytes], context: Context, size: int = 0) -> Iterator[Record]:
    """The records of some bytes by their kind, each with its media type; a refusal is the last.

    Raises:
        RefusedError: INP102, 104, 105, and what ``chunks`` raises before the kind is known.
    """
    head, chunks = peeked(chunks)
    if not head:
        raise refused("INP104", "no bytes in it" if context.packed else "no bytes")
    kind = recognise(head, name)
    content = Content(
        inner_name(name) if kind.packs else name, head, chunks, size, kind.longest(context.limits), kind.media_type
    )
    raw: bytes | None = None
    try:
        for record in kind.read(content, context):
            raw = b""
            yield record if record.media_type else replace(record, media_type=content.media_type)
    except RefusedError as refusal:
        yield Record(None, (refusal.finding,), raw=raw, media_type=content.media_type)
    except ModuleNotFoundError:
        if not kind.extra:
            raise
        because = f"{kind.name} is read by what is not installed: pip install 'winnowd[{kind.extra}]'"
        yield Record(None, (found("INP102", because),), raw=raw, media_type=content.media_type)
