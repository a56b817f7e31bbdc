"""``winnowd init``: the folders of an instance and its configuration; adds what is missing, overwrites nothing."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.faults import Exit, stop
from winnowd.layout import SETTINGS

if TYPE_CHECKING:
    from winnowd.cli.context import Context
    from winnowd.decision import Profile

_PURPOSES: Final = {
    "inbox": "articles are dropped here; its sub-folders are feeds",
    "seeds": "the corpus, with its INDEX.md",
    "quarantine": "what is doubted, each with its reasons beside",
    "rejected": "what was turned away, each with its reasons beside",
    "archive": "the originals of what was admitted",
    "audit": "who decided what, when and why",
    "state": "the ledger and what is in work: winnowd's own",
    "config": "winnowd.toml, the configuration",
}


@click.command("init")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--profile", type=click.Choice(["strict", "balanced", "lenient"]), help="What becomes of a doubted article."
)
@click.pass_obj
def command(context: Context, folder: Path | None, profile: Profile | None) -> None:
    """Make an instance in DIR (else --home, else here): its folders and config/winnowd.toml.

    What is there already stays as it is.
    """
    from winnowd.operations.lay_out import NotAFolderError, lay_out
    from winnowd.views.lines import Span

    instance_dir = folder or context.home_option or Path()
    try:
        made = lay_out(instance_dir, profile)
    except NotAFolderError as fault:
        raise stop("init", str(fault), "give a folder, or a name that is free", exit=Exit.USAGE) from fault
    for name in made:
        if context.json:
            context.emit("made", path=str(instance_dir / name))
        elif purpose := _PURPOSES.get(name):
            context.show([(Span(f"  {name + '/':<12}", "path"), Span(purpose))])
    if profile and SETTINGS not in made:
        context.warn(f'{SETTINGS} stands as it was; for this profile set profile = "{profile}" in it')
    context.say(_next(instance_dir, made))


def _next(instance_dir: Path, made: list[str]) -> str:
    if not made:
        return f"{instance_dir.resolve()} is an instance already; nothing was missing"
    go = "" if instance_dir.resolve() == Path.cwd() else f"\n  cd {shlex.quote(str(instance_dir))}"
    done = f"made an instance in {instance_dir.resolve()}; next:"
    return f"{done}{go}\n  cp /some/articles/*.txt inbox/\n  winnowd run --once"
