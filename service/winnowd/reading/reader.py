"""One arrival's bytes to records, each judged by the schema: the way of reading from end to end. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from winnowd.model import Provenance, Read, Unreadable
from winnowd.reading.content import Content, Context, peeked
from winnowd.reading.decoding import wide_encoding
from winnowd.reading.json_files import LINES, is_of_lines, json
from winnowd.reading.json_lines import counted_lines, lines
from winnowd.reading.kinds import inner_name, recognise
from winnowd.reading.limits import ReadingLimits, SchemaPolicy
from winnowd.reading.names import renamed
from winnowd.reading.pages import with_body
from winnowd.reading.records import Record, RefusedError, beyond, found, refused
from winnowd.reading.schema import judge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from winnowd.model import Source
    from winnowd.reading.json_lines import Counted
    from winnowd.reading.names import Fields

_UNKNOWN: Final = "application/octet-stream"
_HASHED: Final = 1 << 30
"""A larger file is not read for its hash if nothing else of it was: a sparse one costs its sender nothing."""
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


def counted(source: Source, limits: ReadingLimits, own: Fields) -> Iterator[int]:
    """The numbers of the records that ``read`` gives for one arrival, none of which is judged."""
    return (number for number, _ in enumerate(_Opened(source, limits, own).records(), _first_number(source)))


def lines_of(source: Source, limits: ReadingLimits, own: Fields) -> Iterator[Counted] | None:
    """The lines of a file that give records, as ``read`` gives them; None if it is not plain JSON Lines in UTF-8.

    None is packed, and none has a wide encoding: behind each line that comes of this, the file may be cut (``Part``).

    Raises:
        RefusedError: INP103, as they are taken.
    """
    try:
        head, chunks = peeked(source.chunks())
        kind = recognise(head, source.name)
    except RefusedError:
        return None
    if kind.read is not json or wide_encoding(head) is not None:
        return None
    content = Content(source.name, head, chunks, source.size, media_type=kind.media_type)
    return counted_lines(content.chunks, limits, own) if is_of_lines(content, limits) else None


def _first_number(source: Source) -> int:
    return 0 if source.part is None else source.part.record


def records_of(source: Source, limits: ReadingLimits, own: Fields) -> Iterator[tuple[Record, Provenance]]:
    """The records of one arrival as they come before the schema, the body of those made of HTML in its place."""
    opened = _Opened(source, limits, own)
    for number, record in enumerate(opened.records(), _first_number(source)):
        named = record._replace(fields=renamed(record.fields, own)) if record.fields is not None and own else record
        whole = _with_body(named, limits) if named.may_have_markup else named
        yield whole, opened.provenance(whole, number)


def _with_body(record: Record, limits: ReadingLimits) -> Record:
    """A record with the body of the HTML that its text is made of, if it is; or with the finding that it has none."""
    try:
        fields, extractor = with_body(record.fields or {}, limits)
    except RefusedError as error:
        return record._replace(fields=None, findings=(error.finding, *record.findings))
    return record if extractor is None else record._replace(fields=fields, extractor=extractor)


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


class _Opened:
    """One arrival being read."""

    def __init__(self, source: Source, limits: ReadingLimits, own: Fields) -> None:
        self._source = source
        self._limits = limits
        self._own = own
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
        """The records as their format gives them, or why there is none."""
        try:
            yield from self._opened()
        except RefusedError as refusal:
            yield Record(None, (refusal.finding,))

    def _opened(self) -> Iterator[Record]:
        source, limits = self._source, self._limits
        if source.size > limits.stream_bytes:
            because = f"{source.size:,} bytes, of {limits.stream_bytes:,} at most"
            raise beyond("INP103", "bytes", source.size, limits.stream_bytes, because)
        self._tally = _Tally(source.chunks())
        if source.part is not None:
            for record in lines(self._tally, b"", limits, self._own, source.part):
                yield record._replace(media_type=LINES)
            return
        context = Context(limits, source.received_at, _records, self._own)
        yield from _records(source.name, self._tally, context, source)


def _records(name: str, chunks: Iterator[bytes], context: Context, source: Source | None = None) -> Iterator[Record]:
    """The records of some bytes by their kind, each with its media type; a refusal is the last.

    ``source``: whose bytes they are as they lie there, None for what is inside of one.

    Raises:
        RefusedError: INP102, 104, 105, and what ``chunks`` raises before the kind is known.
    """
    head, chunks = peeked(chunks)
    if not head:
        raise refused("INP104", "no bytes in it" if context.packed else "no bytes")
    kind = recognise(head, name)
    inner, longest = inner_name(name) if kind.packs else name, kind.longest(context.limits)
    content = Content(inner, head, chunks, longest=longest, media_type=kind.media_type)
    if source is not None:
        content.size, content.bytes_at = source.size, source.bytes_at
    raw: bytes | None = None
    try:
        for record in kind.read(content, context):
            raw = b""
            yield record if record.media_type else record._replace(media_type=content.media_type)
    except RefusedError as refusal:
        yield Record(None, (refusal.finding,), raw=raw, media_type=content.media_type)
    except ModuleNotFoundError:
        if not kind.extra:
            raise
        because = f"{kind.name} is read by what is not installed: pip install 'winnowd[{kind.extra}]'"
        yield Record(None, (found("INP102", because),), raw=raw, media_type=content.media_type)
