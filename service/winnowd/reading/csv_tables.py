"""A table of separated values, streamed: one record a row, its fields named by the header. Pure."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final

from winnowd.reading.decoding import Decoded, as_utf8, decode, wide_encoding
from winnowd.reading.names import brings_text
from winnowd.reading.records import Record, RefusedError, beyond, found, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.reading.content import Content, Context
    from winnowd.reading.limits import ReadingLimits
    from winnowd.reading.names import Fields

_SEPARATORS: Final = ",\t;|"
_MOST_COLUMNS: Final = 1_000
_SAMPLE: Final = 1 << 20
_ESCAPED: Final = re.compile(r'(?<!\\)((?:\\\\)*)\\"')
_IS_ESCAPED: Final = re.compile(r"""[^\\]\\"[^",;\t|\r\n]""")
_IS_DOUBLED: Final = re.compile(r"""[^\\,;\t|\r\n]\"\"""")
"""A quote within a field: behind a backslash, as Spark and MySQL write it, or doubled, as RFC 4180 says."""
_EXCELS_OWN: Final = "sep="
_BARE_CR: Final = "new-line character"


def table(content: Content, context: Context) -> Iterator[Record]:
    """The rows of a table; ``raw`` is a row as it stands there, in UTF-8.

    The separator is the one by which the first row names the text, and most columns. Quoting is that of RFC 4180, or by
    backslashes where the first rows have those and no doubled quote. A row with more fields than the header is refused
    alone (INP115).

    Raises:
        RefusedError: INP103-106, 116, 117, 118, 126, 132, and what the chunks raise.
    """
    limits = context.limits
    wide = wide_encoding(content.head)
    if wide is None:
        decoded = decode(_whole_lines(b"".join(content.looked(_SAMPLE))))
    else:
        decoded, content.chunks = Decoded("", wide), as_utf8(content.chunks, wide)
    lines = _Lines(content.chunks, "utf-8" if wide else decoded.encoding, limits)
    lines.escaped = _IS_ESCAPED.search(decoded.text) is not None and _IS_DOUBLED.search(decoded.text) is None
    csv.field_size_limit(limits.line_bytes)
    header, separator = _header(lines, context.own)
    number = 0
    for row in _rows(lines, separator):
        raw = lines.row_bytes()
        if row == []:
            continue
        if number >= limits.records:
            raise refused("INP117", f"more than {limits.records:,} rows; the rest is unread")
        number += 1
        yield _record(header, row, raw, decoded)
    if not number:
        raise refused("INP118", "a header, and no row")


def _whole_lines(sample: bytes) -> bytes:
    return sample[: sample.rfind(b"\n") + 1] or sample


def _header(lines: _Lines, own: Fields) -> tuple[list[str], str]:
    """The names of the columns, and what separates them.

    Raises:
        RefusedError: INP126.
    """
    line = next((line for line in lines if line.strip() and not line.lower().startswith(_EXCELS_OWN)), "")
    lines.row_bytes()
    best: list[str] = []
    by = ""
    for separator in _SEPARATORS:
        names = [name.strip() for name in _fields([line], separator)][:_MOST_COLUMNS]
        if brings_text(dict.fromkeys(names, "x"), own) and len(names) > len(best):
            best, by = names, separator
    if not best:
        raise refused("INP126", "no column of its first row has a name that a text may have")
    return best, by


def _fields(row: list[str], separator: str) -> list[str]:
    try:
        return next(csv.reader(row, delimiter=separator), [])
    except csv.Error:
        return []


def _rows(lines: _Lines, separator: str) -> Iterator[list[str] | None]:
    """Row after row; None for one that cannot be taken apart."""
    rows = csv.reader(lines, delimiter=separator)
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            if not str(error).startswith(_BARE_CR):
                because = f"a field that ends in line {lines.number:,}, or later, is too long; the rest is unread"
                raise refused("INP116", because) from error
            yield None
            continue
        if row is None:
            return
        if lines.ended:
            raise refused("INP132", f"it ends within quotes, in line {lines.number:,}")
        yield row


class _Lines:
    """The lines of a stream as text, with their ends; ``row`` are those since the last row was taken.

    ``escaped``: quotes behind a backslash are given doubled.

    Holds one row and one chunk; neither a line nor a row may have more than ``line_bytes``.
    """

    def __init__(self, chunks: Iterator[bytes], encoding: str, limits: ReadingLimits) -> None:
        self._pieces = _cut(chunks, limits)
        self._encoding = encoding
        self._longest = limits.line_bytes
        self._size = 0
        self.number = 0
        self.row: list[str] = []
        self.ended = False
        self.escaped = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        data = next(self._pieces, None)
        if data is None:
            self.ended = True
            raise StopIteration
        self.number += 1
        self._size += len(data)
        if self._size > self._longest:
            raise _too_long(self._size, self._longest, f"a row does not end in line {self.number:,}")
        text = self._text(data)
        self.row.append(text)
        return _ESCAPED.sub(r'\1""', text) if self.escaped else text

    def _text(self, data: bytes) -> str:
        """A line by the encoding of the first ones; by its own, where it is none of that."""
        try:
            return data.decode(self._encoding).removeprefix("\ufeff" if self.number == 1 else "")
        except UnicodeDecodeError:
            try:
                return decode(data).text
            except RefusedError:
                return data.decode(self._encoding, "replace")

    def row_bytes(self) -> bytes:
        """The row's own bytes; the next row begins."""
        raw = "".join(self.row).encode("utf-8", "replace")
        self.row, self._size = [], 0
        return raw


def _cut(chunks: Iterator[bytes], limits: ReadingLimits) -> Iterator[bytes]:
    """A stream cut behind its LFs.

    Raises:
        RefusedError: INP103, 116.
    """
    total = size = 0
    pending: list[bytes] = []
    for chunk in chunks:
        total += len(chunk)
        if total > limits.stream_bytes:
            raise beyond("INP103", "bytes", total, limits.stream_bytes, "larger than may be streamed")
        first, *others = chunk.split(b"\n")
        pending.append(first)
        size += len(first)
        if size > limits.line_bytes:
            raise _too_long(size, limits.line_bytes, "a line does not end")
        for piece in others:
            pending.append(b"\n")
            yield b"".join(pending)
            pending, size = [piece], len(piece)
    if size:
        yield b"".join(pending)


def _too_long(size: int, longest: int, because: str) -> RefusedError:
    return beyond("INP116", "line_bytes", size, longest, f"{because}; the rest is unread")


def _record(header: list[str], row: list[str] | None, raw: bytes, decoded: Decoded) -> Record:
    notes, encoding = decoded.notes, decoded.encoding
    if row is None or len(row) > len(header):
        because = "it cannot be taken apart" if row is None else f"{len(row):,} fields under {len(header):,} names"
        return Record(None, (found("INP115", because),), notes, encoding, "csv", raw=raw)
    given = {name: value for name, value in zip(header, row, strict=False) if name and value.strip()}
    return Record(given, (), notes, encoding, "csv", raw=raw, may_have_markup=True)
