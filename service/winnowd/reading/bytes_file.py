"""Bytes as the file that a library wants to read, in memory or where they lie: this room opens none. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class BytesFile:
    """A file that can be read and sought in; ``fault``: what its bytes could not be had for, as it was raised.

    A library may tell that as an error of its own.
    """

    closed = False

    def __init__(self, bytes_at: Callable[[int, int], bytes], size: int) -> None:
        """``bytes_at(start, size)`` gives some of its ``size`` bytes."""
        self._bytes_at = bytes_at
        self._at = 0
        self.size = size
        self.fault: Exception | None = None

    @classmethod
    def of(cls, data: bytes) -> BytesFile:
        """One of bytes in memory."""
        return cls(lambda start, size: data[start : start + size], len(data))

    def at(self, start: int, size: int) -> bytes:
        """Some bytes, fewer at the end, whatever was sought."""
        try:
            return self._bytes_at(start, min(size, max(0, self.size - start)))
        except Exception as fault:
            self.fault = fault
            raise

    def read(self, size: int | None = -1) -> bytes:
        """Give the next bytes, at most so many; all, without a size."""
        piece = self.at(self._at, self.size if size is None or size < 0 else size)
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place, from the beginning (0), from here (1) or from the end (2)."""
        at = offset + (0, self._at, self.size)[whence]
        if at < 0:
            raise ValueError("a place before the beginning")
        self._at = at
        return at

    def tell(self) -> int:
        """The place where it is."""
        return self._at

    def seekable(self) -> bool:
        """Whether it can be sought in."""
        return True

    def close(self) -> None:
        """Keep nothing."""
        self._bytes_at = lambda _start, _size: b""
