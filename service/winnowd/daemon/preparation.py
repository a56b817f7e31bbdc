"""Turns claimed arrivals into jobs, and has them done: by workers, or in the loop itself."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final

from winnowd.daemon.worker import answer_to
from winnowd.model import Job, Stopped
from winnowd.pipeline.barren import MOST_BARREN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from winnowd.daemon.workers import Workers
    from winnowd.model import Arrival, Portion, Slice
    from winnowd.pipeline.ports import SlicePreparer

_NO_DESCRIPTORS: Final = "SYS914"


class InLoop:
    """No worker process (``workers.count = 0``): the loop prepares by itself, so a hostile page can hold it up."""

    def __init__(self, build: Callable[[], SlicePreparer]) -> None:
        self._build = build
        self._preparer: SlicePreparer | None = None

    def prepare(self, jobs: Iterable[Job], *, alone: bool = False) -> Iterator[Slice | Stopped]:
        """Prepare each job in this process, in order; nothing here can be ``alone``."""
        del alone
        for job in jobs:
            if self._preparer is None:
                self._preparer = self._build()
            yield answer_to(job, self._preparer)

    def keep_busy(self) -> None:
        """Nothing goes on beside the loop."""

    def warm(self) -> None:
        """Make the preparer now."""
        if self._preparer is None:
            self._preparer = self._build()

    def close(self) -> None:
        """Forget the preparer."""
        self._preparer = None


class Preparation:
    """Port ``Preparation`` of the route: turns claimed arrivals into jobs for workers, or for the loop itself."""

    def __init__(self, workers: Workers | InLoop, work: Path) -> None:
        self._workers = workers
        self._work = work
        self._folder = _identity(work)

    def prepare(
        self, arrivals: Sequence[Arrival], portion: Portion, *, alone: bool = False
    ) -> Iterator[Slice | Stopped | None]:
        """From each arrival its next records, at most a portion, from ``records_done`` on; in the order given.

        None between them tells that none was ready for a second.

        Raises:
            OSError: no descriptor was free to open one: it is the machine that fails.
        """
        if (folder := _identity(self._work)) != self._folder:
            self._workers.close()  # a worker may read in the folder that was there when it began, and in no other
            self._folder = folder
        jobs = [job_for(one, f"{self._work}/{one.id}", portion, (one.ino, one.size, one.mtime_ns)) for one in arrivals]
        for answer in self._workers.prepare(jobs, alone=alone):
            if isinstance(answer, Stopped) and answer.code == _NO_DESCRIPTORS:
                raise OSError(errno.EMFILE, answer.because)
            yield answer

    def keep_busy(self) -> None:
        """Workers go on while something else is done."""
        self._workers.keep_busy()


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder it is; None while there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def job_for(arrival: Arrival, path: str, portion: Portion, stat_key: tuple[int, int, int] | None = None) -> Job:
    """What a worker is to do with an arrival that lies at ``path``, and must look so (inode, size, mtime in ns)."""
    return Job(
        arrival.id,
        path,
        arrival.path.rpartition(b"/")[2].decode("utf-8", "backslashreplace"),
        arrival.claimed_at,
        first=arrival.records_done + arrival.counted,
        portion=portion,
        size=arrival.size,
        stat_key=stat_key,
        count_only=arrival.barren >= MOST_BARREN,
        feed=arrival.feed,
    )
