"""Which records an order's target means: an id names a text, and of one text there may be several records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from winnowd.event.context import path_text, visible
from winnowd.model import REST
from winnowd.pipeline.order import ADMITTED, ERASED, NoSuchError, RefusedError, may_be_for, why_not

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from winnowd.model import StoredDecision
    from winnowd.pipeline.order import Order
    from winnowd.storage.ledger import Ledger

_LISTED: Final = 20


def named(order: Order, target: str, found: Sequence[StoredDecision]) -> StoredDecision:
    """The one record in the state that the order asks for; of a file whose rest is held as one, that rest.

    Raises:
        NoSuchError: there are several; it lists them.
    """
    fitting = [stored for stored in found if may_be_for(order, stored)]
    rests = [stored for stored in fitting if stored.codes == (REST,)]
    if len(rests) == 1 and {stored.arrival for stored in fitting} == {rests[0].arrival}:
        return rests[0]
    if len(fitting) > 1:
        raise _several(target, fitting)
    return fitting[0] if fitting else _of_one_id(target, found)[-1]


def of_one_text(ledger: Ledger, order: Order, target: str, found: Sequence[StoredDecision]) -> list[StoredDecision]:
    """Every record of the text that is meant and that the order is for, or was carried out on by an earlier run.

    Raises:
        RefusedError: several texts may be meant; or there is no such record of the one.
    """
    meant = _of_one_id(target, [stored for stored in found if may_be_for(order, stored)] or found)
    records = ledger.changes.of_text(meant[-1])
    fitting = [one for one in records if may_be_for(order, one) or ledger.changes.applied(order.id, one.number)]
    if not fitting:
        raise RefusedError(why_not(order, meant[-1]))
    return fitting


def undone_with(
    ledger: Ledger, restore: Order, target: str, found: Sequence[StoredDecision]
) -> tuple[list[StoredDecision], list[StoredDecision]]:
    """The records that the last order on a text changed, those first that leave the corpus; and those erased since.

    Raises:
        RefusedError: no order can be undone, or only others that came after it first, or it is not the one that is
            meant.
    """
    changes = ledger.changes
    last = {stored.number: one for stored in found if (one := changes.last_order(stored.number)) is not None}
    fitting = [stored for stored in found if stored.number in last and stored.outcome != ERASED]
    if not fitting:
        return [_of_one_id(target, found)[-1]], []  # what becomes of it says why nothing can be undone
    chosen = max(_of_one_id(target, fitting), key=lambda stored: last[stored.number])
    sequence, order = last[chosen.number]
    if restore.undoes not in {None, order}:
        raise RefusedError(f"{chosen.name} was changed since, by event {sequence:,}; look at it first")
    changed = changes.changed_by(order)
    records = [stored for stored in changed if stored.outcome != ERASED]
    for stored in records:
        if (later := changes.last_order(stored.number)) is not None and later[1] != order:
            also = f"{stored.name}, which the same order changed, was changed again by event {later[0]:,}"
            raise RefusedError(f"{also}; restore {stored.arrival}-{stored.record} first")
    records.sort(key=lambda stored: stored.outcome != ADMITTED)
    return records, [stored for stored in changed if stored.outcome == ERASED]


def _of_one_id(target: str, found: Sequence[StoredDecision]) -> Sequence[StoredDecision]:
    """The records, if all are of one text.

    Raises:
        NoSuchError: they are not; it lists them.
    """
    if len({stored.name for stored in found}) > 1:
        raise _several(target, found)
    return found


def _several(target: str, found: Sequence[StoredDecision]) -> NoSuchError:
    listed = ", ".join(_described(found[:_LISTED])) + (", ..." if found[_LISTED:] else "")
    return NoSuchError(f"{target!r} fits {len(found)} records: {listed}; name one of them", len(found))


def _described(found: Iterable[StoredDecision]) -> Iterable[str]:
    for stored in found:
        name = visible(path_text(stored.path)[0].rpartition("/")[2])
        yield f"{stored.arrival}-{stored.record} ({stored.outcome}, {name})"
