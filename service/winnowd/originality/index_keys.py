"""The keys that articles are looked up by: of bands, digests and rare pairs; made of a whole batch at once. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from winnowd import kernels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NO_WORDS = hashlib.sha256(b"").digest()
RAW_ROW, WORD_ROW = kernels.BANDS, kernels.BANDS + 1
ROWS = kernels.BANDS + 2
_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class Keyed(Protocol):
    """What of a fingerprint keys are made of; see ``Fingerprint``."""

    @property
    def raw_digest(self) -> bytes:
        """Of the record's bytes."""
        ...

    @property
    def word_digest(self) -> bytes:
        """Of the text's words."""
        ...

    @property
    def minima(self) -> NDArray[np.uint32] | None:
        """The signature, None without words."""
        ...

    @property
    def keys(self) -> NDArray[np.uint64]:
        """Of the rare pairs that it stands under."""
        ...

    @property
    def query_keys(self) -> NDArray[np.uint64] | None:
        """Of those that it is looked up by, None if they are the same."""
        ...


class KeyColumns(NamedTuple):
    """Keys of some articles, one article after the other: u32, and the row of each in its table.

    ``bounds``: where each article's keys begin, and the end of the last.
    """

    rows: NDArray[np.intp]
    keys: NDArray[np.uint32]
    bounds: NDArray[np.intp]

    def of(self, article: int) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
        """Rows and keys of one article."""
        here = slice(self.bounds[article], self.bounds[article + 1])
        return self.rows[here], self.keys[here]

    @property
    def owners(self) -> NDArray[np.intp]:
        """Of which article each key is."""
        return np.arange(len(self.bounds) - 1).repeat(np.diff(self.bounds))

    def packed(self) -> NDArray[np.uint64]:
        """Row and key in one number each, of each article in order; keys of 0 count as 1, as a table keeps them."""
        return (self.rows.astype(np.uint64) << _32) | np.maximum(self.keys, np.uint32(1))

    def codes(self) -> list[int]:
        """The same as numbers of Python."""
        codes: list[int] = self.packed().tolist()
        return codes


class Keys(NamedTuple):
    """All keys of some articles: those of digests and bands, and of rare pairs what each asks and stands under."""

    signature: KeyColumns
    query: KeyColumns
    kept: KeyColumns

    @classmethod
    def of_all(cls, made: Sequence[Keyed]) -> Keys:
        """Those of some articles, at least one, at once."""
        kept = distinct_pair_keys([one.keys for one in made])
        query = distinct_pair_keys([one.keys if one.query_keys is None else one.query_keys for one in made])
        return cls(signature_keys(made), query, kept)

    @classmethod
    def of(cls, made: Keyed) -> Keys:
        """Those of one."""
        return cls.of_all([made])


def pair_keys(keys: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The upper halves, mixed: enough to propose, at half the memory.

    Of pairs of equal value an article keeps those with the smallest keys, so these crowd at one end; a table needs them
    spread: unmixed, a thousand texts of words that no table knows took half a second each.
    """
    return kernels.fmix32((keys >> _32).astype(np.uint32))


def first_bits(digest: bytes) -> int:
    """What of a digest is a key."""
    return int.from_bytes(digest[:4], "little")


def signature_keys(made: Sequence[Keyed]) -> KeyColumns:
    """Bands only of a text with a signature; all texts without words have one digest of words, so that is left out."""
    keys = np.zeros((len(made), ROWS), dtype=np.uint32)
    has = np.ones(keys.shape, dtype=np.bool_)
    keys[:, RAW_ROW:] = [(first_bits(one.raw_digest), first_bits(one.word_digest)) for one in made]
    has[:, WORD_ROW] = [one.word_digest != NO_WORDS for one in made]
    minima = [one.minima for one in made if one.minima is not None]
    signed = np.array([one.minima is not None for one in made])
    if minima:
        keys[signed, : kernels.BANDS] = kernels.band_keys(np.stack(minima))
    has[~signed, : kernels.BANDS] = False
    return KeyColumns(has.nonzero()[1], keys[has], _bounds(np.count_nonzero(has, axis=1)))


def distinct_pair_keys(keys: Sequence[NDArray[np.uint64]]) -> KeyColumns:
    """The keys of the rare pairs of each article, sorted, each once."""
    sizes = np.array([len(one) for one in keys])
    packed = np.arange(len(keys), dtype=np.uint64).repeat(sizes) << _32
    packed |= pair_keys(np.concatenate(keys))
    packed.sort()
    first = np.ones(len(packed), dtype=np.bool_)
    np.not_equal(packed[1:], packed[:-1], out=first[1:])
    packed = packed[first]
    counts = np.bincount((packed >> _32).astype(np.intp), minlength=len(keys))
    return KeyColumns(np.zeros(len(packed), dtype=np.intp), (packed & _LOW).astype(np.uint32), _bounds(counts))


def _bounds(counts: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.concatenate((np.zeros(1, dtype=np.intp), counts.cumsum()))
