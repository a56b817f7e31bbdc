"""Which judgements stand: those that have read nothing that came out otherwise than they met it. Files.

With each judgement is kept what it has read. Where all of that is as it was, it would be the same, and need not be made
again: neither in the next round nor in the ordered pass.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from winnowd.bulk.files import read_arrays, write_arrays
from winnowd.bulk.standings import unpacked

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from numpy.typing import NDArray


class Notes(msgspec.Struct, frozen=True, array_like=True):
    """What the judgement of one record hangs on: the standings of some, and what stands under crowded codes.

    ``kept``: the crowded codes that it stands under itself, so that others hang on what becomes of it.
    """

    numbers: tuple[int, ...]
    query: tuple[int, ...]
    kept: tuple[int, ...]


NOTES: Final = msgspec.msgpack.Decoder(Notes)


class Changed(NamedTuple):
    """Records that came out otherwise than they were guessed, by number, and the crowded codes that hang on these."""

    numbers: Container[int]
    codes: AbstractSet[int]


@dataclasses.dataclass(slots=True)
class Changes:
    """The same while it is found."""

    numbers: set[int] = dataclasses.field(default_factory=set)
    codes: set[int] = dataclasses.field(default_factory=set)

    def add(self, number: int, guess: bytes, came: bytes, notes: bytes) -> None:
        """Hold a record's row against how it was guessed; whose place it takes, or does not, is changed as well."""
        if guess == came:
            return
        rows = unpacked(guess), unpacked(came)
        self.numbers.add(number)
        self.numbers.update(row.supersedes for row in rows if row.supersedes is not None)
        if rows[0].is_seeded != rows[1].is_seeded:
            self.codes.update(NOTES.decode(notes).kept)


def is_touched(notes: Notes, first: int, before: Changed | Changes, last: Changed | Changes) -> bool:
    """Whether a judgement hangs on what came out otherwise than it met it.

    It was made in a round: it met the records from ``first`` on, the first of its block, as that round has them, and
    those before as the round before has them. ``before``, ``last``: what both have wrong. By the round before alone it
    was chosen what counts under crowded codes. One before the block that gives way to one of the block is of both.
    """
    if before.codes and not before.codes.isdisjoint(notes.query):
        return True
    return any(number in last.numbers or (number < first and number in before.numbers) for number in notes.numbers)


class _Flags:
    """Numbers, by a byte for each that there can be."""

    def __init__(self, flags: NDArray[np.uint8]) -> None:
        self._flags = flags

    def __contains__(self, number: object) -> bool:
        """Whether it is one of them."""
        return isinstance(number, int) and bool(self._flags[number])


def write_changed(folder: Path, flags: NDArray[np.uint8], codes: Iterable[int]) -> None:
    """Keep with a round what came out otherwise than the round before has it; ``flags``: by number, 1 if it did."""
    write_arrays(folder / _CHANGED, [flags, np.array(sorted(codes), dtype=np.uint64)])


@functools.lru_cache(maxsize=1)
def read_changed(folder: Path) -> Changed:
    """What ``write_changed`` has kept there; the numbers stay in the file."""
    flags, codes = read_arrays(folder / _CHANGED)
    return Changed(_Flags(flags), frozenset(codes.tolist()))


_CHANGED: Final = "changed"
