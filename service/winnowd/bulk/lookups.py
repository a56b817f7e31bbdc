"""What the records of a run are compared with, as of each: found through the runs. Reads files."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from winnowd.bulk.codes import Kind, codes_of, name_codes
from winnowd.bulk.index import Under
from winnowd.bulk.proposing import candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from winnowd.bulk.codes import Bits, Postings
    from winnowd.bulk.index import RunIndex, SlotIndex
    from winnowd.model import Prepared


class Proposed(NamedTuple):
    """The numbers to compare a record with, oldest first, and the crowded codes that these hang on."""

    numbers: Sequence[int]
    crowded: Sequence[int]


class Lookups(Protocol):
    """What stands under the keys of records, as of each."""

    def proposed(self, prepared: Sequence[Prepared], first: int) -> list[Proposed]:
        """What each of these is to be compared with; the numbers of the records go on from ``first``."""
        ...

    def holding(self, paragraph: int, before: int) -> Under:
        """The records before one that hold a paragraph, as far as they can matter."""
        ...

    def all_holding(self, paragraph: int, before: int) -> Sequence[int]:
        """All of them, oldest first."""
        ...

    def named(self, text_sha256: str, before: int) -> Under:
        """The same of those whose text's hash begins with the same 16 digits."""
        ...


class GuessedLookups:
    """By which records were seeded in one round of judging."""

    def __init__(self, slots: SlotIndex, runs: RunIndex, bits: Bits) -> None:
        self.slots = slots
        self.runs = runs
        self._bits = bits

    def proposed(self, prepared: Sequence[Prepared], first: int) -> list[Proposed]:
        """What each of these is to be compared with."""
        at = [index for index, one in enumerate(prepared) if one.fingerprint is not None]
        made = [one.fingerprint for one in prepared if one.fingerprint is not None]
        found = candidates(codes_of(made, self._bits), np.array(at, dtype=np.int64) + first, self.slots)
        return _spread(zip(found.numbers, found.query, strict=True), at, len(prepared))

    def holding(self, paragraph: int, before: int) -> Under:
        """The records before one that hold a paragraph, as far as they can matter."""
        return self.slots.under(Kind.PARAGRAPHS, paragraph, before)

    def all_holding(self, paragraph: int, before: int) -> Sequence[int]:
        """All of them, oldest first."""
        found: list[int] = self.runs.older(Kind.PARAGRAPHS, paragraph, before).tolist()
        return found

    def named(self, text_sha256: str, before: int) -> Under:
        """The same of those whose text's hash begins with the same 16 digits."""
        return self.slots.under(Kind.NAMES, int(name_codes([text_sha256])[0]), before)

    def crowded(self, kept: Mapping[Kind, Postings], count: int) -> list[tuple[int, ...]]:
        """Under which crowded codes each of the first ``count`` records of a block stands, of whatever kind.

        What hangs on whether it is seeded; ``kept``: of its keys file.
        """
        of_each: list[list[int]] = [[] for _ in range(count)]
        for kind, (codes, numbers) in kept.items():
            crowded = self.slots.crowded(kind, codes) & (numbers < count)
            for number, code in zip(numbers[crowded].tolist(), codes[crowded].tolist(), strict=True):
                of_each[number].append(code)
        return [tuple(codes) for codes in of_each]


class ExactLookups:
    """By which records are seeded, as it is known of all before the one that is asked for."""

    def __init__(self, runs: RunIndex, slots: SlotIndex, seeded: NDArray[np.uint8], bits: Bits) -> None:
        self._runs = runs
        self._slots = slots
        self._seeded = seeded
        self._bits = bits

    def proposed(self, prepared: Sequence[Prepared], first: int) -> list[Proposed]:
        """What each of these is to be compared with; more than one only if none before it is seeded meanwhile."""
        at = [index for index, one in enumerate(prepared) if one.fingerprint is not None]
        made = [one.fingerprint for one in prepared if one.fingerprint is not None]
        numbers = np.array(at, dtype=np.int64) + first
        held = functools.partial(self._held, Kind.KEYS)
        found = candidates(codes_of(made, self._bits), numbers, self._slots, held)
        return _spread(((one, ()) for one in found.numbers), at, len(prepared))

    def _held(self, kind: Kind, code: int, before: int) -> list[int]:
        return self._runs.as_of(kind, code, before, self._seeded)

    def holding(self, paragraph: int, before: int) -> Under:
        """The records before one that hold a paragraph, as far as they can matter."""
        return Under(self._held(Kind.PARAGRAPHS, paragraph, before), crowded=False)

    def all_holding(self, paragraph: int, before: int) -> Sequence[int]:
        """All of them, oldest first."""
        found: list[int] = self._runs.older(Kind.PARAGRAPHS, paragraph, before).tolist()
        return found

    def named(self, text_sha256: str, before: int) -> Under:
        """The same of those whose text's hash begins with the same 16 digits."""
        return Under(self._held(Kind.NAMES, int(name_codes([text_sha256])[0]), before), crowded=False)


def _spread(found: Iterable[tuple[Sequence[int], Sequence[int]]], at: Sequence[int], count: int) -> list[Proposed]:
    """What was found of some of the records, nothing for the others."""
    spread = [Proposed((), ())] * count
    for index, (numbers, crowded) in zip(at, found, strict=True):
        spread[index] = Proposed(numbers, crowded)
    return spread
