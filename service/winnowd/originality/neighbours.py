"""Which known articles may resemble a newcomer: proposals from digests, bands and rare pairs, never decisions. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from winnowd import kernels
from winnowd.model import Standing
from winnowd.originality.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from winnowd.model import Fingerprint

MOST_BY_BANDS = 64
MOST_BY_KEYS = 8
LEAST_SHARED_KEYS = 4
NO_WORDS = hashlib.sha256(b"").digest()
SEEDED = frozenset({Standing.ADMITTED, Standing.RETRACTED})
"""Standings that only an article has that once stood in the corpus."""

_BAND_ROWS = np.arange(kernels.BANDS)
_32 = np.uint64(32)
_CHUNK = 4096


class Mark(NamedTuple):
    """A point to roll back to."""

    digests: int
    bands: int
    keys: int


class _Entry(NamedTuple):
    """What the tables keep of one article."""

    digests: NDArray[np.uint32]
    bands: NDArray[np.uint32]
    keys: NDArray[np.uint32]


def _digest_keys(raw_digest: bytes, word_digest: bytes) -> NDArray[np.uint32]:
    """The first 32 bits of each digest; all texts without words have the same, so theirs is left out."""
    return np.frombuffer(raw_digest[:4] + (b"" if word_digest == NO_WORDS else word_digest[:4]), dtype="<u4")


def _pair_keys(keys: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The upper halves, distinct: enough to propose, at half the memory."""
    return kernels.distinct((keys >> _32).astype(np.uint32))


def _entry(made: Fingerprint) -> _Entry:
    digests = _digest_keys(made.raw_digest, made.word_digest)
    none = np.zeros(0, dtype=np.uint32)
    bands = none if made.minima is None else kernels.band_keys(made.minima[None, :])[0]
    return _Entry(digests, bands, _pair_keys(made.keys))


