"""What counts under crowded codes as the records of a run come to stand, one after the other. In memory, over files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.bulk.codes import Kind
from winnowd.originality.table import CROWD

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from winnowd.bulk.index import RunIndex

MOST: Final = 1_000_000
"""Codes that are remembered, some 500 bytes each; beyond these it begins anew, since the runs know all of it."""


class _Held(NamedTuple):
    """The first 16 of those that are seeded, and of the others."""

    seeded: list[int]
    others: list[int]


class Crowds:
    """The 16 that count under each crowded code as of now; ``seeded``, by number, is filled as records are added."""

    def __init__(self, runs: RunIndex, seeded: NDArray[np.uint8], most: int = MOST) -> None:
        self._runs = runs
        self._seeded = seeded
        self._most = most
        self._held: dict[int, _Held] = {}

    def held(self, code: int, before: int) -> list[int]:
        """What counts under a code as of a record, oldest first; all before it were added, and none after."""
        held = self._held.get(code)
        if held is None:
            if len(self._held) >= self._most:
                self._held.clear()
            numbers = self._runs.first_of_each(Kind.KEYS, code, before, self._seeded)
            held = self._held[code] = _Held(*numbers)
        return sorted([*held.seeded, *held.others[: CROWD - len(held.seeded)]])

    def add(self, kept: Iterable[int], number: int, *, seeded: bool) -> None:
        """A record stands: under these crowded codes, seeded or not; older records were added before."""
        self._seeded[number] = seeded
        for code in kept:
            held = self._held.get(code)
            if held is not None:
                numbers = held.seeded if seeded else held.others
                if len(numbers) < CROWD:
                    numbers.append(number)
