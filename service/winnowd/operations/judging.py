"""One file or text judged as the service would, for programs: the dry run of a command, and nothing is changed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from winnowd.operations.dry_run import Candidate, rehearsal
from winnowd.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.views.tally import Shown

PIPED: Final = "-"
"""The name of a text that has none, as ``winnowd check -`` has it."""


class UnreadableError(OSError):
    """A file could not be read; the text says why."""


def judged(source: str | Path, instance_dir: Path | None) -> Iterator[Shown]:
    """What a text or each record of a file would become, by the settings and corpus of an instance, or of none.

    Raises:
        FileNotFoundError: there is no such file.
        UnreadableError: it could not be read.
        SettingsError, LedgerBehindError, LedgerDamagedError, ForeignRecipeError: the instance cannot be compared with.
    """
    if isinstance(source, Path):
        if not source.is_file():
            raise FileNotFoundError(f"{source} is no file")
        yield from _judged(Candidate(str(source.resolve()), str(source)), instance_dir)
        return
    with tempfile.TemporaryDirectory(prefix="winnowd-") as folder:
        path = Path(folder, "text")
        path.write_bytes(source.encode())
        yield from _judged(Candidate(str(path), PIPED), instance_dir)


def _judged(candidate: Candidate, instance_dir: Path | None) -> Iterator[Shown]:
    with rehearsal(load(instance_dir, None, os.environ), instance_dir, 1) as dry:
        for _, became in dry.judge([candidate]):
            if isinstance(became, str):
                raise UnreadableError(f"{candidate.name}: {became}")
            yield dry.shown(candidate, became)
