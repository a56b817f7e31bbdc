"""``winnowd queue``: what waits for a person, oldest first, and why."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import click

from winnowd.cli.faults import Exit
from winnowd.cli.owning import asking_ledger
from winnowd.cli.selecting import selecting, selection

if TYPE_CHECKING:
    from winnowd.cli.context import Context

_SHOWN: Final = 20


@click.command("queue")
@selecting
@click.option("-n", "--limit", "most", type=click.IntRange(min=1), default=_SHOWN, show_default=True, help="At most N.")
@click.pass_obj
def command(context: Context, /, *, most: int, **chosen: Any) -> int:  # noqa: ANN401 - the options that choose
    """Show what waits for a person: records in quarantine, oldest first, each with its reason.

    Ids are short; give them to explain, release or confirm as they are. With --json: a line each, then how many wait by
    code and in all, and the name of that set, for --expect of release and confirm.
    """
    from winnowd.operations.queue import queue
    from winnowd.views.lines import Span, wrapped
    from winnowd.views.queue import queue_lines, total_lines, waiting_fields

    with asking_ledger('see "winnowd verify"', "state/winnowd.db"):
        found = queue(context.instance_dir, selection(**chosen), most=most)
    now = dt.datetime.now(dt.UTC)
    if context.json:
        for item in found.items:
            context.emit("waiting", **waiting_fields(item, now))
        for code, count in found.by_code.items():
            context.emit("count", by="code", key=code, n=count)
        context.emit("total", count=found.count, shown=len(found.items), set=found.set_id)
        return Exit.DONE
    context.show(queue_lines(found.items, now, context.width))
    context.show(total_lines(found.count, found.by_code, len(found.items), context.width))
    if found.items:
        one_by_one = (Span("winnowd review", "bold"), Span(" goes through them one by one; "))
        all_of_one = (Span("winnowd explain ID", "bold"), Span(" tells all of one"))
        context.show(wrapped((*one_by_one, *all_of_one), context.width))
    return Exit.DONE
