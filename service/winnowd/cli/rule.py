"""``winnowd rule``: what a rule measures, its limits in force, the settings that move them, and what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.faults import Exit, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.catalogue import Rule
    from winnowd.cli.context import Context
    from winnowd.settings import Loaded, Setting
    from winnowd.views.lines import Line

_RULES: Final = Path(__file__).parents[1] / "rules.toml"
_LABEL: Final = 15


def _names(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """The codes and slugs that begin so, for the shell: from the text, since parsing it takes too long for a key."""
    del context, parameter
    names = re.findall(r'(?m)^(?:\[([A-Z]{3}\d{3})\]|slug = "([a-z0-9-]+)")$', _RULES.read_text(encoding="utf-8"))
    return [name for pair in names for name in pair if name and name.lower().startswith(begun.lower())]


@click.command("rule")
@click.argument("name", metavar="[CODE|SLUG]", required=False, shell_complete=_names)
@click.pass_obj
def command(context: Context, name: str | None) -> None:
    """Tell what a rule measures, its limits in force, and what to do; without CODE, list all rules."""
    from winnowd.operations.rules import NoSuchRuleError, described, rule_named

    if name is None:
        _list(context)
        return
    try:
        rule = rule_named(name)
    except NoSuchRuleError as fault:
        advice = f"did you mean {' or '.join(fault.similar)}?" if fault.similar else '"winnowd rule" lists all'
        raise stop("rule", f'no rule "{name}"', advice, exit=Exit.NO_SUCH) from fault
    if context.json:
        context.emit("rule", **described(rule, context.loaded))
    else:
        context.show(_account(rule, context))


def _list(context: Context) -> None:
    from winnowd.operations.rules import described
    from winnowd.settings import catalogue
    from winnowd.views.lines import Span, table

    rules = catalogue()
    if context.json:
        for rule in rules.values():
            context.emit("rule", **described(rule, context.loaded))
        return
    rows = [
        (Span(rule.code, "sign"), Span(rule.slug), Span(rule.gate, "dim"), Span(_applicable(rule, context.loaded)))
        for rule in rules.values()
    ]
    context.show(table(("code", "rule", "gate", "what it gives"), rows, (False, False, False, False)))


def _applicable(rule: Rule, loaded: Loaded) -> str:
    """What a rule gives, in one phrase: ``doubt < 100, fail < 80 words``."""
    from winnowd.operations.rules import limits_of

    if rule.kind == "mark":
        return f"a mark of TXT501, weight {rule.weight:g}"
    if rule.kind == "service":
        return f"{rule.said_in}"
    if rule.kind == "note":
        return "a note"
    limits = limits_of(rule, loaded)
    if not limits:
        return rule.grade or "doubt or fail"
    unit = "" if rule.unit in {"share", "score"} else f" {rule.unit}"
    return (
        ", ".join(f"{setting.name.rpartition('.')[2]} {_beyond(rule)} {_shown(setting, loaded)}" for setting in limits)
        + unit
    )


def _beyond(rule: Rule) -> str:
    return ("<" if rule.side == "min" else ">") + ("=" if rule.reached else "")


def _shown(setting: Setting, loaded: Loaded) -> str:
    from winnowd.settings import shown

    return shown(loaded.values[setting.name])


def _account(rule: Rule, context: Context) -> Iterator[Line]:
    """All that is known of a rule, a label before each part."""
    from winnowd.views.lines import Span, wrapped

    yield (Span(rule.code, "sign"), Span(" "), Span(rule.slug, "bold"), Span(f"  {rule.gate}", "dim"))
    yield from ((Span("  "), *line) for line in wrapped((Span(rule.help),), context.width - 2))
    yield ()
    for label, text in _parts(rule, context.loaded):
        for line in wrapped(text, context.width - _LABEL):
            yield (Span(f"  {label}".ljust(_LABEL), "dim"), *line)
            label = ""  # noqa: PLW2901 - it stands before the first line only


def _parts(rule: Rule, loaded: Loaded) -> Iterator[tuple[str, Line]]:
    from winnowd.settings import moving
    from winnowd.views.escape import printable
    from winnowd.views.lines import Span

    yield "gives", (Span(_applicable(rule, loaded)),)
    if rule.measure:
        yield "measure", (Span(rule.measure), Span(f", in {rule.unit}" if rule.unit else ""))
    label = "settings"
    for setting in moving(rule.code):
        origin = loaded.origins[setting.name]
        said = Span(f" ({printable(origin)})", "dim" if origin == "default" else "bold")
        yield label, (Span(f"{setting.name} = {_shown(setting, loaded)}"), said)
        label = ""
    described = (
        ("source", rule.source),
        ("false alarms", rule.false_positives),
        ("languages", rule.languages),
        ("example", rule.example),
    )
    for label, text in described:
        if text:
            yield label, (Span(text),)
