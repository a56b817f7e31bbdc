"""``winnowd index``: whether INDEX.md and its pages are what the ledger says, and writing them anew."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from winnowd.cli.faults import Exit, stop
from winnowd.cli.owning import knowing_the_log, owning

if TYPE_CHECKING:
    from winnowd.cli.context import Context


@click.group("index")
def command() -> None:
    """Compare the corpus index with the ledger, or write it anew."""


@command.command("check")
@click.pass_obj
def check(context: Context) -> int:
    """Name every file of the index that is not as the ledger has it; exit 1 if there is one."""
    from winnowd.cli.verify import BETWEEN_LOOKS, is_served, stamp

    drift, pages = _drift(context)
    if drift and is_served(context):
        before = {path: stamp(context.home / path) for path in drift}
        time.sleep(context.loaded.settings.index.every + BETWEEN_LOOKS)
        drift, pages = _drift(context)
        drift = [path for path in drift if path in before and stamp(context.home / path) == before[path]]
    _tell(context, drift, pages)
    return Exit.BAD if drift else Exit.DONE


@command.command("rebuild")
@click.pass_obj
def rebuild(context: Context) -> int:
    """Write every page and INDEX.md anew from the ledger; nothing may serve the instance meanwhile."""
    from winnowd.operations.rebuild import rewrite_index

    with owning("index rebuild"):
        drift, pages = rewrite_index(context.home, context.loaded)
    if context.json:
        context.emit("check", what="index", valid=2 * pages + 1 - len(drift), total=2 * pages + 1)
    else:
        noun = "page" if pages == 1 else "pages"
        context.say(f"wrote {pages:,} {noun} and INDEX.md anew; {len(drift):,} of the files were not as they must be")
    return Exit.DONE


def _drift(context: Context) -> tuple[list[str], int]:
    """The files that are not as the ledger has them, and the number of pages."""
    from winnowd.layout import LEDGER
    from winnowd.storage.disk import Disk
    from winnowd.storage.ledger import Ledger, LedgerDamagedError
    from winnowd.wiring.instance import index_of

    knowing_the_log(context.home)
    try:
        ledger = Ledger.read(context.home / LEDGER)
    except FileNotFoundError:
        advice = '"winnowd run" makes it'
        raise stop("index check", "there is no ledger to compare with", advice, exit=Exit.DISK) from None
    except LedgerDamagedError as fault:
        advice = '"winnowd ledger rebuild" makes it anew from the log'
        raise stop("state", str(fault), advice, exit=Exit.DISK, code="SYS944") from fault
    try:
        index = index_of(Disk(context.home), ledger, context.loaded.settings)
        return index.drift(), len(ledger.pages.all())
    finally:
        ledger.close()


def _tell(context: Context, drift: list[str], pages: int) -> None:
    from winnowd.views.escape import printable
    from winnowd.views.lines import Span

    total = 2 * pages + 1
    for path in drift:
        if context.json:
            context.emit("damage", what="index", place=path, message="is not as the ledger has it")
        else:
            context.show([(Span(printable(path), "path"), Span(" is not as the ledger has it", "bad"))])
    if context.json:
        context.emit("check", what="index", valid=total - len(drift), total=total)
    elif drift:
        context.say('"winnowd index rebuild" writes them anew')
    else:
        noun = "page" if pages == 1 else "pages"
        context.show([(Span("ok ", "good"), Span(f"{pages:,} {noun} and INDEX.md are as the ledger has them"))])
