"""A web archive's pages and texts: HTML of status 200, and what WET files hold; all else is only counted. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from winnowd.reading.decoding import decode
from winnowd.reading.pages import page
from winnowd.reading.records import Record, RefusedError, beyond, refused
from winnowd.reading.unpacking import gunzipped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from fastwarc.warc import HeaderMap, WarcRecord, WarcRecordPayloadReader

    from winnowd.reading.content import Content, Context
    from winnowd.reading.limits import ReadingLimits

_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_OK: Final = 200
_PIECE: Final = 1 << 16
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]{0,200}\r\n")


class _Stream:
    """Chunks as the file that FastWARC reads; what its source raises is kept, as FastWARC may tell it as its own."""

    def __init__(self, chunks: Iterator[bytes], longest: int) -> None:
        self._chunks = chunks
        self._longest = longest
        self._left = b""
        self._total = 0
        self.raised: RefusedError | OSError | None = None

    def read(self, size: int = _PIECE) -> bytes:
        """Give the next bytes, at most so many; none at the end."""
        try:
            return self._next(size if size > 0 else _PIECE)
        except (RefusedError, OSError) as error:
            self.raised = error
            raise

    def _next(self, size: int) -> bytes:
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._left = chunk
        piece, self._left = self._left[:size], self._left[size:]
        self._total += len(piece)
        if self._total > self._longest:
            raise beyond("INP103", "bytes", self._total, self._longest, "larger than may be streamed")
        return piece

    def tell(self) -> int:
        """How many bytes were given."""
        return self._total


def archive(content: Content, context: Context) -> Iterator[Record]:
    """The pages of a WARC file and the texts of a WET file, each decided alone; ``raw`` is one as it is stored there.

    Raises:
        RefusedError: INP102, 103, 117, 118, 122, and what the chunks raise.
    """
    limits, received_at = context.limits, context.received_at
    if not limits.warc:
        raise refused("INP102", "web archives are switched off (reading.warc)")
    pages = others = 0
    for stored in _stored(_Stream(content.chunks, limits.stream_bytes)):
        is_text = _is_text(stored)
        if not is_text and not _is_page(stored):
            others += 1
            continue
        if pages >= limits.records:
            raise refused("INP117", f"more than {limits.records:,} pages; the rest is unread")
        pages += 1
        yield _of_text(stored, limits) if is_text else _of_page(stored, limits, received_at)
    if not pages:
        raise refused("INP118", f"no page in it, and {others:,} other records")


def _stored(stream: _Stream) -> Iterator[WarcRecord]:
    """The records as FastWARC gives them."""
    from fastwarc.warc import ArchiveIterator

    try:
        yield from ArchiveIterator(cast("BinaryIO", stream), stream_detect=False, auto_decode="none")
    except (OSError, ValueError) as error:
        raise stream.raised or refused("INP122", "a record's header cannot be read; the rest is unread") from error
    if stream.raised is not None:
        raise stream.raised


def _is_page(stored: WarcRecord) -> bool:
    from fastwarc.warc import WarcRecordType

    if not stored.is_http_parsed or stored.record_type != WarcRecordType.response:
        return False
    return stored.http_headers.status_code == _OK and stored.http_content_type in _HTML


def _is_text(stored: WarcRecord) -> bool:
    from fastwarc.warc import WarcRecordType

    kind = (stored.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    return stored.record_type == WarcRecordType.conversion and kind == "text/plain"


def _of_text(stored: WarcRecord, limits: ReadingLimits) -> Record:
    """What a crawl took out of one page; refused alone, unless the archive ends within it."""
    expected, address = stored.content_length, stored.headers.get("WARC-Target-URI")
    raw, size, sha256 = _payload(stored.reader, limits.text_bytes + 1)
    if size < expected:
        raise refused("INP122", "it ends within a text")
    try:
        if size > limits.text_bytes:
            raise beyond("INP103", "bytes", size, limits.text_bytes, "larger than a text may be")
        decoded = decode(raw)
    except RefusedError as error:
        return Record(None, (error.finding,), raw=raw, size=size, sha256=sha256, parser="wet")
    fields = {"text": decoded.text, **({"url": address} if address else {})}
    if language := stored.headers.get("WARC-Identified-Content-Language"):
        fields["language"] = language
    return Record(fields, decoded.findings, decoded.notes, decoded.encoding, "wet", raw=raw)


def _of_page(stored: WarcRecord, limits: ReadingLimits, received_at: dt.datetime) -> Record:
    """One page; refused alone, unless the archive ends within it."""
    expected, headers, charset = stored.content_length, stored.http_headers, stored.http_charset
    address = stored.headers.get("WARC-Target-URI")
    raw, size, sha256 = _payload(stored.reader, limits.page_bytes + 1)
    if size < expected:
        raise refused("INP122", "it ends within a page")
    try:
        data = _decoded(raw, headers, limits)
        record = page(data, limits, received_at, charset=charset, url=address)._replace(raw=raw)
    except RefusedError as error:
        record = Record(None, (error.finding,), raw=raw, size=size, sha256=sha256)
    return record._replace(parser="warc")


def _payload(reader: WarcRecordPayloadReader, longest: int) -> tuple[bytes, int, str]:
    """A stored page as far as it may be long, the size of all of it, and its SHA-256."""
    kept: list[bytes] = []
    size = 0
    digest = hashlib.sha256()
    while piece := reader.read(_PIECE):
        if size < longest:
            kept.append(piece[: longest - size])
        size += len(piece)
        digest.update(piece)
    return b"".join(kept), size, digest.hexdigest()


def _decoded(raw: bytes, headers: HeaderMap, limits: ReadingLimits) -> bytes:
    """A page without chunks and gzip, each only if it is really there: many archives took them off before."""
    if (headers.get("Transfer-Encoding") or "").lower() == "chunked":
        raw = _joined(raw)
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    data = bytearray()
    for piece in gunzipped(iter((raw,)), limits):
        data += piece
        if len(data) > limits.page_bytes:
            break
    return bytes(data)


def _joined(raw: bytes) -> bytes:
    """HTTP chunks put together; bytes that are none as they are."""
    pieces: list[bytes] = []
    at = 0
    while match := _CHUNK.match(raw, at):
        size = int(match[1], 16)
        if not size:
            return b"".join(pieces)
        pieces.append(raw[match.end() : match.end() + size])
        at = match.end() + size + 2
    return raw
