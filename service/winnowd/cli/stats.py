"""``winnowd stats``: what the decisions of a time add up to, from the files of the log alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.audit_folder import AUDIT, places_of_log
from winnowd.cli.codes import CODE, codes_for_shell
from winnowd.cli.faults import Exit, Fault, stop
from winnowd.cli.times import SINCE, UNTIL

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from winnowd.cli.context import Context
    from winnowd.views.statistics import By, Measured, Outcomes, Statistics

BY: Final = ("day", "code", "feed", "source", "hour")


@click.command("stats")
@click.option("--since", type=SINCE, metavar="TIME", help="From: 2026-11-22, 2026-11-22T03:47, today, or ago: 24h 7d.")
@click.option("--until", type=UNTIL, metavar="TIME", help="To, this day or moment included.")
@click.option("--by", type=click.Choice(BY), default="day", show_default=True, help="What to count by.")
@click.option(
    "--measure", default=None, metavar="CODE", type=CODE, shell_complete=codes_for_shell,
    help="Also how one rule's measure is spread, with its limits.",
)  # fmt: skip
@click.option("--plot", is_flag=True, help="Bars instead of a table.")
@AUDIT
@click.pass_obj
def command(
    context: Context,
    *,
    since: dt.datetime | None,
    until: dt.datetime | None,
    by: By,
    measure: str | None,
    plot: bool,
    audit: Path | None,
) -> int:
    """Count decisions by day, code, feed, source or hour of the day: outcomes, acceptance, times, one measure.

    Decisions count as they were made; a code is a decision's first one. Times are UTC. Only the log's files are read.
    """
    from winnowd.audit.reader import Log
    from winnowd.operations.stats import NoSuchMeasureError, stats

    log = Log(*places_of_log(context, audit))
    try:
        found = stats(log, by, since=since, until=until, measure=measure or "", owned=audit is None)
    except NoSuchMeasureError as fault:
        advice = 'see "winnowd rule" for codes that measure something'
        raise stop("--measure", f'nothing was measured by "{fault}"', advice, exit=Exit.NO_SUCH) from fault
    if context.json:
        _emit(context, found)
    else:
        from winnowd.views.statistics import statistics_lines

        context.show(statistics_lines(found, context.width, plot=plot))
    if found.broken:
        context.warn(f"winnowd: stats: {found.broken:,} lines are no events; see winnowd verify")
    for file, because in found.unread:
        context.tell(Fault(file, because, "see winnowd verify"))
    return Exit.UNOPENED if found.unread else Exit.DONE


def _emit(context: Context, found: Statistics) -> None:
    """A ``count`` for each key and one for all, ``refused`` by code, ``orders``, ``time``; ``measure`` and its bins."""
    for key, one in found.groups.items():
        context.emit("count", by=found.by, key=key, **_outcomes(one))
    context.emit("total", first=found.first or None, last=found.last or None, **_outcomes(found.total))
    for kind, codes in found.refused.items():
        for code, count in codes.items():
            context.emit("refused", kind=kind, code=code, slug=found.slugs.get(code), n=count)
    for action, count in found.orders.items():
        context.emit("ordered", action=action, n=count)
    for name, span in found.times.items():
        context.emit("time", of=name, n=span.n, median=span.median, p90=span.p90, p99=span.p99)
    if found.measured is not None:
        _emit_measure(context, found.measured)


def _outcomes(one: Outcomes) -> dict[str, object]:
    acceptance = None if one.acceptance is None else round(one.acceptance, 6)
    return {"n": one.total, **one._asdict(), "acceptance": acceptance}


def _emit_measure(context: Context, one: Measured) -> None:
    context.emit(
        "measure", code=one.code, slug=one.slug, unit=one.unit, side=one.side, doubt=one.doubt, fail=one.fail,
        n=one.n, doubted=one.doubted, failed=one.failed, changed=one.changed, texts=one.texts,
    )  # fmt: skip
    for each in one.bins:
        context.emit("bin", code=one.code, start=each.start, end=each.end, n=each.n)
