"""``winnowd completion``: the script that lets a shell ask winnowd how a line may go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from winnowd.cli.context import Context

_INSTALL = """\b
bash: eval "$(winnowd completion bash)"    in ~/.bashrc
zsh:  eval "$(winnowd completion zsh)"     in ~/.zshrc
fish: winnowd completion fish > ~/.config/fish/completions/winnowd.fish"""


@click.command("completion", help=f"Print a script that completes commands, options, codes and slugs.\n\n{_INSTALL}")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_obj
def command(context: Context, shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    from winnowd.cli.group import winnowd

    completion = get_completion_class(shell)
    if completion is None:
        raise ValueError(f"click cannot complete in {shell}")
    context.json = False  # a script is no data
    context.stdout.write(completion(winnowd, {}, "winnowd", "_WINNOWD_COMPLETE").source() + "\n")
