"""Packed bytes as a bounded stream of what is in them: gzip, bzip2, xz, Zstandard (docs/design/reading.md). Pure."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from winnowd.reading.records import RefusedError, beyond, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from winnowd.reading.content import Content, Context
    from winnowd.reading.limits import ReadingLimits
    from winnowd.reading.records import Record

PIECE: Final = 1 << 16
"""What comes out of a gzip, bzip2 or xz stream at once, in bytes."""

_RATIO_FREE: Final = 1 << 20
_LARGEST_WINDOW: Final = 1 << 27
_GZIP_WINDOW: Final = zlib.MAX_WBITS | 16
_GZIP_TAKEN: Final = 1 << 14
_ZSTD_TAKEN: Final = 1 << 10
"""What goes into a Zstandard frame at once: 4 bytes may give 128 KiB, so this many give 32 MiB at worst."""


class _Member(Protocol):
    """One gzip member, bzip2 or xz stream, or Zstandard frame; ``left`` are the bytes given to it and not used.

    ``hungry``: nothing comes out before more is given.
    """

    eof: bool
    left: bytes
    hungry: bool

    def feed(self, data: bytes) -> bytes:
        """Give the next bytes of what is packed."""


def gzip(content: Content, context: Context) -> Iterator[Record]:
    """The records of what is in a gzip file.

    Raises:
        RefusedError: INP104, 110, and those of ``gunzipped``.
    """
    return _inside(content, context, gunzipped)


def zstd(content: Content, context: Context) -> Iterator[Record]:
    """The records of what is in a Zstandard file; raises as ``gzip`` does."""
    return _inside(
        content, context, lambda chunks, limits: _unpacked(_Packed(chunks, _ZSTD_TAKEN), _zstd_frames(), limits)
    )


def bzip2(content: Content, context: Context) -> Iterator[Record]:
    """The records of what is in a bzip2 file; raises as ``gzip`` does."""
    import bz2

    return _buffered(content, context, bz2.BZ2Decompressor)


def xz(content: Content, context: Context) -> Iterator[Record]:
    """The records of what is in an xz file; raises as ``gzip`` does."""
    import lzma

    return _buffered(content, context, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LARGEST_WINDOW))


def _buffered(content: Content, context: Context, begin: Callable[[], _Decompressor]) -> Iterator[Record]:
    return _inside(
        content,
        context,
        lambda chunks, limits: _unpacked(_Packed(chunks, _GZIP_TAKEN), lambda: _Stream(begin()), limits),
    )


def _inside(
    content: Content, context: Context, unpack: Callable[[Iterator[bytes], ReadingLimits], Iterator[bytes]]
) -> Iterator[Record]:
    if context.packed:
        raise refused("INP110", "packed twice")
    yield from context.read(content.name, unpack(content.chunks, context.limits), replace(context, packed=True))


def gunzipped(chunks: Iterator[bytes], limits: ReadingLimits) -> Iterator[bytes]:
    """What is in gzip members, piece by piece; several are one stream.

    Raises:
        RefusedError: INP108, damaged, cut, or followed by other bytes; INP109, over ``stream_bytes``, or over ``ratio``
            once 1 MiB came out of it.
    """
    return _unpacked(_Packed(chunks, _GZIP_TAKEN), _GzipMember, limits)


def _unpacked(packed: _Packed, begin: Callable[[], _Member], limits: ReadingLimits) -> Iterator[bytes]:
    total = 0
    for piece in _members(packed, begin):
        total += len(piece)
        check_growth(total, packed.fed, limits)
        yield piece


def check_growth(total: int, packed: int, limits: ReadingLimits) -> None:
    """Ask whether this many bytes may have come out of so many.

    Raises:
        RefusedError: INP109.
    """
    if total > limits.stream_bytes:
        raise beyond("INP109", "unpacked_bytes", total, limits.stream_bytes, "larger than may be unpacked")
    ratio = total / packed
    if total > _RATIO_FREE and ratio > limits.ratio:
        raise beyond("INP109", "ratio", ratio, limits.ratio, f"{ratio:.0f} times larger than it was packed")


class _Packed:
    """The packed bytes in pieces of one size, counted."""

    def __init__(self, chunks: Iterator[bytes], size: int) -> None:
        self._chunks = chunks
        self._size = size
        self._chunk = b""
        self._at = 0
        self.fed = 0

    def read(self) -> bytes:
        """Give the next bytes; none at the end."""
        while self._at >= len(self._chunk):
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._chunk, self._at = chunk, 0
        piece = self._chunk[self._at : self._at + self._size]
        self._at += len(piece)
        self.fed += len(piece)
        return piece


def _members(packed: _Packed, begin: Callable[[], _Member]) -> Iterator[bytes]:
    """Member after member; zero bytes behind the last one are padding, other bytes are not."""
    data = packed.read()
    while data:
        member = begin()
        while not member.eof:
            data = data or (packed.read() if member.hungry else b"")
            piece = member.feed(data)
            if piece:
                yield piece
            elif not data and not member.eof:
                raise refused("INP108", "it ends before what is packed does")
            data = member.left
        data = _beyond_padding(data, packed)


def _beyond_padding(data: bytes, packed: _Packed) -> bytes:
    while not (data := data.lstrip(b"\0")):
        data = packed.read()
        if not data:
            break
    return data


def _broken(error: Exception) -> RefusedError:
    refusal = refused("INP108", "its packed bytes are damaged, or other bytes follow them")
    refusal.__cause__ = error
    return refusal


class _GzipMember:
    """A member of a gzip file: at most ``PIECE`` bytes come out of it at once."""

    hungry = True

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP_WINDOW)
        self.eof = False
        self.left = b""

    def feed(self, data: bytes) -> bytes:
        try:
            piece = self._inflate.decompress(data, PIECE)
        except zlib.error as error:
            raise _broken(error) from error
        self.eof = self._inflate.eof
        self.left = self._inflate.unused_data if self.eof else self._inflate.unconsumed_tail
        return piece


class _Decompressor(Protocol):
    """What bz2 and lzma unpack a stream with; it keeps what it was given until all of that came out."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Stream:
    """A bzip2 or xz stream: at most ``PIECE`` bytes come out of it at once."""

    def __init__(self, decompressor: _Decompressor) -> None:
        self._decompressor = decompressor
        self.eof = False
        self.left = b""
        self.hungry = True

    def feed(self, data: bytes) -> bytes:
        import lzma

        try:
            piece = self._decompressor.decompress(data, PIECE)
        except (OSError, EOFError, lzma.LZMAError) as error:
            raise _broken(error) from error
        self.eof = self._decompressor.eof
        self.hungry = self._decompressor.needs_input
        self.left = self._decompressor.unused_data if self.eof else b""
        return piece


def _zstd_frames() -> Callable[[], _Member]:
    """What begins a frame; its window may be 128 MiB, as of ``zstd --long``."""
    import zstandard

    decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)

    class _Frame:
        hungry = True

        def __init__(self) -> None:
            self._object = decompressor.decompressobj()
            self.eof = False
            self.left = b""

        def feed(self, data: bytes) -> bytes:
            try:
                piece = self._object.decompress(data)
            except zstandard.ZstdError as error:
                raise _broken(error) from error
            self.eof = self._object.eof
            self.left = self._object.unused_data if self.eof else b""
            return piece

    return _Frame
