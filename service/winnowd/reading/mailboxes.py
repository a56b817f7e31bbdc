"""The messages of a mailbox (mbox) to records, streamed. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from winnowd.reading.mail import message
from winnowd.reading.records import Record, RefusedError, beyond, refused

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from winnowd.reading.limits import ReadingLimits

_KEPT: Final = 1 << 16
_SEPARATOR: Final = re.compile(rb"(?:\A|\n\r?\n)(?=From [^\r\n:]{1,300}\d\d?:\d\d[^\r\n]{0,40}\d{4})")
_LONGEST_SEPARATOR: Final = 400
_QUOTED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)


def mailbox(chunks: Iterator[bytes], limits: ReadingLimits, received_at: dt.datetime) -> Iterator[Record]:
    """The messages of a mailbox (mbox), streamed, each decided alone; ``raw`` is one as it stands there.

    Raises:
        RefusedError: INP103, 117, 118, and what ``chunks`` raises.
    """
    number = 0
    for raw, size, sha256 in _messages(chunks, limits):
        if not raw.strip():
            continue
        if number >= limits.records:
            raise refused("INP117", f"more than {limits.records:,} messages; the rest is unread")
        number += 1
        try:
            if size > limits.mail_bytes:
                raise beyond("INP103", "bytes", size, limits.mail_bytes, "larger than a message may be")
            record = message(_QUOTED.sub(rb"\1", raw), limits, received_at)
        except RefusedError as error:
            record = Record(None, (error.finding,))
        yield record._replace(parser="mbox", raw=raw, size=size, sha256=sha256)
    if not number:
        raise refused("INP118", "no message in it")


def _messages(chunks: Iterator[bytes], limits: ReadingLimits) -> Iterator[tuple[bytes, int, str]]:
    """Each message with its size and SHA-256; of one that is too large the first 64 KiB."""
    total = 0
    pending = _Pending(limits.mail_bytes)
    for chunk in chunks:
        total += len(chunk)
        if total > limits.stream_bytes:
            raise beyond("INP103", "bytes", total, limits.stream_bytes, "larger than may be streamed")
        yield from pending.add(chunk)
    yield pending.whole()


class _Pending:
    """The message in the making; beyond the largest only its beginning, hash and size are kept."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._begin()

    def _begin(self) -> None:
        self._kept = bytearray()
        self._size = 0
        self._hash = hashlib.sha256()
        self._tail = b""

    def add(self, chunk: bytes) -> Iterator[tuple[bytes, int, str]]:
        """Add bytes, and give the messages that end in them."""
        data = self._tail + chunk
        start = 0
        for separator in _SEPARATOR.finditer(data):
            if separator.end() and (self._size or separator.start()):
                self._add(data[start : separator.end()])
                start = separator.end()
                yield self._ended()
        open_end = max(start, len(data) - _LONGEST_SEPARATOR)
        self._add(data[start:open_end])
        self._tail = data[open_end:]

    def whole(self) -> tuple[bytes, int, str]:
        """Give what is left as the last message."""
        self._add(self._tail)
        return self._ended()

    def _add(self, piece: bytes) -> None:
        self._size += len(piece)
        self._hash.update(piece)
        if self._size <= self._largest:
            self._kept += piece
        else:
            self._kept = (self._kept + piece)[:_KEPT]

    def _ended(self) -> tuple[bytes, int, str]:
        made = bytes(self._kept), self._size, self._hash.hexdigest()
        self._begin()
        return made
