"""Bytes in memory as the file that a library wants to read: this room opens none. Pure."""

from __future__ import annotations


class BytesFile:
    """A file that can be read and sought in."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def read(self, size: int | None = -1) -> bytes:
        """Give the next bytes, at most so many; all, without a size."""
        end = len(self._data) if size is None or size < 0 else self._at + size
        piece = self._data[self._at : end]
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place, from the beginning (0), from here (1) or from the end (2)."""
        at = offset + (0, self._at, len(self._data))[whence]
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
        self._data = b""
