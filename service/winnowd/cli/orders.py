"""The orders: release, confirm, retract, restore, erase. Each is written as a file; whoever owns the instance obeys."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from winnowd.cli.faults import Exit, stop
from winnowd.cli.owning import owning

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.cli.context import Context

_STEP: Final = 0.05
_LISTED: Final = 20
Action = Literal["release", "confirm", "retract", "restore", "erase"]


def _order(name: Action, what: str, *options: Callable[[Any], Any]) -> click.Command:
    """The command of one order; all take targets and a reason."""

    def given(context: Context, targets: tuple[str, ...], reason: str, wait: float, **flags: bool) -> int:
        return obey(context, name, list(targets), reason=reason, wait=wait, flags=flags)

    made: Any = click.pass_obj(given)
    for option in (
        *options,
        click.option("--wait", default=10.0, show_default=True, help="Seconds to wait until it is carried out."),
        click.option("--reason", required=True, help="Why; it is kept in the audit log for ever."),
        click.argument("targets", metavar="ID...", nargs=-1, required=True),
    ):
        made = option(made)
    return click.command(name, help=what)(made)


release = _order(
    "release",
    "Admit what was quarantined or rejected; refused if it is a copy of what the corpus has now.",
    click.option("--replace", is_flag=True, help="Retract the article that it is a copy of."),
)
confirm = _order("confirm", "Turn away for good what was quarantined.")
retract = _order("retract", "Take an admitted article out of the corpus; later copies of it are held.")
restore = _order("restore", "Undo the last order on a text, with all that it changed.")
erase = _order(
    "erase",
    "Take every record of a text away, for ever: text, originals, evidence, fingerprints.",
    click.option("--yes", is_flag=True, help="Yes: there is no way back."),
    click.option("--forget", is_flag=True, help="Its digests too: then a copy of it is no longer known as one."),
)


def obey(
    context: Context, action: Action, targets: list[str], *, reason: str, wait: float, flags: dict[str, bool]
) -> int:
    """Write the order, let the owner carry it out (or do so, if there is none), show what became of it."""
    from winnowd.storage.clock import SystemClock
    from winnowd.storage.orderbook import LONGEST, OrderFile, give

    if fault := _no_order(targets, reason):
        raise stop(action, *fault, exit=Exit.USAGE)
    clock = SystemClock()
    order = clock.uuid7()
    content = OrderFile(
        at=clock.now().isoformat(), user=_user(), via="cli", action=action, targets=targets, reason=reason, **flags
    )
    if (size := len(content.model_dump_json().encode())) > LONGEST:
        advice = f"an order has at most {LONGEST}: give fewer targets at once"
        raise stop(action, f"the order has {size} bytes", advice, exit=Exit.USAGE)
    give(context.home, order, content)
    results = carried_out(context, order, wait)
    if results is None:
        context.say(f"the order stands, but is not carried out yet; {order} in state/orders")
        return Exit.NOT_YET
    several = Counter(one.get("id") for one in results)
    for one in results:
        _tell(context, order, one | {"action": action}, name_record=several[one.get("id")] > 1)
    refused = [one for one in results if one["state"] == "refused"]
    if not refused:
        return Exit.DONE
    return Exit.NO_SUCH if all("found" in one for one in refused) else Exit.BAD


def _no_order(targets: list[str], reason: str) -> tuple[str, str] | None:
    """What is wrong with it, and what to do; None if it may be given."""
    from winnowd.storage.orderbook import LONGEST_REASON, LONGEST_TARGET, MOST_TARGETS

    longest = max(map(len, targets))
    shorter = f"give at most {LONGEST_TARGET}; the beginning of an id is enough"
    unfit = any("\ud800" <= sign <= "\udfff" for words in (reason, *targets) for sign in words)
    found = (
        (len(targets) > MOST_TARGETS, f"{len(targets)} targets", f"give at most {MOST_TARGETS} at once"),
        (not reason.strip(), "--reason is empty", "say why; it is kept in the audit log"),
        (len(reason) > LONGEST_REASON, f"--reason has {len(reason)} characters", f"give at most {LONGEST_REASON}"),
        (not all(targets), "a target is empty", "name a record, an arrival or a file"),
        (longest > LONGEST_TARGET, f"a target has {longest} characters", shorter),
        (unfit, "not text that UTF-8 can hold", "name such a record by its id"),
    )
    return next(((what, advice) for wrong, what, advice in found if wrong), None)


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()[:100]
    except (KeyError, OSError):
        return "unknown"


def carried_out(context: Context, order: str, wait: float) -> list[dict[str, Any]] | None:
    """The results, after at most ``wait`` seconds; without an owner this process becomes one for a moment."""
    from winnowd.layout import LOCK
    from winnowd.storage.lock import holder
    from winnowd.storage.orderbook import results

    deadline, tried = time.monotonic() + wait, False
    while (found := results(context.home, order)) is None:
        served = holder(context.home / LOCK) is not None
        if (served or tried) and time.monotonic() >= deadline:
            return None
        if served or tried:
            time.sleep(_STEP)
        if not served:
            tried = True
            _do_it_here(context)
    return found


def _do_it_here(context: Context) -> None:
    from winnowd.daemon.serve import obey_once
    from winnowd.storage.lock import LockHeldError

    with owning(context.command):
        try:
            obey_once(context.home, context.loaded)
        except LockHeldError:
            time.sleep(_STEP)


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
