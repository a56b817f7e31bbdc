"""The command group: commands are imported when they are called, global options may stand before or after them."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from winnowd import __version__
from winnowd.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable


_ORDERS: Final = "winnowd.cli.orders"
"""Whose commands change what became of an article: one of them is never what a slip of the fingers is led to."""


def _kept(context: click.Context, parameter: click.Parameter, value: Any) -> None:  # noqa: ANN401 - click's
    """Keep a global option that was given, wherever it stood, and the name of the command, for messages."""
    name = str(parameter.name)
    if context.obj is None:  # a shell completes a line: there is nothing to run
        return
    context.obj.command = context.command_path.removeprefix("winnowd").strip()
    if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
        setattr(context.obj, name, value)


def _global(*names: str, **attributes: Any) -> Callable[[], click.Option]:  # noqa: ANN401 - click's
    return lambda: click.Option(names, expose_value=False, callback=_kept, **attributes)


FOLDER: Final = click.Path(file_okay=False, path_type=Path)
FILE: Final = click.Path(dir_okay=False, path_type=Path)
GLOBALS: Final = (
    _global("--home", "home_option", type=FOLDER, metavar="DIR", help="The instance folder."),
    _global("--config", "config", type=FILE, metavar="FILE", help="Read this instead of config/winnowd.toml."),
    _global("--json", "json", is_flag=True, help="Data as JSON Lines, the last a summary."),
    _global("-q", "quiet", is_flag=True, help="No words but faults."),
    _global("-v", "verbose", is_flag=True, help="Traces too."),
    _global("--color/--no-color", "color", is_flag=True, help="Paint, or never (NO_COLOR); else on a terminal."),
)
_ABOVE: Final = 'Global options (--home, --config, --json, -q, -v, --color): "winnowd --help".'


def with_globals(command: click.Command) -> click.Command:
    """Let a command, and those below it, take the global options; its help refers to ``winnowd --help`` for them."""
    if command.epilog != _ABOVE:
        command.epilog = _ABOVE
        for made in GLOBALS:
            option = made()
            option.hidden = True
            command.params.append(option)
        for below in getattr(command, "commands", {}).values():
            with_globals(below)
    return command


class NoSuchCommandError(click.UsageError):
    """A first argument that is no command; ``possibilities`` are written like it."""

    def __init__(self, name: str, ctx: click.Context, possibilities: list[str]) -> None:
        super().__init__(f"no such command: {name}", ctx)
        self.command_name = name
        self.possibilities = possibilities


class Commands(click.Group):
    """The group of all commands of ``COMMANDS``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module; None if there is no such command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, cmd_name, None) or module.command
        return with_globals(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of the first argument; an unknown one is answered with what is written like it."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            import difflib

            harmless = [each for each, (module, _) in COMMANDS.items() if module != _ORDERS]
            similar = difflib.get_close_matches(name, harmless, cutoff=0.6)
            raise NoSuchCommandError(name, ctx, similar)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing one of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(
    cls=Commands,
    params=[made() for made in GLOBALS],
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog='Start with "winnowd init DIR". Exit: 0 done, 1 the answer is bad, 2 wrong usage, 78 bad configuration.',
)
@click.version_option(__version__, prog_name="winnowd", message="%(prog)s %(version)s")
def winnowd() -> None:
    """Guard a text corpus: judge what lands in the inbox, name the twin of every copy, log every decision."""
