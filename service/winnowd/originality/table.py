"""A table from 32-bit keys to article numbers in one flat array: 8 bytes a slot, linear probing, bounded chains. Pure.

A slot holds ``key << 32 | number + 1``; 0 is free. Nothing is ever removed but by ``rollback``, so an entry always
stands in the unbroken run of slots that begins at its home, ``key * capacity >> 32``. Under one key stand at most 16
articles (originality.md section 4): the seeded ones, that is those that ever stood in the corpus, before the others,
the older before the younger. So neither a flood of copies nor one of rejected look-alikes hides an original.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CROWD = 16
LOAD = 0.6
GROWTH = 1.5
SPARE = 4096
LEAST_CAPACITY = 1024
_WINDOW = 8
_STEPS = np.arange(_WINDOW)
_SLICE = 1 << 22
_UNSEEDED = np.uint64(1 << 31)
_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)

MOST_NUMBERS = (1 << 31) - 2
"""Numbers are stored plus one (0 = free slot), with one bit to spare for the order of a build."""


class _Found(NamedTuple):
    """Per match: which key asked, and the slot; per key: the first free slot of its chain."""

    asked: NDArray[np.intp]
    slots: NDArray[np.intp]
    free: NDArray[np.intp]


class _Change(NamedTuple):
    """What one ``add`` overwrote: enough to undo it, even after the table has grown."""

    layout: int
    rows: NDArray[np.intp]
    keys: NDArray[np.uint32]
    slots: NDArray[np.intp]
    before: NDArray[np.uint32]
    number: int
    was_seeded: bool


class Table:
    """``rows`` equal tables side by side (one a band), asked and filled at once."""

    def __init__(self, rows: int, seeded: NDArray[np.bool_] | None = None) -> None:
        self._rows = rows
        self._seeded = np.zeros(1024, dtype=np.bool_) if seeded is None else seeded
        self._changes: list[_Change] = []
        self._layout = 0
        self._make(LEAST_CAPACITY)

    def _make(self, capacity: int) -> None:
        self._capacity = capacity
        self._stride = capacity + SPARE
        self._slots = np.zeros(self._rows * self._stride + _WINDOW, dtype=np.uint64)
        self._fill = np.zeros(self._rows, dtype=np.int64)
        self._layout += 1
        self._last: tuple[NDArray[np.uint32], _Found] | None = None

    @property
    def nbytes(self) -> int:
        """The memory that the arrays take."""
        return self._slots.nbytes + self._seeded.nbytes

    def near(self, rows: NDArray[np.intp], keys: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Per article and key that they share (key i in row i): which key, and the article's number."""
        found = self._find(rows, keys)
        return found.asked, self._numbers_at(found.slots)

    def _numbers_at(self, slots: NDArray[np.intp]) -> NDArray[np.int64]:
        return (self._slots[slots] & _LOW).astype(np.int64) - 1

    def _homes(self, rows: NDArray[np.intp], keys: NDArray[np.uint32]) -> NDArray[np.intp]:
        inside = (keys.astype(np.uint64) * np.uint64(self._capacity)) >> _32
        return rows * self._stride + inside.astype(np.intp)

    def _find(self, rows: NDArray[np.intp], keys: NDArray[np.uint32]) -> _Found:
        """Walk all chains at once, a window at a time; an article examined and then remembered is looked up once."""
        if self._last is not None and self._last[0] is keys:
            return self._last[1]
        start = self._homes(rows, keys)
        wanted = keys.astype(np.uint64)[:, None]
        free = np.empty(len(keys), dtype=np.intp)
        pending = np.arange(len(keys))
        asked, slots = [pending[:0]], [pending[:0]]
        while pending.size:
            window = start[:, None] + _STEPS
            held = self._slots.take(window)
            is_free = held == 0
            matches = (((held >> _32) == wanted) & ~is_free).ravel().nonzero()[0]
            asked.append(pending[matches // _WINDOW])
            slots.append(window.ravel()[matches])
            first = is_free.argmax(axis=1)
            free[pending] = start + first
            going_on = (~is_free.any(axis=1)).nonzero()[0]
            pending, start, wanted = pending[going_on], start[going_on] + _WINDOW, wanted[going_on]
        found = _Found(np.concatenate(asked), np.concatenate(slots), free)
        self._last = (keys, found)
        return found

    def add(self, rows: NDArray[np.intp], keys: NDArray[np.uint32], number: int, *, seeded: bool) -> None:
        """Put an article under keys (key i in row i; no key twice in a row); crowded keys take only a seeded one.

        Where it stands already it stays, so an article that enters the corpus later may be added again.
        """
        self._note_seeded(number, seeded=seeded)
        while keys.size:
            self._make_room(int(np.bincount(rows).max()))
            found = self._find(rows, keys)
            if not self._fits(rows, found.free):
                self._grow()
                continue
            slots = self._chosen(found, len(keys), number, seeded=seeded)
            taken, first = np.unique(slots, return_index=True)
            first = first[taken >= 0]
            self._write(rows[first], keys[first], slots[first], number)
            clashed = slots >= 0
            clashed[first] = False
            rows, keys = rows[clashed], keys[clashed]

    def _note_seeded(self, number: int, *, seeded: bool) -> None:
        if number >= len(self._seeded):
            wider = np.zeros(max(2 * len(self._seeded), number + 1), dtype=np.bool_)
            wider[: len(self._seeded)] = self._seeded
            self._seeded = wider
        none = np.zeros(0, dtype=np.intp)
        was_seeded = bool(self._seeded[number])
        change = _Change(self._layout, none, none.astype(np.uint32), none, none.astype(np.uint32), number, was_seeded)
        self._changes.append(change)
        self._seeded[number] |= seeded

    def _chosen(self, found: _Found, count: int, number: int, *, seeded: bool) -> NDArray[np.intp]:
        """Where the article goes under each key: the free slot; the youngest unseeded one's; -1, nowhere."""
        crowded = np.bincount(found.asked, minlength=count) >= CROWD
        mine = self._numbers_at(found.slots) == number
        crowded[found.asked[mine]] = False
        slots = np.where(crowded, -1, found.free)
        slots[found.asked[mine]] = -1
        if not seeded:
            return slots
        for key in np.flatnonzero(crowded).tolist():
            held = found.slots[found.asked == key]
            numbers = self._numbers_at(held)
            unseeded = ~self._seeded[numbers]
            if unseeded.any():
                slots[key] = held[unseeded][numbers[unseeded].argmax()]
        return slots

    def _fits(self, rows: NDArray[np.intp], free: NDArray[np.intp]) -> bool:
        return bool(np.all(free - rows * self._stride < self._stride - _WINDOW))

    def _write(self, rows: NDArray[np.intp], keys: NDArray[np.uint32], slots: NDArray[np.intp], number: int) -> None:
        before = (self._slots[slots] & _LOW).astype(np.uint32)
        self._changes.append(_Change(self._layout, rows, keys, slots, before, number, bool(self._seeded[number])))
        self._slots[slots] = keys.astype(np.uint64) << _32 | np.uint64(number + 1)
        self._last = None
        np.add.at(self._fill, rows, before == 0)

    def _make_room(self, more: int) -> None:
        if self._fill.max() + more > LOAD * self._capacity:
            self._grow()

    def _grow(self) -> None:
        self._lay_out(int(self._capacity * GROWTH))

    def _lay_out(self, capacity: int) -> None:
        """Place all entries anew, row by row."""
        slots, stride = self._slots, self._stride
        self._make(capacity)
        for row in range(self._rows):
            held = slots[row * stride : (row + 1) * stride]
            held = held[held != 0]
            self._fill_row(row, (held >> _32).astype(np.uint32), (held & _LOW).astype(np.int64) - 1)

    def mark(self) -> int:
        """A point to roll back to."""
        return len(self._changes)

    def settled(self) -> None:
        """Forget how to roll back: what was added is committed. Marks taken before are void."""
        self._changes.clear()

    def rollback(self, mark: int) -> None:
        """Undo what was added since the mark, so that every later answer is as if it had never been."""
        undone = self._changes[mark:][::-1]
        del self._changes[mark:]
        for change in undone:
            self._seeded[change.number] = change.was_seeded
        if all(change.layout == self._layout for change in undone):
            for change in undone:
                self._put_back(change.keys, change.slots, change.before)
                np.subtract.at(self._fill, change.rows, change.before == 0)
            return
        freed = [np.zeros(0, dtype=np.intp)]
        for change in undone:
            found = self._find(change.rows, change.keys)
            mine = self._numbers_at(found.slots) == change.number
            slots, asked = found.slots[mine], found.asked[mine]
            replaced = change.before[asked] > 0
            self._put_back(change.keys[asked[replaced]], slots[replaced], change.before[asked[replaced]])
            freed.append(slots[~replaced])
        self._slots[np.concatenate(freed)] = 0
        self._lay_out(self._capacity)

    def _put_back(self, keys: NDArray[np.uint32], slots: NDArray[np.intp], before: NDArray[np.uint32]) -> None:
        """Write what stood there before; a slot that was free is free again."""
        self._last = None
        self._slots[slots] = np.where(before > 0, keys.astype(np.uint64) << _32 | before, np.uint64(0))

    def build(self, row: int, keys: NDArray[np.uint32], numbers: NDArray[np.int64]) -> None:
        """Fill one empty row at once, after ``reserve``: later answers are as from ``add`` in order of the numbers."""
        slices = len(keys) // _SLICE + 1
        kept_keys, kept_numbers = [], []
        for part in range(slices):
            low, high = (part << 32) // slices, ((part + 1) << 32) // slices
            here = slice(None) if slices == 1 else (keys >= low) & (keys < high)
            part_keys, part_numbers = self._uncrowded(keys[here], numbers[here])
            kept_keys.append(part_keys)
            kept_numbers.append(part_numbers)
        self._fill_row(row, np.concatenate(kept_keys), np.concatenate(kept_numbers))

    def reserve(self, entries: int, seeded: NDArray[np.bool_]) -> None:
        """Empty the table and make room for so many entries a row; ``seeded`` by number."""
        self._changes.clear()
        self._seeded = seeded
        self._make(max(LEAST_CAPACITY, int(entries / LOAD * 1.1)))

    def _uncrowded(
        self, keys: NDArray[np.uint32], numbers: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The first 16 under each key, seeded before others, then older before younger."""
        packed = keys.astype(np.uint64) << _32
        packed |= numbers.astype(np.uint64)
        packed |= np.where(self._seeded[numbers], np.uint64(0), _UNSEEDED)
        packed.sort()
        keys = (packed >> _32).astype(np.uint32)
        place = np.arange(len(keys))
        starts = np.ones(len(keys), dtype=np.bool_)
        np.not_equal(keys[1:], keys[:-1], out=starts[1:])
        kept = place - np.maximum.accumulate(np.where(starts, place, 0)) < CROWD
        return keys[kept], (packed[kept] & (_UNSEEDED - np.uint64(1))).astype(np.int64)

    def _fill_row(self, row: int, keys: NDArray[np.uint32], numbers: NDArray[np.int64]) -> None:
        """Place entries in an empty row: sorted by key, each at its home or right after the one before."""
        if not len(keys):
            return
        order = np.argsort(keys, kind="stable")
        keys, numbers = keys[order], numbers[order]
        place = np.arange(len(keys))
        homes = self._homes(np.full(len(keys), row, dtype=np.intp), keys)
        slots = np.maximum.accumulate(homes - place) + place
        if not self._fits(np.full(1, row, dtype=np.intp), slots[-1:]):
            raise ValueError("more equal homes than a table has spare slots")
        self._slots[slots] = keys.astype(np.uint64) << _32 | (numbers + 1).astype(np.uint64)
        self._fill[row] = len(keys)
