"""Where the words of a text stand in it: spans in code points, though words are cut from folded bytes. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd import kernels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_NOT_ASCII = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")


class WordSpans(NamedTuple):
    """The word hashes of a text, and where each word begins and ends in it, in code points."""

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def _continues(character: str) -> bool:
    """Whether a character may compose with the one before it: marks, and Hangul vowels and finals."""
    if character < "\u0300":
        return False
    if "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7ff":
        return True
    return unicodedata.category(character)[0] == "M"


def _clusters(run: str) -> Iterator[str]:
    """Cut a run where no character composes with the one before: each piece can be folded alone."""
    start = 0
    for position in range(1, len(run)):
        if not _continues(run[position]):
            yield run[start:position]
            start = position
    yield run[start:]


def word_spans(text: str) -> WordSpans:
    """The words of a text, as ``words(fold1(text))`` cuts them, with their places in the text itself."""
    folded = kernels.fold1(text)
    words = kernels.words(folded)
    if text.isascii():
        return WordSpans(*words)
    points, offsets = _cluster_starts(text)
    if offsets[-1] != len(folded):
        raise ValueError("a character folds otherwise in its text than alone")
    first = np.searchsorted(offsets, words.starts, side="right") - 1
    last = np.searchsorted(offsets, words.ends - 1, side="right") - 1
    return WordSpans(words.hashes, points[first], points[last + 1])


def _cluster_starts(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each cluster begins in a text, and in its folded bytes; last the lengths of both."""
    starts: list[int] = []
    sizes: list[int] = []
    continued: list[int] = []
    for match in _NOT_ASCII.finditer(text):
        at = match.start()
        for cluster in _clusters(match[0]):
            starts.append(at)
            sizes.append(len(kernels.fold1(cluster)))
            continued += range(at + 1, at + len(cluster))
            at += len(cluster)
    every = np.ones(len(text) + 1, dtype=np.int64)
    every[starts] = sizes
    begins = np.ones(len(text) + 1, dtype=np.bool_)
    begins[continued] = False
    points = np.flatnonzero(begins)
    return points, np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(every[points[:-1]])))
