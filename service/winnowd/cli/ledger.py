"""``winnowd ledger``: whether the ledger is sound and says what the log says; making it anew from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from winnowd.cli.faults import Exit, Fault, Stop, stop
from winnowd.cli.owning import owning

if TYPE_CHECKING:
    from winnowd.cli.context import Context
    from winnowd.operations.rebuild import Rebuilt

_LISTED = 5


@click.group("ledger")
def command() -> None:
    """Check the ledger against itself and the log, or make it anew from the log."""


@command.command("check")
@click.pass_obj
def check(context: Context) -> int:
    """SQLite's own check, and the log, line by line, against what the ledger knows of it; exit 1 at damage."""
    from winnowd.cli.progress import Progress
    from winnowd.cli.verify import show
    from winnowd.operations.verify import verify

    with Progress(context, "lines") as progress:
        found = verify(context.instance_dir, lambda: context.loaded, scope="ledger", step=progress.step)
    show(context, found)
    return Exit.BAD if found.changed else Exit.DONE


@command.command("rebuild")
@click.pass_obj
def rebuild(context: Context) -> int:
    """Make the ledger anew from audit log, kept originals and seeds/; the next arrivals get the same decisions.

    Nothing may serve the instance meanwhile. The old ledger stays as state/winnowd.db.before-rebuild. A ledger older
    than the log is only moved aside, to state/winnowd.db.TIME.
    """
    from winnowd.cli.progress import Progress
    from winnowd.operations.rebuild import LogDamagedError, UnfinishedError, rebuild_ledger

    try:
        with owning("ledger rebuild"), Progress(context, "events") as progress:
            rebuilt = rebuild_ledger(context.instance_dir, context.loaded, progress.step)
    except LogDamagedError as damaged:
        faults = [Fault(one.position, one.what) for one in damaged.faults[:_LISTED]]
        advice = "a ledger made of it would not be the true one; restore the log from a copy"
        many = len(damaged.faults)
        summary = Fault("ledger rebuild", f"the log is not as it was written, in {many} places", advice)
        raise Stop([*faults, summary], Exit.BAD) from damaged
    except UnfinishedError as unfinished:
        what = "the old ledger has unfinished work from another winnowd version"
        raise stop("ledger rebuild", what, "run that version once, then rebuild", exit=Exit.CONFIG) from unfinished
    _tell(context, rebuilt)
    return Exit.DONE


def _tell(context: Context, rebuilt: Rebuilt) -> None:
    from winnowd.views.lines import Span

    texts = rebuilt.texts
    counts = {
        "events": (rebuilt.events, "of the log told again"),
        "decisions": (rebuilt.decisions, "as they stand after all orders"),
        "texts made again": (texts.made_again, "from originals, the very same"),
        "texts from seeds/": (texts.from_corpus, "their originals are gone, or are cleaned otherwise today"),
        "other texts": (
            texts.otherwise,
            "are cleaned otherwise today: known by what they give now, not to be released",
        ),
        "texts gone": (texts.gone, "known by their digests only"),
    }
    for name, (count, what) in counts.items():
        if context.json:
            context.emit("check", what=name.replace(" ", "-").rstrip("/"), valid=count, total=count)
        elif count:
            context.show([(Span(f"{count:>9,} {name:<18}"), Span(what, "dim"))])
    if rebuilt.kept_as:
        context.say(f"the old ledger lies in {rebuilt.kept_as}")
