"""``winnowd review``: the queue one by one in the terminal, decided by keys; each decision is an order as ever."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from winnowd.cli.faults import Exit
from winnowd.cli.keys import keys
from winnowd.cli.owning import asking_ledger, owning
from winnowd.cli.selecting import selecting, selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.cli.context import Context
    from winnowd.cli.keys import Keys
    from winnowd.operations.review import Review

    Results = list[dict[str, Any]] | None

_WHY: Final = "reason (kept in the audit log for ever): "


@click.command("review")
@selecting
@click.option("--reason", default="", help="Why, for all that is decided; else it is asked for once.")
@click.option("--wait", default=10.0, show_default=True, help="Seconds to wait until an order is carried out.")
@click.pass_obj
def command(context: Context, /, *, reason: str, wait: float, **chosen: Any) -> int:  # noqa: ANN401 - what chooses
    """Decide on what waits, one by one, oldest first: by single keys in a terminal, else by a line each.

    Shown are title and reason, what was measured beside its limits, and what both texts share. Keys: c confirm,
    r release, s release and retract its twin, j next, k back, u undo, n reason, o all of it, ? help, q quit.
    """
    from winnowd.operations.review import Review

    review = Review(context.instance_dir, lambda: context.loaded, selection(**chosen), wait)
    with asking_ledger('see "winnowd verify"', "state/winnowd.db"):
        review.begin()
    if review.current is None:
        context.say("nothing waits")
        return Exit.DONE
    with keys(context) as typed:
        _Session(context, review, typed, reason).run()
    return Exit.DONE


@dataclasses.dataclass
class _Session:
    """One person's review; ``reason`` is that of the next decision, "" until it was asked for."""

    context: Context
    review: Review
    typed: Keys
    reason: str
    decided: int = 0

    def run(self) -> None:
        """Show a record, do what a key says, until there are no more keys."""
        does: dict[str, Callable[[], bool]] = {
            "c": lambda: self._decide("confirm"),
            "r": lambda: self._decide("release"),
            "s": lambda: self._decide("release", replace=True),
            "j": lambda: self._move(1),
            "k": lambda: self._move(-1),
            "u": self._undo,
            "n": self._ask_reason,
            "o": self._show_all,
            "?": self._help,
        }
        is_to_be_shown = True
        while True:
            if is_to_be_shown:
                self._show()
            self.context.stdout.flush()
            key = self.typed.key()
            if key is None or key == "q":
                break
            is_to_be_shown = does[key]() if key in does else self._unknown(key)
        self.context.say(f'{self.decided:,} decided; "winnowd queue" shows what still waits')

    def _show(self) -> None:
        from winnowd.operations.explain import AmbiguousKeyError, NoDecisionError, NoSuchRecordError
        from winnowd.views.queue import waiting_fields
        from winnowd.views.review import body_lines, head_lines, keys_line

        item, now, width = self.review.current, dt.datetime.now(dt.UTC), self.context.width
        if item is None:
            return
        if self.context.json:
            self.context.emit("waiting", **waiting_fields(item, now))
            return
        position = (self.review.at + 1, max(self.review.count, self.review.at + 1))
        outcome = self.review.outcomes.get(item.number, "")
        self.context.show(head_lines(item, position, outcome, now=now, width=width))
        try:
            self.context.show(body_lines(self.review.account(), width))
        except (NoSuchRecordError, AmbiguousKeyError, NoDecisionError):
            self.context.say('the log does not tell of it; see "winnowd verify"')
        self.context.show(keys_line(width))

    def _decide(self, action: Literal["release", "confirm"], *, replace: bool = False) -> bool:
        """Whether another record is to be shown: it was decided, and there is a next one."""
        if not self.reason:
            self._ask_reason()
        if not self.reason:
            return False
        with owning(action):
            results = self.review.decide(action, reason=self.reason, replace=replace)
        if not self._tell(action, results):
            return False
        self.decided += 1
        return self._move(1)

    def _undo(self) -> bool:
        from winnowd.operations.review import NothingToUndoError

        try:
            with owning("restore"):
                results = self.review.undo(reason=self.reason or "taken back in the review")
        except NothingToUndoError:
            self.context.say("nothing to undo: no decision of this review is left")
            return False
        if not self._tell("restore", results):
            return False
        self.decided -= 1
        return True

    def _tell(self, action: str, results: Results) -> bool:
        """Say what became of an order; whether it was carried out."""
        from winnowd.views.escape import printable
        from winnowd.views.lines import Span, wrapped

        if results is None:
            self.context.say("the order is queued but has not been carried out yet; see state/orders/")
            return False
        for one in results:
            if self.context.json:
                self.context.emit("order", action=action, **one)
            elif one["state"] == "refused":
                line = (Span("refused ", "bad"), Span(printable(one["because"])))
                self.context.show(wrapped(line, self.context.width))
            else:
                self.context.show([(Span("done ", "good"), Span(f"{one['id']} is {one['outcome']}"))])
        return all(one["state"] == "done" for one in results)

    def _move(self, steps: int) -> bool:
        with asking_ledger('see "winnowd verify"', "state/winnowd.db"):
            is_moved = self.review.move(steps)
        if not is_moved:
            self.context.say("that was the last one; q ends" if steps > 0 else "this is the first one")
        return is_moved

    def _ask_reason(self) -> bool:
        from winnowd.operations.orders import UnfitOrderError, must_fit

        said = self.typed.line(_WHY)
        try:
            must_fit(["-"], said or "")
        except UnfitOrderError:
            self.context.say("no reason was taken: it must not be empty, nor longer than 4,000 characters")
            return False
        self.reason = said or ""
        return False

    def _show_all(self) -> bool:
        from winnowd.cli.explain import show_paged
        from winnowd.views.account import account_lines

        with self.typed.as_ever():
            show_paged(self.context, account_lines(self.review.account(), self.context.width))
        return False

    def _help(self) -> bool:
        from winnowd.views.review import help_lines

        self.context.show(help_lines())
        return False

    def _unknown(self, key: str) -> bool:
        if key.strip():
            self.context.say(f"{key} is no key here; ? shows them")
        return False
