"""A table from 32-bit keys to article numbers in two flat arrays: 8 bytes an entry, buckets, bounded chains. Pure.

A bucket is 16 places: 64 bytes of keys, one line of a processor's cache. An entry stands in the bucket that its key
names, ``key * buckets >> 32``, or, where that is full, in the next one with room; places are taken from the front, so a
bucket whose last place is free ends the search. Key 0 marks a free place (a key of 0 is kept as 1: keys only propose).
Nothing is ever removed but by ``rollback``. Under one key stand at most 16 articles (docs/design/originality.md,
"Candidates"): the seeded ones, that is those that ever stood in the corpus, before the others, the older before the
younger. So neither a flood of copies nor one of rejected look-alikes hides an original.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from winnowd.originality.entries import packed, seeded_first, slices, uncrowded, unpacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

CROWD = 16
BUCKET = 16
LOAD = 0.65
GROWTH = 1.4
ROOM = 1.05
"""What a built table has more than it needs: at 100,000 articles, room for 5,000 before it grows."""
SPARE = 256
LEAST_BUCKETS = 64
_32 = np.uint64(32)


class _Found(NamedTuple):
    """Per match: which key asked, and the place; per key: the bucket that ends its search; whether any left its own."""

    query_keys: NDArray[np.intp]
    slots: NDArray[np.intp]
    ends: NDArray[np.intp]
    strayed: bool


class _Written(NamedTuple):
    """What one ``add`` wrote: enough to undo it, even after the table has grown; ``before``: the number, -1 if free."""

    layout: int
    rows: NDArray[np.intp]
    keys: NDArray[np.uint32]
    slots: NDArray[np.intp]
    before: NDArray[np.int64]
    number: int


class Entries(Protocol):
    """One article: the rows and keys it is to stand under, no key twice in a row."""

    @property
    def number(self) -> int:
        """Its number."""
        ...

    @property
    def rows(self) -> NDArray[np.intp]:
        """The row of each key."""
        ...

    @property
    def keys(self) -> NDArray[np.uint32]:
        """Its keys."""
        ...

    @property
    def seeded(self) -> bool:
        """Whether it stands, or ever stood, in the corpus."""
        ...


class Table:
    """``rows`` equal tables side by side (one a band), asked and filled at once."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._seeded = np.zeros(1024, dtype=np.bool_)
        self._changes: list[_Written] = []
        self._newly_seeded: list[int] = []
        self._newest = -1
        self._layout = 0
        self._make(LEAST_BUCKETS)

    def _make(self, buckets: int) -> None:
        self._buckets = buckets
        self._stride = buckets + SPARE
        self._keys = np.zeros((self._rows * self._stride, BUCKET), dtype=np.uint32)
        self._numbers = np.zeros(self._keys.size, dtype=np.uint32)
        self._fill = np.zeros(self._rows, dtype=np.int64)
        self._layout += 1
        self._last: tuple[NDArray[np.uint32], _Found] | None = None

    @property
    def nbytes(self) -> int:
        """The memory that the arrays take."""
        return self._keys.nbytes + self._numbers.nbytes + self._seeded.nbytes

    def near(self, rows: NDArray[np.intp], keys: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Per article and key that they share (key i in row i): which key, and the article's number."""
        found = self._find(rows, keys)
        return found.query_keys, self._numbers[found.slots].astype(np.int64)

    def _homes(self, rows: NDArray[np.intp], keys: NDArray[np.uint32]) -> NDArray[np.intp]:
        inside = (keys.astype(np.uint64) * np.uint64(self._buckets)) >> _32
        return rows * self._stride + inside.astype(np.intp)

    def _find(self, rows: NDArray[np.intp], keys: NDArray[np.uint32]) -> _Found:
        """Look into all buckets at once, then into those after full ones; what was asked last is not sought again."""
        if self._last is not None and self._last[0] is keys:
            return self._last[1]
        ends = self._homes(rows, keys)
        wanted = np.maximum(keys, np.uint32(1))[:, None]
        held = self._keys.take(ends, axis=0)
        met = (held == wanted).ravel().nonzero()[0]
        query_keys = met >> 4
        slots = (ends[query_keys] << 4) + (met & 15)
        pending = held[:, -1].nonzero()[0]
        strayed = pending.size > 0
        while pending.size:
            ends[pending] += 1
            held = self._keys.take(ends[pending], axis=0)
            met = (held == wanted[pending]).ravel().nonzero()[0]
            more = pending[met >> 4]
            query_keys = np.concatenate((query_keys, more))
            slots = np.concatenate((slots, (ends[more] << 4) + (met & 15)))
            pending = pending[held[:, -1].nonzero()[0]]
        found = _Found(query_keys, slots, ends, strayed)
        self._last = (keys, found)
        return found

    def add(self, rows: NDArray[np.intp], keys: NDArray[np.uint32], number: int, *, seeded: bool) -> None:
        """Put an article under keys (key i in row i; no key twice in a row); crowded keys take only a seeded one.

        Where it stands already it stays, so an article that enters the corpus later may be added again.
        """
        if seeded:
            self._seed(number)
        while keys.size:
            if self._fill.max() + len(keys) > LOAD * BUCKET * self._buckets:
                self._lay_out(int(self._buckets * GROWTH))
            found = self._find(rows, keys)
            slots = self._chosen(found, len(keys), number, seeded=seeded)
            if found.strayed and not self._fits(rows, found.ends):
                self._lay_out(int(self._buckets * GROWTH))
                continue
            first = _first_of_each(slots)
            self._write(rows[first], keys[first], slots[first], number)
            clashed = slots >= 0
            clashed[first] = False
            rows, keys = rows[clashed], keys[clashed]
        self._newest = max(self._newest, number)

    def add_all(self, articles: Sequence[Entries]) -> None:
        """Put new articles in for good, the older before the younger: as ``add`` does one by one.

        Each is younger than all that are there. It cannot be rolled back.
        """
        for one in articles:
            if one.seeded:
                self._seed(one.number)
        rows = np.concatenate([one.rows for one in articles])
        keys = np.concatenate([one.keys for one in articles])
        numbers = np.array([one.number for one in articles], dtype=np.int64).repeat([len(one.keys) for one in articles])
        self._newest = max(self._newest, *(one.number for one in articles))
        if not keys.size:
            return
        while (self._fill + np.bincount(rows, minlength=self._rows)).max() > LOAD * BUCKET * self._buckets:
            self._lay_out(int(self._buckets * GROWTH))
        placed = self._uncrowded(rows, keys, numbers)
        rows, keys, numbers = rows[placed], keys[placed], numbers[placed]
        while keys.size:
            found = self._find(rows, keys)
            if found.strayed and not self._fits(rows, found.ends):
                self._lay_out(int(self._buckets * GROWTH))
                continue
            slots = self._slots(found.ends)
            fits = slots >= 0
            self._put(rows[fits], keys[fits], slots[fits], numbers[fits])
            rows, keys, numbers = rows[~fits], keys[~fits], numbers[~fits]

    def _uncrowded(self, rows: NDArray[np.intp], keys: NDArray[np.uint32], numbers: NDArray[np.int64]) -> Mask:
        """Which entries get free places; under crowded keys seeded ones take those of unseeded ones instead."""
        placed = np.ones(len(keys), dtype=np.bool_)
        found = self._find(rows, keys)
        codes = (rows.astype(np.uint64) << _32) | np.maximum(keys, np.uint32(1))
        order = codes.argsort(kind="stable")
        starts = np.concatenate(([0], (codes[order][1:] != codes[order][:-1]).nonzero()[0] + 1, [len(order)]))
        sizes = np.diff(starts)
        held = np.bincount(found.query_keys, minlength=len(keys))[order[starts[:-1]]]
        for group in (held + sizes > CROWD).nonzero()[0].tolist():
            entries = order[starts[group] : starts[group + 1]]
            placed[entries] = self._crowd(found.slots[found.query_keys == entries[0]], numbers[entries])
        self._last = None
        return placed

    def _crowd(self, slots: NDArray[np.intp], numbers: NDArray[np.int64]) -> list[bool]:
        """Which of these get free places under one key, whose entries stand in ``slots``."""
        stored = self._numbers[slots].astype(np.int64)
        unseeded: list[int] = stored[~self.are_seeded(stored)].tolist()
        held: list[int] = stored.tolist()
        for number, seeded in zip(numbers.tolist(), self.are_seeded(numbers).tolist(), strict=True):
            if len(held) < CROWD:
                held.append(number)
                unseeded += [] if seeded else [number]
            elif seeded and unseeded:
                youngest = max(unseeded)
                unseeded.remove(youngest)
                held[held.index(youngest)] = number
        self._numbers[slots] = held[: len(stored)]
        free = set(held[len(stored) :])
        return [number in free for number in numbers.tolist()]

    def _slots(self, ends: NDArray[np.intp]) -> NDArray[np.intp]:
        """A free place for each in its bucket, -1 where there are not enough."""
        order = ends.argsort(kind="stable")
        buckets = ends[order]
        each = np.arange(len(order))
        first = np.ones(len(order), dtype=np.bool_)
        np.not_equal(buckets[1:], buckets[:-1], out=first[1:])
        rank = each - np.maximum.accumulate(np.where(first, each, 0))
        at = np.count_nonzero(self._keys.take(buckets, axis=0), axis=1) + rank
        slots = np.empty(len(order), dtype=np.intp)
        slots[order] = np.where(at < BUCKET, (buckets << 4) + at, -1)
        return slots

    @property
    def newest(self) -> int:
        """The highest number of an article that is in it, -1 for none."""
        return self._newest

    def is_seeded(self, number: int) -> bool:
        """Whether an article ever stood in the corpus."""
        return number < len(self._seeded) and bool(self._seeded[number])

    def _seed(self, number: int) -> None:
        """Note that an article stands in the corpus: it counts as one that did for ever."""
        if number >= len(self._seeded):
            wider = np.zeros(max(2 * len(self._seeded), number + 1), dtype=np.bool_)
            wider[: len(self._seeded)] = self._seeded
            self._seeded = wider
        if not self._seeded[number]:
            self._seeded[number] = True
            self._newly_seeded.append(number)

    def are_seeded(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these articles ever stood in the corpus."""
        seeded: NDArray[np.bool_] = self._seeded.take(numbers, mode="clip")
        return seeded & (numbers < len(self._seeded))

    def _chosen(self, found: _Found, count: int, number: int, *, seeded: bool) -> NDArray[np.intp]:
        """Where the article goes under each key: the first free place; the youngest unseeded one's; -1, nowhere."""
        free: NDArray[np.intp] = (found.ends << 4) + (self._keys.take(found.ends, axis=0) == 0).argmax(axis=1)
        if number <= self._newest:
            mine = found.query_keys[self._numbers[found.slots] == number]
            free[mine] = -1
        if len(found.query_keys) < CROWD:
            return free
        crowded = (np.bincount(found.query_keys, minlength=count) >= CROWD) & (free >= 0)
        if not crowded.any():
            return free
        free[crowded] = -1
        for key in np.flatnonzero(crowded).tolist() if seeded else ():
            held = found.slots[found.query_keys == key]
            numbers = self._numbers[held].astype(np.int64)
            unseeded = ~self.are_seeded(numbers)
            if unseeded.any():
                free[key] = held[unseeded][numbers[unseeded].argmax()]
        return free

    def _fits(self, rows: NDArray[np.intp], ends: NDArray[np.intp]) -> bool:
        """Whether the last bucket of each row stays free, so that every search ends in its row."""
        return bool((ends - rows * self._stride).max() < self._stride - 1)

    def _write(self, rows: NDArray[np.intp], keys: NDArray[np.uint32], slots: NDArray[np.intp], number: int) -> None:
        free = self._keys.ravel()[slots] == 0
        before = np.where(free, np.int64(-1), self._numbers[slots].astype(np.int64))
        self._changes.append(_Written(self._layout, rows, keys, slots, before, number))
        self._put(rows[free], keys, slots, number)

    def _put(
        self,
        filled: NDArray[np.intp],
        keys: NDArray[np.uint32],
        slots: NDArray[np.intp],
        numbers: NDArray[np.int64] | int,
    ) -> None:
        """Write into places; ``filled``: the rows of those that were free."""
        self._keys.ravel()[slots] = np.maximum(keys, np.uint32(1))
        self._numbers[slots] = numbers
        self._last = None
        self._fill += np.bincount(filled, minlength=self._rows)

    def _lay_out(self, buckets: int) -> None:
        """Place all entries anew, row by row, in so many buckets."""
        keys, numbers, stride = self._keys, self._numbers.reshape(self._keys.shape), self._stride
        self._make(buckets)
        for row in range(self._rows):
            here = slice(row * stride, (row + 1) * stride)
            held = keys[here] != 0
            self._fill_row(row, np.sort(packed(keys[here][held], numbers[here][held])))

    def savepoint(self) -> tuple[int, int]:
        """A point to roll back to."""
        return len(self._changes), len(self._newly_seeded)

    def committed(self) -> None:
        """Forget how to roll back: what was added is committed. Marks taken before are void."""
        self._changes.clear()
        self._newly_seeded.clear()

    def rollback(self, savepoint: tuple[int, int]) -> None:
        """Undo what was added since the savepoint, so that every later answer is as if it had never been."""
        undone, unseeded = self._changes[savepoint[0] :][::-1], self._newly_seeded[savepoint[1] :]
        del self._changes[savepoint[0] :], self._newly_seeded[savepoint[1] :]
        self._seeded[unseeded] = False
        if all(change.layout == self._layout for change in undone):
            for change in undone:
                self._put_back(change.keys, change.slots, change.before)
                self._fill -= np.bincount(change.rows[change.before < 0], minlength=self._rows)
            return
        freed = [np.zeros(0, dtype=np.intp)]
        for change in undone:
            found = self._find(change.rows, change.keys)
            mine = self._numbers[found.slots] == change.number
            slots, query_keys = found.slots[mine], found.query_keys[mine]
            replaced = change.before[query_keys] >= 0
            self._put_back(change.keys[query_keys[replaced]], slots[replaced], change.before[query_keys[replaced]])
            freed.append(slots[~replaced])
        self._keys.ravel()[np.concatenate(freed)] = 0
        self._lay_out(self._buckets)

    def _put_back(self, keys: NDArray[np.uint32], slots: NDArray[np.intp], before: NDArray[np.int64]) -> None:
        """Write what stood there before; a place that was free is free again."""
        self._last = None
        self._keys.ravel()[slots] = np.where(before < 0, np.uint32(0), np.maximum(keys, np.uint32(1)))
        self._numbers[slots] = np.maximum(before, 0)

    def reserve(self, entries: int, seeded: NDArray[np.bool_]) -> None:
        """Empty the table and make room for so many entries a row; ``seeded`` by number."""
        self.committed()
        self._seeded = seeded
        self._make(max(LEAST_BUCKETS, int(entries / BUCKET / LOAD * ROOM) + 1))

    def build(self, row: int, keys: NDArray[np.uint32], numbers: NDArray[np.int64]) -> None:
        """Fill one empty row at once, after ``reserve``: later answers are as from ``add`` in order of the numbers."""
        self._newest = max(self._newest, int(numbers.max(initial=-1)))
        entries = np.empty(len(keys), dtype=np.uint64)
        for part in slices(len(keys)):
            entries[part] = packed(np.maximum(keys[part], np.uint32(1)), numbers[part])
            entries[part] |= seeded_first(self.are_seeded(numbers[part]))
        entries.sort()
        kept = list(uncrowded(entries, CROWD))
        if kept:
            self._fill_row(row, np.concatenate(kept))

    def _fill_row(self, row: int, entries: NDArray[np.uint64]) -> None:
        """Place entries, sorted by key, in an empty row: each in its bucket or right after the one before."""
        reached = np.int64(-1 << 62)
        for part in slices(len(entries)):
            keys, numbers = unpacked(entries[part])
            slot = np.arange(part.start, part.start + len(keys))
            shifts = (self._homes(np.full(1, row, dtype=np.intp), keys) << 4) - slot
            np.maximum.accumulate(shifts, out=shifts)
            shifts = np.maximum(shifts, reached)
            reached, slots = shifts[-1], shifts + slot
            if slots[-1] >= ((row + 1) * self._stride - 1) << 4:
                raise ValueError("more keys of one bucket than a table has spare ones")
            self._keys.ravel()[slots] = keys
            self._numbers[slots] = numbers
        self._fill[row] = len(entries)


def _first_of_each(slots: NDArray[np.intp]) -> NDArray[np.intp]:
    """The indices of the places, each place once, -1 left out."""
    order = slots.argsort(kind="stable")
    ordered = slots[order]
    first = ordered >= 0
    first[1:] &= ordered[1:] != ordered[:-1]
    return order[first]
