"""Going through the queue one by one: where one is, what was decided, and taking the last decision back."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final, Literal

from winnowd.operations.explain import explain
from winnowd.operations.orders import applied, give_order
from winnowd.operations.queue import queue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.model import Selection, Waiting
    from winnowd.settings import Loaded
    from winnowd.views.account import Account

    Results = list[dict[str, Any]]

PAGE: Final = 50


class NothingToUndoError(Exception):
    """No decision of this review is left that could be taken back."""


@dataclasses.dataclass
class Review:
    """The records of a selection, a page at a time; ``at`` is the one in hand.

    ``count``: how many waited when the review began. ``outcomes``: what became of those decided on here, by number.
    ``wait``: seconds that an order is waited for where somebody serves the instance; ``load`` gives the settings.
    """

    instance_dir: Path
    load: Callable[[], Loaded]
    selection: Selection
    wait: float = 10.0
    at: int = 0
    count: int = 0
    outcomes: dict[int, str] = dataclasses.field(default_factory=dict)
    _items: list[Waiting] = dataclasses.field(default_factory=list)
    _done: list[int] = dataclasses.field(default_factory=list)

    def begin(self) -> None:
        """Load the first page.

        Raises:
            LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
        """
        found = queue(self.instance_dir, self.selection, most=PAGE)
        self.count, self._items = found.count, list(found.items)

    @property
    def current(self) -> Waiting | None:
        """The record in hand; None if nothing waits."""
        return self._items[self.at] if self._items else None

    def move(self, steps: int) -> bool:
        """Go on by so many records, or back; False, and nothing changes, if there is none there."""
        while self.at + steps >= len(self._items):
            after = self._items[-1].number if self._items else 0
            more = queue(self.instance_dir, self.selection, most=PAGE, after=after).items
            if not more:
                return False
            self._items += more
        if self.at + steps < 0:
            return False
        self.at += steps
        return True

    def account(self) -> Account:
        """All that is known of the record in hand.

        Raises:
            NoSuchRecordError, AmbiguousKeyError, NoDecisionError: the log does not tell.
            IndexError: nothing waits.
        """
        return explain(self.instance_dir, self.load().settings, self._items[self.at].record)

    def decide(self, action: Literal["release", "confirm"], *, reason: str, replace: bool = False) -> Results | None:
        """Give the order on the record in hand and wait for it; gives what became of it, None if that is not known yet.

        Raises:
            UnfitOrderError: the reason is none.
            LedgerDamagedError, LedgerBehindError, TooLittleRoomError, ForeignRecipeError: it cannot be carried out.
        """
        item = self._items[self.at]
        results = self._ordered(action, item, reason, {"replace": replace})
        if results is not None and all(one["state"] == "done" for one in results):
            self.outcomes[item.number] = results[-1]["outcome"]
            self._done.append(self.at)
        return results

    def undo(self, *, reason: str) -> Results | None:
        """Take the last decision of this review back, and have its record in hand.

        Raises:
            NothingToUndoError: there is none.
            UnfitOrderError: the reason is none.
            LedgerDamagedError, LedgerBehindError, TooLittleRoomError, ForeignRecipeError: it cannot be carried out.
        """
        if not self._done:
            raise NothingToUndoError
        item = self._items[self._done[-1]]
        results = self._ordered("restore", item, reason, {})
        if results is not None and all(one["state"] == "done" for one in results):
            self.at = self._done.pop()
            del self.outcomes[item.number]
        return results

    def _ordered(
        self, action: Literal["release", "confirm", "restore"], item: Waiting, reason: str, flags: dict[str, bool]
    ) -> Results | None:
        order = give_order(self.instance_dir, action, [item.record], reason=reason, flags=flags, via="review")
        return applied(self.instance_dir, self.load, order, self.wait)
