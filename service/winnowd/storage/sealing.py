"""Closing a finished day of the audit log: packed, read back, with a digest that names the day before it."""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

from winnowd.layout import log_file
from winnowd.model import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from winnowd.storage.disk import Disk
    from winnowd.storage.ledger import Ledger

_PIECE: Final = 1 << 20
LAST_DIGEST: Final = "last_digest"


class DayDamagedError(Exception):
    """A day's file is not what the ledger says, even after it was mended."""


def finished_days(ledger: Ledger, today: str) -> list[str]:
    """The days before today whose lines are still kept in the ledger, oldest first."""
    return [day for day in ledger.outbox.days() if day < today]


def pack(disk: Disk, ledger: Ledger, day: str) -> dict[str, Any]:
    """Pack a day's file as ``DD.jsonl.gz`` and write ``DD.digest.json``; gives the digest, for ``seal``.

    To be called after the log was mended. It may be done again.

    Raises:
        DayDamagedError: the file is not what the ledger says, or the packed one does not unpack to it.
    """
    plain = disk.path(log_file(day))
    packed_path = plain.with_suffix(".jsonl.gz")
    expected, first, last = hashlib.sha256(), 0, None
    for last in ledger.outbox.lines(day):
        expected.update(last.line)
        first = first or last.sequence
    if last is None:
        raise DayDamagedError(day)
    packed = bytearray()
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)  # a gzip member whose time is 0: the same bytes each time
    for piece in _pieces(plain):
        packed += compressor.compress(piece)
    packed += compressor.flush()
    if _unpacked_sha256(bytes(packed)) != expected.hexdigest():
        raise DayDamagedError(day)
    digest = {
        "file": log_file(day),
        "sha256": expected.hexdigest(),
        "packed_sha256": hashlib.sha256(packed).hexdigest(),
        "first_sequence": first,
        "last_sequence": last.sequence,
        "last_line_sha256": last.sha256,
        "events": last.sequence - first + 1,
        "previous_digest_sha256": ledger.get(LAST_DIGEST),
    }
    goals = {packed_path: bytes(packed), plain.with_suffix(".digest.json"): _written(digest)}
    temp_path = [(disk.write_temp(goal, made), goal) for goal, made in goals.items()]
    disk.sync()
    for written, goal in temp_path:
        disk.put(written, goal)
    disk.sync()
    return digest


def seal(ledger: Ledger, day: str, digest: Mapping[str, Any]) -> None:
    """Let the packed file be the day's: the plain one goes with the next ``finish``. Inside a transaction."""
    ledger.outbox.seal(day)
    ledger.decisions.add_effects([Effect(log_file(day))])
    ledger.set(LAST_DIGEST, hashlib.sha256(_written(digest)).hexdigest())


def _written(digest: Mapping[str, Any]) -> bytes:
    return json.dumps(digest, indent=1).encode() + b"\n"


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _unpacked_sha256(packed: bytes) -> str:
    unpacker, digest = zlib.decompressobj(wbits=31), hashlib.sha256()
    data = packed
    while data:
        digest.update(unpacker.decompress(data, _PIECE))
        data = unpacker.unconsumed_tail
    digest.update(unpacker.flush())
    return digest.hexdigest()
