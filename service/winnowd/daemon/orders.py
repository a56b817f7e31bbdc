"""Carrying out people's orders, between batches: work out, record, remember, carry out, publish; then the file goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from winnowd.daemon.faults import MACHINE_FAULTS, is_damage
from winnowd.event import Operator
from winnowd.model import Standing
from winnowd.pipeline.orders import FROM, Order, RefusedError
from winnowd.storage.files import still_holding
from winnowd.storage.orderbook import OrderInvalidError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from structlog.typing import FilteringBoundLogger

    from winnowd.model import Change, Filed
    from winnowd.storage.orderbook import OrderFile
    from winnowd.wiring import Instance

_LISTED: Final = 5


def carry_out_orders(instance: Instance, log: FilteringBoundLogger) -> int:
    """Carry out all orders that wait; gives how many there were."""
    waiting = instance.orders.waiting()
    if waiting:
        instance.route.rest()  # what is carried out already must not be carried out again over an order's changes
    for order in waiting:
        try:
            content, uid, name = instance.orders.read(order)
        except OrderInvalidError as fault:
            error = {"type": "OrderInvalid", "message": str(fault), "code": "SYS932"}
            instance.route.tell("failure", "an order was refused", error=error)
            instance.orders.refuse(order, str(fault))  # only now: a kill in between tells it twice, never not
            log.warning("order refused", order=order, because=str(fault))
            continue
        operator = Operator(name, content.reason, content.via, order, uid=uid)
        results = _carry_out(instance, order, content, operator, log)
        instance.orders.close(order, results)
        log.info("order carried out", order=order, action=content.action, targets=len(content.targets))
    return len(waiting)


def _carry_out(
    instance: Instance, order: str, content: OrderFile, operator: Operator, log: FilteringBoundLogger
) -> list[dict[str, Any]]:
    """Each target by itself: what was carried out by an earlier run of the same order is only told again."""
    given = Order(order, content.action, operator, content.replace, content.forget, content.yes)
    results = []
    for target in content.targets:
        try:
            filed = _target(instance, target, content.action)
            left = still_holding(instance.disk, instance.ledger, filed) if content.action == "erase" else []
            changes = [] if instance.ledger.changes.carried_out(order, filed.number) else apply(instance, given, filed)
            became = {one.filed.name: one.outcome for one in changes} or {filed.name: filed.outcome}
            results += [
                {"target": target, "id": name, "state": "done", "outcome": outcome} | ({"left": left} if left else {})
                for name, outcome in became.items()
            ]
        except RefusedError as refused:
            results.append({"target": target, "state": "refused", "because": str(refused)})
        except MACHINE_FAULTS:
            raise
        except Exception as fault:
            if is_damage(fault):
                raise
            log.exception("an order's target could not be carried out", order=order)
            results.append({"target": target, "state": "refused", "because": _our_fault(instance, fault)})
    return results


def _our_fault(instance: Instance, fault: Exception) -> str:
    """Tell of it, and let originality know what stands now: the order may be recorded all the same."""
    because = f"a fault of ours: {type(fault).__name__}"
    error = {"type": type(fault).__name__, "message": "while an order was carried out"}
    instance.route.tell("failure", "an order could not be carried out", error=error)
    if instance.originality is not None:
        instance.originality.build(instance.ledger.articles.signatures())
    return because


def _target(instance: Instance, target: str, action: str) -> Filed:
    """The one decision that is meant: of several with one text the latest that the order is for."""
    found = instance.ledger.changes.find(target)
    if not found:
        raise RefusedError(f"nothing is known of {target!r}")
    fitting = [filed for filed in found if filed.outcome in FROM[action]] or found
    names = dict.fromkeys(filed.name for filed in fitting)
    if len(names) > 1:
        more = ", ..." if len(names) > _LISTED else ""
        raise RefusedError(f"{target!r} fits {len(names)} records: {', '.join(list(names)[:_LISTED])}{more}")
    return fitting[-1]


def apply(instance: Instance, order: Order, filed: Filed) -> Sequence[Change]:
    """Make one order true for one decision, carry it out, and let originality know.

    Raises:
        RefusedError: it cannot be carried out.
    """
    changes = instance.route.change(lambda: _possible(instance, order, instance.registrar.carry(order, filed)))
    _remember(instance, changes)
    return changes


def _possible(instance: Instance, order: Order, changes: Sequence[Change]) -> Sequence[Change]:
    """Changes that the ledger can hold: each record once in one order, each text once in the corpus.

    Raises:
        RefusedError: it cannot.
    """
    for change in changes:
        filed = change.filed
        if instance.ledger.changes.carried_out(order.id, filed.number):
            raise RefusedError(f"{filed.name} would have to go, and was changed by this very order")
        if change.standing is Standing.ADMITTED and filed.text_sha256:
            twin = instance.ledger.decisions.admitted(filed.text_sha256)
            if twin is not None:
                raise RefusedError(f"the very same text as that of {filed.name} is in the corpus")
    return changes


def _remember(instance: Instance, changes: Sequence[Change]) -> None:
    """Let originality know how these stand now; what was erased it can only forget by building its index anew."""
    if instance.originality is None:
        return
    if any(change.erased for change in changes):
        instance.originality.build(instance.ledger.articles.signatures())
        return
    for change in changes:
        known = instance.ledger.articles.of([change.filed.number]).get(change.filed.number)
        if known is not None:
            instance.originality.remember(known)
    instance.originality.settled()