class Neighbours:
    """The index of all known articles, in memory; rebuilt from the ledger at each start."""

    def __init__(self) -> None:
        self._digests, self._bands, self._keys = Table(2), Table(kernels.BANDS), Table(1)
        self._last: tuple[Fingerprint, _Entry] | None = None

    @property
    def nbytes(self) -> int:
        """The memory that the tables take."""
        return self._digests.nbytes + self._bands.nbytes + self._keys.nbytes

    def propose(self, made: Fingerprint) -> list[int]:
        """The numbers of the articles to compare with, oldest first.

        All under one of its digests; the 64 with most equal bands; the 8 with most, at least 4, equal keys.
        """
        entry = self._entry(made)
        found = set(self._digests.near(np.arange(len(entry.digests)), entry.digests).tolist())
        if len(entry.bands):
            found.update(_most(self._bands.near(_BAND_ROWS, entry.bands), 1, MOST_BY_BANDS))
        if len(entry.keys):
            rows = np.zeros(len(entry.keys), dtype=np.intp)
            found.update(_most(self._keys.near(rows, entry.keys), LEAST_SHARED_KEYS, MOST_BY_KEYS))
        return sorted(found)

    def add(self, number: int, made: Fingerprint, *, seeded: bool) -> None:
        """Put an article in; again, with ``seeded``, when it enters the corpus later."""
        entry = self._entry(made)
        self._digests.add(np.arange(len(entry.digests)), entry.digests, number, seeded=seeded)
        if len(entry.bands):
            self._bands.add(_BAND_ROWS, entry.bands, number, seeded=seeded)
        self._keys.add(np.zeros(len(entry.keys), dtype=np.intp), entry.keys, number, seeded=seeded)

    def _entry(self, made: Fingerprint) -> _Entry:
        """The keys of a fingerprint; an article examined and then remembered is cut into keys once."""
        if self._last is None or self._last[0] is not made:
            self._last = (made, _entry(made))
        return self._last[1]

    def mark(self) -> Mark:
        """A point to roll back to, until ``settled``."""
        return Mark(self._digests.mark(), self._bands.mark(), self._keys.mark())

    def rollback(self, mark: Mark) -> None:
        """Undo all that was added since the mark."""
        self._digests.rollback(mark.digests)
        self._bands.rollback(mark.bands)
        self._keys.rollback(mark.keys)

    def settled(self) -> None:
        """What was added is committed: forget how to roll back."""
        for table in (self._digests, self._bands, self._keys):
            table.settled()

    def build(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
        """Fill the index anew from stored rows, and say how many there were.

        Each row: its number, and the columns raw_digest, word_digest, minima, keys, standing, as packed; where
        the article once stood in the corpus and its standing does not tell (superseded), also ``seeded``.
        """
        columns = _Columns()
        for number, row in rows:
            columns.take(number, row)
        columns.close()
        seeded = np.zeros(max([0, *columns.numbers]) + 1024, dtype=np.bool_)
        seeded[columns.seeded] = True
        for table, entries in ((self._digests, 1), (self._bands, 1), (self._keys, 0)):
            table.reserve(entries * len(columns.numbers) or sum(map(len, columns.keys)), seeded)
        columns.fill(self._digests, self._bands, self._keys)
        return len(columns.numbers)


class _Columns:
    """Stored rows turned into columns of keys, a chunk at a time, so that their blobs need not stay in memory."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.seeded: list[int] = []
        self.keys: list[NDArray[np.uint32]] = []
        self._key_numbers: list[NDArray[np.int64]] = []
        self._digests: tuple[list[int], list[int]] = ([], [])
        self._worded: list[int] = []
        self._bands: list[NDArray[np.uint32]] = []
        self._signed: list[int] = []
        self._minima: list[bytes] = []

    def take(self, number: int, row: Mapping[str, Any]) -> None:
        self.numbers.append(number)
        if row["standing"] in SEEDED or ("seeded" in row.keys() and row["seeded"]):  # noqa: SIM118 - sqlite3.Row
            self.seeded.append(number)
        self._digests[0].append(int.from_bytes(row["raw_digest"][:4], "little"))
        if row["word_digest"] != NO_WORDS:
            self._worded.append(number)
            self._digests[1].append(int.from_bytes(row["word_digest"][:4], "little"))
        if row["minima"] is not None:
            self._signed.append(number)
            self._minima.append(row["minima"])
        pairs = _pair_keys(np.frombuffer(row["keys"], dtype="<u8"))
        self.keys.append(pairs)
        self._key_numbers.append(np.full(len(pairs), number))
        if len(self._minima) >= _CHUNK:
            self.close()

    def close(self) -> None:
        """Turn the minima at hand into band keys."""
        if self._minima:
            minima = np.frombuffer(b"".join(self._minima), dtype="<u4").reshape(len(self._minima), -1)
            self._bands.append(kernels.band_keys(minima))
            self._minima.clear()

    def fill(self, digests: Table, bands: Table, keys: Table) -> None:
        digests.build(0, np.array(self._digests[0], dtype=np.uint32), np.array(self.numbers, dtype=np.int64))
        digests.build(1, np.array(self._digests[1], dtype=np.uint32), np.array(self._worded, dtype=np.int64))
        signed = np.array(self._signed, dtype=np.int64)
        columns = np.concatenate(self._bands) if self._bands else np.zeros((0, kernels.BANDS), dtype=np.uint32)
        for band in range(kernels.BANDS):
            bands.build(band, np.ascontiguousarray(columns[:, band]), signed)
        if self.keys:
            keys.build(0, np.concatenate(self.keys), np.concatenate(self._key_numbers))


def _most(numbers: NDArray[np.int64], least: int, most: int) -> list[int]:
    """The numbers that come at least so often, the most frequent first, ties older, at most so many."""
    if not len(numbers):
        return []
    distinct, counts = np.unique(numbers, return_counts=True)
    enough = counts >= least
    distinct, counts = distinct[enough], counts[enough]
    found: list[int] = distinct[np.argsort(-counts, kind="stable")[:most]].tolist()
    return found
