"""The order close by against a plain count of pairs, and what it is blind to."""

from __future__ import annotations

import dataclasses
import itertools
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.originality.stand import fingerprint_of

from winnowd.model import Sketch
from winnowd.originality import compare
from winnowd.originality.nearness import positions, shared_terms
from winnowd.originality.side import LEAST_PERCENT, Side

TEXTS: dict[str, str] = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))["texts"]

Terms = dict[int, tuple[int, int]]
"""Of each term its position and its weight."""

articles = st.dictionaries(st.integers(0, 30), st.integers(200, 550), max_size=20).flatmap(
    lambda weights: st.permutations(range(len(weights))).map(
        lambda positions: dict(zip(weights, zip(positions, weights.values(), strict=True), strict=True))
    )
)


def sketch_of(terms: Terms) -> Sketch:
    """A sketch of these terms, without sentences."""
    ids = sorted(terms)
    none = np.zeros(0, dtype=np.uint16)
    return Sketch(
        ids=np.array(ids, dtype=np.uint32),
        positions=np.array([terms[term][0] for term in ids], dtype=np.uint16),
        weights=np.array([terms[term][1] for term in ids], dtype=np.uint16),
        counts=np.ones(len(ids), dtype=np.uint8),
        sentence_terms=none,
        sentence_bounds=np.zeros(1, dtype=np.uint16),
        numbers=none.astype(np.uint32),
    )


def side_of(terms: Terms, words: int) -> Side:
    """An article of so many words with these terms."""
    return Side(dataclasses.replace(fingerprint_of("-"), words=words), sketch_of(terms))


def measured(longer: Terms, *shorter: Terms) -> list[Near]:
    """What is measured of the longer article and each of the others; the same if they are asked the other way."""
    one, others = side_of(longer, 2), [side_of(terms, 1) for terms in shorter]
    found = positions(one, others, shared_terms(one, others))
    for other, position in zip(others, found, strict=True):
        assert positions(other, [one], shared_terms(other, [one])) == [position]
    return [Near(position.near, position.held) for position in found]


class Near(NamedTuple):
    """``near`` and ``held``."""

    near: float
    held: float


def plain(longer: Terms, shorter: Terms) -> Near:
    """Every stretch tried, then every pair of common terms within it."""
    if not set(longer) & set(shorter):
        return Near(0.0, 0.0)
    order = sorted(longer, key=lambda term: longer[term][0])
    worth = [
        100 * min(longer[term][1], shorter.get(term, (0, 0))[1]) - LEAST_PERCENT * longer[term][1] for term in order
    ]
    stretches = itertools.combinations(range(len(order) + 1), 2)
    begin, end = max(stretches, key=lambda one: (sum(worth[one[0] : one[1]]), -one[1], -one[0]))
    common = [term for term in order[begin:end] if term in shorter]
    held = sum(min(longer[term][1], shorter[term][1]) for term in common)
    return Near(plain_near(common, shorter), held / sum(weight for _, weight in shorter.values()))


def plain_near(common: list[int], shorter: Terms) -> float:
    """The share of neighbours that are neighbours in both, less what chance gives."""
    if len(common) < 5:
        return 0.0
    ranks = {term: rank for rank, term in enumerate(sorted(common, key=lambda term: shorter[term][0]))}
    pairs = list(itertools.combinations(range(len(common)), 2))
    close = [(one, two) for one, two in pairs if two - one <= 3]
    both = [(one, two) for one, two in close if abs(ranks[common[one]] - ranks[common[two]]) <= 3]
    chance = len(close) / len(pairs)
    return max(0.0, (len(both) / len(close) - chance) / (1 - chance))


@given(articles, st.lists(articles, min_size=1, max_size=4))
def test_the_order_close_by_is_a_plain_count_of_pairs(longer: Terms, shorter: list[Terms]) -> None:
    """Stretch, neighbours and chance are those of the definition, whatever the terms, and however many are asked."""
    for found, terms in zip(measured(longer, *shorter), shorter, strict=True):
        assert found == pytest.approx(plain(longer, terms))


def test_terms_in_one_order_are_wholly_near_and_turned_round_as_well() -> None:
    """Neighbours stay neighbours when a text is read backwards: only the order of the whole is lost."""
    article = {term: (term, 400) for term in range(20)}
    backwards = {term: (19 - term, 400) for term in range(20)}

    assert measured(article, article, backwards) == [Near(1.0, 1.0), Near(1.0, 1.0)]


def test_foreign_matter_around_a_copy_changes_nothing() -> None:
    """A wrapped article is as near to its original as an unwrapped one."""
    article = {term: (term, 400) for term in range(20)}
    wrapped = {term: (term + 100, 400) for term in range(20)} | {term: (term, 400) for term in range(20, 120)}
    wrapped |= {term: (term, 400) for term in range(120, 220)}

    assert measured(wrapped, article) == [Near(1.0, 1.0)]


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_sentences_keep_most_of_their_order_close_by(seed: int) -> None:
    """A rewrite whose sentences were shuffled is still a copy by R, while a distinct report of the event is none."""
    shuffled = np.random.default_rng(seed).permutation(TEXTS["B"].split("\n\n")).tolist()

    copy = compare(fingerprint_of("\n\n".join(shuffled)), fingerprint_of(TEXTS["A"])).reordered
    distinct = compare(fingerprint_of(TEXTS["C"]), fingerprint_of(TEXTS["A"])).reordered

    assert copy is not None
    assert distinct is not None
    assert copy > 0.60
    assert distinct < 0.40


@pytest.mark.parametrize("name", ["B", "C"])
def test_the_order_close_by_asks_for_no_sentence(name: str) -> None:
    """Without a mark of a sentence or a line's end R is the same, so few sentences say nothing against it."""
    endless = [" ".join(TEXTS[one].replace(".", " ").split()) for one in ("A", name)]

    whole = compare(fingerprint_of(TEXTS[name]), fingerprint_of(TEXTS["A"])).reordered

    assert compare(fingerprint_of(endless[1]), fingerprint_of(endless[0])).reordered == whole
