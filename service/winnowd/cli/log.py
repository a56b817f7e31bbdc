"""``winnowd log``: events of the audit log, from its files alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.audit_folder import AUDIT, places_of_log
from winnowd.cli.codes import CODE, codes_for_shell
from winnowd.cli.faults import Exit, stop
from winnowd.cli.times import SINCE, UNTIL

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from winnowd.audit.reader import Log, Logged
    from winnowd.audit.search import Wanted
    from winnowd.cli.context import Context

ACTIONS: Final = (
    "admit", "quarantine", "reject", "release", "confirm", "restore", "supersede", "retract", "erase", "startup",
    "shutdown", "config-change", "recovered", "failure", "index-written", "day-sealed", "retention",
    "changed-after",
)  # fmt: skip
_POLL: Final = 0.5
_SHOWN_BEFORE: Final = 10
"""Events shown before those to come, with ``--follow`` and no ``-n``."""


@click.command("log")
@click.option(
    "--since", type=SINCE, metavar="TIME", help="From: 2026-11-22, 2026-11-22T03:47, today, or ago: 90m 24h 7d."
)
@click.option("--until", type=UNTIL, metavar="TIME", help="To, this day or moment included.")
@click.option("--action", "actions", multiple=True, type=click.Choice(ACTIONS), help="Only these; may be repeated.")
@click.option(
    "--code",
    "codes",
    multiple=True,
    metavar="CODE",
    type=CODE,
    shell_complete=codes_for_shell,
    help="Only with one of these codes.",
)
@click.option("--feed", default="", metavar="NAME", help="Only from this feed, and those below it.")
@click.option("--grep", "text", default="", metavar="TEXT", help="Only lines that hold this text, in whatever case.")
@click.option("-n", "most", type=click.IntRange(min=0), metavar="N", help="The last N of them.")
@click.option("--follow", "-f", is_flag=True, help="Then wait for those to come, until Ctrl-C.")
@click.option("--head", "is_head", is_flag=True, help="Only the last event, by number and hash, in one line to keep.")
@AUDIT
@click.pass_obj
def command(
    context: Context,
    *,
    since: dt.datetime | None,
    until: dt.datetime | None,
    actions: tuple[str, ...],
    codes: tuple[str, ...],
    feed: str,
    text: str,
    most: int | None,
    follow: bool,
    is_head: bool,
    audit: Path | None,
) -> int:
    """Show events, oldest first, a line each; with --json the log's own lines, byte for byte.

    All filters must hold. Times are UTC; a day alone is the whole of it. The line of --head is for a place that the
    log's owner does not rule: winnowd verify --anchor holds the log to it.
    """
    from winnowd.audit.reader import Log
    from winnowd.audit.search import Follower, Wanted, forwards, newest

    wanted = Wanted(since, until, actions, codes, feed.strip("/"), text)
    folder, audit_dir = places_of_log(context, audit)
    log = Log(folder, audit_dir)
    if is_head:
        if wanted != Wanted() or follow or most is not None:
            raise stop("--head", "is of the whole log", "leave out all filters", exit=Exit.USAGE)
        return _tell_head(context, log, folder)
    replayer = _LinePrinter(context, wanted)
    follower = Follower(log, lambda: time.sleep(_POLL)) if follow else None
    if follow and most is None:
        most = _SHOWN_BEFORE
    for line in forwards(log, wanted) if most is None else newest(log, wanted, most):
        replayer.tell(line)
    if follower is not None:
        for line in follower:
            replayer.tell(line)
            context.stdout.flush()
    replayer.close()
    return Exit.DONE


def _tell_head(context: Context, log: Log, folder: Path) -> int:
    from winnowd.audit.head_line import head
    from winnowd.audit.search import Wanted, newest

    last = next(newest(log, Wanted(), 1), None)
    found = None if last is None else head(last, str(folder))
    if found is None:
        raise stop("log --head", "the log has no event yet", "it has one once winnowd has run", exit=Exit.NO_SUCH)
    if context.json:
        context.emit("head", **found._asdict())
    else:
        context.stdout.write(f"{found.line()}\n")
    return Exit.DONE


class _LinePrinter:
    """Writes what is wanted; counts lines that are no events."""

    def __init__(self, context: Context, wanted: Wanted) -> None:
        self._context = context
        self._wanted = wanted
        self._broken = 0
        self._raw, context.json = context.json, False  # the log's own lines have no summary behind them

    def tell(self, line: Logged) -> None:
        """Write a line's event, if it is wanted."""
        from winnowd.views.account import event_line

        try:
            event = self._wanted.event(line.line)
            if event is None:
                return
            shown = None if self._raw else event_line(event)
        except (ValueError, KeyError, TypeError):
            self._broken += 1
            return
        if shown is None:
            self._context.stdout.write(line.line.decode("ascii", "backslashreplace") + "\n")
        else:
            self._context.show([shown])

    def close(self) -> None:
        """Say what could not be shown."""
        if self._broken:
            self._context.warn(f"winnowd: log: {self._broken:,} lines are no events; see winnowd verify")
