"""The kernels against plain Python, datasketch and the recipe's golden values."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from tests.originality.stand import recipe

from winnowd import kernels
from winnowd.text.folding import fold2

MASK = (1 << 64) - 1
A, B = 0x9E3779B97F4A7C15, 0xFF51AFD7ED558CCD
C = (A, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
SENTENCE = "The clerk counted every sack of wheat twice before the mill opened."
PERMUTATIONS = recipe().factors()

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80) | st.text("ab9_ .,’“é\u0301", max_size=60)
values = st.lists(st.integers(0, 2**32 - 1), max_size=60)


def plain_words(folded: bytes) -> list[bytes]:
    """The words, by a regular expression."""
    return re.findall(rb"[a-z0-9_\x80-\xff]+", folded)


def plain_hash(word: bytes) -> int:
    """``word64``."""
    h = len(word) * A & MASK
    for start in range(0, max(1, len(word)), 8):
        h = (h ^ int.from_bytes(word[start : start + 8], "little")) * B & MASK
        h ^= h >> 32
    return h


def plain_grams(hashes: list[int], size: int) -> list[int]:
    """Hashes of runs of words, in order."""
    if not hashes:
        return []
    hashes = hashes + [0] * (size - len(hashes))
    found = []
    for start in range(len(hashes) - size + 1):
        h = sum(word * factor for word, factor in zip(hashes[start : start + size], C, strict=False)) & MASK
        h ^= h >> 32
        found.append((h * B & MASK) >> 32)
    return found


def plain_fmix32(h: int) -> int:
    """MurmurHash3's finaliser."""
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16


def plain_mix64(x: int) -> int:
    """The mixer of keys."""
    for _ in range(2):
        x = (x ^ x >> 32) * 0xD6E8FEB86659FD93 & MASK
    return x ^ x >> 32


def plain_band_keys(minima: list[int]) -> list[int]:
    """Keys of the 25 bands of 5."""
    keys = []
    for band in range(25):
        h = (band + 1) * A & MASK
        for minimum in minima[5 * band : 5 * band + 5]:
            h = (h ^ minimum) * B & MASK
            h ^= h >> 32
        keys.append(h >> 32)
    return keys


def test_the_golden_sentence_gives_the_golden_values() -> None:
    """The recipe is frozen: docs/design/text.md, "The recipe", names these values."""
    words = kernels.words(fold2(SENTENCE))

    grams = kernels.grams(words.hashes, 5)
    minima = kernels.minima(kernels.shingles(words.hashes, 5), PERMUTATIONS)
    keys = kernels.band_keys(minima[None, :])[0]

    assert (len(words.hashes), f"{words.hashes[0]:016x}") == (12, "0484d45c4dec7853")
    assert [f"{value:08x}" for value in grams[:3]] == ["7956d3e0", "34793b72", "6e5d3eac"]
    assert len(grams) == 8
    assert [f"{value:08x}" for value in minima[:4]] == ["13632614", "013e8309", "08b8a751", "0a4c4e58"]
    assert [f"{value:08x}" for value in keys[:3]] == ["ece46626", "5d406787", "33441a11"]
    assert f"{kernels.words(b'extraordinarily').hashes[0]:016x}" == "3044691f38f69afa"


@given(texts)
def test_cutting_agrees_with_plain_python(text: str) -> None:
    """Words, their places and hashes are those of the slow definition, for any text."""
    folded = fold2(text)

    words = kernels.words(folded)

    cut = [folded[start:end] for start, end in zip(words.starts, words.ends, strict=True)]
    assert cut == plain_words(folded)
    assert words.hashes.tolist() == [plain_hash(word) for word in cut]
    assert kernels.joined(folded) == b" ".join(cut)


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_byte_strings_are_hashed_like_words(pieces: list[bytes]) -> None:
    """``hash_each`` gives ``word64`` of any bytes, the empty ones too."""
    assert kernels.hash_each(pieces).tolist() == [plain_hash(piece) for piece in pieces]


@given(st.lists(st.integers(0, MASK), max_size=30), st.sampled_from(kernels.GRAM_SIZES))
def test_grams_and_shingles_agree_with_plain_python(hashes: list[int], size: int) -> None:
    """Runs of words hash as defined; shingles are the distinct ones, sorted; short texts are padded."""
    array = np.array(hashes, dtype=np.uint64)

    grams = kernels.grams(array, size)

    assert grams.tolist() == plain_grams(hashes, size)
    assert kernels.shingles(array, size).tolist() == sorted(set(plain_grams(hashes, size)))


@given(values)
def test_mixers_agree_with_plain_python(numbers: list[int]) -> None:
    """The finaliser and the mixer of keys are those of the definition."""
    array = np.array(numbers, dtype=np.uint32)

    assert kernels.fmix32(array).tolist() == [plain_fmix32(number) for number in numbers]
    wide = array.astype(np.uint64) * np.uint64(0x100000001)
    assert kernels.mix64(wide).tolist() == [plain_mix64(number * 0x100000001 & MASK) for number in numbers]


@given(values)
def test_minima_and_band_keys_agree_with_plain_python(numbers: list[int]) -> None:
    """Signature and band keys are those of the definition; an empty set gives the greatest value everywhere."""
    factors, terms = PERMUTATIONS.tolist()

    minima = kernels.minima(np.array(numbers, dtype=np.uint32), PERMUTATIONS)

    mixed = [plain_fmix32(number) for number in numbers]
    expected = [
        min([(m * a + b) & 0xFFFFFFFF for m in mixed], default=0xFFFFFFFF) for a, b in zip(factors, terms, strict=True)
    ]
    assert minima.tolist() == expected
    assert kernels.band_keys(minima[None, :])[0].tolist() == plain_band_keys(expected)


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=60))
def test_minima_are_datasketchs_hash_values(numbers: list[int]) -> None:
    """The law that lets every tool of datasketch read our signatures, bit for bit."""
    datasketch = pytest.importorskip("datasketch")
    theirs = datasketch.MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=int)
    theirs.update_batch(numbers)

    ours = kernels.minima(np.array(numbers, dtype=np.uint32), PERMUTATIONS)

    assert_array_equal(ours, theirs.hashvalues)


def test_a_long_text_is_permuted_in_chunks_that_change_nothing() -> None:
    """The minima of a set are the minima of its parts' minima, also across the border of a chunk."""
    numbers = np.arange(kernels.CHUNK + 3, dtype=np.uint32)

    whole = kernels.minima(numbers, PERMUTATIONS)

    halves = [kernels.minima(part, PERMUTATIONS) for part in (numbers[:100], numbers[100:])]
    assert_array_equal(whole, np.minimum(*halves))


@given(values, values)
def test_shared_counts_what_two_sets_have_in_common(first: list[int], second: list[int]) -> None:
    """The size of the intersection."""
    one, two = (kernels.distinct(np.array(part, dtype=np.uint32)) for part in (first, second))

    assert kernels.shared(one, two) == len(set(first) & set(second))
