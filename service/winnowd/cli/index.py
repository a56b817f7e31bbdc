"""``winnowd index``: whether INDEX.md and its pages are what the ledger says, and writing them anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from winnowd.cli.faults import Exit, stop
from winnowd.cli.owning import asking_ledger, owning

if TYPE_CHECKING:
    from winnowd.cli.context import Context
    from winnowd.operations.index import Drift


@click.group("index")
def command() -> None:
    """Compare the corpus index with the ledger, or write it anew."""


@command.command("check")
@click.pass_obj
def check(context: Context) -> int:
    """Name every file of the index that is not as the ledger has it; exit 1 if there is one."""
    from winnowd.operations.index import NoLedgerError, drift_of

    try:
        with asking_ledger('"winnowd ledger rebuild" makes it anew from the log'):
            drift = drift_of(context.instance_dir, context.loaded.settings)
    except NoLedgerError:
        advice = '"winnowd run" makes it'
        raise stop("index check", "there is no ledger to compare with", advice, exit=Exit.DISK) from None
    _tell(context, drift)
    return Exit.BAD if drift.files else Exit.DONE


@command.command("rebuild")
@click.pass_obj
def rebuild(context: Context) -> int:
    """Write every page, README.md and INDEX.md anew from the ledger; nothing may serve the instance meanwhile."""
    from winnowd.operations.index import rewrite_index

    with owning("index rebuild"):
        drift = rewrite_index(context.instance_dir, context.loaded)
    if context.json:
        context.emit("check", what="index", valid=drift.total - len(drift.files), total=drift.total)
    else:
        many = len(drift.files)
        context.say(
            f"wrote {_pages(drift)}, README.md and INDEX.md anew; {many:,} of the files were not as they must be"
        )
    return Exit.DONE


def _tell(context: Context, drift: Drift) -> None:
    from winnowd.views.escape import printable
    from winnowd.views.lines import Span

    for path in drift.files:
        if context.json:
            context.emit("damage", what="index", place=path, message="is not as the ledger has it")
        else:
            context.show([(Span(printable(path), "path"), Span(" is not as the ledger has it", "bad"))])
    if context.json:
        context.emit("check", what="index", valid=drift.total - len(drift.files), total=drift.total)
    elif drift.files:
        context.say('"winnowd index rebuild" writes them anew')
    else:
        context.show(
            [(Span("ok ", "good"), Span(f"{_pages(drift)}, README.md and INDEX.md are as the ledger has them"))]
        )


def _pages(drift: Drift) -> str:
    return f"{drift.pages:,} {'page' if drift.pages == 1 else 'pages'}"
