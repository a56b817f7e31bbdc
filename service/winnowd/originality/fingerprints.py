"""The fingerprint of a text: made once, in a worker; packed for the ledger; unpacked for a comparison. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from winnowd import kernels
from winnowd.model import Fingerprint, Sketch
from winnowd.originality.letters import lexicon_for
from winnowd.originality.sketch import gram_keys, lay_out, sketch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import DTypeLike

    from winnowd.originality.lexicon import Lexicon
    from winnowd.originality.signature import Recipe

Column = bytes | int | str | None

_SKETCH: tuple[tuple[str, DTypeLike], ...] = (
    ("ids", "<u4"),
    ("numbers", "<u4"),
    ("positions", "<u2"),
    ("weights", "<u2"),
    ("sentence_terms", "<u2"),
    ("sentence_bounds", "<u2"),
    ("counts", "u1"),
)
"""The arrays of a packed sketch, widest first so that each stays aligned; before them their lengths, u32 each."""
_LENGTHS = struct.Struct(f"<{len(_SKETCH)}I")


def fingerprint(
    text: str,
    *,
    raw_digest: bytes,
    language: str,
    publisher: str,
    published: int | None,
    recipe: Recipe,
    lexicon: Lexicon,
) -> Fingerprint:
    """Make the fingerprint of a cleaned text (without its title).

    A text whose language is not the lexicon's, or is unsure (""), is weighed by its letters; it is also asked by keys
    of word-3-grams, which is what earlier versions kept of such. One without words has no signature.
    """
    weighed_by = lexicon_for(text, language, lexicon)
    layout = lay_out(text, weighed_by)
    shingles = kernels.shingles(layout.words.hashes, recipe.shingle_words)
    sketched, (keys, query_keys) = sketch(layout, weighed_by)
    if weighed_by is not lexicon:
        query_keys = np.union1d(query_keys, gram_keys(layout.words))
    return Fingerprint(
        raw_digest=raw_digest,
        word_digest=hashlib.sha256(kernels.joined(layout.folded)).digest(),
        shingles=shingles,
        minima=kernels.minima(shingles, recipe.factors()) if len(shingles) else None,
        keys=keys,
        sketch=sketched,
        words=layout.size,
        language=language,
        publisher=publisher,
        published=published,
        query_keys=query_keys,
        lexicon=weighed_by.name,
    )


def digests_only(raw_digest: bytes, word_digest: bytes) -> Fingerprint:
    """What is left of an erased article."""
    none = np.zeros(0, dtype=np.uint32)
    return Fingerprint(raw_digest, word_digest, none, None, none.astype(np.uint64), None, 0, "", "", None)


def without_passages(made: Fingerprint) -> Fingerprint:
    """What finds the same text again, digests and bands, and nothing that could be laid beside another."""
    none = made.shingles[:0]
    return dataclasses.replace(made, shingles=none, keys=made.keys[:0], sketch=None, query_keys=None)


def pack(made: Fingerprint) -> dict[str, Column]:
    """The columns that the ledger stores; arrays as little-endian bytes, the sketch as one blob."""
    return {
        "raw_digest": made.raw_digest,
        "word_digest": made.word_digest,
        "shingles": made.shingles.astype("<u4").tobytes(),
        "minima": None if made.minima is None else made.minima.astype("<u4").tobytes(),
        "keys": made.keys.astype("<u8").tobytes(),
        "sketch": None if made.sketch is None else _pack_sketch(made.sketch),
        "words": made.words,
        "language": made.language,
        "publisher": made.publisher,
        "published": made.published,
        "lexicon": made.lexicon,
    }


def _pack_sketch(made: Sketch) -> bytes:
    arrays = [getattr(made, name).astype(dtype) for name, dtype in _SKETCH]
    return _LENGTHS.pack(*map(len, arrays)) + b"".join(array.tobytes() for array in arrays)


def unpack(row: Mapping[str, Any]) -> Fingerprint:
    """The fingerprint of stored columns; its arrays are views of the stored bytes. ValueError if these are damaged."""
    minima, blob = row["minima"], row["sketch"]
    return Fingerprint(
        raw_digest=row["raw_digest"],
        word_digest=row["word_digest"],
        shingles=np.frombuffer(row["shingles"], dtype="<u4"),
        minima=None if minima is None else np.frombuffer(minima, dtype="<u4"),
        keys=np.frombuffer(row["keys"], dtype="<u8"),
        sketch=None if blob is None else _unpack_sketch(blob),
        words=row["words"],
        language=row["language"],
        publisher=row["publisher"],
        published=row["published"],
        lexicon=row["lexicon"],
    )


def _unpack_sketch(blob: bytes) -> Sketch:
    ids, numbers, positions, weights, terms, bounds, counts = _LENGTHS.unpack_from(blob)
    halves = _LENGTHS.size + 4 * (ids + numbers)
    bytes_ = halves + 2 * (positions + weights + terms + bounds)
    if len(blob) != bytes_ + counts:
        raise ValueError("a stored sketch is damaged")
    wide = np.frombuffer(blob, dtype="<u4", count=ids + numbers, offset=_LENGTHS.size)
    half = np.frombuffer(blob, dtype="<u2", count=positions + weights + terms + bounds, offset=halves)
    ends = (positions, positions + weights, positions + weights + terms)
    return Sketch(
        ids=wide[:ids],
        positions=half[: ends[0]],
        weights=half[ends[0] : ends[1]],
        counts=np.frombuffer(blob, dtype=np.uint8, offset=bytes_),
        sentence_terms=half[ends[1] : ends[2]],
        sentence_bounds=half[ends[2] :],
        numbers=wide[ids:],
    )
