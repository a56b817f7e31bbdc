"""The orders: release, confirm, retract, restore, erase. Each is written as a file; whoever owns the instance obeys."""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from winnowd.cli.faults import Exit, stop
from winnowd.cli.owning import owning
from winnowd.cli.selecting import SELECTING, selecting, selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.cli.context import Context
    from winnowd.cli.faults import Stop
    from winnowd.operations.orders import Action, Unfit, UnfitOrderError

    Bulk = Literal["release", "confirm"]

_LISTED: Final = 20
_WAIT: Final = 10.0
_UNFIT: Final[dict[Unfit, tuple[str, str]]] = {
    "targets": ("{size} targets", "give at most {most} at once"),
    "no reason": ("--reason is empty", "say why; it is kept in the audit log"),
    "reason": ("--reason has {size} characters", "give at most {most}"),
    "no target": ("a target is empty", "name a record, an arrival or a file"),
    "target": ("a target has {size} characters", "give at most {most}; the beginning of an id is enough"),
    "no text": ("not text that UTF-8 can hold", "name such a record by its id"),
    "order": ("the order has {size} bytes", "an order has at most {most}: give fewer targets at once"),
}


def _order(name: Action, what: str, *options: Callable[[Any], Any]) -> click.Command:
    """The command of one order; all take targets and a reason."""

    def given(context: Context, targets: tuple[str, ...], reason: str, wait: float | None, **flags: bool) -> int:
        return give_and_await(context, name, list(targets), reason=reason, wait=wait, flags=flags)

    return _command(name, what, given, *options, _TARGETS(required=True))


def _order_or_all(name: Bulk, what: str, *options: Callable[[Any], Any]) -> click.Command:
    """The command of an order that may be given on all that waits, too."""

    def given(
        context: Context,
        targets: tuple[str, ...],
        reason: str,
        wait: float | None,
        *,
        on_all: bool,
        yes: bool,
        expect: str | None,
        **others: Any,  # noqa: ANN401 - what chooses, and the order's own flags
    ) -> int:
        chosen = {option: others.pop(option) for option in SELECTING}
        if fault := _misuse(targets, chosen, others, on_all=on_all, is_sure=yes or expect is not None):
            raise stop(name, *fault, exit=Exit.USAGE)
        if not on_all:
            return give_and_await(context, name, list(targets), reason=reason, wait=wait, flags=others)
        from winnowd.cli.order_all import WAIT, BulkOrder, order_all_shown

        patience = WAIT if wait is None else wait
        return order_all_shown(context, BulkOrder(name, selection(**chosen), reason, yes, expect, patience))

    return _command(name, what, given, *_SURE, selecting, _ALL, *options, _TARGETS(required=False))


def _misuse(
    targets: tuple[str, ...], chosen: dict[str, Any], flags: dict[str, bool], *, on_all: bool, is_sure: bool
) -> tuple[str, str] | None:
    """What is wrong with what was given together, and what to do."""
    if not on_all and (is_sure or any(chosen.values())):
        return "--code, --feed, --since, --until, --older-than, --yes and --expect go with --all", "add it"
    if on_all == bool(targets):
        return "give the ids of records, or --all for all that waits", 'see "winnowd queue"'
    if on_all and any(flags.values()):
        return "--replace goes with single records", "each twin that is retracted is to be looked at by itself"
    return None


def _command(name: str, what: str, given: Callable[..., int], *options: Callable[[Any], Any]) -> click.Command:
    made: Any = click.pass_obj(given)
    for option in (
        click.option("--wait", type=float, help="Seconds to wait until it is carried out; 10, of --all 60 an order."),
        click.option("--reason", required=True, help="Why; it is kept in the audit log for ever."),
        *options,
    ):
        made = option(made)
    return click.command(name, help=what)(made)


_TARGETS: Final = functools.partial(click.argument, "targets", metavar="[ID]...", nargs=-1)
_SURE: Final = (
    click.option("--expect", metavar="SET", help="With --all --yes: only if just so many wait, or this very set."),
    click.option("--yes", is_flag=True, help="With --all --expect: do not ask."),
)
_ALL: Final = click.option("--all", "on_all", is_flag=True, help="All that waits and fits the options that follow.")


_TOGETHER: Final = (
    "With --all on all that waits and fits: shown and asked about first, and only if that is still the same then."
)
release = _order_or_all(
    "release",
    f"Admit what was quarantined or rejected; refused if it is a copy of what the corpus has now.\n\n{_TOGETHER}",
    click.option("--replace", is_flag=True, help="Retract the article that it is a copy of."),
)
confirm = _order_or_all("confirm", f"Turn away for good what was quarantined.\n\n{_TOGETHER}")
retract = _order("retract", "Take an admitted article out of the corpus; later copies of it are held.")
restore = _order("restore", "Undo the last order on a text, with all that it changed.")
erase = _order(
    "erase",
    "Take every record of a text away, for ever: text, originals, evidence, fingerprints.",
    click.option("--yes", is_flag=True, help="Yes: there is no way back."),
    click.option(
        "--forget", is_flag=True, help="Also delete its hashes, so that later copies are no longer recognised."
    ),
)


def give_and_await(
    context: Context, action: Action, targets: list[str], *, reason: str, wait: float | None, flags: dict[str, bool]
) -> int:
    """Give the order, wait until it is carried out (here, if nobody serves), show what became of it."""
    from winnowd.operations.orders import UnfitOrderError, applied, give_order

    try:
        given = give_order(context.instance_dir, action, targets, reason=reason, flags=flags)
    except UnfitOrderError as fault:
        raise unfit(action, fault) from fault
    with owning(action):
        results = applied(context.instance_dir, lambda: context.loaded, given, _WAIT if wait is None else wait)
    if results is None:
        context.say(
            f"the order is queued but has not been carried out yet; see state/orders/{given}.json, or wait with --wait"
        )
        return Exit.NOT_YET
    several = Counter(one.get("id") for one in results)
    for one in results:
        _tell(context, given, one | {"action": action}, name_record=several[one.get("id")] > 1)
    refused = [one for one in results if one["state"] == "refused"]
    if not refused:
        return Exit.DONE
    return Exit.NO_SUCH if all("found" in one for one in refused) else Exit.BAD


def unfit(action: str, fault: UnfitOrderError) -> Stop:
    """What makes an order none, in words (2)."""
    what, advice = (words.format(size=fault.size, most=fault.most) for words in _UNFIT[fault.fault])
    return stop(action, what, advice, exit=Exit.USAGE)


def _tell(context: Context, order: str, one: dict[str, Any], *, name_record: bool) -> None:
    """What became of one record; which it was, where several of its text were meant."""
    from winnowd.views.escape import printable
    from winnowd.views.lines import Span

    if context.json:
        context.emit("order", order=order, **one)
    elif one["state"] == "refused":
        context.show([(Span("refused ", "bad"), Span(printable(one["because"])))])
    else:
        record = f"  {one['record']}" if name_record else ""
        context.show([(Span("done ", "good"), Span(f"{one['id']} is {one['outcome']}"), Span(record, "dim"))])
        if one["outcome"] == "reopened":
            said = 'the rest is judged now, record by record: by the service, or by the next "winnowd run --once"'
            context.show([(Span(f"  {said}"),)])
        left = one.get("left", [])
        context.show([(Span("  still held by ", "bad"), Span(printable(holder))) for holder in left[:_LISTED]])
        if left[_LISTED:]:
            context.show([(Span(f"  and by {len(left) - _LISTED} more: see state/orders/done/{order}.json"),)])
