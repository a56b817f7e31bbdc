"""Who is told while the route works. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.model import DecidedBatch, DecisionRecord


def _nobody(_: DecisionRecord) -> None:
    """Tell nobody of a decision."""


def _no_sign() -> None:
    """Give no sign of life."""


def _no_batch(_: DecidedBatch) -> None:
    """Tell nobody of a batch."""


def _no_commit(_: int) -> None:
    """Tell nobody of a transaction."""


def _no_failure(_: str) -> None:
    """Tell nobody of a failure."""


@dataclasses.dataclass(slots=True)
class Observer:
    """``decided`` gets each decision once it is true; ``alive`` is called with each file prepared and record judged.

    ``committed`` gets the nanoseconds that a batch's transaction took, ``recorded`` all that one, or an order's, has
    made true; ``failed`` the code of each failure that the log tells, "" if it has none. Nobody is told until somebody
    puts a function there.
    """

    decided: Callable[[DecisionRecord], None] = _nobody
    alive: Callable[[], None] = _no_sign
    committed: Callable[[int], None] = _no_commit
    recorded: Callable[[DecidedBatch], None] = _no_batch
    failed: Callable[[str], None] = _no_failure
