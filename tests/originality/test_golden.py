"""Four texts with every intermediate value of the recipe, made by a slow and literal second implementation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.originality.stand import Stand, fingerprint_of, lexicon

from winnowd.originality import compare
from winnowd.originality.compare import numbers
from winnowd.originality.sketch import number_texts

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
TEXTS: dict[str, str] = GOLDEN["texts"]


@pytest.mark.parametrize("name", TEXTS)
def test_an_article_has_its_golden_sketch(name: str) -> None:
    """Words, shingles, terms, weights, keys, sentences and numbers are those of the definition."""
    made = fingerprint_of(TEXTS[name])

    assert made.sketch is not None
    assert {
        "words": made.words,
        "distinct_w5": len(made.shingles),
        "terms": len(made.sketch.ids),
        "weight_sum": int(made.sketch.weights.sum()),
        "keys": len(made.keys),
        "sentences": len(made.sketch.sentence_bounds) - 1,
        "sentence_terms": np.diff(made.sketch.sentence_bounds).tolist(),
        "numbers": sorted(number_texts(TEXTS[name])),
    } == GOLDEN["articles"][name]


@pytest.mark.parametrize("word", GOLDEN["words"])
def test_a_word_has_its_golden_weight_and_stem(word: str) -> None:
    """Weights come from the table, stems from Snowball."""
    assert {"weight": lexicon().weight(word), "stem": lexicon().stem(word)} == GOLDEN["words"][word]


@pytest.mark.parametrize("pair", GOLDEN["pairs"])
def test_a_pair_has_its_golden_measures(pair: str) -> None:
    """Every measure agrees to six decimals."""
    expected = dict(GOLDEN["pairs"][pair])
    names = expected.pop("twin"), expected.pop("new")
    del expected["decision"]
    twin, new = (fingerprint_of(TEXTS[name]) for name in names)

    found = compare(new, twin)

    placed, ordered, aligned = found.position, found.order, found.alignment
    assert placed is not None
    assert ordered is not None
    assert aligned is not None
    assert new.sketch is not None
    assert twin.sketch is not None
    agreeing = numbers(new.sketch, twin.sketch)
    measured = {
        "shared_w5": found.overlap.shared,
        "resemblance": found.overlap.resemblance,
        "new_in_twin": found.overlap.excerpt,
        "twin_in_new": found.overlap.wrapped,
        "shared_keys": len(set(new.keys.tolist()) & set(twin.keys.tolist())),
        "common_terms_n": ordered.ranked,
        "rho": ordered.rho,
        "containment_idf": placed.containment,
        "jaccard_idf": placed.likeness,
        "rc": ordered.rc,
        "mono": aligned.mono,
        "gain": aligned.gain,
        "ordered": aligned.ordered,
        "mean": aligned.mean,
        "S": found.rewrite,
        "O": found.unordered,
        "number_containment": agreeing.share,
        "numbers_smaller_set": agreeing.smaller,
    }
    assert measured == pytest.approx(expected, abs=5.1e-7)


@pytest.mark.parametrize("pair", GOLDEN["pairs"])
def test_a_pair_gets_its_golden_decision(pair: str) -> None:
    """The whole gate, from candidates to grade, decides as the definition does."""
    expected = GOLDEN["pairs"][pair]
    stand = Stand()
    stand.take(TEXTS[expected["twin"]])

    decision, _ = stand.take(TEXTS[expected["new"]])

    worst = decision.findings[0]
    code = decision.codes[0] if decision.codes else None
    assert {"code": code, "grade": worst.grade.value} == expected["decision"]
