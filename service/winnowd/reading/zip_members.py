"""The members of a zip archive that is one document: bounded, never by the archive's own word. Pure."""

from __future__ import annotations

import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Final, cast

from winnowd.reading.bytes_file import BytesFile
from winnowd.reading.records import beyond, refused

if TYPE_CHECKING:
    from winnowd.reading.limits import ReadingLimits

_MOST: Final = 10_000
_HEADER: Final = b"PK\x01\x02"
_ENCRYPTED: Final = 0x1
_PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_RATIO_FREE: Final = 1 << 20
_FAULTS: Final = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, RuntimeError)


class Members:
    """What is in a zip archive, by name; all that is read of it together has one bound.

    Raises:
        RefusedError: INP132, it is no zip archive; INP134, too many members.
    """

    def __init__(self, data: bytes, limits: ReadingLimits) -> None:
        count = data.count(_HEADER)
        if count > _MOST:
            raise beyond("INP134", "members", count, _MOST, f"more than {_MOST:,} files in it")
        try:
            self._archive = zipfile.ZipFile(cast("IO[bytes]", BytesFile(data)))
        except _FAULTS:
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
        if info.flag_bits & _ENCRYPTED:
            raise refused("INP131", "a part of it is encrypted")
        if info.compress_type not in _PACKINGS:
            raise refused("INP132", "a part of it is packed in a way that such files are not")
        most = min(self._limits.document_bytes, max(_RATIO_FREE, self._limits.ratio * self._packed)) - self._read
        try:
            with self._archive.open(info) as member:
                data = member.read(most + 1)
        except _FAULTS:
            raise refused("INP132", "a part of it is damaged") from None
        self._read += len(data)
        if len(data) > most:
            raise beyond("INP109", "unpacked_bytes", self._read, self._read - 1, "larger than may be unpacked")
        return data
