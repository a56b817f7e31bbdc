"""JSON Lines, streamed: one record a line, decided alone, however large the file (docs/design/reading.md). Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from winnowd.model import Finding, Grade, Limit
from winnowd.reading.decoding import as_utf8, decode, wide_encoding
from winnowd.reading.json_documents import Objects
from winnowd.reading.json_text import Strict, after_blanks, check_depth
from winnowd.reading.records import GATE, Record, RefusedError, beyond, found, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.model import Part
    from winnowd.reading.decoding import Decoded
    from winnowd.reading.limits import ReadingLimits
    from winnowd.reading.names import Fields

_KEPT: Final = 1 << 16
_BLANK_LINES: Final = re.compile(rb"\n\s+\n")
"""Taken as one line end at once: a file of nothing else would take hours line by line."""

_OWN: Final = frozenset({"INP104", "INP105", "INP106"})
"""Faults of a line that keep their own code; those of its JSON become INP115."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line without its end, and its number from 1; of a long one the first 64 KiB, its size, and its SHA-256.

    ``end``: how many bytes there were up to its end, that included.
    """

    number: int
    data: bytes
    size: int
    end: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """A line that gives records: its number from 1, how many bytes there were up to its end, and how many records."""

    number: int
    end: int
    records: int


def lines(
    chunks: Iterator[bytes], head: bytes, limits: ReadingLimits, own: Fields, part: Part | None = None
) -> Iterator[Record]:
    """The records of JSON Lines; ``head`` is the beginning that ``chunks`` will give, ``own`` the mapping of its feed.

    With ``part`` they are those of some lines of a file in UTF-8, numbered as there. Blank lines are none; a faulty
    line is refused alone (INP115), a long one is skipped to its end (INP116). Lines in UTF-16 are given as UTF-8.

    Raises:
        RefusedError: INP103, 117 and 118, and whatever ``chunks`` raises.
    """
    wide = wide_encoding(head)
    number = 0 if part is None else part.record
    objects = Objects("jsonl", limits, own)
    lines_before = 0 if part is None else part.line - 1
    for line in _split(chunks if wide is None else as_utf8(chunks, wide), limits, lines_before):
        for record in _records(line, objects, wide) if line.data.strip() else ():
            if number >= limits.records:
                raise refused("INP117", f"more than {limits.records:,} records; the rest is unread")
            yield record
            number += 1
    if not number:
        raise refused("INP118", "only blank lines")


def counted_lines(chunks: Iterator[bytes], limits: ReadingLimits, own: Fields) -> Iterator[Counted]:
    """The lines of JSON Lines in UTF-8 that give records, in order; how many of them there may be is not asked.

    Raises:
        RefusedError: INP103, and whatever ``chunks`` raises.
    """
    objects = Objects("jsonl", limits, own)
    for line in _split(chunks, limits):
        if line.data.strip():
            one = line.sha256 or _holds_one(line.data)
            records = 1 if one else sum(1 for _ in _records(line, objects, None))
            yield Counted(line.number, line.end, records)


def _holds_one(data: bytes) -> bool:
    """Whether a line is known to hold one record, unparsed: a wrapper has two brackets, and NULs may be UTF-16's."""
    return data.count(b"{") + data.count(b"[") <= 1 and b"\0" not in data


def _split(chunks: Iterator[bytes], limits: ReadingLimits, lines_before: int = 0) -> Iterator[_Line]:
    """Cut a stream at its LFs; holds one line and one chunk."""
    total = 0
    pending = _Pending(limits.line_bytes, lines_before)
    for chunk in chunks:
        total += len(chunk)
        if total > limits.stream_bytes:
            raise beyond("INP103", "bytes", total, limits.stream_bytes, "larger than may be streamed")
        begin = 0
        for blank in _BLANK_LINES.finditer(chunk):
            yield from pending.lines(chunk[begin : blank.start() + 1])
            pending.skip(blank[0].count(b"\n") - 1, len(blank[0]) - 1)
            begin = blank.end()
        yield from pending.lines(chunk[begin:])
    yield pending.line()


