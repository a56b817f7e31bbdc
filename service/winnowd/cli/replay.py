"""``winnowd replay``: what decisions would be under other limits, and whether they would be what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.audit_folder import AUDIT, places_of_log
from winnowd.cli.faults import Exit, Fault, Stop, fault_from_line, stop
from winnowd.cli.times import SINCE, UNTIL

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.audit.reader import Log
    from winnowd.cli.context import Context
    from winnowd.operations.replayed import Difference, Period, Replayed
    from winnowd.settings import Value
    from winnowd.views.lines import Span

_SHOWN: Final = 20
_LISTED: Final = 5


@click.command("replay")
@click.option(
    "--set",
    "texts",
    multiple=True,
    metavar="CODE.fail=X",
    help="Try another limit: DUP606.fail=1.5, rewrite.doubt=off, profile=strict. May be repeated.",
)
@click.option("--full", is_flag=True, help="With --set: decide the originals anew, each against what would be there.")
@click.option("--since", type=SINCE, metavar="TIME", help="Decisions from then on: 2026-11-22, today, or ago: 24h 7d.")
@click.option("--until", type=UNTIL, metavar="TIME", help="To then, this day or moment included.")
@click.option("--all", "whole", is_flag=True, help="List every decision that differs, not the first 20.")
@AUDIT
@click.pass_obj
def command(
    context: Context,
    *,
    texts: tuple[str, ...],
    full: bool,
    since: dt.datetime | None,
    until: dt.datetime | None,
    whole: bool,
    audit: Path | None,
) -> int:
    """Decide again what was decided, and list the decisions that differ; nothing is changed.

    With --set: by the measures in the log, under the limits in force then but for those that are set. Alone, or with
    --full: by the originals that were kept, in their order, each against the corpus as it was.

    Exit 0: none differs; 1: some do, or may; 3: an original is gone.
    """
    from winnowd.audit.reader import Log
    from winnowd.operations.replayed import Period

    by_log = bool(texts) and not full
    if audit is not None and not by_log:
        advice = "give --set without --full, or leave --audit out"
        raise stop("--audit", "holds no originals, by which decisions are made anew", advice, exit=Exit.USAGE)
    changes, period = _changes(texts, full=full), Period(_stamp(since), _stamp(until))
    log = Log(*places_of_log(context, audit))
    found = _by_log(context, log, changes, period) if by_log else _by_originals(context, changes, period)
    if context.json:
        _emit(context, found)
    else:
        _show(context, log, found, found.differences if whole else found.differences[:_SHOWN])
        if texts:
            _show_people(context, found)
        context.show([(_count(found),)])
        for words in _untold(found, by_log=by_log):
            context.say(words)
    for gone in found.missing[: None if whole or context.json else _LISTED]:
        context.tell(Fault(gone.id, f"{gone.name} was not decided again: {gone.because}"))
    if found.missing:
        return Exit.UNOPENED
    return Exit.BAD if found.differences else Exit.DONE


def _stamp(at: dt.datetime | None) -> str:
    return "" if at is None else f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _changes(texts: Sequence[str], *, full: bool) -> Mapping[str, Value]:
    from winnowd.operations.changes import changes_from, untold
    from winnowd.settings import SettingsError

    if full and not texts:
        raise stop("--full", "goes with --set", '"winnowd replay" alone decides the originals anew', exit=Exit.USAGE)
    try:
        changes = changes_from(texts)
    except SettingsError as error:
        raise Stop(map(fault_from_line, error.faults), Exit.USAGE) from error
    if not full and (names := untold(changes)):
        what = f"the log does not tell what {' and '.join(names)} would change"
        raise stop("--set", what, "add --full, which decides the originals anew", exit=Exit.USAGE)
    return changes


def _by_log(context: Context, log: Log, changes: Mapping[str, Value], period: Period) -> Replayed:
    from winnowd.cli.progress import Progress
    from winnowd.operations.replay import replay
    from winnowd.settings import SettingsError

    try:
        with Progress(context, "decisions") as progress:
            return replay(log, changes, period, progress.step)
    except SettingsError as error:
        raise Stop(map(fault_from_line, error.faults), Exit.USAGE) from error


def _by_originals(context: Context, changes: Mapping[str, Value], period: Period) -> Replayed:
    from winnowd.cli.progress import Progress
    from winnowd.operations.rebuild import LogDamagedError
    from winnowd.operations.replay_originals import SecondLedgerError, replay_originals
    from winnowd.settings import SettingsError

    try:
        with Progress(context, "events") as progress:
            return replay_originals(context.instance_dir, changes, period, progress.step)
    except SettingsError as error:
        raise Stop(map(fault_from_line, error.faults), Exit.USAGE) from error
    except SecondLedgerError as fault:
        what = f"the ledger beside the instance could not be written ({fault})"
        raise stop("replay", what, "name a folder with room by TMPDIR", exit=Exit.DISK) from fault
    except LogDamagedError as damaged:
        faults = [Fault(one.position, one.what) for one in damaged.faults[:_LISTED]]
        many = len(damaged.faults)
        last = Fault("replay", f"the log is not as it was written, in {many} places", 'see "winnowd verify"')
        raise Stop([*faults, last], Exit.BAD) from damaged


def _show(context: Context, log: Log, found: Replayed, shown: Sequence[Difference]) -> None:
    from winnowd.operations.replayed import title_of
    from winnowd.settings import catalogue
    from winnowd.views.lines import Span
    from winnowd.views.replayed import code_lines, difference_lines, outcome_lines

    context.show([*outcome_lines(found.outcomes), ()])
    if found.codes:
        slugs = {code: catalogue()[code].slug for code in found.codes}
        context.show([*code_lines(found.codes, slugs), ()])
    if shown:
        rows = [(one.id, title_of(log, one) or one.name, one.was, one.would_be, _by(one)) for one in shown]
        context.show([*difference_lines(rows, context.width), ()])
        if left := len(found.differences) - len(shown):
            context.show([(Span(f"and {left:,} more; --all lists them", "dim"),), ()])


def _show_people(context: Context, found: Replayed) -> None:
    from winnowd.views.lines import Span
    from winnowd.views.replayed import people_said

    context.show([(Span(sentence),) for sentence in people_said(found.people)])


def _by(one: Difference) -> str:
    """``DUP606 fail > doubt, 2 more``, or what else of it is another."""
    grades = [f"{code} {was} > {_or(least, most)}" for code, (was, least, most) in one.grades.items()]
    said = [*grades, *(f"other {field}" for field in one.fields)]
    return said[0] + (f", {len(said) - 1} more" if said[1:] else "") if said else "profile"


def _or(least: str, most: str) -> str:
    return least if least == most else f"{least}..{most}"


def _count(found: Replayed) -> Span:
    from winnowd.views.lines import Span as Piece

    sure = sum(one.is_sure for one in found.differences)
    may = len(found.differences) - sure
    decided = f"{found.decisions:,} {'decision' if found.decisions == 1 else 'decisions'}"
    if not found.differences:
        return Piece(f"of {decided} none differs", "good")
    differ = f"{sure:,} {'differs' if sure == 1 else 'differ'}" + (f", {may:,} more may" if may else "")
    return Piece(f"of {decided} {differ}", "bad")


def _untold(found: Replayed, *, by_log: bool) -> Iterator[str]:
    """What was left out, and what the log alone cannot tell."""
    if found.unknown:
        yield f"{found.unknown:,} were left out: no event tells their configuration whole, or it is another version's"
    if found.not_judged:
        yield f"{found.not_judged:,} were left out: a fault of the service had decided them (SYS)"
    if found.broken:
        yield f"{found.broken:,} lines are no events; see winnowd verify"
    if found.idle_orders:
        yield f"{found.idle_orders:,} orders of people would have had nothing to change"
    if by_log:
        if any(len(one.would_be) > 1 for one in found.differences):
            yield "where two outcomes stand, what moderates a copy's grade is not in the log: --full decides"
        yield "whether what would be let in is a later one's twin is not in the log: --full tells"


def _emit(context: Context, found: Replayed) -> None:
    for (was, would_be), count in sorted(found.outcomes.items()):
        context.emit("count", by="outcome", was=was, would_be=would_be, n=count)
    for code, counts in found.codes.items():
        for (was, least, most), count in sorted(counts.items()):
            context.emit("count", by="code", key=code, was=was, would_be=_range(least, most), n=count)
    for action, people in sorted(found.people.items()):
        for (was, would_be), count in sorted(people.items()):
            context.emit("count", by="order", key=action, was=was, would_be=would_be, n=count)
    for one in found.differences:
        codes = {code: {"was": was, "now": _range(least, most)} for code, (was, least, most) in one.grades.items()}
        now = one.would_be[0] if len(one.would_be) == 1 else None
        may_be = one.would_be if now is None else None
        context.emit(
            "difference", id=one.id, sequence=one.sequence, file=one.name, was=one.was, now=now, may_be=may_be,
            codes=codes, fields=one.fields or None,
        )  # fmt: skip
    left_out = {"unknown": found.unknown, "not-judged": found.not_judged, "missing": len(found.missing)}
    valid = found.decisions - sum(left_out.values())
    context.emit("check", what="decisions", valid=valid - len(found.differences), total=found.decisions)
    for name, count in left_out.items():
        if count:
            context.emit("count", by="left-out", key=name, n=count)


def _range(least: str, most: str) -> list[str]:
    """The grades that there may be, the mildest first."""
    grades = ["pass", "doubt", "fail"]
    return grades[grades.index(least) : grades.index(most) + 1]
