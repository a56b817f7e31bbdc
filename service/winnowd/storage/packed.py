"""Packed blocks: many files of one folder in one, read by their names as if it were a folder of theirs.

A block is a tar archive packed with Zstandard (``tar --zstd -xf``), in frames of 64 KiB that are unpacked alone, and an
index behind them which other programs pass over: a skippable frame. ``seeds/2026/11/BLOCK.tar.zst/NAME`` is the file
NAME in it. Whoever reads files of an instance by such paths reads them here, plain or packed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import functools
import hashlib
import os
import stat
import struct
import tarfile
from typing import TYPE_CHECKING, Annotated, Final, NoReturn, TypeAlias

import msgspec

from winnowd.layout import split_block
from winnowd.storage.modes import FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

FRAME: Final = 1 << 16
"""Bytes of the archive in one frame, but for the last."""
LARGEST_INDEX: Final = 1 << 28
_SKIPPABLE: Final = struct.Struct("<II")
_MAGIC: Final = 0x184D2A57
_END: Final = struct.Struct("<I")
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class DamagedBlockError(OSError):
    """A packed block is not as it was written (EBADMSG)."""


_Frame: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2 * FRAME)]
_Size: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=1 << 48)]


class _Index(msgspec.Struct, frozen=True, array_like=True):
    """The packed size of each frame; where in the archive each file begins, and its size."""

    frames: tuple[_Frame, ...]
    files: dict[str, tuple[_Size, _Size]]


_INDEX: Final = msgspec.msgpack.Decoder(_Index)


@dataclasses.dataclass(frozen=True, slots=True)
class _Block:
    """A block that is open: the same one as long as its file is. One that takes its place was made beside it."""

    path: str
    stat_key: tuple[int, int, int, int]
    descriptor: int = dataclasses.field(compare=False)

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.stat_key[2]


def read(path: str | Path) -> bytes:
    """The whole of a file.

    Raises:
        OSError: it is not there, a link (ELOOP), or cannot be read; DamagedBlockError.
    """
    return part(path, 0, -1)


def part(path: str | Path, offset: int, size: int) -> bytes:
    """So many bytes of a file from an offset on (-1: all that follow), fewer where it ends; raises as ``read``."""
    name = os.fspath(path)
    with _in_block(name) as found:
        if found is None:
            with open(os.open(name, _READ), "rb") as file:
                file.seek(offset)
                return file.read(size)
        block, (start, length) = found
        left = max(length - offset, 0)
        return _bytes(block, start + offset, left if size < 0 else min(size, left))


def sha256_of(path: str | Path) -> str:
    """The SHA-256 of a file, however large; raises as ``read``."""
    name = os.fspath(path)
    with _in_block(name) as found:
        if found is not None:
            return hashlib.sha256(_bytes(found[0], *found[1])).hexdigest()
    with open(os.open(name, _READ), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stat_of(path: str | Path) -> tuple[int, int] | None:
    """The mode (``stat.S_ISREG`` ...) and the size of whatever lies there, a link or a folder too; None if nothing.

    Raises:
        OSError: it cannot be looked at; DamagedBlockError.
    """
    name = os.fspath(path)
    try:
        with _in_block(name) as found:
            if found is not None:
                return stat.S_IFREG | FILE, found[1][1]
            plain = os.lstat(name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return plain.st_mode, plain.st_size


def is_file(path: str | Path) -> bool:
    """Whether a file lies there, and no link; raises as ``stat_of``."""
    found = stat_of(path)
    return found is not None and stat.S_ISREG(found[0])


def names_in(block: str | Path) -> list[str]:
    """The names of the files in a packed block, in their order; raises as ``read``."""
    with _opened(os.fspath(block)) as opened:
        return list(_index(opened).files)


def is_whole(block: str | Path) -> bool:
    """Whether every file in a packed block can be read.

    Raises:
        OSError: it is not there, or the machine fails.
    """
    try:
        with _opened(os.fspath(block)) as opened:
            for slot in _index(opened).files.values():
                _bytes(opened, *slot)
    except DamagedBlockError:
        return False
    return True


def pack(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A block of these files, names and contents, in this order."""
    import zstandard

    compressor = zstandard.ZstdCompressor()
    archive, slots = bytearray(), dict[str, tuple[int, int]]()
    for name, content in files:
        header = tarfile.TarInfo(name)
        header.size = len(content)
        archive += header.tobuf(tarfile.GNU_FORMAT)
        slots[name] = (len(archive), len(content))
        archive += content + bytes(-len(content) % tarfile.BLOCKSIZE)
    archive += bytes(2 * tarfile.BLOCKSIZE)
    frames = [compressor.compress(archive[at : at + FRAME]) for at in range(0, len(archive), FRAME)]
    index = compressor.compress(msgspec.msgpack.encode(_Index(tuple(map(len, frames)), slots)))
    tail = _SKIPPABLE.pack(_MAGIC, len(index) + _END.size) + index + _END.pack(len(index))
    return b"".join(frames) + tail


