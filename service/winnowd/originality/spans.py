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
    for place in range(1, len(run)):
        if not _continues(run[place]):
            yield run[start:place]
            start = place
    yield run[start:]


def word_spans(text: str) -> WordSpans:
    """The words of a text, as ``words(fold1(text))`` cuts them, with their places in the text itself."""
    folded = kernels.fold1(text)
    words = kernels.words(folded)
    if text.isascii():
        return WordSpans(*words)
    code_points, sizes = _cluster_sizes(text)
    points = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(code_points)))
    offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes)))
    if offsets[-1] != len(folded):
        raise ValueError("a character folds otherwise in its text than alone")
    first = np.searchsorted(offsets, words.starts, side="right") - 1
    last = np.searchsorted(offsets, words.ends - 1, side="right") - 1
    return WordSpans(words.hashes, points[first], points[last + 1])


def _cluster_sizes(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Per cluster of a text: how many code points it is, and how many bytes it folds to."""
    code_points: list[int] = []
    sizes: list[int] = []
    done = 0
    for match in _NOT_ASCII.finditer(text):
        plain = match.start() - done
        code_points += [1] * plain
        sizes += [1] * plain
        for cluster in _clusters(match[0]):
            code_points.append(len(cluster))
            sizes.append(len(kernels.fold1(cluster)))
        done = match.end()
    rest = len(text) - done
    return np.array(code_points + [1] * rest, dtype=np.int64), np.array(sizes + [1] * rest, dtype=np.int64)
