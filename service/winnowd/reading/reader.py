"""One arrival's bytes to records, each judged by the schema: the way of reading from end to end. Pure."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from winnowd.model import Provenance, Read, Unreadable
from winnowd.reading.decoding import as_utf8, wide_encoding
from winnowd.reading.json_documents import document
from winnowd.reading.json_lines import are_lines, lines
from winnowd.reading.kinds import HEAD_BYTES, Kind, inner_name, recognise
from winnowd.reading.limits import ReadingLimits, SchemaPolicy
from winnowd.reading.names import renamed
from winnowd.reading.pages import page, with_body
from winnowd.reading.records import Record, RefusedError, beyond, refused
from winnowd.reading.schema import judge
from winnowd.reading.texts import text
from winnowd.reading.unpacking import unpacked
from winnowd.reading.web_archives import archive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from winnowd.model import Source
    from winnowd.reading.names import Fields

_UNKNOWN: Final = "application/octet-stream"
_DEFAULT_LIMITS: Final = ReadingLimits()
_DEFAULT_POLICY: Final = SchemaPolicy()
_NO_FIELDS: Final[Fields] = {}


def read(
    source: Source,
    limits: ReadingLimits = _DEFAULT_LIMITS,
    policy: SchemaPolicy = _DEFAULT_POLICY,
    own: Fields = _NO_FIELDS,
) -> Iterator[Read | Unreadable]:
    """The records of one arrival in order, at least one: an article, or why there is none; each decided alone.

    ``own`` is the mapping of its feed: field to the path at which its records bring it.

    Whatever the bytes are, nothing is raised for them; what ``source.chunks`` raises passes. A fault in mid-stream
    gives one more record, with the finding, for all that is unread. ``raw_sha256`` and ``raw_size`` are of a record's
    own bytes, or of the whole file where that is the record; "" is the hash of what was too large to be read.
    """
    for record, provenance in records_of(source, limits, own):
        yield _judged(record, provenance, source, policy)


def records_of(source: Source, limits: ReadingLimits, own: Fields) -> Iterator[tuple[Record, Provenance]]:
    """The records of one arrival as they come before the schema, the body of those made of HTML in its place."""
    opened = _Opened(source, limits, own)
    records = opened.records()
    for number in itertools.count():
        try:
            record = next(records, None)
        except RefusedError as refusal:
            record = Record(None, (refusal.finding,), raw=b"" if number else None)
        if record is None:
            return
        if record.fields is not None and own:
            record = replace(record, fields=renamed(record.fields, own))
        if record.may_have_markup:
            record = _with_body(record, limits)
        yield record, opened.provenance(record, number)


def _with_body(record: Record, limits: ReadingLimits) -> Record:
    """A record with the body of the HTML that its text is made of, if it is; or with the finding that it has none."""
    try:
        fields, extractor = with_body(record.fields or {}, limits)
    except RefusedError as error:
        return replace(record, fields=None, findings=(error.finding, *record.findings))
    return replace(record, fields=fields, extractor=extractor)


def own_of(feeds: Mapping[str, Fields], feed: str) -> Fields:
    """The mapping of a feed: that of its folder, else that of the inbox's folder in which it lies."""
    return feeds.get(feed) or feeds.get(feed.partition("/")[0]) or _NO_FIELDS


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


@dataclass(frozen=True, slots=True)
class _Content:
    """What is to be read once packing is off: its beginning, all of it, and all of it once more.

    ``size`` is what it is known to have, 0 if that is not known before it is unpacked.
    """

    kind: Kind
    head: bytes
    chunks: Iterator[bytes]
    anew: Callable[[], Iterator[bytes]]
    size: int


