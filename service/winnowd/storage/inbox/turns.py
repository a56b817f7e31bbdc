"""Whose turn it is: feeds in rotation, a bounded number of files at a time, so that no sender holds up the others.

A feed is a top folder of the inbox, however many folders it makes below.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TURN: Final = 32  # files that each feed gives in its turn

T = TypeVar("T")


def feed_of(path: bytes) -> bytes:
    """The feed of a file by its path below the inbox; b"" for what lies in the inbox itself."""
    top, slash, _ = path.partition(b"/")
    return top if slash else b""


class Turns(Generic[T]):
    """One queue a feed. The feed served last goes to the end of the line; one that is ``late`` lets the others pass.

    ``late`` holds feeds whose last file took longer than a file may: it is shared, and changed by whoever finds out.
    """

    def __init__(self, late: set[bytes] | None = None) -> None:
        self._queues: OrderedDict[bytes, deque[T]] = OrderedDict()
        self._late = set() if late is None else late

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def __iter__(self) -> Iterator[T]:
        """All that waits, feed by feed."""
        return (one for queue in self._queues.values() for one in queue)

    def add(self, feed: bytes, one: T) -> None:
        """Put one at the end of its feed's queue; a feed that waits already keeps its place."""
        self._queues.setdefault(feed, deque()).append(one)

    def add_first(self, feed: bytes, ones: Iterable[T]) -> None:
        """Put these before all that waits in their feed, in their order; the feed goes to the end of the line."""
        queue = self._queues.setdefault(feed, deque())
        queue.extendleft(reversed(list(ones)))
        self._queues.move_to_end(feed)

    def refill(self, queues: dict[bytes, list[T]], keep: Callable[[T], bool]) -> None:
        """Let these wait, behind those that ``keep`` says must stay, instead of all others; the rotation goes on."""
        for feed in [*self._queues, *(feed for feed in queues if feed not in self._queues)]:
            queue = self._queues.setdefault(feed, deque())
            kept = [one for one in queue if keep(one)]
            queue.clear()
            queue.extend((*kept, *queues.get(feed, ())))
            if not queue:
                del self._queues[feed]

    def clear(self) -> None:
        """Forget all that waits; the rotation begins anew."""
        self._queues.clear()

    def next(self, most: int, size: Callable[[T], int] = lambda _: 0, room: int = 1) -> list[T]:
        """The next ones: 32 of each feed at a time, at most ``most``, of ``room`` by ``size`` (but one at least).

        What a late feed gives comes alone, and when no other feed waits.
        """
        chosen: list[T] = []
        while room >= 0 and len(chosen) < most and (feed := self._first()) is not None:
            queue, before = self._queues[feed], len(chosen)
            for _ in range(min(TURN, len(queue), most - before)):
                room -= size(queue[0])
                if chosen and room < 0:
                    break
                chosen.append(queue.popleft())
            if len(chosen) > before:
                self._go_on_after(feed)
        if not chosen and self._queues and most:
            feed, queue = next(iter(self._queues.items()))
            chosen.append(queue.popleft())
            self._go_on_after(feed)
        return chosen

    def _first(self) -> bytes | None:
        """The feed whose turn it is, of those that are not late."""
        return next((feed for feed in self._queues if feed not in self._late), None)

    def _go_on_after(self, feed: bytes) -> None:
        if self._queues[feed]:
            self._queues.move_to_end(feed)
        else:
            del self._queues[feed]
