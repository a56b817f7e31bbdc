"""Bytes as the file that libraries ask for. Pure."""

from __future__ import annotations

from typing import Final

_FROM_START: Final = 0
_FROM_HERE: Final = 1


class BytesFile:
    """Read and seek in bytes, without copying them."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    def read(self, size: int | None = -1) -> bytes:
        """Give the next bytes, at most so many; all that are left if no number is given."""
        end = len(self._data) if size is None or size < 0 else self._at + size
        piece = bytes(self._data[self._at : end])
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = _FROM_START) -> int:
        """Go to an offset from the start, from here or from the end; never before the start.

        Raises:
            ValueError: the place is before the start.
        """
        base = {_FROM_START: 0, _FROM_HERE: self._at}.get(whence, len(self._data))
        if base + offset < 0:
            raise ValueError("before the start")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seekable(self) -> bool:
        """It is."""
        return True
