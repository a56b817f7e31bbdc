"""What renders records, made in whatever process does."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from winnowd.pipeline.rendering import RecordRenderer
from winnowd.wiring.rules import lexicon, rules_in_force

if TYPE_CHECKING:
    from winnowd.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class RendererConfig:
    """Picklable: makes the renderer in whatever process calls it."""

    settings: Settings

    def __call__(self) -> RecordRenderer:
        """Make it."""
        return RecordRenderer(lexicon, rules_in_force(self.settings))
