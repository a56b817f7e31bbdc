"""``winnowd check``: what would become of files; nothing is written, moved or remembered."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.faults import Exit, Fault, stop
from winnowd.cli.owning import asking_ledger

if TYPE_CHECKING:
    from winnowd.cli.context import Context
    from winnowd.operations.dry_run import Candidate
    from winnowd.views.tally import Shown, Tally

STDIN: Final = "-"
_SHOWN_IN_FULL: Final = 1_000
_LISTED: Final = 1_000


@click.command("check")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--against",
    type=click.Choice(["corpus", "files"]),
    help="Compare with the corpus and the files before (where there is an instance), or with these alone.",
)
@click.option("--all", "everything", is_flag=True, help="Show every measure, passing ones too.")
@click.option("--statistics", is_flag=True, help="Count what each rule has found, instead of showing it.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever was found.")
@click.option(
    "--output-format",
    type=click.Choice(["text", "concise", "github"]),
    default="text",
    help="For people; a line each; or GitHub's annotations. --json for programs.",
)
@click.pass_obj
def command(
    context: Context,
    files: tuple[str, ...],
    against: str | None,
    *,
    everything: bool,
    statistics: bool,
    exit_zero: bool,
    output_format: str,
) -> int:
    """Judge files as the service would, and change nothing.

    A folder stands for all files in it, - for what is piped in. They are compared with the corpus, and each with the
    files before it. Exit 0: all would be admitted; 1: not all; 3: some could not be opened.
    """
    begun = time.monotonic()
    instance_dir = _corpus(context, against)
    with contextlib.ExitStack() as spooled:
        faults, candidates = _candidates(context, files, spooled)
        tally, unread = _judged(context, candidates, instance_dir, "statistics" if statistics else output_format)
    faults += unread
    seconds = time.monotonic() - begun
    if statistics:
        _show_statistics(context, tally, seconds)
    elif not context.json and output_format == "text":
        _show(context, tally, everything=everything, seconds=seconds)
    for fault in faults:
        context.tell(fault)
    if faults:
        return Exit.UNOPENED
    return Exit.DONE if exit_zero or tally.outcomes["admitted"] == tally.count else Exit.BAD


def _corpus(context: Context, against: str | None) -> Path | None:
    """The instance to compare with; None: with the files alone."""
    if against == "files" or (against is None and context.find_home() is None):
        return None
    return context.instance_dir


def _candidates(
    context: Context, files: tuple[str, ...], spooled: contextlib.ExitStack
) -> tuple[list[Fault], list[Candidate]]:
    """The files to judge, in the order given; and those that are not there."""
    from winnowd.operations.dry_run import Candidate, NoSuchFileError, candidates_at

    faults: list[Fault] = []
    found: list[Candidate] = []
    for name in files:
        if name == STDIN:
            found.append(Candidate(_spooled(context, spooled), STDIN))
            continue
        try:
            found += candidates_at(name, context.loaded.settings.inbox.ignore)
        except NoSuchFileError:
            faults.append(Fault("check", f"{name}: no such file", "see how it is written"))
    return faults, found


def _spooled(context: Context, spooled: contextlib.ExitStack) -> str:
    """What is piped in, as a file for as long as it is needed: no more than could be judged, and a byte."""
    import sys
    import tempfile

    from winnowd.operations.piped import TooLittleSpaceError, spool

    folder = spooled.enter_context(tempfile.TemporaryDirectory(prefix="winnowd-"))
    try:
        return str(spool(sys.stdin.buffer, Path(folder), context.loaded.settings.reading.stream_bytes + 1))
    except TooLittleSpaceError as fault:
        advice = "name a file instead, or set TMPDIR to a folder with more space"
        raise stop(STDIN, str(fault), advice, exit=Exit.DISK) from fault


def _judged(
    context: Context, candidates: list[Candidate], instance_dir: Path | None, output_format: str
) -> tuple[Tally, list[Fault]]:
    """What was decided, counted; for programs each is written as it is decided."""
    from winnowd.cli.progress import Progress
    from winnowd.operations.dry_run import nothing, rehearsal
    from winnowd.views.tally import Tally
    from winnowd.wiring.kept import ForeignRecipeError

    is_for_people = not context.json and output_format in {"text", "statistics"}
    tally = Tally(_SHOWN_IN_FULL, _LISTED) if is_for_people and output_format == "text" else Tally(0, 0)
    faults: list[Fault] = []
    try:
        with (
            asking_ledger('see "winnowd ledger check"'),
            Progress(context, "files", len(candidates)) as progress,
            rehearsal(
                context.loaded, instance_dir, len(candidates), progress.step if is_for_people else nothing
            ) as dry,
        ):
            for candidate, became in dry.judge(candidates):
                if isinstance(became, str):
                    faults.append(Fault("check", f"{candidate.name}: {became}", "see who may read it"))
                else:
                    one = dry.shown(candidate, became)
                    tally.add(one)
                    _write(context, candidate, one, output_format)
    except ForeignRecipeError as fault:
        advice = '"winnowd ledger rebuild" makes them anew; until then: --against files'
        raise stop("state/winnowd.db", f"its fingerprints are of {fault}", advice, exit=Exit.CONFIG) from fault
    return tally, faults


def _write(context: Context, candidate: Candidate, one: Shown, output_format: str) -> None:
    """For programs, as it is decided; for people they are shown at the end, worst first."""
    from winnowd.views.annotations import annotation_lines, concise_lines

    if output_format == "statistics":
        return
    if context.json:
        context.emit("decision", **one.fields() | {"file": candidate.name})
    elif output_format == "github":
        context.stdout.writelines(f"{line}\n" for line in annotation_lines([one]))
    elif output_format == "concise":
        context.stdout.writelines(f"{line}\n" for line in concise_lines([one]))


def _show(context: Context, tally: Tally, *, everything: bool, seconds: float) -> None:
    from winnowd.views.findings import finding_lines
    from winnowd.views.tally import Frame, count_line, table_lines
    from winnowd.wiring.rules import rules_in_force

    if not tally.count:
        context.say("no file to judge")
        return
    frame = Frame(rules_in_force(context.loaded.settings), context.width, everything=everything)
    context.show(finding_lines(tally.in_full, frame))
    context.show(table_lines(tally, frame))
    context.show([(), *count_line(tally, seconds, frame)])


def _show_statistics(context: Context, tally: Tally, seconds: float) -> None:
    from winnowd.views.tally import Frame, count_line, statistics_lines

    if context.json:
        for (code, _), found in tally.statistics():
            context.emit("count", by="code", key=code, n=found.total(), fail=found["fail"], doubt=found["doubt"])
        return
    context.show(statistics_lines(tally))
    context.show([(), *count_line(tally, seconds, Frame({}, context.width))])
