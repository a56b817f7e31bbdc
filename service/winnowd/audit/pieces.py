"""The audit log in pieces of whole lines, one unpacked while another is looked at: the fast way through all of it."""

from __future__ import annotations

import zlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.audit.reader import Logged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from winnowd.audit.reader import Log

_READ: Final = 1 << 18
_LARGEST: Final = 1 << 23
"""Bytes of a piece, unpacked, but for a line that is longer."""
_AHEAD: Final = 3
_GZIP: Final = 31


class Piece(NamedTuple):
    """Lines of one file from an offset on, each with its LF but an unfinished last one; or ``fault``: why none."""

    file: str
    offset: int
    content: bytes
    fault: str = ""


def pieces(log: Log, files: Sequence[str]) -> Iterator[Piece]:
    """All of these files, in order; one that cannot be read to its end gives its fault last, and the next one comes."""
    found = _pieces(log, files)
    with ThreadPoolExecutor(1) as pool:  # unpacking lets other threads work
        waiting = deque(pool.submit(next, found, None) for _ in range(_AHEAD))
        while (piece := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, found, None))
            yield piece


def _pieces(log: Log, files: Sequence[str]) -> Iterator[Piece]:
    for file in files:
        offset, rest = 0, b""
        try:
            with log.path(file).open("rb") as content:
                for unpacked in (
                    _unpacked(content) if file.endswith(".gz") else iter(lambda: content.read(_LARGEST), b"")
                ):
                    whole = rest + unpacked
                    end = whole.rfind(b"\n") + 1
                    rest = whole[end:]
                    if end:
                        yield Piece(file, offset, whole[:end])
                        offset += end
        except (OSError, EOFError, zlib.error) as fault:
            yield Piece(file, offset, b"", f"cannot be read to its end ({type(fault).__name__})")
            continue
        if rest:
            yield Piece(file, offset, rest)


def _unpacked(content: BinaryIO) -> Iterator[bytes]:
    """What a gzip file holds.

    Raises:
        EOFError, zlib.error: it ends too soon, or is none.
    """
    unpacker, packed = zlib.decompressobj(_GZIP), b""
    while packed or (packed := content.read(_READ)):
        if made := unpacker.decompress(packed, _LARGEST):
            yield made
        packed = unpacker.unconsumed_tail
        if unpacker.eof and (packed := unpacker.unused_data):
            unpacker = zlib.decompressobj(_GZIP)
    if not unpacker.eof:
        raise EOFError


def lines(log: Log) -> Iterator[Logged]:
    """All lines of the log, an unfinished last one too, in order; ``number`` is 0: lines are not counted.

    Raises:
        OSError: a file cannot be read to its end.
    """
    for file, offset, content, fault in pieces(log, log.days()):
        if fault:
            raise OSError(None, fault, file)
        at = offset
        for line in content.removesuffix(b"\n").split(b"\n"):
            yield Logged(file, 0, at, line)
            at += len(line) + 1


def holding(log: Log, files: Sequence[str], needles: Sequence[bytes]) -> Iterator[Logged]:
    """The lines of these files that hold one of these texts, in order; ``number`` is 0: lines are not counted.

    Raises:
        OSError: a file cannot be read to its end.
    """
    for file, start, content, fault in pieces(log, files):
        if fault:
            raise OSError(None, fault, file)
        for begin, end in _lines_with(content, needles):
            yield Logged(file, 0, start + begin, content[begin:end])


def _lines_with(content: bytes, needles: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Where the lines begin and end, without LF, that hold one of these."""
    at = 0
    offsets = {needle: content.find(needle) for needle in needles if needle}
    while found := [offset for offset in offsets.values() if offset >= 0]:
        begin = content.rfind(b"\n", at, min(found)) + 1 or at
        end = content.find(b"\n", begin)
        end = len(content) if end < 0 else end
        yield begin, end
        at = end + 1
        offsets = {
            needle: offset if offset < 0 or offset >= at else content.find(needle, at)
            for needle, offset in offsets.items()
        }
