"""``winnowd verify``: whether log, evidence, corpus, index and ledger are what was written, and agree."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.audit_folder import AUDIT, places_of_log
from winnowd.cli.faults import Exit, Fault, stop
from winnowd.cli.times import DAY_OR_EVENT
from winnowd.layout import SEEDS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from winnowd.audit.chain_check import Anchor
    from winnowd.audit.verify import Verified
    from winnowd.cli.context import Context
    from winnowd.operations.verify import Start

_LABEL: Final = 11


@click.command("verify")
@click.option(
    "--chain-only", is_flag=True, help="The log alone: chain, numbers, digests, anchors. Needs its files only."
)
@click.option(
    "--since",
    type=DAY_OR_EVENT,
    metavar="DAY|NUMBER",
    help="Only what was decided and ordered from this day, or this event, on. Left out: older texts, rows and sums, the"
    " index, SQLite's own check. What is nobody's is looked for everywhere.",
)
@click.option(
    "--deep",
    is_flag=True,
    help="Also make anew fingerprints of their texts, records of files of many, with --chain-only sums of days.",
)
@click.option(
    "--anchor",
    "given",
    multiple=True,
    metavar="ANCHOR",
    help="What was kept elsewhere: a line of log --head, a file with such lines, a copy of HEAD.json, of a day's "
    "digest or of INDEX.md, or a folder of audit.anchor_dir.",
)
@click.option("--git", "with_git", is_flag=True, help="Also what INDEX.md remembers in every commit of seeds/.")
@AUDIT
@click.option("--tell", is_flag=True, help="Leave the result for the service, which tells people of damage.")
@click.pass_obj
def command(
    context: Context,
    *,
    chain_only: bool,
    since: dt.date | int | None,
    deep: bool,
    given: tuple[str, ...],
    with_git: bool,
    audit: Path | None,
    tell: bool,
) -> int:
    """Check that log, ledger, corpus, index and all files that are kept agree, and name what was changed, and where.

    What lies in a folder and is nobody's is named, too. Of logs that began with an earlier version it is said what they
    cannot show.

    Exit 0: all is as it was written; 1: something is not; 3: something could not be opened.
    """
    from winnowd.cli.progress import Progress
    from winnowd.operations.verify import note_verified, verify, verify_copy

    _must_go_together(audit, tell=tell, is_log_alone=chain_only and not with_git, is_whole=since is None)
    instance_dir, audit_dir = places_of_log(context, audit)
    folders = [Path(one) for one in given if os.path.isdir(one)]  # noqa: PTH112 - a long line is no path, and no error
    faults, anchors = _anchors(
        [one for one in given if Path(one) not in folders], instance_dir / SEEDS if with_git else None
    )
    start = _start(since, instance_dir, audit_dir)
    with Progress(context, "lines and files") as progress:
        if audit_dir is not None:
            found = verify_copy(audit_dir, anchors, start, progress.step, folders, deep=deep)
        else:
            found = verify(
                instance_dir,
                lambda: context.loaded,
                anchors=anchors,
                since=start,
                scope="chain" if chain_only else "all",
                step=progress.step,
                anchor_dirs=folders,
                deep=deep,
            )
    if tell and not found.unopened:
        note_verified(instance_dir, found)
    show(context, found)
    faults += [Fault("verify", f"{one.position} {one.what}", "see who may read it") for one in found.unopened]
    for fault in faults:
        context.tell(fault)
    if faults:
        return Exit.UNOPENED
    return Exit.BAD if found.changed else Exit.DONE


def _must_go_together(audit: Path | None, *, tell: bool, is_log_alone: bool, is_whole: bool) -> None:
    """Stop (2) where options ask for what a copy of the log, or a part of it, cannot say."""
    if audit is not None and not is_log_alone:
        what = "holds the log alone: seeds/ and the rest of the instance are not in it"
        raise stop("--audit", what, "add --chain-only, without --git", exit=Exit.USAGE)
    if tell and not (is_whole and audit is None):
        what = "some days, or a copy, say nothing of the whole"
        raise stop("--tell", what, "leave out --since and --audit", exit=Exit.USAGE)


def _start(since: dt.date | int | None, instance_dir: Path, audit_dir: Path | None) -> Start:
    """From where on the log is read."""
    from winnowd.audit.reader import Log
    from winnowd.operations.verify import Start

    if not isinstance(since, int):
        return Start("" if since is None else since.isoformat())
    try:
        return Start.at_event(Log(instance_dir, audit_dir), since)
    except LookupError as fault:
        raise stop("--since", str(fault.args[0]), "give the number of an event, or a day", exit=Exit.USAGE) from fault


def _anchors(given: Sequence[str], repository: Path | None) -> tuple[list[Fault], list[Anchor]]:
    """What others remember, and which of them could not be asked."""
    from winnowd.audit.anchors import NoAnchorError
    from winnowd.operations.verify import anchors_from

    try:
        found, unasked = anchors_from(given, repository)
    except NoAnchorError as fault:
        raise stop("--anchor", str(fault), "give one of these", exit=Exit.USAGE) from fault
    faults = [
        Fault("--git", because, "see git log in seeds/")
        if path is None
        else Fault("--anchor", f"{path}: {because}", "give a line, a file or a folder")
        for path, because in unasked
    ]
    return faults, found


def show(context: Context, found: Verified) -> None:
    """Damage first, then what was looked at."""
    from winnowd.views.escape import printable
    from winnowd.views.lines import Span

    damage = found.changed
    if context.json:
        _emit(context, found)
        return
    for one in damage:
        context.show([(Span(printable(one.position), "path"), Span(f" {printable(one.what)}", "bad"))])
    if damage:
        context.show([()])
    for name, valid, total, words in found.looked_at:
        well = valid == total
        said = Span("ok " if well else "BAD", "good" if well else "bad")
        context.show([(said, Span(f" {name:<{_LABEL}}", "bold"), Span(f"{total:>9,} {words}"))])
    for line in found.unfinished:
        context.show([(Span("note ", "doubt"), Span(printable(line)), Span("; the next start writes that", "dim"))])
    for line in found.unseen:
        context.show([(Span("note ", "doubt"), Span(printable(line)))])
    many = f"{len(damage):,} {'thing is' if len(damage) == 1 else 'things are'} not as written"
    last = Span(many, "bad") if damage else Span("everything is as it was written", "good")
    context.show([(), (last,)])


def _emit(context: Context, found: Verified) -> None:
    """The same for programs."""
    for one in found.changed:
        context.emit("damage", what=one.kind, place=one.position, message=one.what)
    for name, valid, total, _ in found.looked_at:
        context.emit("check", what=name, valid=valid, total=total)
    for kind, lines in (("unfinished", found.unfinished), ("unseen", found.unseen)):
        for line in lines:
            context.emit(kind, message=line)
