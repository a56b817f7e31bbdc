"""The queue: what waits for a person, oldest first; a page of it, or the whole set on which one order decides."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Final

from winnowd.audit.behind import LedgerBehindError, asked_ledger
from winnowd.model import Selection
from winnowd.storage.ledger import LedgerDamagedError, LedgerFault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from winnowd.model import Twin, Waiting

EXAMPLES: Final = 5
_NO_CODE: Final = "-"
_DIGITS: Final = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, and how much there is of it in all.

    ``items``: the records of the page, oldest first; ``count``: those of the whole selection, ``by_code`` by their
    worst code, most first; ``set_id``: what names this very set (``214-9f3c2a1b``: how many, and a digest).
    """

    items: Sequence[Waiting]
    count: int
    by_code: Mapping[str, int]
    set_id: str


@dataclasses.dataclass(frozen=True, slots=True)
class WaitingSet:
    """All records of a selection at one moment: ``numbers`` in the ledger, by ``<arrival>-<record>``; some of them.

    ``by_code`` as in ``Queue``; ``other_doubts``: how many have a code behind the worst, by that code.
    """

    records: Mapping[int, str]
    by_code: Mapping[str, int]
    other_doubts: Mapping[str, int]
    set_id: str
    examples: Sequence[Waiting]


@dataclasses.dataclass(frozen=True, slots=True)
class SetChange:
    """How a set differs from what it was: records that came, and those that left, each with its outcome now."""

    came: Sequence[Waiting]
    left: Sequence[tuple[str, str]]
    came_count: int
    left_count: int


@dataclasses.dataclass(frozen=True, slots=True)
class QueuePosition:
    """Where a record stands in a selection: ``at`` of ``count``, from 1, and what comes before and behind it.

    ``at`` is 0 of one that does not wait, or is not of the selection.
    """

    at: int
    count: int
    previous: Waiting | None
    following: Waiting | None


class SetChangedError(Exception):
    """It is another set than that which was shown: ``now`` names it; ``change`` is None if only its name is known."""

    def __init__(self, now: str, change: SetChange | None = None) -> None:
        super().__init__(now)
        self.now, self.change = now, change


def queue(instance_dir: Path, selection: Selection, *, most: int | None = None, after: int = 0) -> Queue:
    """The records of a selection that wait for a person, oldest first: at most so many, those behind ``after``.

    ``after`` is the ``number`` of the last record of the page before. Empty where there is no ledger yet.

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    with asked_ledger(instance_dir) as ledger:
        if ledger is None:
            return Queue((), 0, {}, _set_id(""))
        counts, numbers = ledger.queue.counts(selection), ledger.queue.numbers(selection)
        items = ledger.queue.page(selection, after=after, most=-1 if most is None else most)
    return Queue(items, sum(counts.values()), _by_code(counts), _set_id(numbers))


def waiting_count(instance_dir: Path) -> int:
    """How many records wait, in all; cheap.

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    with asked_ledger(instance_dir) as ledger:
        return 0 if ledger is None else sum(ledger.queue.counts(Selection()).values())


def known_waiting_count(instance_dir: Path) -> int | None:
    """The same for who shows it beside something else; None where the ledger cannot be believed."""
    with contextlib.suppress(LedgerBehindError, LedgerDamagedError, LedgerFault):
        return waiting_count(instance_dir)
    return None


def waiting_feeds(instance_dir: Path, selection: Selection) -> Mapping[str, int]:
    """How many records of a selection came by which feed, most first.

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    with asked_ledger(instance_dir) as ledger:
        return {} if ledger is None else ledger.queue.feeds(selection)


def position_of(instance_dir: Path, selection: Selection, record: str) -> QueuePosition:
    """Where a record (``<arrival>-<record>``) stands in a selection; one that was just decided on has its neighbours.

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    arrival, _, index = record.rpartition("-")
    with asked_ledger(instance_dir) as ledger:
        number = None
        if ledger is not None and index.isdecimal():
            number = ledger.history.number_of(arrival, int(index))
        if ledger is None or number is None:
            return QueuePosition(0, 0, None, None)
        before, previous, following = ledger.queue.position_in(selection, number)
        count = sum(ledger.queue.counts(selection).values())
        neighbours = {
            one.number: one for one in ledger.queue.numbered([n for n in (previous, following) if n is not None])
        }
        is_of_it = any(one.number == number for one in ledger.queue.page(selection, after=number - 1, most=1))
    at = before + 1 if is_of_it else 0
    return QueuePosition(at, count, neighbours.get(previous or 0), neighbours.get(following or 0))


def titled(instance_dir: Path, name: str) -> Twin | None:
    """The article of this id: its title, and how it stands today; None if there is none.

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    with asked_ledger(instance_dir) as ledger:
        return None if ledger is None else ledger.queue.titled(name)


def waiting_set(instance_dir: Path, selection: Selection) -> WaitingSet:
    """All records of a selection, to be decided on together.

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    with asked_ledger(instance_dir) as ledger:
        if ledger is None:
            return WaitingSet({}, {}, {}, _set_id(""), ())
        records, counts = ledger.queue.records(selection), ledger.queue.counts(selection)
        examples = ledger.queue.numbered(list(records)[:EXAMPLES])
    set_id = _set_id(",".join(map(str, records)))
    return WaitingSet(records, _by_code(counts), _behind_the_worst(counts), set_id, examples)


def must_be_unchanged(instance_dir: Path, selection: Selection, before: WaitingSet) -> None:
    """See that a selection still means the records that were shown.

    Raises:
        SetChangedError: it does not; it says what came and what left.
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    now = waiting_set(instance_dir, selection)
    if now.records == before.records:
        return
    came = [number for number in now.records if number not in before.records]
    left = [number for number in before.records if number not in now.records]
    with asked_ledger(instance_dir) as ledger:
        shown = [] if ledger is None else ledger.queue.numbered(came[:EXAMPLES])
        stored = [] if ledger is None else [ledger.changes.stored(number) for number in left[:EXAMPLES]]
    gone = [(one.name, one.outcome) for one in stored if one is not None]
    raise SetChangedError(now.set_id, SetChange(shown, gone, len(came), len(left)))


def must_be_expected(chosen: WaitingSet, expected: str) -> None:
    """See that a set is the one that somebody expects: by its whole name, or by how many it has.

    Raises:
        SetChangedError: it is another one.
    """
    if expected not in {chosen.set_id, str(len(chosen.records))}:
        raise SetChangedError(chosen.set_id)


def _by_code(counts: Mapping[str, int]) -> dict[str, int]:
    """How many have which worst code, most first."""
    by_code: Counter[str] = Counter()
    for codes, count in counts.items():
        by_code[codes.partition(" ")[0] or _NO_CODE] += count
    return dict(sorted(by_code.items(), key=lambda one: (-one[1], one[0])))


def _behind_the_worst(counts: Mapping[str, int]) -> dict[str, int]:
    """How many have which other code behind their worst, most first."""
    others: Counter[str] = Counter()
    for codes, count in counts.items():
        worst, *more = codes.split() or [_NO_CODE]
        others.update(dict.fromkeys(set(more) - {worst}, count))
    return dict(sorted(others.items(), key=lambda one: (-one[1], one[0])))


def _set_id(numbers: str) -> str:
    """The name of a set of records: how many, and the beginning of a digest of their numbers (``4,8,15``)."""
    count = numbers.count(",") + 1 if numbers else 0
    return f"{count}-{hashlib.sha256(numbers.encode()).hexdigest()[:_DIGITS]}"
