"""Where the words of a text stand in it: spans in code points, though words are cut from folded bytes. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd import kernels
from winnowd.text.folding import continues, fold2, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence, Sized

    from numpy.typing import NDArray

_NOT_ASCII = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")


class WordSpans(NamedTuple):
    """The word hashes of a text, and where each word begins and ends in it, in code points."""

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def _clusters(run: str) -> Iterator[str]:
    """Cut a run where no character composes with the one before: each piece can be folded alone."""
    start = 0
    for position in range(1, len(run)):
        if not continues(run[position]):
            yield run[start:position]
            start = position
    yield run[start:]


def word_spans(text: str) -> WordSpans:
    """The words of a text, as ``words(fold2(text))`` cuts them, with their places in the text itself."""
    folded = fold2(text)
    words = kernels.words(folded)
    if text.isascii():
        return WordSpans(*words)
    points, offsets = _cluster_starts(text, fold2)
    if offsets[-1] != len(folded):
        raise ValueError("a character folds otherwise in its text than alone")
    first = np.searchsorted(offsets, words.starts, side="right") - 1
    last = np.searchsorted(offsets, words.ends - 1, side="right") - 1
    return WordSpans(words.hashes, points[first], points[last + 1])


def offsets_in_text(text: str, plain_offsets: Sequence[int]) -> list[int]:
    """Offsets in ``plain(text)`` as offsets in the text itself."""
    if text.isascii():
        return list(plain_offsets)
    points, offsets = _cluster_starts(text, plain)
    found: list[int] = points[np.searchsorted(offsets, plain_offsets, side="right") - 1].tolist()
    return found


def _cluster_starts(text: str, fold: Callable[[str], Sized]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each cluster begins in a text, and in what the fold makes of it; last the lengths of both."""
    starts: list[int] = []
    sizes: list[int] = []
    continued: list[int] = []
    for match in _NOT_ASCII.finditer(text):
        at = match.start()
        for cluster in _clusters(match[0]):
            starts.append(at)
            sizes.append(len(fold(cluster)))
            continued += range(at + 1, at + len(cluster))
            at += len(cluster)
    every = np.ones(len(text) + 1, dtype=np.int64)
    every[starts] = sizes
    begins = np.ones(len(text) + 1, dtype=np.bool_)
    begins[continued] = False
    points = np.flatnonzero(begins)
    return points, np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(every[points[:-1]])))
