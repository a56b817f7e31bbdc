"""What a reader is given: the bytes of one file, or of what is in one, and what it may ask for. Pure."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from winnowd.reading.bytes_file import BytesFile
from winnowd.reading.records import RefusedError, beyond

if TYPE_CHECKING:
    import datetime as dt

    from winnowd.reading.limits import ReadingLimits
    from winnowd.reading.names import Fields
    from winnowd.reading.records import Record

HEAD_BYTES: Final = 4_096
"""How much of a file's beginning tells its kind."""


@dataclass(slots=True)
class Content:
    """The bytes that one reader reads, each once.

    ``name``: without what packs it. ``head``: their beginning; ``chunks`` begin with it. ``size``: what they are known
    to have, 0 if that is not known before they are unpacked. ``longest``: how many may be gathered, 0 for what is
    streamed. ``media_type``: of the kind; a reader that finds it to be another sets it. ``bytes_at``: as its source's.
    """

    name: str
    head: bytes
    chunks: Iterator[bytes]
    size: int = 0
    longest: int = 0
    media_type: str = ""
    bytes_at: Callable[[int, int], bytes] | None = None

    def opened(self) -> BytesFile:
        """The bytes as a file to be sought in: where they lie if that can be, else gathered.

        Raises:
            RefusedError: INP103, as of ``whole``.
        """
        if self.bytes_at is None or self.size > self.longest:
            return BytesFile.of(self.whole())
        return BytesFile(self.bytes_at, self.size)

    def whole(self) -> bytes:
        """All bytes, of what is read as a whole.

        Raises:
            RefusedError: INP103, before more than ``longest`` were read.
        """
        pieces: list[bytes] = []
        size = self.size
        if size <= self.longest:
            size = 0
            for piece in self.chunks:
                pieces.append(piece)
                size += len(piece)
                if size > self.longest:
                    break
        if size > self.longest:
            raise beyond("INP103", "bytes", size, self.longest, f"{size:,} bytes, of {self.longest:,} at most")
        return b"".join(pieces)

    def looked(self, longest: int) -> Iterator[bytes]:
        """The first bytes, about ``longest``; ``chunks`` will give them again. A fault among them is raised there."""
        kept: deque[bytes] = deque()
        rest = self.chunks
        self.chunks = _kept_then(kept, rest)
        size = 0
        try:
            for chunk in rest:
                kept.append(chunk)
                size += len(chunk)
                yield chunk
                if size > longest:
                    return
        except RefusedError as refusal:
            self.chunks = _kept_then(kept, raising(refusal))


def _kept_then(kept: deque[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    while kept:
        yield kept.popleft()
    yield from rest


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader knows beside the bytes: ``limits``, and when they came.

    ``read`` gives the records of other bytes, by their name: a refusal is the last of them, unless it is met before
    their kind is known. ``own``: the mapping of their feed, field to path. ``packed``: they came out of a packed file;
    ``archived``: out of an archive.
    """

    limits: ReadingLimits
    received_at: dt.datetime
    read: Callable[[str, Iterator[bytes], Context], Iterator[Record]]
    own: Fields
    packed: bool = False
    archived: bool = False


Reader = Callable[[Content, Context], Iterator["Record"]]
"""From the bytes of one kind to records; raises ``RefusedError`` where reading cannot go on, and nothing else."""


def peeked(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The beginning of a stream, enough to tell its kind, and the stream with it.

    A fault met within the beginning is raised where it stands, once what came before it is taken; at once, if nothing
    came before it.
    """
    head = b""
    try:
        for chunk in chunks:
            head += chunk
            if len(head) >= HEAD_BYTES:
                break
    except RefusedError as refusal:
        if not head:
            raise
        return head, itertools.chain((head,), raising(refusal))
    return head, itertools.chain((head,), chunks)


def raising(refusal: RefusedError) -> Iterator[bytes]:
    """A stream that is at fault where it begins."""
    raise refusal
    yield b""
