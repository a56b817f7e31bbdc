"""Which known articles may resemble a newcomer: proposals from digests, bands and rare pairs, never decisions. Pure."""

from __future__ import annotations

import functools
import hashlib
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from winnowd import kernels
from winnowd.model import Standing
from winnowd.originality.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from winnowd.model import Fingerprint

MOST_BY_BANDS = 64
MOST_BY_KEYS = 8
LEAST_SHARED_KEYS = 4
MANY_KEYS = 128
NO_WORDS = hashlib.sha256(b"").digest()
SEEDED = frozenset({Standing.ADMITTED, Standing.RETRACTED})
"""Standings that only an article has that once stood in the corpus."""

_RAW_ROW, _WORD_ROW = kernels.BANDS, kernels.BANDS + 1
_ROWS = kernels.BANDS + 2
_32 = np.uint64(32)
_CHUNK = 4096
_EVERY_ROW = np.arange(_ROWS)


class Savepoint(NamedTuple):
    """A point to roll back to."""

    signatures: tuple[int, int]
    pairs: tuple[int, int]


class _Keys(NamedTuple):
    """What the tables are asked for: keys of bands and digests with their rows; keys of rare pairs to ask, to keep."""

    rows: NDArray[np.intp]
    signature: NDArray[np.uint32]
    query_keys: NDArray[np.uint32]
    kept: NDArray[np.uint32]


def _first_row(keys: NDArray[np.uint32]) -> NDArray[np.intp]:
    return np.zeros(len(keys), dtype=np.intp)


