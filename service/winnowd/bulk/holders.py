"""Which articles of the corpus hold a paragraph, as of a block: what is met in several of them is no copy of any."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from winnowd.originality.table import CROWD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from winnowd.bulk.below import Below
    from winnowd.bulk.lookups import Lookups
    from winnowd.bulk.standings import Standings


class Reads(NamedTuple):
    """What one judgement has read: the standings of these records, and what stands under these crowded codes."""

    numbers: set[int]
    codes: set[int]


class Holders(NamedTuple):
    """Where it is looked for: below and in the run before ``before``; ``reads`` is told of each that is met."""

    below: Below
    lookups: Lookups
    standings: Standings
    before: int
    reads: Reads

    def of(self, paragraph: int, most: int) -> list[int]:
        """At most so many that hold a paragraph, by its hash; no other is missing if there are fewer."""
        found = self._from_below(paragraph, most)
        postings = self.lookups.holding(paragraph, self.before)
        if postings.crowded:
            self.reads.codes.add(paragraph)
        seeded = self._look_at(postings.numbers, found)
        if len(found) < most and seeded == CROWD:  # the first ones gave way: others may hold it
            met = set(postings.numbers)
            others = (number for number in self.lookups.all_holding(paragraph, self.before) if number not in met)
            while len(found) < most and (few := list(itertools.islice(others, CROWD))):
                self._look_at(few, found)
        return found[:most]

    def _look_at(self, numbers: Iterable[int], found: list[int]) -> int:
        """Add those of these that are in the corpus to ``found``; gives how many have ever been."""
        count = 0
        for number in numbers:
            self.reads.numbers.add(number)
            if self.standings.row(number).is_seeded:
                count += 1
                if not self._gave_way(number):
                    found.append(number)
        return count

    def _from_below(self, paragraph: int, most: int) -> list[int]:
        """Those that were there before the run, and whose place no record of it has taken yet."""
        at_most = most
        while True:
            numbers = self.below.holders(paragraph, at_most)
            found = [number for number in numbers if not self._gave_way(number)]
            if len(found) >= most or len(numbers) < at_most:
                self.reads.numbers.update(numbers)
                return found
            at_most *= 2

    def _gave_way(self, number: int) -> bool:
        gone = self.standings.superseded.get(number)
        return gone is not None and gone.by < self.before
