"""The table of keys against a plain dict: crowding, seeded articles, growth, rollback, building at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from winnowd.originality.table import BUCKET, CROWD, LEAST_BUCKETS, Table
from winnowd.originality.uncommitted import Added

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 3

keys = st.integers(1, 5) | st.integers(1, 2**32 - 1) | st.sampled_from([2**32 - 1, 2**31])
entries = st.lists(st.tuples(st.lists(keys, min_size=ROWS, max_size=ROWS), st.booleans()), max_size=60)

Entries = list[tuple[list[int], bool]]


class Plain:
    """What a table should answer: per row and key at most 16 numbers, seeded first, then older first."""

    def __init__(self) -> None:
        self.held: dict[tuple[int, int], list[tuple[bool, int]]] = {}

    def add(self, row_keys: list[int], number: int, *, seeded: bool) -> None:
        """Add and crowd."""
        for place in enumerate(row_keys):
            held = sorted([*self.held.get(place, []), (not seeded, number)])
            self.held[place] = held[:CROWD]

    def near(self, row_keys: list[int]) -> list[int]:
        """All numbers, with repeats."""
        return sorted(number for place in enumerate(row_keys) for _, number in self.held.get(place, []))


def as_array(row_keys: list[int]) -> NDArray[np.uint32]:
    """Keys as the table takes them."""
    return np.array(row_keys, dtype=np.uint32)


def fill(table: Table, plain: Plain, added: Entries, first: int = 0) -> None:
    """Put the same into both."""
    for number, (row_keys, seeded) in enumerate(added, start=first):
        table.add(np.arange(ROWS), as_array(row_keys), number, seeded=seeded)
        plain.add(row_keys, number, seeded=seeded)


def answers(table: Table, query_keys: Entries) -> list[list[int]]:
    """What a table says of each."""
    return [sorted(table.near(np.arange(ROWS), as_array(row_keys))[1].tolist()) for row_keys, _ in query_keys]


def expected(plain: Plain, query_keys: Entries) -> list[list[int]]:
    """What it should say."""
    return [plain.near(row_keys) for row_keys, _ in query_keys]


@given(entries)
def test_a_table_answers_like_a_dict_with_crowding(added: Entries) -> None:
    """The oldest 16 stay under a key, but one that stood in the corpus takes the place of the youngest that did not."""
    table, plain = Table(ROWS), Plain()

    fill(table, plain, added)

    assert answers(table, added) == expected(plain, added)


@given(entries, entries, entries)
def test_many_articles_added_at_once_stand_as_if_they_had_come_one_by_one(
    stored: Entries, added: Entries, later: Entries
) -> None:
    """A batch of them, whatever was there before, and whatever comes after."""
    table, plain = Table(ROWS), Plain()
    fill(table, plain, stored)
    batch = [
        Added(number, np.arange(ROWS), as_array(row_keys), (), seeded)
        for number, (row_keys, seeded) in enumerate(added, start=len(stored))
    ]

    if batch:
        table.add_all(batch)
    for one in batch:
        plain.add(one.keys.tolist(), one.number, seeded=one.seeded)
    fill(table, plain, later, first=len(stored) + len(added))

    query_keys = stored + added + later
    assert answers(table, query_keys) == expected(plain, query_keys)


@given(entries, entries)
def test_a_built_table_answers_like_a_grown_one_and_grows_on_alike(stored: Entries, later: Entries) -> None:
    """Stopped and rebuilt anywhere = never stopped."""
    table, plain = Table(ROWS), Plain()
    fill(Table(ROWS), plain, stored)
    numbers = np.arange(len(stored))

    table.reserve(len(stored), np.array([seeded for _, seeded in stored] + [False] * 100))
    for row in range(ROWS):
        table.build(row, as_array([row_keys[row] for row_keys, _ in stored]), numbers)
    fill(table, plain, later, first=len(stored))

    assert answers(table, stored + later) == expected(plain, stored + later)


def test_a_table_of_many_is_built_slice_by_slice_like_a_small_one() -> None:
    """600,000 entries under 30,000 keys, some far beyond 16 and one over the borders of slices: the first 16 stay."""
    random = np.random.default_rng(3)
    numbers = np.arange(600_000)
    held = random.integers(1, 30_001, len(numbers), dtype=np.uint32)
    held[random.random(len(numbers)) < 0.6] = 15_000
    seeded = random.random(len(numbers)) < 0.5
    table = Table(1)

    table.reserve(len(numbers), seeded)
    table.build(0, held, numbers)

    for key in (1, 2, 14_999, 15_000, 15_001, 30_000):
        mine = numbers[held == key]
        ordered = mine[np.lexsort((mine, ~seeded[mine]))]
        found = table.near(np.zeros(1, dtype=np.intp), np.array([key], dtype=np.uint32))[1]
        assert sorted(found.tolist()) == sorted(ordered[:CROWD].tolist())


@given(entries, entries, entries)
def test_a_rollback_leaves_no_trace(kept: Entries, undone: Entries, later: Entries) -> None:
    """After a failed commit every answer is as if the batch had never been, also after more was added."""
    table, plain = Table(ROWS), Plain()
    fill(table, plain, kept)
    savepoint = table.savepoint()
    fill(table, Plain(), undone, first=len(kept))

    table.rollback(savepoint)
    fill(table, plain, later, first=len(kept))

    query_keys = kept + undone + later
    assert answers(table, query_keys) == expected(plain, query_keys)


def test_a_rollback_across_growth_leaves_no_trace() -> None:
    """A table that has grown since the mark finds what to undo by itself."""
    random = np.random.default_rng(7)
    rows = np.zeros(1, dtype=np.intp)
    stored = random.integers(0, 2**32, 2 * BUCKET * LEAST_BUCKETS, dtype=np.uint32)
    table = Table(1)
    for number, key in enumerate(stored[:300]):
        table.add(rows, key[None], number, seeded=False)
    savepoint = table.savepoint()

    for number, key in enumerate(stored[300:], start=300):
        table.add(rows, key[None], number, seeded=True)
    table.rollback(savepoint)

    found = [table.near(rows, key[None])[1].tolist() for key in stored]
    assert found == [[number] for number in range(300)] + [[] for _ in stored[300:]]


def test_an_article_added_again_stands_once_and_counts_as_seeded() -> None:
    """A released article keeps its places and gains those that were crowded when it came."""
    table, key = Table(1), np.array([9], dtype=np.uint32)
    rows = np.zeros(1, dtype=np.intp)
    for number in range(CROWD + 1):
        table.add(rows, key, number, seeded=False)

    table.add(rows, key, 3, seeded=True)
    table.add(rows, key, CROWD, seeded=True)

    held = sorted(table.near(rows, key)[1].tolist())
    assert held == [*range(CROWD - 1), CROWD]


def test_many_keys_of_one_article_find_places_of_their_own() -> None:
    """Keys with one home, added at once, do not overwrite each other, and the table grows before it is full."""
    singly, together = Table(1), Table(1)
    same_home = np.arange(1, 201, dtype=np.uint32)
    rows = np.zeros(200, dtype=np.intp)
    articles = [Added(number, rows, same_home + np.uint32(1000 * number), (), seeded=True) for number in range(10)]

    for one in articles:
        singly.add(rows, one.keys, one.number, seeded=True)
    together.add_all(articles)

    for table in (singly, together):
        for one in articles:
            assert table.near(rows, one.keys)[1].tolist() == [one.number] * 200


def test_a_key_of_zero_is_kept_as_one() -> None:
    """Zero marks a free place; an article under key 0 is proposed all the same, also to those under key 1."""
    table, rows = Table(1), np.zeros(1, dtype=np.intp)

    table.add(rows, np.array([0], dtype=np.uint32), 7, seeded=True)

    assert [table.near(rows, np.array([key], dtype=np.uint32))[1].tolist() for key in (0, 1, 2)] == [[7], [7], []]
