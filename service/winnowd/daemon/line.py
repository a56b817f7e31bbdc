"""Who is next: files at rest and claimed arrivals, feeds in rotation, and one long file after each batch of others."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from winnowd.model import Queued
from winnowd.storage.inbox.turns import Turns, feed_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from winnowd.model import Arrival
    from winnowd.storage.inbox.deposits import Deposit


@dataclasses.dataclass(frozen=True, slots=True)
class InLine:
    """What waits: how many ``files``; and, each as far as it is, those of many records (``long``), and ``suspected``.

    These have ended or held up what prepared them. Of ``late`` feeds (b"": the inbox itself) a file took too long.
    """

    files: int
    long: tuple[Arrival, ...]
    suspected: tuple[Arrival, ...]
    late: tuple[bytes, ...]


class Line:
    """What waits for its turn.

    1. Files of all feeds by turns make a batch; those of a feed whose last one overran, only where no other waits.
    2. After each batch comes one that waits for itself: the next slice of a file of many records, or a suspect, alone.
    3. What was claimed and put back comes before what its feed still has in the inbox.
    """

    def __init__(self) -> None:
        self._late: set[bytes] = set()
        self._files: Turns[Deposit | Queued] = Turns(self._late)
        self._long: Turns[Queued] = Turns()
        self._long_is_next = False

    def __len__(self) -> int:
        return len(self._files) + len(self._long)

    def snapshot(self, in_hand: Sequence[Queued] = (), files: int = 0) -> InLine:
        """What waits or is ``in_hand``, for people; with so many other files in hand."""
        long = [*(one for one in in_hand if one.long), *self._long]
        return InLine(
            files=len(self._files) + files,
            long=tuple(one.arrival for one in long if not one.is_suspected),
            suspected=tuple(one.arrival for one in long if one.is_suspected),
            late=tuple(sorted(self._late)),
        )

    def waiting(self) -> list[Queued]:
        """The claimed arrivals in the line."""
        return [one for one in (*self._files, *self._long) if isinstance(one, Queued)]

    def line_up(self, deposits: Sequence[Deposit]) -> None:
        """Let files at rest wait for their turn, instead of those that a sweep before has found."""
        claimed = {one.arrival.path for one in self.waiting() if one.new_try}
        feeds: dict[bytes, list[Deposit | Queued]] = {}
        for deposit in (one for one in deposits if one.path not in claimed):
            feeds.setdefault(feed_of(deposit.path), []).append(deposit)
        self._files.refill(feeds, keep=lambda one: isinstance(one, Queued))

    def next(self, most: int, room: int) -> list[Deposit | Queued]:
        """Whose turn it is: at most ``most`` files of ``room`` bytes, or one long one; nothing if none waits."""
        long = self._long.next(1) if self._long_is_next or not len(self._files) else []
        self._long_is_next = not long and len(self._long) > 0
        return [*long] or self._files.next(most, _size, room)

    def put_back(self, waiting: Sequence[Queued], claimed: Sequence[Arrival], resumed: Sequence[Queued]) -> None:
        """What is left over of a turn that had ``claimed`` these, ``resumed`` among them those that had waited before.

        Feeds whose files fell or overran let all others pass, until such a file was tried alone.
        """
        suspected = {feed_of(one.arrival.path) for one in waiting if one.alone}
        self._late -= {feed_of(arrival.path) for arrival in claimed} - suspected
        self._late |= suspected
        left = {one.arrival.number for one in waiting if not one.long}
        served = {feed_of(one.path) for one in claimed if one.number not in left}
        self.put(waiting, served, {one.arrival.number for one in resumed if one.long})

    def put(self, waiting: Sequence[Queued], served: Collection[bytes] = (), begun: Collection[int] = ()) -> None:
        """Let arrivals wait: what has many records, or has cost much, for itself; others before what comes.

        Feeds that were ``served`` come behind those that were not. Of the long files of a feed that which is ``begun``
        (its number) goes on first: a worker keeps the place of few.
        """
        before: dict[bytes, list[Queued]] = {}
        for one in waiting:
            feed = feed_of(one.arrival.path)
            if one.long and one.arrival.number in begun and not one.alone:
                self._long.add_first(feed, [one])
            elif one.long:
                self._long.add(feed, one)
            else:
                before.setdefault(feed, []).append(one)
        for feed in sorted(before, key=served.__contains__):
            self._files.add_first(feed, before[feed])

    def forget_claimed(self) -> None:
        """No arrival waits any more, as far as this knows; files at rest still do."""
        self._files.refill({}, keep=lambda one: not isinstance(one, Queued))
        self._long.clear()
        self._late.clear()


def _size(one: Deposit | Queued) -> int:
    return one.arrival.size if isinstance(one, Queued) else one.size
