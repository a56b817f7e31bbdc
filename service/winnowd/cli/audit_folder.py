"""``--audit DIR``: a copy of an instance's audit folder, and nothing else of it, on whatever machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.faults import Exit, stop

if TYPE_CHECKING:
    from winnowd.cli.context import Context

_DAYS: Final = "[0-9]*/[0-9]*/[0-9]*.jsonl*"

AUDIT: Final = click.option(
    "--audit",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Read this copy of an audit folder; no instance is needed.",
)


def places_of_log(context: Context, audit: Path | None) -> tuple[Path, Path | None]:
    """The instance's folder; or twice the folder given, which stops with exit 10 if no log lies in it."""
    if audit is None:
        return context.instance_dir, None
    if next(audit.glob(_DAYS), None) is None:
        advice = "give the folder that holds 2026/11/22.jsonl or the like"
        raise stop("--audit", f"{audit} holds no audit log", advice, exit=Exit.NO_INSTANCE)
    return audit, audit
