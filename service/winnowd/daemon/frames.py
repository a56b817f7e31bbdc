"""Frames through a pipe: the length in four bytes, then so many bytes; whole ones only, however they come."""

from __future__ import annotations

import os
import struct
from typing import Final

LONGEST: Final = 1 << 28
"""Bytes of one answer; a slice holds at most some 16 MB."""
_LENGTH: Final = struct.Struct("!I")


def framed(data: bytes) -> bytes:
    """A frame of these bytes."""
    return _LENGTH.pack(len(data)) + data


def write(descriptor: int, frame: bytes) -> None:
    """Write all of a frame to a pipe."""
    left = memoryview(frame)
    while left:
        left = left[os.write(descriptor, left) :]


class Frames:
    """The frames that come through a pipe, piece by piece: whoever sends half of one holds up nobody."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    @property
    def nbytes(self) -> int:
        """Bytes that were taken, and are in no frame yet that was asked for."""
        return len(self._bytes)

    @property
    def has_next(self) -> bool:
        """Whether ``next`` has a whole frame to give, or something to say against it."""
        if len(self._bytes) < _LENGTH.size:
            return False
        (length,) = _LENGTH.unpack_from(self._bytes)
        return bool(length > LONGEST or len(self._bytes) >= _LENGTH.size + length)

    def read(self, descriptor: int) -> bool:
        """Take what is there now of a pipe that is ready; False at its end."""
        piece = os.read(descriptor, 1 << 20)
        self._bytes += piece
        return bool(piece)

    def next(self) -> bytes | None:
        """The next whole frame, without its length; None if it is still to come.

        Raises:
            ValueError: it would be longer than any answer.
        """
        if len(self._bytes) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._bytes)
        if length > LONGEST:
            raise ValueError(f"no answer: {length} bytes")
        end = _LENGTH.size + length
        if len(self._bytes) < end:
            return None
        frame = bytes(self._bytes[_LENGTH.size : end])
        del self._bytes[:end]
        return frame
