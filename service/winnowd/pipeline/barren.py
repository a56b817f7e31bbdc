"""Records in which there is nothing to judge: a file of nothing else must neither fill nor hold up an instance. Pure.

After 500 in a row the rest of their file is read over and counted, and held as one decision; its ``release`` has the
rest judged. Copies and whatever else is refused break the row. None of them has why-files of its own.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from winnowd.model import REST, Finding, Grade, Prepared, Provenance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from winnowd.model import Arrival

MOST_BARREN: Final = 500
"""Records in a row of one file in which there is nothing to judge, after which its rest is only counted, and held."""
LEAST_WORDS: Final = 20
OF_RECORDS: Final = ("INP", "SCH")


def is_barren(prepared: Prepared) -> bool:
    """Whether a record of many gave no article, for what it is itself, or one of less than 20 words that fails."""
    if prepared.raw is None:
        return False
    if prepared.article is not None:
        fails = any(finding.grade is Grade.FAIL for finding in prepared.findings)
        return fails and prepared.words < LEAST_WORDS
    not_passed = [finding.code for finding in prepared.findings if finding.grade is not Grade.PASS]
    return all(code.startswith(OF_RECORDS) for code in not_passed)


def row_after(row: int, prepared: Iterable[Prepared]) -> int:
    """How many records in a row are barren after these; -1 stays what it is."""
    return functools.reduce(_count, prepared, row)


def _count(row: int, prepared: Prepared) -> int:
    if row < 0:
        return row
    return row + 1 if is_barren(prepared) else 0


def until_barren(row: int, prepared: tuple[Prepared, ...]) -> tuple[Prepared, ...]:
    """The records up to the one that fills the row; all, if none does."""
    for number, one in enumerate(prepared, 1):
        row = _count(row, one)
        if row >= MOST_BARREN:
            return prepared[:number]
    return prepared


def is_counted(arrival: Arrival) -> bool:
    """Whether what is left of an arrival is only counted."""
    return arrival.barren >= MOST_BARREN


def remainder(arrival: Arrival) -> Prepared:
    """The rest of an arrival, the records that were counted; its number is the one after the last."""
    count = arrival.counted
    because = (
        f"{MOST_BARREN} records in a row had nothing to judge; the {count:,} after record "
        f"{arrival.records_done - 1:,} were counted and not judged"
    )
    finding = Finding(REST, "route", Grade.DOUBT, count, because=because)
    return Prepared(Provenance(arrival.records_done + count, "", 0, ""), None, (), (finding,))
