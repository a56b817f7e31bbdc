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

_RAW_ROW, _WORD_ROW = kernels.BANDS, kernels.BANDS + 1
_ROWS = kernels.BANDS + 2
_32 = np.uint64(32)
_CHUNK = 4096
_FIRST = np.zeros(1, dtype=np.intp)


class Mark(NamedTuple):
    """A point to roll back to."""

    signatures: int
    pairs: int


class _Entry(NamedTuple):
    """What the tables keep of one article: keys of its bands and digests with their rows; keys of its rare pairs."""

    rows: NDArray[np.intp]
    signature: NDArray[np.uint32]
    zeros: NDArray[np.intp]
    pairs: NDArray[np.uint32]


def _pair_keys(keys: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The upper halves, mixed, distinct: enough to propose, at half the memory.

    Of pairs of equal value an article keeps those with the smallest keys, so these crowd at one end; a table needs them
    spread: unmixed, a thousand texts of words that no table knows took half a second each.
    """
    return kernels.distinct(kernels.fmix32((keys >> _32).astype(np.uint32)))


def _first_bits(digest: bytes) -> int:
    return int.from_bytes(digest[:4], "little")


def _entry(made: Fingerprint) -> _Entry:
    """Bands only of a text with a signature; all texts without words have one digest of words, so that is left out."""
    rows, keys = [_RAW_ROW], [_first_bits(made.raw_digest)]
    if made.word_digest != NO_WORDS:
        rows.append(_WORD_ROW)
        keys.append(_first_bits(made.word_digest))
    signature = np.array(keys, dtype=np.uint32)
    if made.minima is not None:
        rows.extend(range(kernels.BANDS))
        signature = np.concatenate((signature, kernels.band_keys(made.minima[None, :])[0]))
    pairs = _pair_keys(made.keys)
    return _Entry(np.array(rows, dtype=np.intp), signature, np.zeros(len(pairs), dtype=np.intp), pairs)


class Neighbours:
    """The index of all known articles, in memory; rebuilt from the ledger at each start."""

    def __init__(self) -> None:
        self._signatures, self._pairs = Table(_ROWS), Table(1)
        self._last: tuple[Fingerprint, _Entry] | None = None

    @property
    def nbytes(self) -> int:
        """The memory that the tables take."""
        return self._signatures.nbytes + self._pairs.nbytes

    def propose(self, made: Fingerprint) -> list[int]:
        """The numbers of the articles to compare with, oldest first.

        All under one of its digests; the 64 with most equal bands; the 8 with most, at least 4, equal keys.
        """
        entry = self._entry(made)
        asked, numbers = self._signatures.near(entry.rows, entry.signature)
        by_band = entry.rows[asked] < kernels.BANDS
        found = set(numbers[~by_band].tolist())
        found.update(_most(numbers[by_band], 1, MOST_BY_BANDS))
        found.update(_most(self._pairs.near(entry.zeros, entry.pairs)[1], LEAST_SHARED_KEYS, MOST_BY_KEYS))
        return sorted(found)

    def add(self, number: int, made: Fingerprint, *, seeded: bool) -> None:
        """Put an article in; again, with ``seeded``, when it enters the corpus later."""
        entry = self._entry(made)
        self._signatures.add(entry.rows, entry.signature, number, seeded=seeded)
        self._pairs.add(entry.zeros, entry.pairs, number, seeded=seeded)

    def _entry(self, made: Fingerprint) -> _Entry:
        """The keys of a fingerprint; an article examined and then remembered is cut into keys once."""
        if self._last is None or self._last[0] is not made:
            self._last = (made, _entry(made))
        return self._last[1]

    def mark(self) -> Mark:
        """A point to roll back to, until ``settled``."""
        return Mark(self._signatures.mark(), self._pairs.mark())

    def rollback(self, mark: Mark) -> None:
        """Undo all that was added since the mark."""
        self._signatures.rollback(mark.signatures)
        self._pairs.rollback(mark.pairs)

    def settled(self) -> None:
        """What was added is committed: forget how to roll back."""
        self._signatures.settled()
        self._pairs.settled()

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
        self._signatures.reserve(len(columns.numbers), seeded)
        self._pairs.reserve(sum(map(len, columns.keys)), seeded)
        columns.fill(self._signatures, self._pairs)
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
        self._digests[0].append(_first_bits(row["raw_digest"]))
        if row["word_digest"] != NO_WORDS:
            self._worded.append(number)
            self._digests[1].append(_first_bits(row["word_digest"]))
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

    def fill(self, signatures: Table, pairs: Table) -> None:
        raw, words = (np.array(digests, dtype=np.uint32) for digests in self._digests)
        signatures.build(_RAW_ROW, raw, np.array(self.numbers, dtype=np.int64))
        signatures.build(_WORD_ROW, words, np.array(self._worded, dtype=np.int64))
        signed = np.array(self._signed, dtype=np.int64)
        columns = np.concatenate(self._bands) if self._bands else np.zeros((0, kernels.BANDS), dtype=np.uint32)
        for band in range(kernels.BANDS):
            signatures.build(band, np.ascontiguousarray(columns[:, band]), signed)
        if self.keys:
            pairs.build(0, np.concatenate(self.keys), np.concatenate(self._key_numbers))


def _most(numbers: NDArray[np.int64], least: int, most: int) -> list[int]:
    """The numbers that come at least so often, the most frequent first, ties older, at most so many."""
    if not len(numbers):
        return []
    ordered = np.sort(numbers)
    starts = np.concatenate((_FIRST, (ordered[1:] != ordered[:-1]).nonzero()[0] + 1))
    counts = np.diff(starts, append=len(ordered))
    enough = counts >= least
    starts, counts = starts[enough], counts[enough]
    found: list[int] = ordered[starts[np.argsort(-counts, kind="stable")[:most]]].tolist()
    return found
