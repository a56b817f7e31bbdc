"""How often a process that works for long looks for objects that hold each other."""

from __future__ import annotations

import gc
from typing import Final

SELDOM: Final = 20_000
"""Containers made and not freed before the youngest are looked through. An article makes thousands and frees nearly
all of them by itself: at Python's 700 the looking took a fourteenth of its time (tests/bench/README.md)."""
_GENERATIONS: Final = 20


def collect_seldom() -> None:
    """What is loaded now stays, so no collection need look at it again; what comes is looked through less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM, _GENERATIONS, _GENERATIONS)
