"""Events of the service itself: made true with what belongs to them, then published. Pure but for its ports."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from winnowd import event
from winnowd.pipeline.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from winnowd.event import Context
    from winnowd.model import Line
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.ports import Clock, Log, Records


@dataclasses.dataclass(frozen=True, slots=True)
class ServiceEvents:
    """Makes an event that comes of no decision the log's next line."""

    records: Records
    log: Log
    chain: Chain
    clock: Clock
    observer: Observer = dataclasses.field(default_factory=Observer)

    def tell(
        self, action: str, message: str, *, carries: Mapping[str, Any] | None = None,
        error: Mapping[str, str] | None = None, failed: bool = False, within: Callable[[], None] | None = None,
    ) -> Line:  # fmt: skip
        """Make an event of the service itself true, together with ``within``, and publish it."""
        line = self.note(action, message, carries=carries, error=error, failed=failed, within=within)
        self.log.publish([line], self.clock.now())
        return line

    def note(
        self, action: str, message: str, *, carries: Mapping[str, Any] | None = None,
        error: Mapping[str, str] | None = None, failed: bool = False, within: Callable[[], None] | None = None,
    ) -> Line:  # fmt: skip
        """Make an event of the service itself true; mending the log will publish it."""
        at, before = self.clock.now(), self.chain.end

        def made(context: Context) -> dict[str, Any]:
            return event.service(action, context, at, message, carries=carries, error=error, failed=failed)

        _, line = self.chain.next(at, made)
        try:
            with self.records.transaction():
                if within is not None:
                    within()
                self.records.tell([line])
        except BaseException:
            self.chain.end = before
            raise
        if error is not None:
            self.observer.failed(error.get("code", ""))
        return line
