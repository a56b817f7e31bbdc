"""Many byte strings in one file with an index: written once, whole or not at all, and read by number.

After 8 bytes of magic the strings, one behind the other; then where each begins and the last one ends (u64 from the
start of the file, little-endian), how many strings there are (u64), the SHA-256 of both, and the magic once more.
"""

from __future__ import annotations

import hashlib
import os
import struct
import weakref
from array import array
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from winnowd.bulk.files import DamagedFileError, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_MAGIC: Final = b"winnrec\x01"
_END: Final = struct.Struct("<Q32s8s")
_AT_ONCE: Final = 1 << 20  # bytes that are gathered for one write


def write_records(path: Path, records: Iterable[bytes]) -> None:
    """Write them beside ``path``, wait until they are on disk, and rename; they are taken one by one.

    Raises:
        OSError: it cannot be written.
    """
    write_whole(path, _pieces(records))


def _pieces(records: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a file of these."""
    gathered = bytearray(_MAGIC)
    at = len(_MAGIC)
    offsets = array("Q", [at])
    for record in records:
        gathered += record
        at += len(record)
        offsets.append(at)
        if len(gathered) >= _AT_ONCE:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)
    index = np.frombuffer(offsets, np.uint64).astype("<u8").tobytes()
    yield index
    yield _END.pack(len(offsets) - 1, _digest(index, len(offsets) - 1), _MAGIC)


def _digest(index: bytes | memoryview, count: int) -> bytes:
    return hashlib.sha256(bytes(index) + count.to_bytes(8, "little")).digest()


class RecordFile:
    """The strings of one file, by their number; close it.

    They are read, not mapped: of a run of any size no more is in memory than what is asked for.
    """

    def __init__(self, path: Path) -> None:
        """Open it, and look at its index.

        Raises:
            OSError: it cannot be read.
            DamagedFileError: it is no such file, or is damaged.
        """
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._offsets = _index(self._descriptor)
        except ValueError as fault:
            os.close(self._descriptor)
            raise _damaged(path) from fault
        self._finalizer = weakref.finalize(self, os.close, self._descriptor)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        """Give one of them, from 0.

        Raises:
            IndexError: there is none of this number.
        """
        if not 0 <= number < len(self):
            raise IndexError(number)
        start = int(self._offsets[number])
        return os.pread(self._descriptor, int(self._offsets[number + 1]) - start, start)

    def __iter__(self) -> Iterator[bytes]:
        """All of them, in order."""
        return map(self.__getitem__, range(len(self)))

    def __enter__(self) -> Self:
        """Itself, to be closed."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._finalizer()


def _index(descriptor: int) -> NDArray[Any]:
    """Where the strings of a file begin, and the last one ends.

    Raises:
        ValueError: its index is not what was written.
    """
    size = os.fstat(descriptor).st_size
    if size < len(_MAGIC) + 8 + _END.size:
        raise ValueError("too short")
    count, digest, magic = _END.unpack(os.pread(descriptor, _END.size, size - _END.size))
    start = size - _END.size - 8 * (count + 1)
    if magic != _MAGIC or os.pread(descriptor, len(_MAGIC), 0) != _MAGIC or start < len(_MAGIC):
        raise ValueError("no magic")
    index = os.pread(descriptor, 8 * (count + 1), start)
    if _digest(index, count) != digest:
        raise ValueError("another index")
    offsets = np.frombuffer(index, "<u8")
    if int(offsets[-1]) != start:
        raise ValueError("another length")
    return offsets


def _damaged(path: Path) -> DamagedFileError:
    return DamagedFileError(f"{path} is damaged, or no file of records")
