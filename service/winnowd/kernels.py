"""The numpy kernels of the recipe ``fold2 / word64 / w5 / affine32-1-128``: folded bytes to words, minima. Pure.

All arithmetic is unsigned and wraps. Each kernel has a plain-Python twin in the tests; the golden values of the recipe
(docs/design/text.md, "The recipe") hold both to the same numbers. This file is the one place to swap for a faster one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_A = np.uint64(0x9E3779B97F4A7C15)
_B = np.uint64(0xFF51AFD7ED558CCD)
_C = tuple(
    np.uint64(c)
    for c in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_FMIX_1, _FMIX_2 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_32 = np.uint64(32)
_8 = np.int64(8)
_BLANK = np.uint8(0x20)

BANDS = 25
BAND_ROWS = 5
GRAM_SIZES = range(1, len(_C) + 1)
CHUNK = 1_024
"""Shingles permuted at once: 512 KB, which a core's own cache holds, whatever the length of the text."""

_IN_WORDS = frozenset((*b"abcdefghijklmnopqrstuvwxyz0123456789_", *range(0x80, 0x100)))
_IS_WORD = bytes(code in _IN_WORDS for code in range(256))
_WORDS_ALONE = bytes(code if code in _IN_WORDS else int(_BLANK) for code in range(256))
_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(8)] + [(1 << 64) - 1], dtype=np.uint64)


class Words(NamedTuple):
    """The words of one folded text in order: their 64-bit hashes, and where each begins and ends (byte offsets)."""

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def words(folded: bytes) -> Words:
    """Cut folded bytes into words, the runs of ``[a-z0-9_]`` and bytes >= 0x80, and hash each (``word64``)."""
    whole = folded + b"\0" * 8
    padded = np.frombuffer(whole, dtype=np.uint8)
    inside = np.frombuffer(whole.translate(_IS_WORD), dtype=np.bool_)
    is_border = np.empty(len(inside), dtype=np.bool_)
    is_border[0] = inside[0]
    np.not_equal(inside[1:], inside[:-1], out=is_border[1:])
    borders = is_border.nonzero()[0]
    starts, ends = borders[0::2], borders[1::2]
    return Words(_hash_spans(padded, starts, ends), starts, ends)


def joined(folded: bytes) -> bytes:
    """The words of folded bytes, joined by one space."""
    alone = np.frombuffer(folded.translate(_WORDS_ALONE), dtype=np.uint8)
    inside = alone != _BLANK
    kept = inside.copy()
    kept[1:] |= inside[:-1]
    parted: bytes = alone[kept].tobytes()
    return parted.removesuffix(b" ")


def hash_each(pieces: Sequence[bytes]) -> NDArray[np.uint64]:
    """Hash byte strings as words are hashed, whatever bytes they hold: u64, one for each."""
    ends = np.cumsum([len(piece) for piece in pieces], dtype=np.int64)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1])) if len(pieces) else ends
    padded = np.frombuffer(b"".join(pieces) + b"\0" * 8, dtype=np.uint8)
    return _hash_spans(padded, starts, ends)


