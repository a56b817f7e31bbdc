"""What orders make of files: where originals move, and the page beside each that tells of the order. Pure.

An older page is replaced, and none is read, since a stranger may have changed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from winnowd.layout import ARCHIVE, ORDER_MD, WHY, WHY_MD, out_of_block
from winnowd.model import Effect
from winnowd.views.ordered import Ordered, order_md

if TYPE_CHECKING:
    import datetime as dt

    from winnowd.model import StoredDecision
    from winnowd.pipeline.order import Order

_KEPT: Final = tuple(ending for ending in WHY if ending != ORDER_MD)


def page(
    order: Order, stored: StoredDecision, sequence: int, at: dt.datetime, became: str, *, restores: int | None = None
) -> bytes:
    """The page that tells of an order on one record; ``sequence`` is that of its event."""
    file = stored.path.rpartition(b"/")[2].decode("utf-8", "backslashreplace")
    operator = order.operator
    said = (order.action, file, stored.name, stored.outcome, became, at, operator.name, operator.reason)
    return order_md(Ordered(*said, sequence, restores))


def moved(source: str, goal: str, order_page: bytes) -> tuple[Effect, ...]:
    """An original moves with what says why it was held: ``restore`` brings all back. Older ones have a why.json.

    ``order_page``: the page of the order that moves it, which takes the place of an older one.
    """
    return (
        *(Effect(goal + ending, source=source + ending) for ending in ("", *_KEPT)),
        Effect(source + ORDER_MD),
        Effect(goal + ORDER_MD, order_page),
    )


def set_aside(seed: str, goal: str, order_page: bytes) -> tuple[Effect, ...]:
    """The text of an article leaves the corpus, and gets a page that says why; its original stays in the archive."""
    return (Effect(goal, source=seed), Effect(goal + WHY_MD, order_page))


def taken_back(location: str) -> tuple[Effect, ...]:
    """What lies at a location goes, with all that said why it was there."""
    return tuple(Effect(location + ending) for ending in ("", *WHY))


def archived(location: str) -> str:
    """Where an original goes whose text is admitted."""
    return f"{ARCHIVE}/{out_of_block(location).partition('/')[2]}"
