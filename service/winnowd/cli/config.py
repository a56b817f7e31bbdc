"""``winnowd config``: the settings in force, all faults of a file, and the JSON Schemas of what winnowd writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from winnowd.cli.faults import Exit, Stop, fault_from_line, stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from winnowd.cli.context import Context
    from winnowd.settings import Loaded
    from winnowd.views.lines import Line


@click.group("config")
def command() -> None:
    """Show the settings in force, or check a configuration file."""


@command.command("show")
@click.option("--origin", is_flag=True, help="Tell who says so: flag, variable, file and line, or default.")
@click.pass_obj
def show(context: Context, *, origin: bool) -> None:
    """Show every setting in force, as a configuration file would have it."""
    from winnowd.settings import OFF

    loaded = context.loaded
    if not context.json:
        context.show(_settings(loaded, loaded.values, with_origin=origin))
        return
    for name, value in loaded.values.items():
        context.emit("setting", name=name, value=OFF if value is None else value, origin=loaded.origins[name])


def _settings(loaded: Loaded, names: Iterable[str], *, with_origin: bool) -> Iterator[Line]:
    """One line a setting, good TOML; those that somebody set stand out."""
    from winnowd.settings import DEFAULT, shown
    from winnowd.views.escape import printable
    from winnowd.views.lines import Span

    for name in names:
        set_by = loaded.origins[name]
        line = (Span(f"{name} = {printable(shown(loaded.values[name]))}", "" if set_by == DEFAULT else "bold"),)
        yield (*line, Span(f"  # {printable(set_by)}", "dim")) if with_origin else line


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def check(context: Context, file: Path) -> None:
    """Name all faults of a configuration file, which need not be that of an instance; exit 78 if it has any.

    Of a good one it says what is asked of each language that is accepted, since some rules need a list or table of it.
    """
    from winnowd import settings
    from winnowd.operations.languages import language_rules

    try:
        loaded = settings.load(None, file, {}, system=None)
    except settings.SettingsError as error:
        raise Stop(map(fault_from_line, error.faults), Exit.CONFIG) from error
    said = [name for name, origin in loaded.origins.items() if origin != settings.DEFAULT]
    rules = list(language_rules(loaded.settings))
    if context.json:
        for one in rules:
            context.emit("language", what=one.language, applicable=one.applicable, skipped=one.skipped)
        context.emit("check", what=str(file), valid=len(said), total=len(said))
    else:
        context.show(_settings(loaded, said, with_origin=True))
        context.say(f"{file}: no fault; it sets {len(said)} of {len(loaded.values)} settings")
        for one in rules:
            context.say(one.said)


@command.command("schema")
@click.argument("name", required=False)
@click.pass_obj
def schema(context: Context, name: str | None) -> None:
    """Print the JSON Schema of NAME; without, list the names."""
    import json

    from winnowd.operations.schemas import SCHEMAS, NoSuchSchemaError, schema_of
    from winnowd.views.lines import Span

    if name is None:
        for schema, what in SCHEMAS.items():
            if context.json:
                context.emit("schema", name=schema, what=what)
            else:
                context.show([(Span(f"{schema:<10}", "sign"), Span(what))])
        return
    try:
        made = schema_of(name)
    except NoSuchSchemaError as fault:
        advice = f"give {' or '.join(SCHEMAS)}"
        raise stop("config schema", f'no schema "{name}"', advice, exit=Exit.NO_SUCH) from fault
    if context.json:
        context.emit("schema", name=name, schema=made)
    else:
        context.stdout.write(json.dumps(made, indent=2) + "\n")
