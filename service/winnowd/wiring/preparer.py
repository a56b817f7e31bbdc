"""The preparer, made in whatever process prepares arrivals."""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from typing import TYPE_CHECKING

from winnowd.cleaning import Listing, Phrasebook, Phrases
from winnowd.gates.measures.damage_patterns import DamagePatterns
from winnowd.gates.panel import Panel
from winnowd.prepare import Preparer
from winnowd.wiring.rules import lexicon, packaged

if TYPE_CHECKING:
    from winnowd.model import Limit
    from winnowd.originality import Recipe
    from winnowd.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class PreparerConfig:
    """Picklable: makes the preparer in whatever process calls it."""

    settings: Settings
    recipe: Recipe

    def __call__(self) -> Preparer:
        """Make it."""
        return preparer(self.settings, self.recipe)


@functools.cache
def damage_patterns() -> DamagePatterns:
    """What broken encodings leave in a text."""
    return DamagePatterns.parse(packaged("gates", "measures", "damage_patterns.toml").decode())


@functools.cache
def phrasebook() -> Phrasebook:
    """What stands around articles, in every language that has a list."""
    return Phrasebook(Phrases.parse(packaged("cleaning", "phrases", "en.toml").decode()), listing)


@functools.cache
def listing(language: str) -> Listing:
    """The list of one of ``LISTED``."""
    return Listing.parse(packaged("cleaning", "phrases", f"{language}.toml").decode())


def preparer(settings: Settings, recipe: Recipe) -> Preparer:
    """Everything that judging one article without the corpus needs."""
    return Preparer(
        reading=settings.reading,
        schema=settings.schema,
        phrases=phrasebook(),
        panel=Panel.of(settings.gates, damage_patterns(), lexicon().word_set),
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
