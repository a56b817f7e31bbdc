"""What the records of a run are found by: each key of an article as one number of 64 bits, its code. Pure.

Narrow codes are the keys of the index in memory (32 bits, the row above them), and propose what it proposes. Wide ones
are mixed from all bits of a key and its row: among a thousand million articles few strangers meet under one.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from winnowd import kernels
from winnowd.originality.index_keys import RAW_ROW, ROWS, WORD_ROW, Keys, signature_keys
from winnowd.originality.neighbours import was_seeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from winnowd.originality.index_keys import KeyColumns, Keyed

Bits = Literal[32, 64]

PAIR_ROW = ROWS
"""The row of all keys of rare pairs, above those of bands and digests."""
_32 = np.uint64(32)
_CHUNK = 4096


class Kind(enum.IntEnum):
    """What a code is made of; each kind is kept apart, so that no code of one is taken for one of another."""

    KEYS = 0
    NAMES = 1
    PARAGRAPHS = 2


class Codes(NamedTuple):
    """Codes of some articles: whose each is, in order; its row (``index_keys``, and PAIR_ROW); the code itself."""

    owners: NDArray[np.intp]
    rows: NDArray[np.uint8]
    codes: NDArray[np.uint64]

    def of(self, first: int, end: int) -> Codes:
        """Those of the articles from ``first`` to before ``end``, counted from there."""
        begin, stop = self.owners.searchsorted((first, end)).tolist()
        return Codes(self.owners[begin:stop] - first, self.rows[begin:stop], self.codes[begin:stop])


class ArticleCodes(NamedTuple):
    """What some articles stand under, and what each is looked up by: no code twice in one article."""

    kept: Codes
    query: Codes


class StoredKeys(NamedTuple):
    """What the ledger keeps of the keys of one article."""

    raw_digest: bytes
    word_digest: bytes
    minima: NDArray[np.uint32] | None
    keys: NDArray[np.uint64]
    query_keys: None = None


class Postings(NamedTuple):
    """Which record stands under which code: u64 and u32, 12 bytes each."""

    codes: NDArray[np.uint64]
    numbers: NDArray[np.uint32]


def codes_of(made: Sequence[Keyed], bits: Bits = 32) -> ArticleCodes:
    """The codes of the keys of some articles."""
    if not made:
        none = Codes(np.zeros(0, np.intp), np.zeros(0, np.uint8), np.zeros(0, np.uint64))
        return ArticleCodes(none, none)
    if bits == 32:
        signature, query, kept = map(_narrow, Keys.of_all(made))
    else:
        signature = _wide_signature(made)
        query = _wide_pairs([one.keys if one.query_keys is None else one.query_keys for one in made])
        kept = _wide_pairs([one.keys for one in made])
    return ArticleCodes(_joined(signature, _as_pairs(kept, bits)), _joined(signature, _as_pairs(query, bits)))


def _narrow(keys: KeyColumns) -> Codes:
    return Codes(keys.owners, keys.rows.astype(np.uint8), keys.packed())


def _as_pairs(pairs: Codes, bits: Bits) -> Codes:
    """Keys of rare pairs in a row of their own; wide ones are mixed with it already."""
    codes = pairs.codes | np.uint64(PAIR_ROW << 32) if bits == 32 else pairs.codes
    return Codes(pairs.owners, np.full(len(codes), PAIR_ROW, np.uint8), codes)


def _joined(signature: Codes, pairs: Codes) -> Codes:
    owners = np.concatenate((signature.owners, pairs.owners))
    order = owners.argsort(kind="stable")
    rows, codes = np.concatenate((signature.rows, pairs.rows)), np.concatenate((signature.codes, pairs.codes))
    return Codes(owners[order], rows[order], codes[order])


def _wide_signature(made: Sequence[Keyed]) -> Codes:
    """The same rows of each article as narrow ones, with all bits of band and digest."""
    narrow = signature_keys(made)
    wide = np.zeros((len(made), ROWS), dtype=np.uint64)
    wide[:, RAW_ROW] = [int.from_bytes(one.raw_digest[:8], "little") for one in made]
    wide[:, WORD_ROW] = [int.from_bytes(one.word_digest[:8], "little") for one in made]
    minima = [one.minima for one in made if one.minima is not None]
    if minima:
        wide[[one.minima is not None for one in made], : kernels.BANDS] = kernels.band_hashes(np.stack(minima))
    rows = narrow.rows.astype(np.uint8)
    return Codes(narrow.owners, rows, _mixed(wide[narrow.owners, narrow.rows], rows))


def _wide_pairs(keys: Sequence[NDArray[np.uint64]]) -> Codes:
    owners = np.arange(len(keys)).repeat([len(one) for one in keys])
    every = np.concatenate(keys).astype(np.uint64)
    order = np.lexsort((every, owners))
    owners, every = owners[order], every[order]
    first = kernels.changes(owners) | kernels.changes(every)
    owners, every = owners[first], every[first]
    rows = np.full(len(every), PAIR_ROW, np.uint8)
    return Codes(owners, rows, _mixed(every, rows))


def _mixed(keys: NDArray[np.uint64], rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """A bijection of the keys of each row, another one for each."""
    return kernels.mix64(keys ^ kernels.mix64(rows.astype(np.uint64) + np.uint64(1)))


def name_codes(text_sha256: Sequence[str]) -> NDArray[np.uint64]:
    """The codes of texts by which names are looked up: the first 16 hexadecimal digits, or more, of their SHA-256."""
    return np.array([int(one[:16], 16) for one in text_sha256], dtype=np.uint64)


def partition_of(codes: NDArray[np.uint64], partitions: int) -> NDArray[np.intp]:
    """Which of so many partitions each code is kept in: 0 to ``partitions`` - 1, each about as many."""
    return (((kernels.mix64(codes) >> _32) * np.uint64(partitions)) >> _32).astype(np.intp)


class KeysOfRows(NamedTuple):
    """What the articles of a ledger stand under, and the numbers of those that ever stood in the corpus."""

    postings: Postings
    seeded: NDArray[np.int64]


def keys_of_rows(rows: Iterable[tuple[int, Mapping[str, Any]]], bits: Bits = 32) -> KeysOfRows:
    """The postings, KEYS, of a ledger's stored rows (see ``Neighbours.build``), a chunk of rows at a time."""
    parts, seeded, chunk = [_postings_of([], bits)], [], list[tuple[int, StoredKeys]]()
    for number, row in rows:
        chunk.append((number, _stored(row)))
        if was_seeded(row):
            seeded.append(number)
        if len(chunk) == _CHUNK:
            parts.append(_postings_of(chunk, bits))
            chunk = []
    parts.append(_postings_of(chunk, bits))
    codes, numbers = (np.concatenate(column) for column in zip(*parts, strict=True))
    return KeysOfRows(Postings(codes, numbers), np.array(seeded, dtype=np.int64))


def _stored(row: Mapping[str, Any]) -> StoredKeys:
    minima = None if row["minima"] is None else np.frombuffer(row["minima"], dtype="<u4")
    return StoredKeys(row["raw_digest"], row["word_digest"], minima, np.frombuffer(row["keys"], dtype="<u8"))


def _postings_of(chunk: Sequence[tuple[int, StoredKeys]], bits: Bits) -> Postings:
    kept = codes_of([stored for _, stored in chunk], bits).kept
    numbers = np.array([number for number, _ in chunk], dtype=np.uint32)
    return Postings(kept.codes, numbers[kept.owners])