def hash_spans(folded: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Hash stretches of folded bytes as words are hashed; they may overlap."""
    return _hash_spans(np.frombuffer(folded + b"\0" * 8, dtype=np.uint8), starts, ends)


def _hash_spans(padded: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """``h = len * A``; per 8-byte little-endian block x, zero-padded: ``h = (h ^ x) * B; h ^= h >> 32``."""
    blocks = np.ndarray((len(padded) - 7,), dtype="<u8", buffer=padded.data, strides=(1,))
    sizes = ends - starts
    hashes = sizes.view(np.uint64) * _A
    _add_block(hashes, blocks[starts] & _MASKS.take(sizes, mode="clip"))
    longer = (sizes > _8).nonzero()[0]
    offset = 8
    while longer.size:
        part, left = hashes.take(longer), sizes.take(longer) - offset
        _add_block(part, blocks[starts.take(longer) + offset] & _MASKS.take(left, mode="clip"))
        hashes[longer] = part
        offset += 8
        longer = longer[left > _8]
    return hashes


def _add_block(hashes: NDArray[np.uint64], block: NDArray[np.uint64]) -> None:
    hashes ^= block
    hashes *= _B
    hashes ^= hashes >> _32


def grams(hashes: NDArray[np.uint64], size: int) -> NDArray[np.uint32]:
    """Hash each run of ``size`` adjacent words (1 to 5): u32 in order of occurrence, repeats kept.

    Fewer words than ``size`` give one gram padded with zero hashes; no words give none.
    """
    if not len(hashes):
        return np.zeros(0, dtype=np.uint32)
    if len(hashes) < size:
        hashes = np.concatenate((hashes, np.zeros(size - len(hashes), dtype=np.uint64)))
    count = len(hashes) - size + 1
    mixed = hashes[:count] * _C[0]
    for offset in range(1, size):
        mixed += hashes[offset : offset + count] * _C[offset]
    mixed ^= mixed >> _32
    mixed *= _B
    return (mixed >> _32).astype(np.uint32)


def distinct(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The distinct values, sorted."""
    ordered = np.sort(values)
    return ordered[changes(ordered)]


def changes(ordered: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Which of sorted values differ from the one before, the first with them: those that come for the first time."""
    new = np.empty(len(ordered), dtype=np.bool_)
    new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return new


def shingles(hashes: NDArray[np.uint64], size: int) -> NDArray[np.uint32]:
    """The shingles of a text: its distinct runs of ``size`` adjacent words, hashed to u32 and sorted."""
    return distinct(grams(hashes, size))


def fmix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """MurmurHash3's 32-bit finaliser, a bijection, of each value."""
    mixed = values ^ (values >> np.uint32(16))
    mixed *= _FMIX_1
    mixed ^= mixed >> np.uint32(13)
    mixed *= _FMIX_2
    mixed ^= mixed >> np.uint32(16)
    return mixed


def mix64(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A 64-bit bijection of each value: twice ``x ^= x >> 32; x *= 0xD6E8FEB86659FD93``, then ``x ^= x >> 32``."""
    mixed = values ^ (values >> _32)
    for _ in range(2):
        mixed *= _MIX
        mixed ^= mixed >> _32
    return mixed


def minima(values: NDArray[np.uint32], permutations: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The MinHash signature of a set of shingles: per permutation (a, b) the least ``fmix32(s) * a + b`` mod 2^32.

    ``permutations`` is u32[2, k], the answer u32[k]; equal, bit for bit, to datasketch's ``affine32`` hash values. An
    empty set gives 2^32 - 1 everywhere.
    """
    factors, terms = permutations[0][:, None], permutations[1][:, None]
    least = np.full(permutations.shape[1], 0xFFFFFFFF, dtype=np.uint32)
    mixed = fmix32(values)
    for start in range(0, len(mixed), CHUNK):
        permuted = factors * mixed[start : start + CHUNK]
        permuted += terms
        np.minimum(least, np.minimum.reduce(permuted, axis=1), out=least)
    return least


def band_keys(signatures: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The keys of the 25 bands of 5 minima: u32[k, >= 125] to u32[k, 25], the upper halves of their hashes."""
    return (band_hashes(signatures) >> _32).astype(np.uint32)


def band_hashes(signatures: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """The hashes of the 25 bands of 5 minima: u32[k, >= 125] to u64[k, 25]."""
    count = len(signatures)
    rows = signatures[:, : BANDS * BAND_ROWS].reshape(count, BANDS, BAND_ROWS).astype(np.uint64)
    hashes = np.tile(np.arange(1, BANDS + 1, dtype=np.uint64) * _A, (count, 1))
    for row in range(BAND_ROWS):
        _add_block(hashes, rows[:, :, row])
    return hashes


def shared(first: NDArray[np.uint32], second: NDArray[np.uint32]) -> int:
    """How many values two sets have in common; each sorted and distinct."""
    both = np.concatenate((first, second))
    both.sort()
    return int(np.count_nonzero(both[1:] == both[:-1]))
