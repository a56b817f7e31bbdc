"""The index of known articles: what it proposes, and that no kind of text makes it slow."""

from __future__ import annotations

import numpy as np
from tests.originality.stand import fingerprint_of

from winnowd.originality.neighbours import Neighbours


def longest_run(index: Neighbours) -> int:
    """The longest run of full buckets in the table of rare pairs: what a search may have to walk."""
    free = np.flatnonzero(index._pairs._keys[:, -1] == 0)
    return int(np.diff(free, prepend=-1).max()) - 1


def test_texts_of_words_that_no_table_knows_do_not_crowd_at_one_end() -> None:
    """All their pairs are of equal value, so the kept ones have the smallest keys; in the table they lie spread."""
    random = np.random.default_rng(5)
    index = Neighbours()

    for number in range(120):
        text = " ".join(f"q{word:x}z" for word in random.integers(1 << 20, 1 << 24, 400))
        index.add(number, fingerprint_of(text), seeded=True)

    assert longest_run(index) < 8