def _pair_keys(keys: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The upper halves, mixed: enough to propose, at half the memory.

    Of pairs of equal value an article keeps those with the smallest keys, so these crowd at one end; a table needs them
    spread: unmixed, a thousand texts of words that no table knows took half a second each.
    """
    return kernels.fmix32((keys >> _32).astype(np.uint32))


def _first_bits(digest: bytes) -> int:
    return int.from_bytes(digest[:4], "little")


def _entry(made: Fingerprint) -> _Keys:
    """Bands only of a text with a signature; all texts without words have one digest of words, so that is left out."""
    rows, keys = _EVERY_ROW, [_first_bits(made.raw_digest), _first_bits(made.word_digest)]
    if made.minima is not None:
        signature = np.concatenate((kernels.band_keys(made.minima[None, :])[0], np.array(keys, dtype=np.uint32)))
    else:
        rows, signature = rows[-2:], np.array(keys, dtype=np.uint32)
    if made.word_digest == NO_WORDS:
        rows, signature = rows[:-1], signature[:-1]
    kept = kernels.distinct(_pair_keys(made.keys))
    query_keys = kept if made.query_keys is None else kernels.distinct(_pair_keys(made.query_keys))
    return _Keys(rows, signature, query_keys, kept)


class Neighbours:
    """The index of all known articles, in memory; rebuilt from the ledger at each start."""

    def __init__(self) -> None:
        self._signatures, self._pairs = Table(_ROWS), Table(1)
        self._last: tuple[Fingerprint, _Keys] | None = None

    @property
    def nbytes(self) -> int:
        """The memory that the tables take."""
        return self._signatures.nbytes + self._pairs.nbytes

    def propose(self, made: Fingerprint) -> list[int]:
        """The numbers of the articles to compare with, oldest first.

        All under one of its digests; the 64 with most equal bands; the 8 with most equal keys, at least 4, or 5 if
        it is asked by more than 128: about as many as 4 of its 96 rarest would propose, and more of the right ones.
        """
        entry = self._entry(made)
        query_keys, numbers = self._signatures.near(entry.rows, entry.signature)
        by_band = entry.rows[query_keys] < kernels.BANDS
        found = set(numbers[~by_band].tolist())
        found.update(_most(numbers[by_band], 1, MOST_BY_BANDS))
        numbers = self._pairs.near(_first_row(entry.query_keys), entry.query_keys)[1]
        least = LEAST_SHARED_KEYS + (len(entry.query_keys) > MANY_KEYS)
        found.update(_most(numbers, least, MOST_BY_KEYS))
        return sorted(found)

    def add(self, number: int, made: Fingerprint, *, seeded: bool) -> None:
        """Put an article in; again, with ``seeded``, when it enters the corpus later."""
        entry = self._entry(made)
        self._signatures.add(entry.rows, entry.signature, number, seeded=seeded)
        self._pairs.add(_first_row(entry.kept), entry.kept, number, seeded=seeded)

    def _entry(self, made: Fingerprint) -> _Keys:
        """The keys of a fingerprint; an article examined and then remembered is cut into keys once."""
        if self._last is None or self._last[0] is not made:
            self._last = (made, _entry(made))
        return self._last[1]

    def savepoint(self) -> Savepoint:
        """A point to roll back to, until ``committed``."""
        return Savepoint(self._signatures.savepoint(), self._pairs.savepoint())

    def rollback(self, savepoint: Savepoint) -> None:
        """Undo all that was added since the savepoint."""
        self._signatures.rollback(savepoint.signatures)
        self._pairs.rollback(savepoint.pairs)

    def committed(self) -> None:
        """What was added is committed: forget how to roll back."""
        self._signatures.committed()
        self._pairs.committed()

    def build(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
        """Fill the index anew from stored rows, and say how many there were.

        Each row: its number, and the columns raw_digest, word_digest, minima, keys, as packed, standing, and seeded:
        whether the article ever stood in the corpus, which its standing may not tell (superseded).
        """
        columns = _Columns()
        for chunk in _chunks(rows):
            columns.add(chunk)
        seeded = np.zeros(int(columns.numbers.max(initial=0)) + 1024, dtype=np.bool_)
        seeded[columns.seeded] = True
        self._signatures.reserve(len(columns.numbers), seeded.copy())
        self._pairs.reserve(len(columns.pairs), seeded)
        columns.fill(self._signatures, self._pairs)
        return len(columns.numbers)


def _chunks(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[list[tuple[int, Mapping[str, Any]]]]:
    every = iter(rows)
    while chunk := list(itertools.islice(every, _CHUNK)):
        yield chunk


class _Columns:
    """Stored rows turned into columns of keys, a chunk at a time, so that their blobs need not stay in memory."""

    def __init__(self) -> None:
        self._parts: list[tuple[NDArray[Any], ...]] = []

    def add(self, chunk: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        """Add rows."""
        numbers, rows = np.array([number for number, _ in chunk], dtype=np.int64), [row for _, row in chunk]
        raw, words = _digest_keys(rows, "raw_digest"), _digest_keys(rows, "word_digest")
        worded = np.array([row["word_digest"] != NO_WORDS for row in rows])
        seeded = np.array([row["standing"] in SEEDED or bool(row["seeded"]) for row in rows])
        signed, bands = _band_keys([row["minima"] for row in rows])
        blobs = [row["keys"] for row in rows]
        pairs = _pair_keys(np.frombuffer(b"".join(blobs), dtype="<u8"))
        holders = numbers.repeat([len(blob) // 8 for blob in blobs])
        self._parts.append(
            (numbers, numbers[seeded], raw, numbers[worded], words[worded], numbers[signed], bands, holders, pairs)
        )

    def _joined(self, column: int) -> NDArray[Any]:
        return np.concatenate([part[column] for part in self._parts]) if self._parts else np.zeros(0, dtype=np.int64)

    @functools.cached_property
    def numbers(self) -> NDArray[np.int64]:
        """The numbers of all rows."""
        return self._joined(0)

    @property
    def seeded(self) -> NDArray[np.int64]:
        """The numbers of those that ever stood in the corpus."""
        return self._joined(1)

    @functools.cached_property
    def pairs(self) -> NDArray[np.uint32]:
        """The keys of all rare pairs."""
        return self._joined(8)

    def fill(self, signatures: Table, pairs: Table) -> None:
        """Fill both tables, which are empty."""
        if not self._parts:
            return
        signatures.build(_RAW_ROW, self._joined(2), self.numbers)
        signatures.build(_WORD_ROW, self._joined(4), self._joined(3))
        signed, bands = self._joined(5), self._joined(6)
        for band in range(kernels.BANDS):
            signatures.build(band, np.ascontiguousarray(bands[:, band]), signed)
        pairs.build(0, self.pairs, self._joined(7))


def _digest_keys(rows: Sequence[Mapping[str, Any]], column: str) -> NDArray[np.uint32]:
    return np.array([_first_bits(row[column]) for row in rows], dtype=np.uint32)


def _band_keys(minima: Sequence[bytes | None]) -> tuple[NDArray[np.bool_], NDArray[np.uint32]]:
    """Which rows have a signature, and the keys of its bands for each that has."""
    signed = np.array([blob is not None for blob in minima])
    count = int(np.count_nonzero(signed))
    if not count:
        return signed, np.zeros((0, kernels.BANDS), dtype=np.uint32)
    return signed, kernels.band_keys(np.frombuffer(b"".join(filter(None, minima)), dtype="<u4").reshape(count, -1))


def _most(numbers: NDArray[np.int64], least: int, most: int) -> list[int]:
    """The numbers that come at least so often, the most frequent first, ties older, at most so many."""
    if not len(numbers):
        return []
    ordered = np.sort(numbers)
    begins = np.ones(len(ordered) + 1, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:-1])
    starts = begins.nonzero()[0]
    counts = starts[1:] - starts[:-1]
    enough = (counts >= least).nonzero()[0]
    best = enough[(-counts[enough]).argsort(kind="stable")[:most]]
    found: list[int] = ordered[starts[best]].tolist()
    return found
