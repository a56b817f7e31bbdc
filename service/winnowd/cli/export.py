"""``winnowd export``: the corpus, or what has changed in it, in formats of others."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.faults import Exit, stop
from winnowd.cli.owning import asking_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.cli.context import Context
    from winnowd.operations.corpus import Extract

NAMES: Final = ("jsonl", "csv", "parquet", "sqlite", "hf", "croissant", "minhash")


@click.command("export")
@click.argument("format_", metavar="FORMAT", type=click.Choice(NAMES))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Write to this file, or make this folder (hf, minhash).",
)
@click.option(
    "--since",
    type=click.IntRange(min=0),
    default=0,
    metavar="SEQUENCE",
    help="Only what has changed after this event: what came, and what left.",
)
@click.pass_obj
def command(context: Context, format_: str, out: Path | None, since: int) -> int:
    """Write the articles of the corpus with their texts, as jsonl, csv, parquet, sqlite, hf, croissant or minhash.

    It ends with the number of the last event it knows; --since with that number goes on from there. Exit 1: a text is
    not where it should be (see "winnowd verify").
    """
    from winnowd.cli.progress import Progress
    from winnowd.operations.corpus import extract

    _must_fit(context, format_, out)
    with (
        _in_words(),
        Progress(context, "articles") as progress,
        extract(context.instance_dir, since, progress.step) as found,
    ):
        _write(context, format_, found, out)
        return _tell(context, format_, found, out)


def _must_fit(context: Context, format_: str, out: Path | None) -> None:
    """Only text goes to stdout, and text that is not in ASCII to no terminal: strangers wrote it."""
    from winnowd.operations.export.formats import FORMATS

    if out is not None:
        return
    if context.json or FORMATS[format_].makes != "text":
        raise stop("export", f"{format_} needs a place to be written to", "add --out PATH", exit=Exit.USAGE)
    if format_ == "csv" and context.stdout.isatty():
        raise stop("export", "csv is not written to a terminal", "add --out PATH, or pipe it", exit=Exit.USAGE)


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Stop with words for what keeps an export from being written."""
    from winnowd.operations.corpus import NoLedgerError, NotYetError
    from winnowd.operations.export.formats import NotInstalledError, OccupiedError

    try:
        with asking_ledger('see "winnowd ledger check"'):
            yield
    except NoLedgerError:
        raise stop("export", "nothing was ever decided here", '"winnowd run" does', exit=Exit.DISK) from None
    except NotYetError as fault:
        raise stop("--since", str(fault), "give the number that an export ended with", exit=Exit.USAGE) from fault
    except NotInstalledError as fault:
        raise stop("export", "it is written by a package that is not installed", str(fault), exit=Exit.USAGE) from fault
    except OccupiedError as fault:
        raise stop(
            "--out", f"{fault} is there already", "give a folder that is new or empty", exit=Exit.USAGE
        ) from fault


def _write(context: Context, format_: str, found: Extract, out: Path | None) -> None:
    from winnowd.operations.export.formats import stream, write

    if out is None:
        context.stdout.writelines(stream(format_, found))
        return
    try:
        write(format_, found, out)
    except OSError as fault:
        what = f"{out} cannot be written ({fault.strerror or fault})"
        raise stop("--out", what, "give a place that can", exit=Exit.DISK) from fault


def _tell(context: Context, format_: str, found: Extract, out: Path | None) -> int:
    """What was written, where the next one goes on, and what is not there."""
    left, written = len(found.departures), found.count - len(found.missing)
    if context.json:
        counts = {"articles": written, "left": left, "missing": found.missing}
        context.emit("export", format=format_, path=str(out), **counts, since=found.since, until=found.until)
    gone = f", {left:,} left" if found.is_increment else ""
    context.say(
        f"{written:,} {'article' if written == 1 else 'articles'}{gone}, up to event {found.until:,} of the log; "
        f"what changes from here on: --since {found.until}"
    )
    for id_ in found.missing:
        context.warn(f'the text of {id_} is not there as it was admitted: it is left out; see "winnowd verify"')
    return Exit.BAD if found.missing else Exit.DONE
