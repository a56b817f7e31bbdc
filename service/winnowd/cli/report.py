"""``winnowd report``: what was decided, as pages that are files."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.faults import Exit, stop
from winnowd.cli.owning import asking_ledger
from winnowd.cli.times import SINCE

if TYPE_CHECKING:
    import datetime as dt

    from winnowd.cli.context import Context
    from winnowd.operations.report_folder import ReportFolder
    from winnowd.web.report import Report

_MOST: Final = 1_000


@click.command("report")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--since", type=SINCE, metavar="TIME", help="Nothing that was decided before: 2026-11-22, or ago: 24h 7d."
)
@click.option(
    "--most", type=click.IntRange(min=0), default=_MOST, show_default=True, metavar="N",
    help="How many of the newest have a page of their own; the others stand in the list.",
)  # fmt: skip
@click.pass_obj
def command(context: Context, *, folder: Path, since: dt.datetime | None, most: int) -> int:
    """Write the overview, and what was turned away and why, as pages into a folder: no server, no script.

    The same log gives the same files, and those that have not changed are not touched. The folder is new, empty, or a
    report that was written before. The overview is of the last 30 days of the log.
    """
    try:
        from winnowd.web.report import Report
    except ModuleNotFoundError as fault:
        if (fault.name or "").startswith("winnowd"):
            raise
        advice = "install it with: pip install 'winnowd[web]'"
        raise stop("report", f"{fault.name} is missing, which makes pages", advice, exit=Exit.USAGE) from fault
    _must_be_outside(context, folder)
    with asking_ledger('see "winnowd ledger check"'):
        try:
            report = Report.of(context.instance_dir, context.loaded.settings, since, most)
            written = _write(context, report, folder)
        except (EOFError, zlib.error) as fault:
            what = f"a file of the log cannot be read ({fault})"
            raise stop("report", what, 'see "winnowd verify"', exit=Exit.DISK) from fault
    return _tell(context, report, written, folder)


def _must_be_outside(context: Context, folder: Path) -> None:
    """Not into what the service has: it would read an inbox's pages as articles."""
    from winnowd.layout import FOLDERS

    at = folder.resolve()
    for name in FOLDERS:
        if at.is_relative_to((context.instance_dir / name).resolve()):
            what = f"{folder} lies in {name}/ of the instance"
            raise stop("report", what, "give a folder of its own", exit=Exit.USAGE)


def _write(context: Context, report: Report, folder: Path) -> ReportFolder:
    from winnowd.cli.progress import Progress
    from winnowd.operations.report_folder import NotOursError, ReportFolder

    try:
        with ReportFolder(folder) as written, Progress(context, "pages", len(report.names)) as progress:
            written.expect(report.names)
            for name, content in report.files():
                written.write(name, content)
                progress.step()
    except NotOursError as fault:
        from winnowd.views.escape import printable

        what = f"{folder} is not empty, and no report that winnowd wrote ({printable(str(fault))} is there)"
        raise stop("report", what, "give a folder that is new or empty", exit=Exit.USAGE) from fault
    except OSError as fault:
        what = f"{folder} cannot be written ({fault.strerror or fault})"
        raise stop("report", what, "give a place that can", exit=Exit.DISK) from fault
    return written


def _tell(context: Context, report: Report, written: ReportFolder, folder: Path) -> int:
    if context.json:
        context.emit(
            "report", path=str(folder), turned_away=len(report.items), pages=report.paged, written=written.written,
            same=written.same, removed=written.removed, sequence=report.head.sequence,
        )  # fmt: skip
    context.say(
        f"{len(report.items):,} turned away, {report.paged:,} with a page, up to event {report.head.sequence:,} of the "
        f"log; {written.written:,} files written, {written.same:,} as they were, {written.removed:,} removed: "
        f"{folder / 'index.html'}"
    )
    return Exit.DONE
