"""One decision on all records of a set: as many orders as it takes, one after the other, of exactly these records."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Literal

from winnowd.operations.orders import applied_in_parts, give_order, must_fit
from winnowd.storage.orderbook import MOST_TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from winnowd.operations.queue import WaitingSet
    from winnowd.settings import Loaded

    Results = list[dict[str, Any]]


def order_all(
    instance_dir: Path,
    load: Callable[[], Loaded],
    action: Literal["release", "confirm"],
    chosen: WaitingSet,
    *,
    reason: str,
    wait: float,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[str, Results | None]]:
    """Decide on the records of a set and on no other; gives id and results of each order once it is carried out.

    An order has at most 500 records; before each ``is_stopped`` is asked. After one that was not carried out within
    ``wait`` seconds (results None) no other is given. What was decided by somebody meanwhile is refused, record by
    record. ``load`` gives the settings, where nobody serves.

    Raises:
        UnfitOrderError: the reason is none; nothing was given.
        LedgerDamagedError, LedgerBehindError, TooLittleRoomError, ForeignRecipeError: the instance cannot be owned.
    """
    records = list(chosen.records.values())
    must_fit(records[:MOST_TARGETS], reason)
    parts = (records[at : at + MOST_TARGETS] for at in range(0, len(records), MOST_TARGETS))

    def order_of(targets: list[str]) -> Callable[[], str]:
        return lambda: give_order(instance_dir, action, targets, reason=reason)

    orders = map(order_of, itertools.takewhile(lambda _: not is_stopped(), parts))
    return applied_in_parts(instance_dir, load, orders, wait)
