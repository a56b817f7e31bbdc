"""How the route goes through the records of one file, told from what was prepared of them elsewhere. Pure.

A file gives its records by portions, each prepared with one record beyond it; what fells its worker holds the portion
in which it was met, and all behind it, as one record. After ``MOST_BARREN`` records in a row with nothing to judge the
rest is counted, and held as one (``pipeline.barren``). Where a portion ends by its seconds it ends by chance, and that
is left out.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal

from winnowd.model import PORTION
from winnowd.pipeline.barren import MOST_BARREN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from winnowd.model import Portion


@dataclasses.dataclass(frozen=True, slots=True)
class Cut:
    """Where a file ends for the route: ``decided`` records are as they were prepared.

    ``rest``: what comes behind them, as one record: nothing, what was only counted, or what a fault holds.
    """

    decided: int
    rest: Literal["", "counted", "held"] = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Walk:
    """How far the route has come in a file, after its first ``records``.

    ``begins``: where the portion begins that holds the last of them, which is ``is_full`` or takes more. ``row``: how
    many up to the last have nothing to judge; ``barren_at``: how many there were when that was enough, once it was.
    """

    records: int = 0
    begins: int = 0
    characters: int = 0
    is_full: bool = False
    row: int = 0
    barren_at: int | None = None

    def after(self, weights: Iterable[int], barren: Iterable[int], portion: Portion = PORTION) -> Walk:
        """After further records: ``Prepared.weight`` of each, and whether it ``is_barren``."""
        records, begins, characters = self.records, self.begins, self.characters
        is_full, row, barren_at = self.is_full, self.row, self.barren_at
        for weight, has_nothing in zip(weights, barren, strict=True):
            if is_full:
                begins, characters = records, 0
            records += 1
            characters += weight
            is_full = records - begins >= portion.records or characters >= portion.characters
            row = row + 1 if has_nothing else 0
            if row >= MOST_BARREN and barren_at is None:
                barren_at = records
        return Walk(records, begins, characters, is_full, row, barren_at)

    def cut(self, *, has_fault: bool = False) -> Cut:
        """Where the file ends that has these records and no more; ``has_fault``: the next one fells its worker."""
        if self.barren_at is not None and not (has_fault and self.begins < self.barren_at):
            more = has_fault or self.records > self.barren_at
            return Cut(self.barren_at, "counted" if more else "")
        return Cut(self.begins, "held") if has_fault else Cut(self.records)
