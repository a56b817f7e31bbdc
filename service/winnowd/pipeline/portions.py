"""The records that one file gives in its turn, and how far the file is after them. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from winnowd.model import Finding, Grade, Prepared, Provenance, Queued, Slice, Stopped
from winnowd.pipeline import barren

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.model import Arrival

CHANGED: Final = "SYS905"
OVERRAN: Final = "SYS902"


@dataclasses.dataclass(slots=True)
class Gathered:
    """What is prepared and will be judged in one transaction."""

    parts: list[tuple[Arrival, Slice]] = dataclasses.field(default_factory=list)
    records: int = 0
    characters: int = 0

    def add(self, part: tuple[Arrival, Slice]) -> None:
        """One slice more."""
        self.parts.append(part)
        self.records += len(part[1].prepared)
        self.characters += sum(one.weight for one in part[1].prepared)


def portion(arrival: Arrival, answer: Slice) -> tuple[Slice, Queued | None]:
    """The records to be decided now; and if the file has more, the file as it is queued again, behind the others."""
    prepared = barren.until_barren(arrival.barren, answer.prepared)
    if arrival.barren < 0:
        prepared = tuple(map(_behind_the_rest, prepared))
    last = answer.last and len(prepared) == len(answer.prepared)
    return Slice(prepared, last), None if last else Queued(after(arrival, prepared), long=True)


def counted(arrival: Arrival, answer: Slice) -> tuple[Arrival, Slice | None]:
    """The arrival with the records counted that were only read over; at its end, one record for all of them too."""
    so_far = dataclasses.replace(arrival, counted=arrival.counted + answer.read_over)
    return so_far, Slice((barren.remainder(so_far),), last=True) if answer.last else None


def held(code: str, because: str, record: int = 0) -> Slice:
    """One record that stands for an arrival which gave none, held by this code; its bytes were not read to the end."""
    finding = Finding(code, "reading", Grade.DOUBT, because=because)
    return Slice((Prepared(Provenance(record, "", 0, ""), None, (), (finding,)),), last=True)


def overran(answer: Slice | Stopped) -> bool:
    """Whether preparing it took longer than it may."""
    return isinstance(answer, Stopped) and answer.code == OVERRAN


def after(arrival: Arrival, prepared: Sequence[Prepared]) -> Arrival:
    """The arrival as it is once these records of it are decided."""
    records_done, barren_row = counts_after(arrival, prepared)
    return dataclasses.replace(arrival, records_done=records_done, barren=barren_row)


def counts_after(arrival: Arrival, prepared: Sequence[Prepared]) -> tuple[int, int]:
    """How many of its records are decided then, and how many of them in a row, up to the last, had nothing to judge."""
    done = sum(not one.is_rest for one in prepared)
    return arrival.records_done + done, barren.row_after(arrival.barren, prepared)


def _behind_the_rest(prepared: Prepared) -> Prepared:
    """Number what says that a reopened file has changed one higher: the number before is that of its remainder."""
    if all(finding.code != CHANGED for finding in prepared.findings):
        return prepared
    there = prepared.provenance
    return dataclasses.replace(prepared, provenance=dataclasses.replace(there, record=there.record + 1))
