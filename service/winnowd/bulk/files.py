"""Whole files of a run, and arrays in one file: written beside, synced and renamed, so a file that is there is done.

Several processes may write the same file at once (a task that was thought lost): each writes beside it under a name of
its own, and what they write is the same.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import resource
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from winnowd.layout import TEMPORARY
from winnowd.storage.copies import fsync

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

_MAGIC: Final = b"WNARRAYS"
_HEAD: Final = struct.Struct("<8sQ")
_ARRAY: Final = struct.Struct("<8sQ")
_ALIGNED: Final = 8


class DamagedFileError(ValueError):
    """A file of a run is not as it was written: which, and how."""


def write_whole(path: Path, chunks: Iterable[bytes | memoryview]) -> None:
    """Write a file of these bytes; nobody meets half of it, not even after a power cut. Only its owner may read it."""
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    fsync(path.parent)


def write_arrays(path: Path, arrays: Sequence[NDArray[Any]]) -> None:
    """Write flat arrays of numbers into one file: what and how many they are, then each at a multiple of 8 bytes."""
    little = [np.ascontiguousarray(one, dtype=one.dtype.newbyteorder("<")) for one in arrays]
    heads = [_ARRAY.pack(one.dtype.str.encode(), len(one)) for one in little]
    padded = ((one.data, bytes(-one.nbytes % _ALIGNED)) for one in little)
    write_whole(path, [_HEAD.pack(_MAGIC, len(little)), *heads, *(part for pair in padded for part in pair)])


def read_arrays(path: Path) -> list[NDArray[Any]]:
    """The arrays of such a file; their pages are read when they are looked at, and so long a descriptor is held.

    Raises:
        DamagedFileError: the file holds something else, or is cut off.
        OSError: it is not there, or cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    if size < _HEAD.size:
        raise DamagedFileError(f"{path} holds no arrays")
    magic, count = _HEAD.unpack_from(mapped)
    offset = _HEAD.size + count * _ARRAY.size
    if magic != _MAGIC or offset > size:
        raise DamagedFileError(f"{path} holds no arrays")
    arrays: list[NDArray[Any]] = []
    for at in range(count):
        kind, length = _ARRAY.unpack_from(mapped, _HEAD.size + at * _ARRAY.size)
        dtype = np.dtype(kind.rstrip(b"\0").decode("ascii"))
        end = offset + length * dtype.itemsize
        if end > size:
            raise DamagedFileError(f"{path} is cut off")
        arrays.append(np.frombuffer(mapped, dtype=dtype, count=length, offset=offset))
        offset = end + -end % _ALIGNED
    return arrays


def let_many_be_open() -> None:
    """Raise the limit of open files of this process as far as it may: of a run it has three a partition.

    A large collection has more partitions than the 1,024 files that a shell lets a process open.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
