"""``winnowd diff``: what changed between two points of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.audit_folder import AUDIT, places_of_log
from winnowd.cli.faults import Exit, stop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from winnowd.cli.context import Context
    from winnowd.operations.diff import Diff, Moved
    from winnowd.views.lines import Line

_SHOWN: Final = 10


@click.command("diff")
@click.argument("older", metavar="A")
@click.argument("newer", metavar="B")
@click.option("--all", "whole", is_flag=True, help="List every article that came or left, not the first 10.")
@AUDIT
@click.pass_obj
def command(context: Context, older: str, newer: str, *, whole: bool, audit: Path | None) -> int:
    """Tell what changed from A to B: settings, decisions, the corpus, people's orders; from the log's files alone.

    A and B are two of: a day (its first moment, UTC), #4711 (behind that event), HEAD (now), config:SHA (a
    configuration, by the beginning of its SHA-256; then settings alone are compared).

    Exit 0: nothing changed; 1: something did.
    """
    from winnowd.audit.reader import Log
    from winnowd.operations.diff import NoSuchPointError, diff

    try:
        found = diff(Log(*places_of_log(context, audit)), older, newer)
    except NoSuchPointError as fault:
        raise stop("diff", str(fault), fault.advice, exit=Exit.NO_SUCH) from fault
    if context.json:
        _emit(context, found)
    else:
        _show(context, found, None if whole else _SHOWN)
    if found.broken:
        context.warn(f"winnowd: diff: {found.broken:,} lines are no events; see winnowd verify")
    return Exit.DONE if found.is_equal else Exit.BAD


def _emit(context: Context, found: Diff) -> None:
    for setting in found.settings:
        context.emit("setting", name=setting.name, was=setting.was, now=setting.now)
    for by, counts in (("outcome", found.outcomes), ("code", found.codes)):
        for key, count in sorted(counts.items()):
            context.emit("count", by=by, key=key, n=count)
    for (action, name), count in sorted(found.orders.items()):
        context.emit("count", by="order", key=action, user=name, n=count)
    for change, articles in (("came", found.came), ("left", found.left)):
        for one in articles:
            context.emit("article", change=change, id=one.id, file=one.name or None, sequence=one.sequence)


def _show(context: Context, found: Diff, most: int | None) -> None:
    """Each part that is not empty, under its name."""
    from winnowd.views.escape import printable
    from winnowd.views.lines import Span

    if found.is_equal:
        context.show([(Span("nothing changed", "good"),)])
        return
    _part(
        context, "settings", [(Span(f"{one.name}  {_value(one.was)} > {_value(one.now)}"),) for one in found.settings]
    )
    _part(context, "decisions", [_counted(count, key) for key, count in sorted(found.outcomes.items())])
    first = sorted(found.codes.items(), key=lambda one: (-one[1], one[0]))
    _part(context, "not admitted, by what comes first", [_counted(count, _rule(code)) for code, count in first])
    orders = sorted(found.orders.items())
    _part(context, "orders", [_counted(n, f"{action} by {printable(name)}") for (action, name), n in orders])
    _part(context, f"came into the corpus: {len(found.came):,}", _articles(found.came, most))
    _part(context, f"left the corpus: {len(found.left):,}", _articles(found.left, most))


def _part(context: Context, name: str, lines: Sequence[Line]) -> None:
    from winnowd.views.lines import Span

    if lines:
        context.show([(Span(name, "bold"),), *((Span("  "), *line) for line in lines)])


def _counted(count: int, what: str) -> Line:
    from winnowd.views.lines import Span

    return (Span(f"{count:>9,}  "), Span(what))


def _rule(code: str) -> str:
    from winnowd.settings import catalogue

    rule = catalogue().get(code)
    return code if rule is None else f"{code} {rule.slug}"


def _value(value: object) -> str:
    from winnowd.settings import shown
    from winnowd.views.escape import printable

    return "(none)" if value is None else printable(shown(value))


def _articles(articles: Sequence[Moved], most: int | None) -> list[Line]:
    from winnowd.views.escape import printable
    from winnowd.views.lines import Span

    listed: list[Line] = [(Span(printable(f"{one.id}  {one.name}".rstrip())),) for one in articles[:most]]
    left = len(articles) - len(listed)
    return [*listed, (Span(f"and {left:,} more; --all lists them", "dim"),)] if left else listed
