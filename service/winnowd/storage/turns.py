"""Whose turn it is: each feed of the inbox gives some files at a time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.storage.inbox import Deposit

TURN: Final = 32  # files that each feed gives in its turn


def by_turns(feeds: Mapping[bytes, Sequence[Deposit]], most: int) -> Iterator[Deposit]:
    """Each feed gives 32 at a time, so that a flood in one does not hold up the others."""
    queues = deque(deque(sorted(found, key=lambda one: one.path)) for _, found in sorted(feeds.items()))
    given = 0
    while queues and given < most:
        queue = queues.popleft()
        for _ in range(min(TURN, len(queue), most - given)):
            given += 1
            yield queue.popleft()
        if queue:
            queues.append(queue)
