"""``winnowd schema``: how files would be read, and which of their fields are taken for what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from winnowd.cli.faults import Exit, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.cli.context import Context
    from winnowd.operations.schema_map import SchemaMap
    from winnowd.views.lines import Line

_EXAMPLE = 60


@click.group("schema")
def command() -> None:
    """Tell how a file would be read, and which of its fields are taken for what."""


@command.command("map")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--feed", default="", help="Read it as if it lay in this folder of the inbox, by that feed's own mapping."
)
@click.pass_obj
def map_(context: Context, file: Path, feed: str) -> int:
    """Print the format of FILE, what lies around its records, the fields that were found in them, and what was left.

    Of a file of many records the first 1,000 are looked at. Exit 1: none of them brings a text.
    """
    from winnowd.operations.schema_map import UnopenedError, schema_map

    try:
        made = schema_map(file, context.loaded.settings, feed)
    except UnopenedError as fault:
        raise stop("schema map", f"{file}: {fault}", "see how it is written", exit=Exit.UNOPENED) from fault
    if context.json:
        _emit(context, str(file), made)
    else:
        context.show(_lines(made))
    return Exit.DONE if any(name == "text" for name, _ in made.fields) else Exit.BAD


def _emit(context: Context, file: str, made: SchemaMap) -> None:
    shapes = [shape for shape in made.shapes if shape]
    context.emit("format", file=file, media_type=made.media_type, wrappers=shapes, records=made.records, more=made.more)
    for (name, path), row in made.fields.items():
        context.emit("field", field=name, path=path, records=row.records, example=row.example)
    for path, row in made.left.items():
        context.emit("left", path=path, records=row.records, example=row.example)
    for (code, grade), row in made.findings.items():
        context.emit("finding", code=code, grade=grade, records=row.records, because=row.example)


def _lines(made: SchemaMap) -> Iterator[Line]:
    """The same for people: examples cut, and harmless."""
    from winnowd.views.escape import flat, printable
    from winnowd.views.lines import Span

    many = f"{'the first ' if made.more else ''}{made.records:,} record{'' if made.records == 1 else 's'}"
    wrappers = ", ".join(shape for shape in made.shapes if shape)
    yield (Span(made.media_type, "bold"), Span(f", {many}{f' in {printable(wrappers)}' if wrappers else ''}"))
    for (name, path), row in made.fields.items():
        cells = f"{name:<16} {printable(path):<28} {row.records:>7,}  "
        yield (Span(cells), Span(flat(row.example, _EXAMPLE), "dim"))
    for path, row in made.left.items():
        yield (
            Span(f"{'(left over)':<16} {printable(path):<28} {row.records:>7,}  {flat(row.example, _EXAMPLE)}", "dim"),
        )
    for (code, grade), row in made.findings.items():
        yield (
            Span(f"{code} {grade}", "bad" if grade == "fail" else "doubt"),
            Span(f" {row.records:,}: {printable(row.example)}"),
        )
