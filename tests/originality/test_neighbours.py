"""The index of known articles: what it proposes, and that no kind of text makes it slow."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.originality.stand import fingerprint_of

from winnowd.originality import uncommitted
from winnowd.originality.fingerprints import digests_only
from winnowd.originality.index_keys import Keys, distinct_pair_keys, signature_keys
from winnowd.originality.neighbours import LEAST_SHARED_KEYS, MOST_BY_BANDS, MOST_BY_KEYS, Neighbours
from winnowd.originality.table import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from winnowd.model import Fingerprint


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


class OneByOne:
    """An index that asks its tables, and fills them, for one article at a time, and begins anew to undo."""

    def __init__(self) -> None:
        self.signatures, self.pairs = Table(27), Table(1)
        self.added: list[tuple[int, Fingerprint, bool]] = []

    def add(self, number: int, made: Fingerprint, *, seeded: bool) -> None:
        """Add at once."""
        self.added.append((number, made, seeded))
        for table, keys in ((self.signatures, signature_keys([made])), (self.pairs, distinct_pair_keys([made.keys]))):
            table.add(keys.rows, keys.keys, number, seeded=seeded)

    def propose(self, made: Fingerprint) -> list[int]:
        """What the tables answer, counted."""
        keys = signature_keys([made])
        query_keys, numbers = self.signatures.near(keys.rows, keys.keys)
        by_band = keys.rows[query_keys] < 25
        pairs = distinct_pair_keys([made.keys if made.query_keys is None else made.query_keys])
        by_pairs = self.pairs.near(pairs.rows, pairs.keys)[1]
        found = {*numbers[~by_band].tolist(), *most(numbers[by_band], 1, MOST_BY_BANDS)}
        return sorted({*found, *most(by_pairs, LEAST_SHARED_KEYS, MOST_BY_KEYS)})

    def cut(self, length: int) -> OneByOne:
        """Another that never had more than the first so many."""
        other = OneByOne()
        for number, made, seeded in self.added[:length]:
            other.add(number, made, seeded=seeded)
        return other


def most(numbers: NDArray[np.int64], least: int, at_most: int) -> list[int]:
    """The numbers that come most often."""
    counts = Counter(numbers.tolist())
    ordered = sorted(counts, key=lambda number: (-counts[number], number))
    return [number for number in ordered if counts[number] >= least][:at_most]


def some_fingerprint(seed: int) -> Fingerprint:
    """One that has few keys, of few kinds: a stream of these crowds its keys at once."""
    random = np.random.default_rng(seed)
    keys = np.sort(random.choice(np.arange(1, 9, dtype=np.uint64) << np.uint64(32), 5, replace=False))
    more = np.sort(np.concatenate((keys, random.integers(0, 1 << 63, 2, dtype=np.uint64))))
    return dataclasses.replace(
        digests_only(bytes([seed % 3]) * 32, bytes([seed]) * 32),
        minima=random.integers(0, 2, 128, dtype=np.uint32) if seed % 4 else None,
        keys=keys,
        query_keys=more if seed % 2 else None,
    )


POOL = [some_fingerprint(seed) for seed in range(6)]
steps = st.lists(
    st.tuples(st.sampled_from(["add", "add", "add", "again", "commit", "roll back", "expect"]), st.integers(0, 99),
              st.booleans()),
    max_size=40,
)  # fmt: skip


@pytest.mark.parametrize("most_uncommitted", [5, 1000])
@given(st.lists(st.booleans(), min_size=12, max_size=18), steps)
@settings(max_examples=60)
def test_candidates_by_batch_are_those_of_one_by_one(
    most_uncommitted: int, crowd: list[bool], stream: list[tuple[str, int, bool]]
) -> None:
    """Whatever was looked up before a batch, each article meets just those before it; also what was undone is gone.

    Keys are crowded, articles seeded or not, some added again; a long batch is poured into the tables on its way.
    """
    uncommitted.MOST, before = most_uncommitted, uncommitted.MOST
    index, plain, number, kept = Neighbours(), OneByOne(), 0, 0
    try:
        for step, which, seeded in [*(("add", 0, seeded) for seeded in crowd), *stream]:
            if step == "add" or (step == "again" and not number):
                index.add(number, POOL[which % len(POOL)], seeded=seeded)
                plain.add(number, POOL[which % len(POOL)], seeded=seeded)
                number += 1
            elif step == "again":
                one = plain.added[which % len(plain.added)]
                index.add(one[0], one[1], seeded=seeded)
                plain.add(one[0], one[1], seeded=seeded)
            elif step == "commit":
                index.committed()
                kept = len(plain.added)
            elif step == "roll back":
                length = kept + which % (len(plain.added) - kept + 1)
                index.rollback(type(index.savepoint())(length - kept))
                plain = plain.cut(length)
                number = max((one[0] for one in plain.added), default=-1) + 1
            else:
                index.expect(POOL)
            assert [index.propose(made) for made in POOL] == [plain.propose(made) for made in POOL]
    finally:
        uncommitted.MOST = before


def test_keys_of_one_are_those_of_it_among_others() -> None:
    """Made alone or with a batch, each article asks by the same keys and stands under the same."""
    together = Keys.of_all(POOL)

    for at, made in enumerate(POOL):
        for alone, column in zip(Keys.of(made), together, strict=True):
            rows, keys = column.of(at)
            assert (alone.rows.tolist(), alone.keys.tolist()) == (rows.tolist(), keys.tolist())
