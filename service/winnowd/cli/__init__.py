"""The command line: ``main`` runs one command and turns whatever ends it into words on stderr and an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from winnowd.cli.context import Context
from winnowd.cli.faults import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code (docs/design/cli-and-views.md, "Exit codes")."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal of few letters still shows all of it
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    context = Context(os.environ, sys.stdout, sys.stderr)
    try:
        return _run(arguments, context)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else its last flush would complain
        return Exit.NO_READER


def _run(arguments: Sequence[str], context: Context) -> int:
    try:
        code = _command(arguments, context)
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last place: every end gets its words and its code
        code = _exit_code(error, arguments, context)
    context.summarise(code)
    context.stdout.flush()
    return code


def _command(arguments: Sequence[str], context: Context) -> int:
    """Parse and run, or answer the shell that asks how to complete a line."""
    from click.exceptions import Exit as ClickExit

    from winnowd.cli.group import winnowd

    if wanted := context.environ.get("_WINNOWD_COMPLETE"):
        from click.shell_completion import shell_complete

        return shell_complete(winnowd, {}, "winnowd", "_WINNOWD_COMPLETE", wanted)
    try:
        with winnowd.make_context("winnowd", list(arguments), obj=context) as parsed:
            code = winnowd.invoke(parsed)
    except ClickExit as end:  # --help, --version
        context.json = False
        return end.exit_code
    return Exit.DONE if code is None else int(code)


def _exit_code(error: Exception, arguments: Sequence[str], context: Context) -> int:
    """Write what ended a command, below what it had written; give its exit code."""
    if isinstance(error, BrokenPipeError):
        raise error
    from winnowd.cli.endings import ending

    context.json = context.json or "--json" in arguments
    end = ending(error, context)
    context.stdout.flush()
    for fault in end.faults:
        context.tell(fault)
    return end.exit
