"""Laws of a comparison, and the alignment against a slow and literal one."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.originality.stand import fingerprint_of

from winnowd.originality import Measures, compare
from winnowd.originality.alignment import Similarity, _paths, chain, similarity
from winnowd.originality.compare import numbers
from winnowd.originality.nearness import shared_terms
from winnowd.originality.side import Side

TEXTS: dict[str, str] = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))["texts"]
SENTENCES = [sentence for text in TEXTS.values() for sentence in text.split("\n\n")]

stories = st.lists(st.sampled_from(SENTENCES), max_size=12).map("\n".join)
shares = st.integers(0, 10).map(lambda tenths: tenths / 10)


def swapped(found: Measures) -> Measures:
    """The same comparison, told from the other side."""
    overlap = found.overlap._replace(excerpt=found.overlap.wrapped, wrapped=found.overlap.excerpt)
    return found._replace(overlap=overlap)


@given(stories, stories)
def test_a_comparison_told_from_the_other_side_is_the_same(first: str, second: str) -> None:
    """Newcomer and known article swapped, only excerpt and wrapped change places; the rest is equal to the last bit."""
    one, two = fingerprint_of(first), fingerprint_of(second)

    assert compare(one, two) == swapped(compare(two, one))


@given(stories)
def test_measures_stay_within_their_bounds(story: str) -> None:
    """Shares lie in 0..1, S is at most 3.5, O at most 2, whatever the text; a text is wholly like itself."""
    made = fingerprint_of(story)

    for other in (made, fingerprint_of(TEXTS["A"])):
        found = compare(made, other)
        assert all(0 <= share <= 1 for share in found.overlap[1:])
        assert found.rewrite is not None
        assert found.reordered is not None
        assert found.rewrite <= 3.5
        assert 0 <= found.reordered <= 2 + 1e-9
    itself = compare(made, made)
    assert itself.overlap.resemblance == (1.0 if made.words else 0.0)


@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(shares, min_size=width, max_size=width), min_size=1, max_size=5)
    )
)
def test_the_best_path_is_the_best_of_all_paths(rows: list[list[float]]) -> None:
    """Mono is the heaviest way through B that never goes back, sentences of A being left out where that pays."""
    sims = np.array(rows)
    weights = np.full(len(rows), 1 / len(rows))

    forward, backward = _paths(Similarity(sims, weights, turned=False))

    assert forward == pytest.approx(slow_path(sims / len(rows)))
    assert backward == pytest.approx(slow_path(sims[:, ::-1] / len(rows)))


def slow_path(gains: np.ndarray) -> float:
    """Try every choice of sentences of A and every non-decreasing row of partners."""
    height, width = gains.shape
    best = 0.0
    for size in range(1, height + 1):
        for chosen in itertools.combinations(range(height), size):
            for partners in itertools.combinations_with_replacement(range(width), size):
                best = max(best, sum(gains[row, column] for row, column in zip(chosen, partners, strict=True)))
    return best


@given(st.lists(st.integers(0, 6), min_size=1, max_size=9))
def test_the_chain_is_a_longest_one_that_never_goes_back(partners: list[int]) -> None:
    """Patience sorting finds as long a chain as trying all does."""
    sims = np.zeros((len(partners), 7))
    sims[np.arange(len(partners)), partners] = 0.9

    found = chain(sims)

    kept = [partners[sentence] for sentence in found]
    assert found == sorted(set(found))
    assert kept == sorted(kept)
    longest = max(
        size
        for size in range(1, len(partners) + 1)
        for chosen in itertools.combinations(partners, size)
        if list(chosen) == sorted(chosen)
    )
    assert len(found) == longest


def test_a_sentence_without_a_likely_partner_is_no_link() -> None:
    """Below .25 a best partner says nothing."""
    assert chain(np.array([[0.24, 0.0], [0.0, 0.25]])) == [1]
    assert chain(np.array([[0.1]])) == []


def test_texts_without_counted_sentences_have_no_similarity() -> None:
    """Nothing to align is nothing found, not an error."""
    one, two = (Side.of(fingerprint_of(text)) for text in ("One two.", TEXTS["A"]))

    assert one is not None
    assert two is not None
    assert similarity(one, two, shared_terms(one, [two]).of(0)) is None
    assert compare(fingerprint_of("!"), fingerprint_of("?")).rewrite == 0.0


@given(st.sets(st.integers(0, 10**6), min_size=1, max_size=300), st.integers(1, 300))
def test_numbers_of_an_excerpt_agree_however_many_there_are(all_numbers: set[int], kept: int) -> None:
    """Only 64 hashes are kept of each text, yet what was cut off never looks like a disagreement."""
    whole = sorted(all_numbers)
    sketches = [
        fingerprint_of("\n".join(f"{number} cattle" for number in part)).sketch for part in (whole, whole[:kept])
    ]

    assert sketches[0] is not None
    assert sketches[1] is not None
    assert numbers(sketches[0], sketches[1]).share == 1.0


def test_a_text_of_many_terms_is_compared_within_bounds() -> None:
    """More terms than a sketch can number, and one endless sentence: first terms are kept, nothing overflows."""
    words = " ".join(f"q{number:x}z" for number in range(70_000))
    made = fingerprint_of(f"{words}\nFew words here follow.")

    found = compare(made, made)

    assert made.sketch is not None
    assert len(made.sketch.ids) == 65_535
    assert found.overlap.resemblance == 1.0
    assert found.alignment is not None
    assert found.alignment.mean == pytest.approx(1.0)