class _Pending:
    """A line in the making; beyond the longest only its hash and size are kept."""

    def __init__(self, longest: int, lines_before: int) -> None:
        self._longest = longest
        self._number = lines_before
        self._end = 0
        self._pieces: list[bytes] = []
        self._size = 0
        self._hash = hashlib.sha256()

    def add(self, piece: bytes) -> None:
        if self._size <= self._longest:
            self._pieces.append(piece)
            self._size += len(piece)
            if self._size > self._longest:
                self._hash = hashlib.sha256(b"".join(self._pieces))
                self._pieces = [b"".join(self._pieces)[: min(_KEPT, self._longest)]]
        else:
            self._size += len(piece)
            self._hash.update(piece)

    def lines(self, data: bytes) -> Iterator[_Line]:
        """Add these bytes, and give the lines that end in them."""
        first, *others = data.split(b"\n")
        self.add(first)
        for piece in others:
            yield self.line()
            self.add(piece)

    def skip(self, lines: int, size: int) -> None:
        """So many blank lines stood here, of so many bytes."""
        self._number += lines
        self._end += size

    def line(self) -> _Line:
        """Give the line, and begin the next."""
        data = b"".join(self._pieces)
        size = self._size
        self._number += 1
        self._end += size + 1
        self._pieces, self._size = [], 0
        if size > self._longest:
            return _Line(self._number, data, size, self._end, self._hash.hexdigest())
        data = data.removesuffix(b"\r")
        return _Line(self._number, data, len(data), self._end)


def _records(line: _Line, objects: Objects, wide: str | None) -> Iterator[Record]:
    if line.sha256:
        finding = Finding(
            "INP116",
            GATE,
            Grade.FAIL,
            line.size,
            Limit("INP116", "line_bytes", "max", fail=objects.limits.line_bytes),
            f"line {line.number:,} has {line.size:,} bytes; its first {len(line.data):,} are kept, all with the file",
        )
        yield Record(None, (finding,), parser="jsonl", raw=line.data, size=line.size, sha256=line.sha256)
        return
    try:
        yield from _of_line(line, objects, wide)
    except RefusedError as error:
        finding = error.finding
        if finding.code not in _OWN:
            placed = finding.code == "INP111"
            finding = found("INP115", finding.because if placed else f"{finding.because}: line {line.number:,}")
        yield Record(None, (finding,), parser="jsonl", raw=line.data)


def _of_line(line: _Line, objects: Objects, wide: str | None) -> Iterator[Record]:
    decoded = decode(line.data)
    check_depth(decoded.text, objects.limits.json_depth)
    objects.strict.lines_before = line.number - 1
    value = objects.strict.whole(decoded.text)
    if not isinstance(value, dict):
        raise refused("INP112", "a JSON value, and no object")
    decoded = decoded if wide is None else _from(decoded, wide)
    yield from objects.records(decoded, value, after_blanks(decoded.text, 0), line.data)


def _from(decoded: Decoded, wide: str) -> Decoded:
    """Name the encoding that the line had before it was given as UTF-8."""
    return type(decoded)(decoded.text, wide, decoded.notes, decoded.findings)


def are_lines(chunks: Iterator[bytes], limits: ReadingLimits, *, named: bool) -> bool:
    """Whether what begins with a bracket is JSON Lines and not one document; ``named``: its extension says so.

    It is if its first line is an object by itself and something follows. A first line that is not is the beginning of a
    document that spans lines; under the name of JSON Lines it is a faulty line, unless it is a bare bracket or a list.
    """
    first, more = _first_line(chunks, limits.line_bytes)
    if not first:
        return named
    if first.startswith(b"["):
        return False
    if not more:
        return named
    return (len(first) <= limits.line_bytes and _is_json(first, limits)) or (named and first != b"{")


def _is_json(line: bytes, limits: ReadingLimits) -> bool:
    try:
        text = decode(line).text
        check_depth(text, limits.json_depth)
        Strict().whole(text)
    except RefusedError:
        return False
    return True


def _first_line(chunks: Iterator[bytes], longest: int) -> tuple[bytes, bool]:
    """The first line that is not blank, without blanks around it, and whether anything but blanks follows.

    A line longer than the longest is cut one byte behind it, and something follows it.
    """
    pieces: list[bytes] = []
    size = 0
    for chunk in chunks:
        line, end, rest = (chunk if pieces else chunk.lstrip()).partition(b"\n")
        if line:
            pieces.append(line)
            size += len(line)
        if size > longest:
            return b"".join(pieces)[: longest + 1], True
        if end:
            return b"".join(pieces).strip(), bool(rest.strip()) or any(more.strip() for more in chunks)
    return b"".join(pieces).strip(), False
