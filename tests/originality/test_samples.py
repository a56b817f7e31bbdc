"""The sample articles, five by five: what was measured of them, and the decisions in all 120 orders."""

from __future__ import annotations

import itertools

import pytest
from tests.originality.stand import Stand, prepared_of
from tests.samples.stand import ARTICLES, five

from winnowd.model import Outcome, Prepared
from winnowd.originality import compare

PAIRS = {
    "own": {
        (0, 1): (0.124, 0.22, 0.22, 0.66, 2.18, 1.12),
        (0, 2): (0.105, 0.19, 0.19, 0.60, 2.03, 1.11),
        (1, 2): (0.046, 0.09, 0.09, 0.43, 1.34, 0.76),
    },
    "shared": {
        (0, 1): (0.191, 0.31, 0.33, 0.70, 2.34, 1.21),
        (0, 2): (0.123, 0.23, 0.21, 0.54, 1.88, 0.97),
        (1, 2): (0.061, 0.13, 0.11, 0.47, 1.64, 0.82),
    },
}


def articles(samples: str) -> list[Prepared]:
    """The five, as a worker would hand them over."""
    return [prepared_of(path.read_text(encoding="utf-8")) for path in five(samples)]


@pytest.mark.parametrize("samples", ARTICLES)
def test_the_samples_measure_what_was_measured(samples: str) -> None:
    """The three versions of one column are rewrites, all other pairs far from it."""
    fingerprints = [article.fingerprint for article in articles(samples)]
    pairs = PAIRS[samples]

    for first, second in itertools.combinations(range(5), 2):
        old, new = fingerprints[first], fingerprints[second]
        assert old is not None
        assert new is not None
        found = compare(new, old)
        assert found.order is not None
        assert found.reordered is not None
        shares = found.overlap
        measured = [
            shares.resemblance, shares.excerpt, shares.wrapped, found.order.rc, found.rewrite, found.unordered
        ]  # fmt: skip
        if (first, second) in pairs:
            assert measured == pytest.approx(list(pairs[first, second]), abs=0.006)
            assert found.reordered > 0.60
        else:
            most = (0.005, 0.0105, 0.0105, 0.10, 0.28, 0.26)
            assert all(value is not None and value <= limit for value, limit in zip(measured, most, strict=True))
            assert found.reordered < 0.20


@pytest.mark.parametrize("samples", ARTICLES)
def test_the_samples_are_decided_alike_in_every_order(samples: str) -> None:
    """Originality alone, all 120 orders: the first of the three versions stays, the others fail by DUP606.

    One by one and as one batch by turns; that batches change nothing is a law of its own (test_laws.py).
    """
    prepared = articles(samples)

    for order, batch in zip(itertools.permutations(range(5)), itertools.cycle([1, 5]), strict=False):
        stand = Stand()
        kept = []
        for at, which in enumerate(order):
            decision, _ = stand.take(prepared[which])
            if decision.outcome is Outcome.ADMITTED:
                kept.append(which)
            else:
                assert decision.codes[0] == "DUP606"
            if (at + 1) % batch == 0:
                stand.commit()
        first = next(which for which in order if which < 3)
        assert sorted(kept) == [first, 3, 4]
