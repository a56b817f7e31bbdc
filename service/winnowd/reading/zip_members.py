"""The members of a zip archive that is one document: bounded, never by the archive's own word. Pure."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Final, cast

from winnowd.reading.bytes_file import BytesFile
from winnowd.reading.records import beyond, refused

if TYPE_CHECKING:
    from winnowd.reading.limits import ReadingLimits

_MOST: Final = 10_000
HEADER: Final = b"PK\x01\x02"
ENCRYPTED: Final = 0x1
PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What other ways unpack to cannot be bounded piece by piece."""
_RATIO_FREE: Final = 1 << 20
FAULTS: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(ValueError, IndexError, OverflowError, NotImplementedError, RuntimeError),
)
"""What ``zipfile`` raises for damaged archives."""


class Members:
    """What is in a zip archive, by name; all that is read of it together has one bound.

    Raises:
        RefusedError: INP132, it is no zip archive; INP134, too many members.
    """

    def __init__(self, data: bytes, limits: ReadingLimits) -> None:
        count = data.count(HEADER)
        if count > _MOST:
            raise beyond("INP134", "members", count, _MOST, f"more than {_MOST:,} files in it")
        try:
            self._archive = zipfile.ZipFile(cast("IO[bytes]", BytesFile.of(data)))
        except FAULTS:
            raise refused("INP132", "its zip archive is damaged or cut short") from None
        self._infos = {info.filename: info for info in self._archive.infolist()}
        self._limits = limits
        self._packed = len(data)
        self._read = 0
        self.names = list(self._infos)

    def get(self, name: str) -> bytes | None:
        """The bytes of a member; None if there is none of this name.

        Raises:
            RefusedError: INP109, 131, 132.
        """
        info = self._infos.get(name)
        if info is None:
            return None
        if info.flag_bits & ENCRYPTED:
            raise refused("INP131", "a part of it is encrypted")
        if info.compress_type not in PACKINGS:
            raise refused("INP132", "a part of it is packed in a way that such files are not")
        most = min(self._limits.document_bytes, max(_RATIO_FREE, self._limits.ratio * self._packed)) - self._read
        try:
            with self._archive.open(info) as member:
                data = member.read(most + 1)
        except FAULTS:
            raise refused("INP132", "a part of it is damaged") from None
        self._read += len(data)
        if len(data) > most:
            raise beyond("INP109", "unpacked_bytes", self._read, self._read - 1, "larger than may be unpacked")
        return data
