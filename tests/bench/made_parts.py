"""Parts of an instance that makes decisions without judging: a clock that is set, and who says what is in the log."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from typing import TYPE_CHECKING

from winnowd import event
from winnowd.model import EvidenceLine
from winnowd.pipeline.rendering import Numbered, Rendered
from winnowd.storage.clock import SystemClock
from winnowd.views.index import row, row_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from tests.bench.made_originality import Drawn


class StagedClock(SystemClock):
    """Stands at ``at``, and goes on a little each time it is asked."""

    def __init__(self, at: dt.datetime, rng: np.random.Generator) -> None:
        self.at = at
        self._rng = rng
        self._counted = 0

    def now(self) -> dt.datetime:
        """The time, some milliseconds after the last one."""
        self.at += dt.timedelta(microseconds=int(self._rng.lognormal(math.log(6_000), 0.7)))
        return self.at

    def nanoseconds(self) -> int:
        """A count that goes on by about a millisecond each time it is asked."""
        self._counted += int(self._rng.lognormal(math.log(9e5), 0.7))
        return self._counted

    def uuid7(self) -> str:
        """A UUIDv7 of that time."""
        value = int(self.at.timestamp() * 1_000) << 80 | int.from_bytes(self._rng.bytes(10), "big")
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        return str(uuid.UUID(int=value))


class Renderer:
    """Says of a record what the program says of it in the log, in its evidence and in the index; makes no file."""

    def __init__(self, drawn: Drawn) -> None:
        self._drawn = drawn

    def begin(self) -> None:
        """Nothing is left of the batch before."""

    def add(self, one: Numbered) -> None:
        """It is said when it is asked for."""

    def render(self, batch: Sequence[Numbered]) -> Iterator[Rendered]:
        """Each of these, in their order."""
        for judged, context in batch:
            nearest = None if judged.nearest is None else self._drawn.text(judged.nearest.text_sha256)
            evidence = event.evidence(judged, None if nearest is None else nearest.text)
            line = None if evidence is None else event.encoded(evidence)
            said = event.decided(judged, context, None if line is None else EvidenceLine("", 0, line, ""))
            listed = None if judged.prepared.article is None else row_json(row(judged, context.sequence))
            yield Rendered(event.written(said), line, None, listed)

    def fault(self) -> str:
        """It stands and falls with the bench."""
        return ""


class NoPreparation:
    """Port ``Preparation``: what is drawn is prepared."""

    def prepare(self, *_: object, **__: object) -> Iterator[None]:
        """Nothing."""
        return iter(())

    def keep_busy(self) -> None:
        """Nobody waits."""
