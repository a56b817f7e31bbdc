"""An engine whose workers are killed, once in each stage: by the task itself, before its first file has its name."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path  # noqa: TC003 - a job is unpacked in any process
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from winnowd.bulk.engine import Engine


class DyingJob(NamedTuple):
    """A job, the task that does it, and where it is noted which of the tasks have lost a worker."""

    function: Callable[[Any], Any]
    job: Any
    notes: Path


def dying(one: DyingJob) -> Any:
    """In a worker: the first job of each task is killed before its first file has its name."""
    note = one.notes / one.function.__name__
    with contextlib.suppress(FileExistsError):
        note.touch(exist_ok=False)
        sys.addaudithook(_die_before_a_name)
    return one.function(one.job)


def _die_before_a_name(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "os.rename" and "state/backfill" in os.fsdecode(arguments[1]):
        os.kill(os.getpid(), signal.SIGKILL)


class DyingEngine:
    """Port ``Engine`` over another one; ``notes``: a folder that it makes, with a file for each death."""

    def __init__(self, engine: Engine, notes: Path) -> None:
        self._engine, self._notes = engine, notes
        notes.mkdir()

    @property
    def workers(self) -> int:
        """As many as there are."""
        return self._engine.workers

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[Any, None, None]:
        """See ``Engine.map``."""
        yield from self._engine.map(dying, (DyingJob(function, job, self._notes) for job in jobs))

    def close(self) -> None:
        """The other one is closed by whoever has it."""

    def lost(self) -> set[str]:
        """Which tasks have lost a worker."""
        return {path.name for path in self._notes.iterdir()}


TASKS = {"prepare_range", "merge_keys", "make_slots", "compare", "render"}
