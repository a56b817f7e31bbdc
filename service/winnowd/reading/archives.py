"""An archive, zip or tar, as a folder of files: each is read by its own kind, and none by its path. Pure."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Final, cast

from winnowd.model import Finding
from winnowd.reading.bytes_file import BytesFile
from winnowd.reading.passed_over import PassedOver
from winnowd.reading.records import Record, RefusedError, found, refused, shown
from winnowd.reading.unpacking import PIECE, check_growth
from winnowd.reading.zip_members import ENCRYPTED, FAULTS, HEADER, PACKINGS

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator

    from winnowd.reading.content import Content, Context

_KEPT: Final = 1 << 16
_BLOCK: Final = 512
_MOST_ENTRIES: Final = 100_000
"""A directory of more is not looked into: each entry takes half a kilobyte of memory."""
_LONGEST_NAME: Final = 1 << 16
_FILES: Final = frozenset({b"0", b"\0", b"7"})
_BODILESS: Final = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
"""Types of a tar archive's entries."""


def zip_archive(content: Content, context: Context) -> Iterator[Record]:
    """The records of a zip archive's files, in its directory's order; a file at fault is refused alone.

    Raises:
        RefusedError: INP103, 109, 110, 117, 118, 132.
    """
    members = _Members(context)
    yield from members.passed_over.noted(_zipped(content, context, members))


def _zipped(content: Content, context: Context, members: _Members) -> Iterator[Record]:
    data = content.whole()
    if data.count(HEADER) > _MOST_ENTRIES:
        raise refused("INP117", f"more than {_MOST_ENTRIES:,} files; none was read")
    try:
        archive = zipfile.ZipFile(cast("IO[bytes]", BytesFile.of(data)))
        entries = archive.infolist()
    except FAULTS as error:
        raise refused("INP132", "its directory is damaged or cut off") from error
    growth = _Growth(len(data), context)
    for entry in entries:
        if entry.filename.endswith("/") or members.passed_over.takes(entry.filename):
            continue
        if entry.flag_bits & ENCRYPTED:
            yield members.refused(entry.filename, "INP131", "it is encrypted")
        elif entry.compress_type not in PACKINGS:
            yield members.refused(entry.filename, "INP125", "it is packed neither by deflate nor not at all")
        else:
            yield from members.read(entry.filename, growth.of(_unzipped(archive, entry)))
        growth.check()
    members.check_any()


def _unzipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(entry) as file:
            while piece := file.read(PIECE):
                yield piece
    except FAULTS as error:
        raise refused("INP108", "it is damaged or cut off in its archive") from error


def tar_archive(content: Content, context: Context) -> Iterator[Record]:
    """The records of a tar archive's files, streamed; a file at fault is refused alone.

    Raises:
        RefusedError: INP103, 110, 117, 118, 132, and what the chunks raise.
    """
    members = _Members(context)
    yield from members.passed_over.noted(_tarred(content, members))


def _tarred(content: Content, members: _Members) -> Iterator[Record]:
    import tarfile

    blocks = _Blocks(content.chunks)
    name = ""
    size: int | None = None
    while (header := blocks.read(_BLOCK)).strip(b"\0"):
        try:
            entry = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise refused("INP132", "a header is damaged; the rest is unread") from error
        if entry.type in {tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE}:
            more = blocks.extension(entry)
            name, size = (_text(more.rstrip(b"\0")), size) if entry.type != tarfile.XHDTYPE else _paxed(more)
            continue
        if entry.type in {tarfile.GNUTYPE_LONGLINK, tarfile.XGLTYPE}:
            blocks.extension(entry)
            continue
        shown_name, length = name or entry.name, entry.size if size is None else size
        name, size = "", None
        stored = blocks.stored(length if entry.type not in _BODILESS else 0)
        if entry.type in _FILES and not entry.name.endswith("/"):
            if not members.passed_over.takes(shown_name):
                yield from members.read(shown_name, stored)
        elif entry.type not in {tarfile.DIRTYPE, tarfile.AREGTYPE}:
            yield members.refused(shown_name, "INP125", "it is a link, a device, or a file with holes")
        for _ in stored:
            pass
    members.check_any()


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _paxed(records: bytes) -> tuple[str, int | None]:
    """Name and size that an extended header gives: lines of their own length, a blank, a key, ``=``, a value."""
    given: dict[bytes, bytes] = {}
    while records:
        length = records.partition(b" ")[0]
        if not length.isdigit() or not len(length) < int(length[:6]) <= len(records):
            break
        key, _, value = records[len(length) + 1 : int(length) - 1].partition(b"=")
        given[key] = value
        records = records[int(length) :]
    size = given.get(b"size", b"")
    return _text(given.get(b"path", b"")), int(size) if size.isdigit() and len(size) < 20 else None


