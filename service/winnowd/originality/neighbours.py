"""Which known articles may resemble a newcomer: proposals from digests, bands and rare pairs, never decisions. Pure."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from winnowd import kernels
from winnowd.model import Standing
from winnowd.originality.index_keys import (
    NO_WORDS,
    RAW_ROW,
    ROWS,
    WORD_ROW,
    Keys,
    first_bits,
    pair_keys,
)
from winnowd.originality.matches import Matched, Matches, Shared, most_of_each, most_of_one, of_each
from winnowd.originality.table import Table
from winnowd.originality.uncommitted import Added, Uncommitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from winnowd.model import Fingerprint

MOST_BY_BANDS = 64
MOST_BY_KEYS = 8
LEAST_SHARED_KEYS = 4
MANY_KEYS = 128
SEEDED = frozenset({Standing.ADMITTED, Standing.RETRACTED})
"""Standings that only an article has that once stood in the corpus."""

_CHUNK = 4096


class Savepoint(NamedTuple):
    """A point to roll back to: how many articles had been added since the last commit."""

    added: int


class _Query(NamedTuple):
    """What a newcomer is looked up by, what the tables have of it, and what is proposed by these alone.

    ``entries``: what it will stand under once it is added, in either table.
    """

    rows: NDArray[np.intp]
    signature_codes: Sequence[int]
    pair_codes: Sequence[int]
    by_signature: Matches
    by_pairs: Matches
    proposed: list[int]
    entries: tuple[_Entries, _Entries]


class _Entries(NamedTuple):
    rows: NDArray[np.intp]
    keys: NDArray[np.uint32]
    codes: Sequence[int]


def chosen(
    digests: NDArray[np.int64], bands: NDArray[np.int64], pairs: NDArray[np.int64], query_keys: int
) -> list[int]:
    """The numbers to compare one newcomer with, oldest first, of those that stand under its keys: once a key.

    All under one of its digests; the 64 with most equal bands; the 8 with most equal keys of rare pairs, at least 4, or
    5 if it is asked by more than 128 ``query_keys``: about as many as 4 of its 96 rarest would propose, and more of the
    right ones.
    """
    found = set(digests.tolist())
    found.update(most_of_one(bands, 1, MOST_BY_BANDS))
    found.update(most_of_one(pairs, _least(query_keys), MOST_BY_KEYS))
    return sorted(found)


def chosen_of_each(digests: Shared, bands: Shared, pairs: Shared, query_keys: NDArray[np.intp]) -> list[list[int]]:
    """The same of some newcomers at once; ``query_keys``: of each, how many keys of rare pairs it is asked by."""
    newcomers = len(query_keys)
    found = (
        of_each(*digests, newcomers),
        most_of_each(*bands, np.ones(newcomers, np.intp), MOST_BY_BANDS),
        most_of_each(*pairs, _least(query_keys), MOST_BY_KEYS),
    )
    return [sorted(set().union(*numbers)) for numbers in zip(*found, strict=True)]


class Neighbours:
    """The index of all known articles, in memory; rebuilt from the ledger at each start.

    What is added stands beside the tables until it is committed: so these stay as they are while a batch is decided,
    and are asked, and filled, for all of it at once.
    """

    def __init__(self) -> None:
        self._signatures, self._pairs = Table(ROWS), Table(1)
        self._recent = Uncommitted(self._signatures), Uncommitted(self._pairs)
        self._queries: dict[Fingerprint, _Query] = {}

    @property
    def nbytes(self) -> int:
        """The memory that the tables take."""
        return self._signatures.nbytes + self._pairs.nbytes

    def expect(self, made: Sequence[Fingerprint]) -> list[int]:
        """Ask the tables for all of a batch at once; the numbers of what they propose, of whichever newcomer."""
        if not made:
            return []
        self._queries = dict(zip(made, self._queried(made), strict=True))
        return sorted({number for query in self._queries.values() for number in query.proposed})

    def propose(self, made: Fingerprint) -> list[int]:
        """The numbers of the articles to compare with, oldest first: see ``chosen``."""
        query = self._query(made)
        by_signature = self._recent[0].near(query.signature_codes, query.by_signature)
        by_pairs = self._recent[1].near(query.pair_codes, query.by_pairs)
        if by_signature is None and by_pairs is None:
            return query.proposed
        keys, numbers = by_signature or query.by_signature
        by_band = query.rows[keys] < kernels.BANDS
        pairs = (by_pairs or query.by_pairs).numbers
        return chosen(numbers[~by_band], numbers[by_band], pairs, len(query.pair_codes))

    def _query(self, made: Fingerprint) -> _Query:
        """What a newcomer is looked up by: as expected, or made now."""
        query = self._queries.get(made)
        if query is None:
            query = self._queries[made] = self._queried([made])[0]
        return query

    def _queried(self, made: Sequence[Fingerprint]) -> list[_Query]:
        made_keys = signatures, query_keys, kept = Keys.of_all(made)
        by_signature = Matched.of_all(self._signatures, signatures)
        by_pairs = Matched.of_all(self._pairs, query_keys)
        are_bands = signatures.rows < kernels.BANDS
        proposed = chosen_of_each(
            by_signature.where(~are_bands),
            by_signature.where(are_bands),
            Shared(by_pairs.owners, by_pairs.numbers),
            np.diff(query_keys.bounds),
        )
        codes = [keys.codes() for keys in made_keys]
        bounds = [keys.bounds.tolist() for keys in made_keys]
        found = []
        for at in range(len(made)):
            signature, pairs, own = (one[bound[at] : bound[at + 1]] for one, bound in zip(codes, bounds, strict=True))
            rows, keys = signatures.of(at)
            found.append(
                _Query(
                    rows,
                    signature,
                    pairs,
                    by_signature.of(at, bounds[0][at]),
                    by_pairs.of(at, bounds[1][at]),
                    proposed[at],
                    (_Entries(rows, keys, signature), _Entries(*kept.of(at), own)),
                )
            )
        return found

    def add(self, number: int, made: Fingerprint, *, seeded: bool) -> None:
        """Put an article in; again, with ``seeded``, when it enters the corpus later."""
        if self._recent[0].is_full:
            for recent in self._recent:
                recent.pour()
            self._queries.clear()
        for recent, entries in zip(self._recent, self._query(made).entries, strict=True):
            recent.add(Added(number, *entries, seeded))

    def savepoint(self) -> Savepoint:
        """A point to roll back to, until ``committed``."""
        return Savepoint(len(self._recent[0]))

    def rollback(self, savepoint: Savepoint) -> None:
        """Undo all that was added since the savepoint."""
        for recent in self._recent:
            recent.cut(savepoint.added)
        self._queries.clear()

    def committed(self) -> None:
        """What was added is committed: forget how to roll back."""
        for recent in self._recent:
            recent.commit()
        self._queries.clear()

    def build(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
        """Fill the index anew from stored rows, and say how many there were.

        Each row: its number, and the columns raw_digest, word_digest, minima, keys, as packed, standing, and seeded:
        whether the article ever stood in the corpus, which its standing may not tell (superseded).
        """
        columns = _Columns()
        for chunk in _chunks(rows):
            columns.add(chunk)
        for recent in self._recent:
            recent.clear()
        self._queries.clear()
        seeded = np.zeros(int(columns.numbers.max(initial=0)) + 1024, dtype=np.bool_)
        seeded[columns.seeded] = True
        self._signatures.reserve(len(columns.numbers), seeded.copy())
        self._pairs.reserve(len(columns.pairs), seeded)
        columns.fill(self._signatures, self._pairs)
        return len(columns.numbers)


def was_seeded(row: Mapping[str, Any]) -> bool:
    """Whether the article of a stored row ever stood in the corpus."""
    return row["standing"] in SEEDED or bool(row["seeded"])


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
        seeded = np.array([was_seeded(row) for row in rows])
        signed, bands = _band_keys([row["minima"] for row in rows])
        blobs = [row["keys"] for row in rows]
        pairs = pair_keys(np.frombuffer(b"".join(blobs), dtype="<u8"))
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
        signatures.build(RAW_ROW, self._joined(2), self.numbers)
        signatures.build(WORD_ROW, self._joined(4), self._joined(3))
        signed, bands = self._joined(5), self._joined(6)
        for band in range(kernels.BANDS):
            signatures.build(band, np.ascontiguousarray(bands[:, band]), signed)
        pairs.build(0, self.pairs, self._joined(7))


def _digest_keys(rows: Sequence[Mapping[str, Any]], column: str) -> NDArray[np.uint32]:
    return np.array([first_bits(row[column]) for row in rows], dtype=np.uint32)


def _band_keys(minima: Sequence[bytes | None]) -> tuple[NDArray[np.bool_], NDArray[np.uint32]]:
    """Which rows have a signature, and the keys of its bands for each that has."""
    signed = np.array([blob is not None for blob in minima])
    count = int(np.count_nonzero(signed))
    if not count:
        return signed, np.zeros((0, kernels.BANDS), dtype=np.uint32)
    return signed, kernels.band_keys(np.frombuffer(b"".join(filter(None, minima)), dtype="<u4").reshape(count, -1))


def _least(query_keys: Any) -> Any:  # noqa: ANN401 - one number, or an array of them
    """How many keys must be equal, by how many are looked up."""
    return LEAST_SHARED_KEYS + (query_keys > MANY_KEYS)
