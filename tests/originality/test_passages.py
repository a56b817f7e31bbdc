"""Shared passages against difflib, and spans against the text itself."""

from __future__ import annotations

import difflib
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.samples.stand import ARTICLES, five

from winnowd import kernels
from winnowd.originality.passages import Run, runs_anywhere, runs_in_order, share
from winnowd.originality.spans import word_spans
from winnowd.text.folding import fold2

few_words = st.lists(st.integers(0, 3), max_size=40)
two_words = st.lists(st.integers(0, 1), min_size=40, max_size=70)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text(
    "aé\u0301\u0327 .Äß\uac00\u11a8\u1100\u1161\ufb01İ’", max_size=40
)


def hashes(words: list[int]) -> np.ndarray:
    """Words as hashes."""
    return np.array(words, dtype=np.uint64)


def plain_runs(new: list[int], indexed: list[int]) -> list[Run]:
    """What difflib finds."""
    blocks = difflib.SequenceMatcher(None, new, indexed, autojunk=False).get_matching_blocks()
    return [Run(*block) for block in blocks if block.size >= 3]


def plain_anywhere(new: list[int], indexed: list[int]) -> list[Run]:
    """Left to right, the longest run that the known text has, the first of them."""
    found, at = [], 0
    while at < len(new):
        runs = [(common(new[at:], indexed[place:]), -place) for place in range(len(indexed))]
        words, place = max(runs, default=(0, 0))
        if words >= 3:
            found.append(Run(at, -place, words))
        at += words if words >= 3 else 1
    return found


def common(first: list[int], second: list[int]) -> int:
    """How many words two texts share from their beginning."""
    pairs = zip(first, second, strict=False)
    return next((at for at, (one, two) in enumerate(pairs) if one != two), min(len(first), len(second)))


@given(few_words | two_words, few_words | two_words)
def test_runs_in_order_are_difflibs_blocks(new: list[int], indexed: list[int]) -> None:
    """The same blocks, those of fewer than three words left out."""
    assert runs_in_order(hashes(new), hashes(indexed)) == plain_runs(new, indexed)


@given(st.lists(st.integers(0, 5), max_size=16), st.lists(st.integers(0, 5), max_size=16))
def test_runs_anywhere_are_those_of_a_plain_search(new: list[int], indexed: list[int]) -> None:
    """Greedy from left to right, order in the known text left aside (too few words here to reach the 16 places)."""
    assert runs_anywhere(hashes(new), hashes(indexed)) == plain_anywhere(new, indexed)


@given(texts)
def test_spans_point_at_the_words_they_stand_for(text: str) -> None:
    """Any text, composed or not: the words are the recipe's, and each span folds to its word again."""
    spans = word_spans(text)

    words = kernels.words(fold2(text))
    assert spans.hashes.tolist() == words.hashes.tolist()
    for start, end, hash_ in zip(spans.starts, spans.ends, spans.hashes, strict=True):
        assert hash_ in kernels.words(fold2(text[start:end])).hashes


def test_a_word_with_marks_and_a_ligature_has_its_own_span() -> None:
    """Offsets are code points of the text as it is, not of its folded bytes."""
    text = "“Cafe\u0301 ﬁne”, 5 €"

    spans = word_spans(text)

    assert [text[start:end] for start, end in zip(spans.starts, spans.ends, strict=True)] == [
        "Cafe\u0301",
        "ﬁne",
        "5",
    ]


@pytest.mark.parametrize("words", [1, 2, 300])
def test_texts_of_few_different_words_take_no_endless_time(words: int) -> None:
    """A hundred thousand words that meet nearly everywhere are cut down to bounds, not compared pair by pair."""
    random = np.random.default_rng(3)
    new, indexed = (random.integers(0, words, 100_000).astype(np.uint64) for _ in range(2))

    begun = time.process_time()
    runs_in_order(new, indexed)
    runs_anywhere(new, indexed)

    assert time.process_time() - begun < 5


def test_a_long_copy_keeps_its_passages() -> None:
    """Bounds follow the length: a changed copy of a book still shows what it shares."""
    book = np.arange(250_000, dtype=np.uint64)
    copy = book.copy()
    copy[::100] = 0

    runs = runs_in_order(copy, book)

    assert share(runs, len(copy)) > 0.98


SHARES = {"own": ([0.725, 0.694], [10, 11]), "shared": ([0.62, 0.615], [21, 16])}


@pytest.mark.parametrize("samples", ARTICLES)
def test_the_samples_share_what_was_measured(samples: str) -> None:
    """How much of 001 and of 002 stands in 000, with the longest run; 003 and 004 share next to nothing with it."""
    words = [kernels.words(fold2(path.read_text(encoding="utf-8"))).hashes for path in five(samples)]

    runs = [runs_in_order(one, words[0]) for one in words[1:]]

    shares = [share(run, len(one)) for run, one in zip(runs, words[1:], strict=True)]
    expected, longest = SHARES[samples]
    assert shares[:2] == pytest.approx(expected, abs=0.005)
    assert max(shares[2:]) < 0.03
    assert [max(run.words for run in one) for one in runs[:2]] == longest
