"""``winnowd verify``: whether log, evidence, corpus, index and ledger are what was written, and agree."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.faults import Exit, Fault, stop
from winnowd.cli.times import DAY
from winnowd.layout import SEEDS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from winnowd.audit.chain_check import Anchor
    from winnowd.audit.expected import Damage
    from winnowd.audit.verify import Scope, Verified
    from winnowd.cli.context import Context

BETWEEN_LOOKS: Final = 1.0  # s beside the index's own pace, for a service that is between two steps
_LABEL: Final = 11


@click.command("verify")
@click.option(
    "--chain-only", is_flag=True, help="The log alone: chain, numbers, digests, anchors. Needs its files only."
)
@click.option("--since", type=DAY, metavar="DAY", help="Read the log from this day on only.")
@click.option(
    "--anchor",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A copy of HEAD.json, of a day's digest or of INDEX.md that was kept elsewhere.",
)
@click.option("--git", "with_git", is_flag=True, help="Also what INDEX.md remembers in every commit of seeds/.")
@click.pass_obj
def command(
    context: Context, *, chain_only: bool, since: dt.date | None, files: tuple[Path, ...], with_git: bool
) -> int:
    """Hold everything an instance keeps against its audit log, and name what was changed, and where.

    Exit 0: all is as it was written; 1: something is not; 3: something could not be opened.
    """
    from winnowd.audit.expected import UNOPENED

    faults, anchors = _anchors(context, files, with_git=with_git)
    day = "" if since is None else since.isoformat()
    found = look(context, anchors, day, scope="chain" if chain_only else "all")
    unopened = [one for one in found.damage if one.kind == UNOPENED]
    damage = [one for one in found.damage if one.kind != UNOPENED]
    show(context, found, damage)
    for fault in [*faults, *(Fault("verify", f"{one.place} {one.what}", "see who may read it") for one in unopened)]:
        context.tell(fault)
    if faults or unopened:
        return Exit.UNOPENED
    return Exit.BAD if damage else Exit.DONE


def _anchors(context: Context, files: Sequence[Path], *, with_git: bool) -> tuple[list[Fault], list[Anchor]]:
    """What others remember, and which of them could not be asked."""
    from winnowd.audit.anchors import GitError, NoAnchorError, anchors_of, anchors_of_git

    faults: list[Fault] = []
    found: list[Anchor] = []
    for path in files:
        try:
            found += anchors_of(path)
        except OSError as fault:
            faults.append(Fault("--anchor", f"{path}: {(fault.strerror or 'cannot be read').lower()}", "give a file"))
        except NoAnchorError as fault:
            raise stop("--anchor", f"{path}: {fault}", "give one of these", exit=Exit.USAGE) from fault
    if with_git:
        try:
            found += anchors_of_git(context.home / SEEDS)
        except GitError as fault:
            faults.append(Fault("--git", str(fault), "see git log in seeds/"))
    return faults, found


def look(context: Context, anchors: Sequence[Anchor], since: str, *, scope: Scope) -> Verified:
    """What is as it was written and what is not; while a service works here only what two looks find."""
    found = _look(context, anchors, since, scope=scope)
    if not found.damage or not is_served(context):
        return found
    before = {(one.kind, one.place): stamp(context.home / one.place) for one in found.damage}
    time.sleep(context.loaded.settings.index.every + BETWEEN_LOOKS)
    again = _look(context, anchors, since, scope=scope)
    damage = [one for one in again.damage if (one.kind, one.place) in before]
    stayed = [one for one in damage if stamp(context.home / one.place) == before[one.kind, one.place]]
    return dataclasses.replace(again, damage=tuple(stayed))


def stamp(path: Path) -> tuple[int, int] | None:
    """By what a file that the service has written since is told from one that lies as it lay."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _look(context: Context, anchors: Sequence[Anchor], since: str, *, scope: Scope) -> Verified:
    from winnowd.audit.verify import Verify
    from winnowd.cli.progress import Progress
    from winnowd.storage.disk import Disk
    from winnowd.wiring.instance import index_of

    home = context.home
    with Progress(context, "lines") as progress:
        return Verify(
            home=home,
            index_of=lambda ledger: index_of(Disk(home), ledger, context.loaded.settings),
            anchors=tuple(anchors),
            since=since,
            scope=scope,
            step=progress.step,
        ).run()


def is_served(context: Context) -> bool:
    """Whether a service works on the instance."""
    from winnowd.layout import LOCK
    from winnowd.storage.lock import holder

    return holder(context.home / LOCK) is not None


def show(context: Context, found: Verified, damage: Sequence[Damage]) -> None:
    """Damage first, then what was looked at."""
    from winnowd.views.escape import printable
    from winnowd.views.lines import Span

    if context.json:
        for one in damage:
            context.emit("damage", what=one.kind, place=one.place, message=one.what)
        for name, valid, total, _ in found.looked_at:
            context.emit("check", what=name, valid=valid, total=total)
        return
    for one in damage:
        context.show([(Span(printable(one.place), "path"), Span(f" {printable(one.what)}", "bad"))])
    if damage:
        context.show([()])
    for name, valid, total, words in found.looked_at:
        well = valid == total
        said = Span("ok " if well else "BAD", "good" if well else "bad")
        context.show([(said, Span(f" {name:<{_LABEL}}", "bold"), Span(f"{total:>9,} {words}"))])
    for line in found.unfinished:
        context.show([(Span("note ", "doubt"), Span(printable(line)), Span("; the next start writes that", "dim"))])
    many = f"{len(damage):,} {'thing is' if len(damage) == 1 else 'things are'} not as written"
    last = Span(many, "bad") if damage else Span("everything is as it was written", "good")
    context.show([(), (last,)])
