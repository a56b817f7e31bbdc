"""The five sample articles, where they are: what was measured of them, and the decisions in all 120 orders."""

from __future__ import annotations

import itertools

import pytest
from tests.originality.stand import SHARED, Stand, prepared_of

from winnowd.gates.originality import OriginalityLimits
from winnowd.model import Outcome, Prepared

SAMPLE_PAIRS = {
    (0, 1): (0.191, 0.31, 0.33, 0.70, 2.34, 1.21),
    (0, 2): (0.123, 0.23, 0.21, 0.54, 1.88, 0.97),
    (1, 2): (0.061, 0.13, 0.11, 0.47, 1.64, 0.82),
}


def samples() -> list[Prepared]:
    """The five sample articles, where they are."""
    paths = sorted((SHARED / "articles").glob("0*.txt"))
    if len(paths) != 5:
        pytest.skip("the five sample articles are not here")
    return [prepared_of(path.read_text(encoding="utf-8")) for path in paths]


def test_the_samples_measure_what_was_measured() -> None:
    """The table of section 12: the three versions of one column are rewrites, all other pairs far from it."""
    articles = samples()

    for first, second in itertools.combinations(range(5), 2):
        stand = Stand(OriginalityLimits(languages=("en",)))
        stand.take(articles[first])
        near = stand.examine(articles[second]).nearest
        names = ("resemblance", "excerpt", "wrapped", "rc", "rewrite", "unordered")
        if (first, second) in SAMPLE_PAIRS:
            assert near is not None
            measured = [near.measures[name] for name in names]
            assert measured == pytest.approx(list(SAMPLE_PAIRS[first, second]), abs=0.006)
        elif near is not None:
            assert near.measures["resemblance"] <= 0.005
            assert near.measures["rc"] <= 0.10


@pytest.mark.parametrize("batch", [1, 5])
def test_the_samples_are_decided_alike_in_every_order(batch: int) -> None:
    """Originality alone, all 120 orders: the first of the three versions stays, the others fail by DUP606."""
    articles = samples()

    for order in itertools.permutations(range(5)):
        stand = Stand()
        kept = []
        for at, which in enumerate(order):
            decision, _ = stand.take(articles[which])
            if decision.outcome is Outcome.ADMITTED:
                kept.append(which)
            else:
                assert decision.codes[0] == "DUP606"
            if (at + 1) % batch == 0:
                stand.commit()
        first = next(which for which in order if which < 3)
        assert sorted(kept) == [first, 3, 4]