class _Opened:
    """One arrival being read."""

    def __init__(self, source: Source, limits: ReadingLimits, own: Fields) -> None:
        self._source = source
        self._limits = limits
        self._own = own
        self._tally: _Tally | None = None
        self._media_type = _UNKNOWN

    def provenance(self, record: Record, number: int) -> Provenance:
        """How a record was read; for one that is the whole file all bytes are read first."""
        if record.raw is None:
            sha256, size = ("", self._source.size) if self._tally is None else self._tally.whole()
        else:
            sha256 = record.sha256 or hashlib.sha256(record.raw).hexdigest()
            size = len(record.raw) if record.size is None else record.size
        return Provenance(number, sha256, size, self._media_type, record.encoding, record.parser, record.extractor)

    def records(self) -> Iterator[Record]:
        """The records as their format gives them.

        Raises:
            RefusedError: where reading cannot go on.
        """
        source, limits = self._source, self._limits
        if source.size > limits.stream_bytes:
            because = f"{source.size:,} bytes, of {limits.stream_bytes:,} at most"
            raise beyond("INP103", "bytes", source.size, limits.stream_bytes, because)
        self._tally = _Tally(source.chunks())
        content = self._content(self._tally)
        if content.kind in {Kind.JSON, Kind.LINES}:
            yield from self._json(content)
        elif content.kind is Kind.WARC:
            if not limits.warc:
                raise refused("INP102", "web archives are switched off (reading.warc)")
            yield from archive(content.chunks, limits, source.received_at)
        elif content.kind is Kind.PAGE:
            yield page(_gathered(content, limits.page_bytes), limits, source.received_at)
        else:
            yield text(_gathered(content, limits.text_bytes), limits)

    def _content(self, tally: _Tally) -> _Content:
        """Recognise, and unpack what is packed once."""
        source, limits = self._source, self._limits
        head, chunks = _peeked(tally)
        if not head:
            raise refused("INP104", "no bytes")
        packing = recognise(head, source.name)
        self._media_type = packing.value
        if not packing.packed:
            return _Content(packing, head, chunks, source.chunks, source.size)
        head, chunks = _peeked(unpacked(packing, chunks, limits))
        if not head:
            raise refused("INP104", "no bytes in it")
        kind = recognise(head, inner_name(source.name))
        if kind.packed:
            raise refused("INP110", "packed twice")
        self._media_type = kind.value
        return _Content(kind, head, chunks, lambda: unpacked(packing, source.chunks(), limits), 0)

    def _json(self, content: _Content) -> Iterator[Record]:
        """Read JSON as lines or as one document, whichever it is."""
        wide = wide_encoding(content.head)
        beginning = iter((content.head,)) if len(content.head) == content.size else _up_to_fault(content.anew())
        if are_lines(
            beginning if wide is None else as_utf8(beginning, wide), self._limits, named=content.kind is Kind.LINES
        ):
            self._media_type = Kind.LINES.value
            return lines(content.chunks, content.head, self._limits, self._own)
        self._media_type = Kind.JSON.value
        return document(_gathered(content, self._limits.json_bytes), self._limits, self._own)


def _peeked(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The beginning of a stream, enough to tell its kind, and the stream with it.

    A fault met within the beginning is raised where it stands, once what came before it is taken; at once, if nothing
    came before it.
    """
    head = b""
    try:
        for chunk in chunks:
            head += chunk
            if len(head) >= HEAD_BYTES:
                break
    except RefusedError as refusal:
        if not head:
            raise
        return head, itertools.chain((head,), _raising(refusal))
    return head, itertools.chain((head,), chunks)


def _raising(refusal: RefusedError) -> Iterator[bytes]:
    raise refusal
    yield b""


def _up_to_fault(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A stream for a first look, ended where it is at fault: the fault is told when it is read."""
    with contextlib.suppress(RefusedError):
        yield from chunks


def _gathered(content: _Content, longest: int) -> bytes:
    """All bytes of what is read as a whole.

    Raises:
        RefusedError: INP103, before more than the longest were read.
    """
    pieces: list[bytes] = []
    size = content.size
    if size <= longest:
        size = 0
        for piece in content.chunks:
            pieces.append(piece)
            size += len(piece)
            if size > longest:
                break
    if size > longest:
        raise beyond("INP103", "bytes", size, longest, f"{size:,} bytes, of {longest:,} at most")
    return b"".join(pieces)
