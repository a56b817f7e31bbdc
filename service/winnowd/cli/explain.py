"""``winnowd explain``: one record's history, measures, twin and passages, from the log; the texts side by side."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click

from winnowd.cli.audit_folder import AUDIT, places_of_log
from winnowd.cli.faults import Exit, stop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.cli.context import Context
    from winnowd.operations.explain import AmbiguousKeyError
    from winnowd.views.account import Account
    from winnowd.views.lines import Line


@click.command("explain")
@click.argument("key", metavar="ID|NAME")
@click.option("--side-by-side", is_flag=True, help="Both texts, every run of words they share, in two columns.")
@click.option("--md", is_flag=True, help="As Markdown.")
@AUDIT
@click.pass_obj
def command(context: Context, key: str, *, side_by_side: bool, md: bool, audit: Path | None) -> int:
    """Tell all that is known of a record: what happened to it, what was measured, its twin, what they share.

    Any unique piece of an id, an arrival or a file name will do. It is read from the audit log; limits are told as they
    were then, and what has changed since.
    """
    from winnowd.operations.explain import explain, explain_copy
    from winnowd.views.account import account_lines, account_md

    if audit is not None and side_by_side:
        advice = "without --audit, on the instance"
        raise stop("--side-by-side", "needs both texts, which are not in the audit folder", advice, exit=Exit.USAGE)
    instance_dir, audit_dir = places_of_log(context, audit)
    with _answering(context):
        account = (
            explain(instance_dir, context.loaded.settings, key) if audit_dir is None else explain_copy(audit_dir, key)
        )
    if side_by_side:
        show_paged(context, _side_by_side(context, account))
    elif context.json:
        _emit(context, account)
    elif md:
        context.stdout.write(account_md(account))
    else:
        context.show(account_lines(account, context.width))
    return Exit.DONE


@contextlib.contextmanager
def _answering(context: Context) -> Iterator[None]:
    """Stop with words for a key by which no record can be explained (12)."""
    from winnowd.operations.explain import AmbiguousKeyError, NoDecisionError, NoSuchRecordError

    try:
        yield
    except NoSuchRecordError as fault:
        advice = "give an id, an arrival, or a piece of a file's name in the inbox"
        raise stop("explain", f'no record "{fault}"', advice, exit=Exit.NO_SUCH) from fault
    except AmbiguousKeyError as fault:
        _show_several(context, fault)
        what = f'"{fault}" fits {len(fault.names):,} records'
        raise stop("explain", what, "give an id, or more characters", exit=Exit.NO_SUCH) from fault
    except NoDecisionError as fault:
        what = f'the log has no decision on "{fault}", only orders'
        raise stop("explain", what, "see winnowd verify", exit=Exit.NO_SUCH) from fault


def _show_several(context: Context, fault: AmbiguousKeyError) -> None:
    """The records that a key fits, or the first of them."""
    from winnowd.views.account import record_fields, records_table

    if context.json:
        for decision, title in fault.examples:
            context.emit("record", **record_fields(decision, title))
        return
    context.show(records_table(fault.examples, len(fault.names), context.width))


def _emit(context: Context, account: Account) -> None:
    """The log's own events, the evidence, limits then and now, every rule asked with its limits, what can be done."""
    from winnowd.views.account import steps
    from winnowd.views.why import measures

    for event in account.events:
        context.emit("event", **event)
    if account.evidence:
        context.emit("evidence", **account.evidence)
    for code in account.decision["winnowd"].get("measured", {}):
        then, now = (None if rules is None else _limit(rules.get(code, {})) for rules in (account.then, account.now))
        context.emit("limit", code=code, then=then, now=now)
    for row in measures(account.decision, account.rules):
        context.emit("measure", **row)
    for command, why in steps(account):
        context.emit("next", command=command, why=why)


def _limit(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rule[name] for name in ("side", "doubt", "fail") if name in rule}


def _side_by_side(context: Context, account: Account) -> list[Line]:
    """Both texts, cut down to what they share; stops (1) if there is nothing to compare with, or a text is gone."""
    from winnowd.operations.shared_windows import (
        NoNearestError,
        NothingSharedError,
        TextGoneError,
        shared_windows,
    )
    from winnowd.views.aligned import aligned
    from winnowd.views.escape import printable
    from winnowd.views.why import name_of

    name, nearest = name_of(account.decision), account.decision["winnowd"].get("nearest")
    try:
        windows = shared_windows(context.instance_dir, context.loaded.settings, account)
    except NoNearestError as fault:
        what = f"no article similar to {name} was found"
        raise stop("explain", what, "so there is nothing to compare", exit=Exit.BAD) from fault
    except TextGoneError as fault:
        raise stop("explain", f"the text of {fault} is gone", "see its events", exit=Exit.BAD) from fault
    except NothingSharedError as fault:
        what = f"{name} and {nearest['id']} share no run of three words in order"
        raise stop("explain", what, "", exit=Exit.BAD) from fault
    file = printable(account.decision["file"]["name"])
    return aligned(windows, (f"{file} ({name})", f"{nearest['path']}"), context.width)


def show_paged(context: Context, lines: Sequence[Line]) -> None:
    """Show lines; on a terminal through the pager, if it is more than a screen."""
    import shutil

    if not context.stdout.isatty() or len(lines) < shutil.get_terminal_size().lines:
        context.show(lines)
        return
    from winnowd.cli.paint import painted

    click.echo_via_pager("".join(painted(lines, context.stdout, context.in_colour)), color=context.in_colour)
