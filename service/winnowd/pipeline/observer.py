"""Who is told while the route works. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.model import DecisionRecord


def _nobody(_: DecisionRecord) -> None:
    """Tell nobody of a decision."""


def _no_sign() -> None:
    """Give no sign of life."""


@dataclasses.dataclass(slots=True)
class Observer:
    """``decided`` gets each decision once it is true; ``alive`` is called with each file prepared and record judged.

    Nobody is told until somebody puts a function there.
    """

    decided: Callable[[DecisionRecord], None] = _nobody
    alive: Callable[[], None] = _no_sign
