"""What was added to an index and is not committed: in dicts beside the tables, so that those are filled at once. Pure.

A key answers as a table does that had been asked to add one article after the other: see ``table``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd.originality.matches import Matches
from winnowd.originality.table import CROWD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from winnowd.originality.table import Table

MOST = 1024
"""Articles; a batch is smaller, but a dry run commits nothing."""


class Added(NamedTuple):
    """One article: its number, the rows and keys it stands under, and each of these as one number."""

    number: int
    rows: NDArray[np.intp]
    keys: NDArray[np.uint32]
    codes: Sequence[int]
    seeded: bool


class _More(NamedTuple):
    """Matches in the making, as columns."""

    keys: list[int]
    numbers: list[int]


class Uncommitted:
    """The articles added to one table since the last commit, in their order.

    For each key the position of the first that stands under it, and of later ones: most have one, and a list for each
    would be what Python's collector of garbage goes through all day.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._added: list[Added] = []
        self._poured = 0
        self._first: dict[int, int] = {}
        self._later: dict[int, list[int]] = {}
        self._seeded_at: dict[int, int] = {}
        self._newest = table.newest
        self._is_in_order = True

    def __len__(self) -> int:
        return len(self._added)

    @property
    def is_full(self) -> bool:
        """Whether it is time to ``pour``: a dict takes ten times as much memory as a table."""
        return len(self._added) - self._poured >= MOST

    def add(self, one: Added) -> None:
        """Add an article; again, where it enters the corpus later."""
        self._added.append(one)
        self._note(len(self._added) - 1)

    def _note(self, position: int) -> None:
        one = self._added[position]
        self._is_in_order &= one.number > self._newest
        self._newest = max(self._newest, one.number)
        first = self._first
        for code in one.codes:
            if first.setdefault(code, position) != position:
                self._later.setdefault(code, []).append(position)
        if one.seeded:
            self._seeded_at.setdefault(one.number, position)

    def cut(self, length: int) -> None:
        """Forget all but the first so many."""
        if length < self._poured:
            self._table.rollback((0, 0))
            del self._added[length:]
            self._empty(0)
            for position in range(length):
                self._note(position)
        while len(self._added) > length:
            one = self._added.pop()
            for code in one.codes:
                later = self._later.get(code)
                if later is None:
                    self._first.pop(code, None)
                elif len(later) > 1:
                    later.pop()
                else:
                    del self._later[code]
            if self._seeded_at.get(one.number) == len(self._added):
                del self._seeded_at[one.number]

    def _empty(self, poured: int) -> None:
        self._poured = poured
        self._newest, self._is_in_order = self._table.newest, True
        self._first.clear()
        self._later.clear()
        self._seeded_at.clear()

    def near(self, codes: Sequence[int], stored: Matches) -> Matches | None:
        """What a table that gave ``stored`` for these keys gives with all that was added; None if that is the same."""
        firsts = list(map(self._first.get, codes))
        met = [(key, first) for key, first in enumerate(firsts) if first is not None]
        if not met:
            return None
        counts = np.bincount(stored.query_keys, minlength=len(codes)).tolist()
        added, is_in_order = self._added, self._is_in_order
        keys, numbers = more = _More([], [])
        crowded: dict[int, tuple[int, ...]] = {}
        for key, first in met:
            later = self._later.get(codes[key], ())
            if is_in_order and counts[key] + len(later) < CROWD:
                keys.append(key)
                numbers.append(added[first].number)
                for position in later:
                    keys.append(key)
                    numbers.append(added[position].number)
            else:
                crowded[key] = (first, *later)
        if crowded:
            stored = self._with_crowded(stored, crowded, more)
        if not keys:
            return None
        return Matches(np.concatenate((stored.query_keys, keys)), np.concatenate((stored.numbers, numbers)))

    def _with_crowded(self, stored: Matches, crowded: Mapping[int, Sequence[int]], more: _More) -> Matches:
        """Add to ``more`` what stands under crowded keys, where that has changed; gives ``stored`` without these."""
        before: dict[int, list[int]] = {key: [] for key in crowded}
        unseeded: dict[int, list[int]] = {key: [] for key in crowded}
        is_crowded = np.zeros(max(int(stored.query_keys.max(initial=0)), *crowded) + 1, dtype=np.bool_)
        is_crowded[list(crowded)] = True
        there = is_crowded[stored.query_keys].nonzero()[0]
        keys, numbers = stored.query_keys[there], stored.numbers[there]
        columns = keys.tolist(), numbers.tolist(), self._table.are_seeded(numbers).tolist()
        for key, number, is_seeded in zip(*columns, strict=True):
            before[key].append(number)
            if not is_seeded:
                unseeded[key].append(number)
        for key, positions in crowded.items():
            held = self._held(before[key], unseeded[key], positions)
            if held == before[key]:
                is_crowded[key] = False
            else:
                more.keys.extend([key] * len(held))
                more.numbers.extend(held)
        kept = ~is_crowded[stored.query_keys]
        return Matches(stored.query_keys[kept], stored.numbers[kept])

    def _held(self, before: Sequence[int], unseeded: list[int], positions: Sequence[int]) -> list[int]:
        """The numbers under one key, those of ``before`` and these added, in their order.

        ``unseeded``: those of ``before`` that the table has not seeded.
        """
        if not self._is_in_order:
            return self._held_anyhow(before, positions)
        added = [self._added[position] for position in positions]  # younger than all before: none stands there already
        room = max(CROWD - len(before), 0)
        held = [*before, *(one.number for one in added[:room])]
        unseeded += [one.number for one in added[:room] if not one.seeded]
        for one in added[room:]:
            if not unseeded:
                break  # nothing takes the place of what stood in the corpus
            if one.seeded:
                youngest = max(unseeded)
                unseeded.remove(youngest)
                held[held.index(youngest)] = one.number
        return held

    def _held_anyhow(self, before: Sequence[int], positions: Sequence[int]) -> list[int]:
        """The same where an article may be added again, or an older one."""
        held = [*before]
        for position in positions:
            one = self._added[position]
            if one.number in held:
                continue
            if len(held) < CROWD:
                held.append(one.number)
            elif one.seeded:
                unseeded = [number for number in held if not self._is_seeded(number, position)]
                if not unseeded:
                    break  # nothing takes the place of what stood in the corpus
                held[held.index(max(unseeded))] = one.number
        return held

    def _is_seeded(self, number: int, position: int) -> bool:
        return self._table.is_seeded(number) or self._seeded_at.get(number, position + 1) <= position

    def pour(self) -> None:
        """Put all into the table, one after the other, so that it can still be rolled back."""
        for one in self._added[self._poured :]:
            self._table.add(one.rows, one.keys, one.number, seeded=one.seeded)
        self._empty(len(self._added))

    def commit(self) -> None:
        """Put all into the table for good."""
        added = self._added[self._poured :]
        if added and self._is_in_order:
            self._table.add_all(added)
        else:
            self.pour()
        self._table.committed()
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._added.clear()
        self._empty(0)
