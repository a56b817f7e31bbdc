"""``winnowd run``: serve an instance, or decide once what lies in its inbox."""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.faults import Exit, stop
from winnowd.cli.notify import running_notifier
from winnowd.cli.owning import owning
from winnowd.layout import INBOX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.cli.context import Context
    from winnowd.cli.progress import Progress
    from winnowd.daemon.servicelog import Lines
    from winnowd.model import DecisionRecord
    from winnowd.storage.inbox.waiting import LeftInInbox
    from winnowd.views.tally import Shown, Tally

_SHOWN_IN_FULL: Final = 20
_LISTED: Final = 200
"""Rows of the table; whatever else was decided is counted."""


@click.command("run")
@click.option("--once", is_flag=True, help="Decide what lies in the inbox, print it, end.")
@click.option(
    "--log-file", type=click.Path(path_type=Path), help="Write the service's own log there; SIGHUP opens it anew."
)
@click.pass_obj
def command(context: Context, *, once: bool, log_file: Path | None) -> int:
    """Serve: take what lands in the inbox, decide it, until Ctrl-C or SIGTERM; it ends after the batch in hand.

    SIGHUP has the configuration read anew, all of it or nothing. The service's own log goes to stderr; decisions are in
    audit/, in the corpus, and beside what was turned away.
    """
    with owning("run"):
        if once:
            return _once(context)
        _serve(context, log_file)
    return Exit.DONE


def _serve(context: Context, log_file: Path | None) -> None:
    from winnowd import settings
    from winnowd.daemon.serve import serve

    instance_dir = context.instance_dir
    inbox = instance_dir / INBOX

    def ready() -> None:
        if "JOURNAL_STREAM" in context.environ:
            return  # the service manager was told; these are words for who has just typed the command
        context.say(
            f"winnowd watches {inbox}\n"
            f"  try: cp article.txt {inbox}/       then look into {instance_dir / 'seeds' / 'INDEX.md'}\n"
            f"       {_command()} --home {instance_dir} status  (or: explain NAME, rule CODE)\n"
            "  Ctrl-C ends it after the batch in hand"
        )

    load = functools.partial(settings.load, instance_dir, context.config, context.environ)
    lines = None if log_file is None else _lines(log_file)
    with running_notifier(context):
        serve(instance_dir, context.loaded, load=load, lines=lines, ready=ready)


def _command() -> str:
    """What to type: the name where the shell finds it, else the path by which it was called."""
    return "winnowd" if shutil.which("winnowd") else shlex.quote(sys.argv[0])


def _lines(path: Path) -> Lines:
    from winnowd.daemon.servicelog import log_lines

    try:
        return log_lines(path)
    except OSError as fault:
        what = f"cannot be written ({fault.strerror})"
        raise stop(str(path), what, "name a file that can", exit=Exit.USAGE) from fault


class _Decided:
    """Told of each decision once it is true: keeps what will be shown of it; with ``--json`` writes it, keeps nothing.

    That nobody reads any more, or that a full disk takes no more, stops no work: it is told at the end.
    """

    def __init__(self, context: Context, progress: Progress) -> None:
        from winnowd.views.tally import Tally

        self.tally = Tally(_SHOWN_IN_FULL, _LISTED)
        self.unwritten: OSError | None = None
        self._context, self._progress = context, progress

    def __call__(self, entry: DecisionRecord) -> None:
        """Count it, and show where we are."""
        from winnowd.views.tally import Shown

        event = entry.event
        file, arrival = event["file"], event["winnowd"]["arrival"]
        self._progress.step(str(file["path"]) + ("" if "records" in arrival else f"#{arrival['record']}"))
        one = Shown(event, entry.evidence, str(file["name"]))
        if self._context.json:
            self._write(one)
        else:
            self.tally.add(one)

    def _write(self, one: Shown) -> None:
        if self.unwritten is not None:
            return
        try:
            self._context.emit("decision", **one.fields())
            self._context.stdout.flush()
        except OSError as fault:
            self.unwritten = fault


def _once(context: Context) -> int:
    from winnowd.cli.progress import Progress
    from winnowd.daemon.garbage import collect_seldom
    from winnowd.daemon.serve import decide_once
    from winnowd.daemon.servicelog import service_log
    from winnowd.views.escape import printable

    begun = time.monotonic()
    left: list[LeftInInbox] = []
    with Progress(context, "records") as progress:
        decided = _Decided(context, progress)
        log = service_log(least="warning")
        collect_seldom()
        decide_once(context.instance_dir, context.loaded, log=log, decided=decided, left=left.append)
    if decided.unwritten is not None:
        raise decided.unwritten
    reasons = [reason for waiting in left for reason in _reasons(waiting)]
    if context.json:
        for why, count, named in reasons:
            context.emit("left", because=why, files=count, named=named)
        return Exit.DONE
    _show(context, decided.tally, time.monotonic() - begun, is_empty=not reasons)
    for why, count, named in reasons:
        names = ", ".join(map(printable, named)) + ", .." * (count > len(named))
        context.say(f"left in the inbox, {why}: {count:,} ({names})")
    return Exit.DONE


def _reasons(waiting: LeftInInbox) -> Iterator[tuple[str, int, list[str]]]:
    """Why something was left in the inbox, how much for that, and some of it by name."""
    from winnowd.storage.inbox.waiting import REASONS

    for reason, count in waiting.left().items():
        yield REASONS[reason], count, [os.fsdecode(path) for path in waiting.named[reason]]
    if waiting.blocked:
        named = [f"{os.fsdecode(one.path)}: {os.strerror(one.error)}" for one in waiting.refused]
        yield "may not be taken", waiting.blocked, named


def _show(context: Context, tally: Tally, seconds: float, *, is_empty: bool) -> None:
    from winnowd.views.findings import finding_lines
    from winnowd.views.tally import Frame, count_line, table_lines
    from winnowd.wiring.rules import rules_in_force

    if not tally.count:
        context.say(
            f"the inbox {'is empty' if is_empty else 'holds nothing that may be taken now'}; nothing was decided"
        )
        return
    frame = Frame(rules_in_force(context.loaded.settings), context.width, dry=False)
    context.show(finding_lines(tally.in_full, frame))
    context.show(table_lines(tally, frame))
    context.show([(), *count_line(tally, seconds, frame)])
