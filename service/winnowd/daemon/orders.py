"""Carrying out people's orders, between batches: work out, record, remember, carry out, publish; then the file goes.

An order names a text: it acts on the record of it that is in the state the order asks for, ``erase`` on every one. What
is refused, or refused in part, is said to be so in the audit log, in the service's own and to whoever waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from winnowd.daemon.faults import MACHINE_FAULTS
from winnowd.daemon.targets import named, of_one_text, undone_with
from winnowd.event import Operator
from winnowd.pipeline.order import NoSuchError, Order, RefusedError
from winnowd.storage.files import still_quoting, still_together
from winnowd.storage.ledger.faults import is_damage
from winnowd.storage.orderbook import OrderInvalidError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from structlog.typing import FilteringBoundLogger

    from winnowd.model import StateChange, StoredDecision
    from winnowd.storage.orderbook import OrderFile
    from winnowd.wiring.instance import Instance

    Result = dict[str, Any]

_REFUSED: Final = "SYS933"


def apply_orders(instance: Instance, log: FilteringBoundLogger) -> int:
    """Carry out all orders that wait; gives how many there were."""
    waiting = instance.orders.waiting()
    if waiting:
        instance.route.acknowledge_applied()  # what is applied must not be applied again over an order's changes
    for order in waiting:
        try:
            content, uid, name = instance.orders.read(order)
        except OrderInvalidError as fault:
            error = {"type": "OrderInvalid", "message": str(fault), "code": "SYS932"}
            instance.route.events.tell("failure", "an order was refused", error=error)
            instance.orders.refuse(order, str(fault))  # only now: a kill in between tells it twice, never not
            log.warning("order refused", order=order, because=str(fault))
            continue
        operator = _operator(content, name, order, uid)
        results = _apply_targets(instance, content, operator, log)
        _say(instance, content, operator, results, log)
        instance.orders.finish_order(order, results)
    return len(waiting)


def _operator(content: OrderFile, owner: str, order: str, uid: int) -> Operator:
    """Who gave an order: the owner of its file; a page may know of another name, which is then told as claimed."""
    if content.via == "web" and content.user not in {"", owner}:
        return Operator(content.user, content.reason, content.via, order, uid=uid, claimed=True)
    return Operator(owner, content.reason, content.via, order, uid=uid)


def _apply_targets(
    instance: Instance, content: OrderFile, operator: Operator, log: FilteringBoundLogger
) -> list[Result]:
    """Each target by itself, each record told of once.

    What was carried out by an earlier run of the same order is not carried out again.
    """
    given = Order(
        operator.order, content.action, operator, content.replace, content.forget, content.yes, content.undoes,
        content.was,
    )  # fmt: skip
    results: list[Result] = []
    for target in content.targets:
        instance.route.observer.alive()
        try:
            results += _of_target(instance, given, target)
        except NoSuchError as refused:
            results.append(_refused(target, str(refused), refused.code) | {"found": refused.found})
        except RefusedError as refused:
            results.append(_refused(target, str(refused), refused.code))
        except MACHINE_FAULTS:
            raise
        except Exception as fault:
            if is_damage(fault):
                raise
            log.exception("an order's target could not be carried out", order=given.id)
            results.append(_refused(target, _our_fault(instance, fault), _REFUSED))
    if given.action == "erase" and any(one["state"] == "done" for one in results):
        instance.route.acknowledge_applied()
        instance.build_originality()  # what was erased it can only forget by building its index anew: once, at the end
    first: dict[str, Result] = {}
    for one in results:
        first.setdefault(str(one.get("record") or one["target"]), one)
    return list(first.values())


def _of_target(instance: Instance, order: Order, target: str) -> list[Result]:
    """Carry out an order on what one target names."""
    changes = instance.ledger.changes
    found = changes.find(target)
    if not found:
        raise NoSuchError(f"nothing is known of {target!r}", 0)
    done = [stored for stored in found if changes.applied(order.id, stored.number)]
    if order.action == "erase":
        return _erased(instance, order, target, of_one_text(instance.ledger, order, target, found))
    if done:
        return [_done(target, stored, stored.outcome) for stored in done]
    if order.action == "restore":
        return _restored(instance, order, target, found)
    made = apply(instance, order, [named(order, target, found)])
    return [_done(target, change.stored, change.outcome) for change in made]


def _erased(instance: Instance, order: Order, target: str, records: Sequence[StoredDecision]) -> list[Result]:
    """Every record of a text, one after the other: a file of several goes with the last of them."""
    changes = instance.ledger.changes
    left: dict[str, None] = {}
    results: list[Result] = []
    for stored in records:
        if not changes.applied(order.id, stored.number):
            left |= dict.fromkeys(still_quoting(instance.disk, instance.ledger, stored))
            now = changes.stored(stored.number) or stored
            apply(instance, order, [now])
        results.append(_done(target, stored, "erased"))
        instance.route.observer.alive()
    now_erased = [one for stored in records if (one := changes.stored(stored.number))]
    if holding := [*still_together(instance.disk, now_erased), *left]:
        results[-1]["left"] = holding
    return results


def _restored(instance: Instance, order: Order, target: str, found: Sequence[StoredDecision]) -> list[Result]:
    """Undo the last order on a record, with all that it changed; what was erased since cannot come back."""
    records, erased = undone_with(instance.ledger, order, target, found)
    results = [_done(target, change.stored, change.outcome) for change in apply(instance, order, records)]
    because = "was erased since; that cannot be undone"
    return results + [_refused(target, f"{stored.name} {because}", _REFUSED) for stored in erased]


def _done(target: str, stored: StoredDecision, outcome: str) -> Result:
    record = f"{stored.arrival}-{stored.record}"
    return {"target": target, "id": stored.name, "record": record, "state": "done", "outcome": outcome}


def _refused(target: str, because: str, code: str) -> Result:
    return {"target": target, "state": "refused", "because": because, "code": code}


def _say(
    instance: Instance, content: OrderFile, operator: Operator, results: Sequence[Result], log: FilteringBoundLogger
) -> None:
    """Tell the service's log what became of an order, and the audit log what was not done of it."""
    refused = [one for one in results if one["state"] == "refused"]
    said = {"order": operator.order, "action": content.action, "targets": len(content.targets)}
    if not refused:
        log.info("order carried out", **said)
        return
    codes = {one["code"] for one in refused}
    code = codes.pop() if len(codes) == 1 else _REFUSED
    what = "an order was refused" if len(refused) == len(results) else "an order was refused in part"
    reasons = "; ".join(dict.fromkeys(one["because"] for one in refused))
    message = f"{content.action} by {operator.name}, order {operator.order}: {reasons}"
    instance.route.events.tell("failure", what, error={"type": "OrderRefused", "message": message, "code": code})
    log.warning(what.removeprefix("an ").replace("was ", ""), **said, refused=len(refused), code=code, because=reasons)


def _our_fault(instance: Instance, fault: Exception) -> str:
    """Tell of it, and let originality know what stands now: the order may be recorded all the same."""
    error = {"type": type(fault).__name__, "message": "while an order was carried out"}
    instance.route.events.tell("failure", "an order could not be carried out", error=error)
    instance.build_originality()
    return f"a fault of ours: {type(fault).__name__}"


def apply(instance: Instance, order: Order, records: Sequence[StoredDecision]) -> Sequence[StateChange]:
    """Make one order true for decisions, all of them or none, carry it out, and let originality know.

    Raises:
        RefusedError: it cannot be carried out.
    """
    changes = instance.route.apply_order(lambda: instance.planner.plan(order, records, instance.route.observer.alive))
    if order.action == "erase":
        instance.planner.forget(changes)
    else:
        instance.planner.remember(changes)
    return changes