def repacked(block: str | Path, changes: Mapping[str, bytes | None]) -> bytes:
    """A block with other contents of these files, or without those for which there is None; b"" if none is left.

    One that is not there yet has no file. Raises as ``read``.
    """
    files: dict[str, bytes | None] = {}
    with contextlib.suppress(FileNotFoundError), _opened(os.fspath(block)) as opened:
        files = {name: _bytes(opened, *slot) for name, slot in _index(opened).files.items()}
    left = [(name, content) for name, content in (files | dict(changes)).items() if content is not None]
    return pack(left) if left else b""


@contextlib.contextmanager
def _in_block(name: str) -> Iterator[tuple[_Block, tuple[int, int]] | None]:
    """The block in which a file lies, and its place there; None of a path that leads through folders alone."""
    folder, member = split_block(name)
    if not folder or os.path.isdir(folder):
        yield None
        return
    with _opened(folder) as block:
        slot = _index(block).files.get(member)
        if slot is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        yield block, slot


@contextlib.contextmanager
def _opened(path: str) -> Iterator[_Block]:
    descriptor = os.open(path, _READ)
    try:
        found = os.fstat(descriptor)
        yield _Block(path, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns), descriptor)
    finally:
        os.close(descriptor)


@functools.lru_cache(maxsize=16)
def _index(block: _Block) -> _Index:
    """The index at the end of a block."""
    end = os.pread(block.descriptor, _END.size, max(block.size - _END.size, 0))
    if len(end) < _END.size:
        _damaged(block, "has no end")
    (size,) = _END.unpack(end)
    if size > block.size - _END.size:
        _damaged(block, "has no index")
    packed = os.pread(block.descriptor, size, block.size - _END.size - size)
    try:
        return _INDEX.decode(_unpacked(packed, LARGEST_INDEX))
    except (ValueError, MemoryError) as fault:
        _damaged(block, f"has an index that is none: {fault}")


@functools.lru_cache(maxsize=8)
def _frame(block: _Block, number: int) -> bytes:
    """A frame of the archive."""
    frames = _index(block).frames
    if number >= len(frames):
        _damaged(block, "ends before a file of its index")
    try:
        return _unpacked(os.pread(block.descriptor, frames[number], sum(frames[:number])), FRAME)
    except ValueError as fault:
        _damaged(block, f"has a frame that is none: {fault}")


def _unpacked(packed: bytes, most: int) -> bytes:
    """What one frame gives, which tells its size itself; ValueError if it is none, or gives more than ``most``."""
    import zstandard

    try:
        size = zstandard.frame_content_size(packed)
        if not 0 <= size <= most:
            raise ValueError(f"{size} bytes")
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=most)
    except zstandard.ZstdError as fault:
        raise ValueError(str(fault)) from fault


def _bytes(block: _Block, start: int, size: int) -> bytes:
    """So many bytes of the archive."""
    if not size:
        return b""
    first, last = start // FRAME, (start + size - 1) // FRAME
    pieces = b"".join(_frame(block, number) for number in range(first, last + 1))
    found = pieces[start - first * FRAME :][:size]
    if len(found) != size:
        _damaged(block, "ends within a file of its index")
    return found


def _damaged(block: _Block, what: str) -> NoReturn:
    raise DamagedBlockError(errno.EBADMSG, f"the packed block {what}", block.path)
