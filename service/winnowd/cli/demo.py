"""``winnowd demo``: five packaged articles through the whole route, in an instance of their own."""

from __future__ import annotations

import contextlib
import shlex
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.faults import Exit, stop
from winnowd.cli.owning import owning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.cli.context import Context
    from winnowd.views.lines import Line
    from winnowd.views.tally import Shown

_FOLDERS: Final = (
    ("seeds/INDEX.md", "the corpus and its index"),
    ("rejected/", "what was turned away, each with its reasons in .why.md"),
    ("quarantine/", "what a person should look at"),
    ("archive/", "the originals of what was admitted"),
    ("audit/", "one line for each decision, chained to the line before"),
)
_NAMED: Final = 26


@click.command("demo")
@click.option(
    "--keep", type=click.Path(path_type=Path), metavar="DIR", help="Make the instance in DIR and leave it there."
)
@click.pass_obj
def command(context: Context, keep: Path | None) -> int:
    """Send five packaged articles through the whole route, and show what becomes of each and why.

    Nothing is left behind but with --keep.
    """
    with _folder(keep) as instance_dir:
        _tell(context, instance_dir, kept=keep is not None)
    return Exit.DONE


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """The folder for the instance: a new one, or one that is gone afterwards."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="winnowd-demo-") as made:
            yield Path(made)
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise stop("--keep", f"{keep} is there already", "give a name that is free", exit=Exit.USAGE)
    yield keep


def _tell(context: Context, instance_dir: Path, *, kept: bool) -> None:
    from winnowd.operations.demo import play
    from winnowd.views.findings import finding_lines
    from winnowd.views.tally import Frame, Tally, count_line, table_lines
    from winnowd.wiring.rules import rules_in_force

    begun = time.monotonic()
    with owning("demo"):
        shown, loaded = play(instance_dir)
    if context.json:
        for one in shown:
            context.emit("decision", **one.fields())
        return
    frame = Frame(rules_in_force(loaded.settings), context.width, dry=False)
    context.show(_headline(shown))
    context.show(finding_lines(shown, frame if kept else Frame(frame.rules, frame.width)))
    tally = Tally.of(shown)
    context.show(table_lines(tally, frame))
    context.show([(), *count_line(tally, time.monotonic() - begun, frame), ()])
    context.show(_made(instance_dir) if kept else _next())


def _headline(shown: list[Shown]) -> Iterator[Line]:
    """What there is to see, before it is seen."""
    from winnowd.views.lines import Span

    words = {
        "admitted": ("good", "one of them after its menus and adverts were cleaned away"),
        "rejected": ("bad", "copies of the first: one lightly edited, one told anew in other words"),
        "quarantined": ("doubt", "it breaks off in the middle of a sentence"),
    }
    yield (Span(f"{len(shown)} articles, made up for this, were dropped into an inbox:", "bold"),)
    for outcome, (style, what) in words.items():
        count = sum(one.outcome == outcome for one in shown)
        yield (Span(f"  {count} {outcome:<12}", style), Span(what))
    yield (Span("Below: why, worst first, with the twin of each copy and what they share; then all of them.", "dim"),)
    yield ()


def _made(instance_dir: Path) -> Iterator[Line]:
    """Where everything lies now, and what can be done with it."""
    from winnowd.views.lines import Span

    yield (Span(f"all of it lies in {instance_dir}", "bold"),)
    for name, what in _FOLDERS:
        yield (Span(f"  {name:<{_NAMED}}", "path"), Span(what))
    yield (Span("try there", "bold"), Span(f"   cd {shlex.quote(str(instance_dir))}"))
    for line in (
        "winnowd explain 2-tide --side-by-side",
        "winnowd explain 5-harbour",
        'winnowd release 5-harbour --reason "a poem may end so"',
        "winnowd verify",
        "winnowd log",
    ):
        yield (Span(f"  {line}"),)


def _next() -> Iterator[Line]:
    """It is gone; how to have one of one's own."""
    from winnowd.views.lines import Span

    yield (Span("this instance is gone again; next:", "bold"),)
    for line, what in (
        ("winnowd demo --keep DIR", "the same, left in DIR to look into"),
        ("winnowd check FILE...", "judge articles of your own, and change nothing"),
        ("winnowd init DIR", "make an instance, with a configuration to read"),
        ("winnowd rule", "every rule, its limits, and the settings that move them"),
    ):
        yield (Span(f"  {line:<{_NAMED}}"), Span(what, "dim"))
