"""What crosses between the route and what prepares arrivals: jobs, slices, why there is none, turns. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt

    from winnowd.model.articles import Part
    from winnowd.model.route import Arrival, Prepared

SUSPICIOUS: Final = frozenset({"SYS901", "SYS902", "SYS904"})
"""What may be an arrival's fault, or chance: it has ended, overrun or overfilled what prepared it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Slice:
    """Some records of one arrival, prepared; ``last``: it has no further one.

    ``read_over``: how many were only counted.
    """

    prepared: tuple[Prepared, ...]
    last: bool
    read_over: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Stopped:
    """Why an arrival gave no records: a SYS code, and a sentence that quotes nothing from outside."""

    code: str
    because: str


@dataclasses.dataclass(frozen=True, slots=True)
class Portion:
    """What one file gives in its turn: at most ``records``, whichever of the three is reached first; one at least.

    ``characters`` of text and of records' own bytes, ``seconds`` of preparing.
    """

    records: int = 256
    characters: int = 4 << 20
    seconds: float = 2.0


PORTION: Final = Portion()


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """One arrival's slice to prepare: a portion of the claimed file at ``path``, from record ``first`` on.

    ``size`` in bytes; ``stat_key``: inode, size and mtime in ns when it was claimed. ``count_only``: its records are
    read over and counted, as many as the portion's seconds allow. ``feed``: the sub-folder of the inbox it lay in.
    ``part``: only these lines of the file are read, and ``first`` is counted from their beginning. ``looks_ahead``: the
    record behind the portion is prepared too, to know whether it is the last; else a slice without records is.
    """

    arrival: str
    path: str
    name: str
    received_at: dt.datetime
    first: int = 0
    portion: Portion = PORTION
    size: int = 0
    stat_key: tuple[int, int, int] | None = None
    count_only: bool = False
    feed: str = ""
    part: Part | None = None
    looks_ahead: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Queued:
    """A claimed arrival that waits for its turn.

    ``long``: for itself, behind all others, since it has many records or has cost too much; ``alone``: and in a worker
    of its own, since it is under suspicion. ``new_try``: another try begins with its turn; it may lie in the
    inbox still.
    """

    arrival: Arrival
    long: bool = False
    alone: bool = False
    new_try: bool = False

    @property
    def is_suspected(self) -> bool:
        """Whether it has ended, overrun or overfilled what prepared it, or the service ended during its tries."""
        return self.alone or (self.long and self.new_try)