class _Members:
    """Reads the files of one archive, and counts them.

    Raises:
        RefusedError: INP110.
    """

    def __init__(self, context: Context) -> None:
        if context.archived:
            raise refused("INP110", "an archive in an archive")
        self._context = replace(context, archived=True, packed=False)
        self._number = 0
        self.passed_over = PassedOver(context.limits.members)

    def read(self, name: str, chunks: Iterator[bytes]) -> Iterator[Record]:
        """The records of one file, at least one; one that is all of the file has its bytes.

        Raises:
            RefusedError: INP117.
        """
        self._count()
        kept = _Kept(chunks, self._context.limits.line_bytes)
        try:
            for record in self._context.read(name, kept, self._context):
                yield _named(record if record.raw is not None else kept.of(record), name)
        except RefusedError as refusal:
            yield _named(kept.of(Record(None, (refusal.finding,))), name)

    def refused(self, name: str, code: str, because: str) -> Record:
        """The record of a file that is not read.

        Raises:
            RefusedError: INP117.
        """
        self._count()
        return _named(Record(None, (found(code, because),), raw=b""), name)

    def check_any(self) -> None:
        """Ask whether there was one.

        Raises:
            RefusedError: INP118.
        """
        if not self._number:
            raise refused("INP118", "; ".join(filter(None, ("an archive without a file", self.passed_over.because))))

    def _count(self) -> None:
        most = self._context.limits.members
        if self._number >= most:
            raise refused("INP117", f"more than {most:,} files; the rest is unread")
        self._number += 1


def _named(record: Record, name: str) -> Record:
    """A record with the name that its file has in the archive: among its fields, or its findings' evidence."""
    if record.fields is not None:
        return record._replace(fields={**record.fields, "archive_member": name})
    first, *others = record.findings
    evidence = {**first.evidence, "archive_member": shown(name)}
    named = Finding(first.code, first.gate, first.grade, first.measured, first.limit, first.because, evidence)
    return record._replace(findings=(named, *others))


class _Kept:
    """The bytes of one file of an archive as they are taken: all, or of more than the longest the first 64 KiB."""

    def __init__(self, chunks: Iterator[bytes], longest: int) -> None:
        self._chunks = chunks
        self._longest = longest
        self._pieces: list[bytes] = []
        self._begins = b""
        self._size = 0
        self._hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = next(self._chunks)
        if self._size <= self._longest:
            self._pieces.append(chunk)
        self._size += len(chunk)
        if self._size > self._longest and self._pieces:
            self._begins = b"".join(self._pieces)[: min(_KEPT, self._longest)]
            self._pieces = []
        self._hash.update(chunk)
        return chunk

    def of(self, record: Record) -> Record:
        """A record that is all of the file, with the file's bytes, those not yet taken read now."""
        try:
            for _ in self:
                pass
        except RefusedError as refusal:
            record = record if record.fields is None else Record(None, (refusal.finding,))
        raw = self._begins or b"".join(self._pieces)
        return record._replace(raw=raw, size=self._size, sha256=self._hash.hexdigest())


class _Growth:
    """What came out of a zip archive, in all, beside its own size."""

    def __init__(self, packed: int, context: Context) -> None:
        self._packed = packed
        self._limits = context.limits
        self._total = 0

    def of(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """These bytes, counted."""
        for chunk in chunks:
            self._total += len(chunk)
            self.check()
            yield chunk

    def check(self) -> None:
        """Ask whether it is not too much.

        Raises:
            RefusedError: INP109.
        """
        check_growth(self._total, self._packed, self._limits)


class _Blocks:
    """A tar archive's bytes, taken from its stream."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def read(self, size: int) -> bytes:
        """So many bytes; fewer at the end."""
        pieces = []
        while size and (piece := self._some(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _some(self, size: int) -> bytes:
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._left = chunk
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def extension(self, entry: tarfile.TarInfo) -> bytes:
        """The body of a header that tells more of the next file.

        Raises:
            RefusedError: INP132.
        """
        if entry.size > _LONGEST_NAME:
            raise refused("INP132", f"a header of {entry.size:,} bytes; the rest is unread")
        return b"".join(self.stored(entry.size))

    def stored(self, size: int) -> Iterator[bytes]:
        """A file's bytes; what pads them is taken, too.

        Raises:
            RefusedError: INP132, it ends before them.
        """
        padding = -size % _BLOCK
        while size > 0:
            piece = self._some(min(size, PIECE))
            if not piece:
                raise refused("INP132", "it ends within a file")
            size -= len(piece)
            yield piece
        self.read(padding)
