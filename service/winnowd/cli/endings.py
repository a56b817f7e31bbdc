"""What ended a command, in words: every exception becomes faults and an exit code."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import click

from winnowd.cli.faults import Exit, Stop, stop
from winnowd.layout import LEDGER

if TYPE_CHECKING:
    from winnowd.cli.context import Context


def ending(error: Exception, context: Context) -> Stop:
    """The faults and the exit code of an exception; with ``-v`` its trace is written before."""
    if isinstance(error, Stop):
        return error
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        context.stderr.write(f"{error.message}\n")
        return Stop((), Exit.USAGE)
    if isinstance(error, click.ClickException):
        return _usage(error)
    if context.verbose:
        for line in traceback.format_exception(error):
            for part in line.splitlines():
                context.warn(part)
    if isinstance(error, OSError):
        return _disk(error, context)
    from winnowd.storage.ledger.faults import LedgerFault

    if isinstance(error, LedgerFault):
        return stop(LEDGER, str(error), 'see "winnowd verify"', exit=Exit.DISK, code="SYS916")
    return _bug(error, context)


def _usage(error: click.ClickException) -> Stop:
    """Wrong usage: what click says, at the option, argument or command that it says it of."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "winnowd"
    similar = getattr(error, "possibilities", None)
    advice = f"did you mean {' or '.join(similar)}?" if similar else f'see "{path} --help"'
    where, what = path.removeprefix("winnowd ").replace("winnowd", "usage"), error.format_message()
    if isinstance(error, click.NoSuchOption):
        where, what = error.option_name, "no such option"
    elif name := getattr(error, "command_name", None):  # ours, and that of newer clicks
        where, what = name, "no such command"
    elif isinstance(error, click.BadOptionUsage):
        where, what = error.option_name, "needs a value"
    elif isinstance(error, click.BadParameter) and error.param is not None:
        where = error.param.get_error_hint(context).replace("'", "")
        what = "is missing" if isinstance(error, click.MissingParameter) else error.message
    what = what.strip().rstrip(".")
    return stop(where, what[:1].lower() + what[1:], advice, exit=Exit.USAGE)


def _disk(error: OSError, context: Context) -> Stop:
    where = str(error.filename) if error.filename else context.command
    what = error.strerror or type(error).__name__
    return stop(where, what[:1].lower() + what[1:], "mend that, then try again", exit=Exit.DISK, code="SYS912")


def _bug(error: Exception, context: Context) -> Stop:
    """Our own fault: its kind and place, never its words, which may quote an article."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "winnowd" in frame.filename]
    at = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    what = f"a bug: {type(error).__name__}{at}"
    return stop(context.command or "winnowd", what, "run it again with -v and report the trace", exit=Exit.BUG)
