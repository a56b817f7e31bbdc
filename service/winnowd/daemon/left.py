"""What stays in the inbox, told in the service's own log: once for each reason, and each hour what is still written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from winnowd.storage.inbox.waiting import REASONS

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from winnowd.storage.inbox.waiting import LeftInInbox

HOUR: Final = 3_600.0
LONG: Final = 60.0  # s that a file has been written for before that is told
_FOR_GOOD: Final = frozenset({"ignored", "too_deep", "markers"})
"""What will not pass by itself."""


class Left:
    """Remembers what it has told."""

    def __init__(self) -> None:
        self._reported: set[str] = set()
        self._next_hour = 0.0

    def tell(self, waiting: LeftInInbox, log: FilteringBoundLogger, now: float) -> None:
        """Tell what is new among the reasons for which something is left; ``now`` is monotonic seconds.

        A reason for which something stays for good is told once, since uploads come and go under ignored names.
        """
        found = {reason: count for reason, count in waiting.left().items() if reason in _FOR_GOOD}
        for reason, count in found.items():
            if reason not in self._reported:
                log.warning("left in the inbox", because=REASONS[reason], files=count, file=waiting.named[reason][0])
        if waiting.blocked and "blocked" not in self._reported and waiting.refused:
            one = waiting.refused[0]
            log.warning("left in the inbox", because=os.strerror(one.error), files=waiting.blocked, file=one.path)
        self._reported |= found.keys()
        (self._reported.add if waiting.blocked else self._reported.discard)("blocked")
        if waiting.writing and waiting.oldest >= LONG and now >= self._next_hour:
            self._next_hour = now + HOUR
            some = waiting.named["writing"][0]
            log.warning("still being written", files=waiting.writing, oldest_seconds=round(waiting.oldest), file=some)
