"""``winnowd release --all`` and ``confirm --all``: shown, asked about, and carried out on exactly what was shown."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import signal
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from winnowd.cli.faults import Exit, stop
from winnowd.cli.owning import asking_ledger, owning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from winnowd.cli.context import Context
    from winnowd.model import Selection
    from winnowd.operations.queue import SetChangedError, WaitingSet

    Result = dict[str, Any]

WAIT: Final = 60.0
"""Seconds that an order of up to 500 records is waited for."""
_MARGIN: Final = 8
_ID: Final = re.compile(r"\b[0-9a-f]{16}(?:[0-9a-f]{16})?(?:-\d+)?\b")


class BulkOrder(NamedTuple):
    """An order on all that a selection means; ``expected``: the set that a script was shown (``--expect``)."""

    action: Literal["release", "confirm"]
    selection: Selection
    reason: str
    is_sure: bool
    expected: str | None
    wait: float


def order_all_shown(context: Context, order: BulkOrder) -> int:
    """Show what is meant, ask, see that it is still the same, and carry the order out on it.

    Stops (2) where nobody can be asked and the set is not named; gives 1 if the set is another one by then.
    """
    from winnowd.operations.orders import UnfitOrderError
    from winnowd.operations.queue import waiting_set

    with asking_ledger('see "winnowd verify"', "state/winnowd.db"):
        chosen = waiting_set(context.instance_dir, order.selection)
    if not chosen.records:
        context.say("nothing that is meant waits; no order was given")
        return Exit.DONE if order.expected in {None, "0", chosen.set_id} else Exit.BAD
    _show(context, order, chosen)
    if not _is_allowed(context, order, chosen):
        context.say("nothing was changed")
        return Exit.BAD
    from winnowd.cli.orders import unfit

    try:
        with owning(order.action):
            return _apply(context, order, chosen)
    except UnfitOrderError as fault:
        raise unfit(order.action, fault) from fault


def _show(context: Context, order: BulkOrder, chosen: WaitingSet) -> None:
    """How many are meant, by code, what else they are doubted for, and some of them."""
    from winnowd.views.lines import Span, wrapped
    from winnowd.views.queue import queue_lines, waiting_fields

    now = dt.datetime.now(dt.UTC)
    if context.json:
        for item in chosen.examples:
            context.emit("waiting", **waiting_fields(item, now))
        context.emit("total", count=len(chosen.records), shown=len(chosen.examples), set=chosen.set_id)
        return
    head = (Span(f"{order.action} {_counted(len(chosen.records))}", "bold"), Span(f": {_codes(chosen.by_code)}"))
    context.show(wrapped(head, context.width))
    if chosen.other_doubts:
        also = Span(f"some are doubted by other rules as well: {_codes(chosen.other_doubts)}", "doubt")
        context.show(wrapped((also,), context.width))
    if (more := len(chosen.records) - len(chosen.examples)) > 0:
        context.show([(Span(f"the {len(chosen.examples)} oldest, and {more:,} more:", "dim"),)])
    context.show(queue_lines(chosen.examples, now, context.width))


def _codes(counts: Any) -> str:  # noqa: ANN401 - codes and how many have them
    return ", ".join(f"{count:,} {code}" for code, count in counts.items())


def _counted(count: int) -> str:
    return f"{count:,} record" + ("" if count == 1 else "s")


def _is_allowed(context: Context, order: BulkOrder, chosen: WaitingSet) -> bool:
    """Whether it may be carried out: somebody says so who has seen the set, or a script that names it."""
    from winnowd.operations.queue import SetChangedError, must_be_expected, must_be_unchanged

    try:
        if order.expected is not None:
            must_be_expected(chosen, order.expected)
        if order.is_sure and order.expected is not None:
            return True
        if context.json or not sys.stdin.isatty():
            what = f"{_counted(len(chosen.records))} would be decided on, and nobody can be asked"
            advice = f"add --yes --expect {chosen.set_id} to decide on these and no others"
            raise stop(order.action, what, advice, exit=Exit.USAGE)
        if not _says_yes(context, f"{order.action} {_counted(len(chosen.records))}? [y/N]: "):
            return False
        with asking_ledger('see "winnowd verify"', "state/winnowd.db"):
            must_be_unchanged(context.instance_dir, order.selection, chosen)
    except SetChangedError as changed:
        advice = f"see what waits now ({changed.now}), then give the order again"
        raise stop(order.action, _difference(changed, order.expected), advice, exit=Exit.BAD) from changed
    return True


def _says_yes(context: Context, question: str) -> bool:
    """Ask at the terminal; the empty line, and no line at all, are no."""
    context.stdout.flush()
    context.stderr.write(question)
    context.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _difference(changed: SetChangedError, expected: str | None) -> str:
    """What became of a set since it was shown."""
    if changed.change is None:
        return f"the set is not the one that was expected ({expected})"
    from winnowd.views.queue import short_id, title_name

    parts = []
    if count := changed.change.came_count:
        came = [f"{short_id(item)} {title_name(item)}" for item in changed.change.came]
        parts.append(f"{count:,} came ({_listed(came, count)})")
    if count := changed.change.left_count:
        left = [f"{name[:8]} is {outcome}" for name, outcome in changed.change.left]
        parts.append(f"{count:,} left it ({_listed(left, count)})")
    return "the set changed since it was shown: " + ", ".join(parts)


def _listed(names: list[str], count: int) -> str:
    return ", ".join(names) + (", ..." if len(names) < count else "")


def _apply(context: Context, order: BulkOrder, chosen: WaitingSet) -> int:
    """Give the orders one by one, with progress; Ctrl-C stops after the one in hand, a second one at once."""
    from winnowd.cli.progress import Progress
    from winnowd.operations.order_all import order_all

    results: list[Result] = []
    waits = ""
    with _stoppable() as is_stopped, Progress(context, "records", len(chosen.records)) as progress:
        given = order_all(
            context.instance_dir, lambda: context.loaded, order.action, chosen,
            reason=order.reason, wait=order.wait, is_stopped=is_stopped,
        )  # fmt: skip
        for name, found in given:
            waits = name if found is None else ""
            for one in found or ():
                results.append(one)
                if context.json:
                    context.emit("order", order=name, action=order.action, **one)
            progress.step(count=len(found or ()))
        is_cut = is_stopped()
    return _sum_up(context, results, waits, left=len(chosen.records) - len(results), is_cut=is_cut)


@contextlib.contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Whether somebody has pressed Ctrl-C; a second time it ends the command, as ever."""
    pressed: list[bool] = []

    def stop_after_this(*_: object) -> None:
        pressed.append(True)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop_after_this)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


def _sum_up(context: Context, results: list[Result], waits: str, *, left: int, is_cut: bool) -> int:
    """How many were done, how many refused and why, and what was not given any more."""
    from winnowd.views.escape import printable
    from winnowd.views.lines import Span, wrapped

    refused = [one for one in results if one["state"] == "refused"]
    done = len(results) - len(refused)
    if context.json:
        context.emit("total", count=len(results) + left, done=done, refused=len(refused), left=left)
    else:
        rest = f", {left:,} left as they are" if left else ""
        context.show([(Span(f"{done:,} done", "good"), Span(f", {len(refused):,} refused{rest}"))])
        for because, count in Counter(_ID.sub("…", one["because"]) for one in refused).most_common():
            rows = wrapped((Span(printable(because), "bad"),), context.width - _MARGIN)
            context.show((Span(f"{'' if at else f'{count:,}':>{_MARGIN - 1}} "), *row) for at, row in enumerate(rows))
    if waits:
        context.say(f"an order is queued but has not been carried out yet; see state/orders/{waits}.json")
        return Exit.NOT_YET
    if is_cut and left:
        return Exit.INTERRUPTED
    return Exit.BAD if refused else Exit.DONE
