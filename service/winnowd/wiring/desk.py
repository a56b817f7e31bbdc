"""The desk, made in whatever process prepares arrivals."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import TYPE_CHECKING

from winnowd.cleaning import Phrases
from winnowd.gates.measures.marks import Marks
from winnowd.gates.panel import Panel
from winnowd.prepare import Desk
from winnowd.wiring.rules import lexicon, packaged

if TYPE_CHECKING:
    from winnowd.model import Limit
    from winnowd.originality import Recipe
    from winnowd.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class DeskPlan:
    """Picklable: makes the desk in whatever process calls it."""

    settings: Settings
    recipe: Recipe

    def __call__(self) -> Desk:
        """Make it."""
        return desk(self.settings, self.recipe)


def desk(settings: Settings, recipe: Recipe) -> Desk:
    """Everything that judging one article without the corpus needs."""
    marks = Marks.parse(packaged("gates", "measures", "marks.toml").decode())
    return Desk(
        reading=settings.reading,
        schema=settings.schema,
        phrases=Phrases.parse(packaged("cleaning", "phrases.toml").decode()),
        panel=Panel.of(settings.gates, marks, lexicon().known),
        recipe=recipe,
        lexicon=lexicon(),
        clock=time.monotonic_ns,
        most_words=_most_words(settings),
        feeds=settings.feeds,
    )


def _most_words(settings: Settings) -> float:
    """Words beyond which a text is rejected as too long, whatever else it is."""
    words: Limit | None = getattr(settings.gates.get("length"), "too_many_words", None)
    return math.inf if words is None or words.fail is None else words.fail
