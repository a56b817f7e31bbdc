"""The port behind which the tasks of a backfill are done, and what all engines have in common.

An engine knows nothing of records, and holds nothing that is true: a job is done over as often as need be, so what it
does must be the same each time (``bulk/`` writes a file beside its goal, syncs it and renames it).
"""

from __future__ import annotations

import itertools
import pickle
import reprlib
import traceback
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from winnowd import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

Job = TypeVar("Job")
Result = TypeVar("Result")
Task = TypeVar("Task")

TRIES: Final = 3
"""Processes that a job may lose before it fails: one dies for many reasons, three in a row by the job."""
AHEAD: Final = 2
"""Jobs under way for each worker: one that it does, one that it finds when it is done."""


class Engine(Protocol):
    """Does jobs in other processes, here or on other machines."""

    @property
    def workers(self) -> int:
        """How many jobs are done at a time; on a cluster it may change while it runs."""

    def map(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Generator[Result, None, None]:
        """Do ``function`` of each job; gives the results in the order of the jobs, one for each.

        ``function`` is one of a module, which the workers import; jobs and results can be pickled, and are small:
        numbers and paths, no texts. ``jobs`` is taken from lazily, by whoever asks for the next result, in the process
        that asks, and never by more than ``AHEAD * workers`` beyond the result that is asked for: it may itself work,
        wait, or take from another ``map`` of this engine. Nothing begins before the first result is asked for.

        A process that is killed (by a signal, for want of memory, with its machine) costs only the job that it did:
        that is tried again, in another, until it has lost ``TRIES`` of them. Results before it come first. When the
        iterator is closed, or an error came out of it, its jobs end at once, wherever they are, and no other begins.

        Raises:
            JobFailedError: every try of a job has ended its process.
            Exception: what ``function`` raised, at the job's place in the order, with a note of where; not tried again.
                What taking from ``jobs`` raised comes out at once.
        """

    def close(self) -> None:
        """End all processes at once, whatever they do. What is still open gives ``RuntimeError``."""


class EngineUnavailableError(Exception):
    """There is no such engine here: what it needs is not installed, or not reached."""


class JobFailedError(Exception):
    """A job whose every try has ended its process; ``job`` is what it was, ``because`` how the last one ended."""

    def __init__(self, job: object, because: str) -> None:
        super().__init__(f"{reprlib.repr(job)} ended {TRIES} processes, the last one so: {because}")
        self.job = job
        self.because = because


def request_for(function: Callable[[Job], Result], job: Job) -> bytes:
    """What is sent to a worker, for ``outcome_of``.

    Raises:
        Exception: the function or the job cannot be pickled.
    """
    return pickle.dumps((function, job))


def outcome_of(version: str, request: bytes) -> bytes:
    """In a worker: do what is asked; gives what came of it, for ``result_of``. ``version``: of whoever asks.

    Nothing is guarded by how this is packed: a worker has the rights of whoever sent it.
    """
    if version != __version__:
        return _raised(EngineUnavailableError(f"the driver has winnowd {version}, and a worker {__version__}"))
    try:
        function, job = pickle.loads(request)  # noqa: S301 - from the process that began this one
        return pickle.dumps((True, function(job)))
    except Exception as fault:  # noqa: BLE001 - whatever it is, it belongs to whoever asked
        return _raised(fault)


def _raised(fault: Exception) -> bytes:
    """An exception as it will be raised in another process; one that cannot go there is told in words."""
    where = "".join(traceback.format_exception(fault))
    fault.add_note(f"in a worker:\n{where}")
    try:
        packed = pickle.dumps((False, fault))
        pickle.loads(packed)  # noqa: S301 - one with arguments of its own is packed, and cannot be unpacked
    except Exception:  # noqa: BLE001 - an exception may have anything in it
        return pickle.dumps((False, RuntimeError(where)))
    return packed


def result_of(outcome: bytes) -> Any:  # noqa: ANN401 - whatever the function gave
    """The result of a job; or its exception, raised."""
    returned, what = pickle.loads(outcome)  # noqa: S301 - from a process that has this one's rights
    if not returned:
        raise what
    return what


def in_order(
    jobs: Iterable[Job],
    *,
    ahead: Callable[[], int],
    begin: Callable[[Job], Task],
    result: Callable[[Task], Result],
    drop: Callable[[Iterable[Task]], None],
) -> Generator[Result, None, None]:
    """The order and the window of ``Engine.map``, over any tasks that are begun, awaited and dropped.

    ``ahead()`` is the greatest number of tasks under way; ``result`` waits for that of one, and may raise.
    """
    tasks: deque[Task] = deque()
    source = iter(jobs)
    try:
        while True:
            for job in itertools.islice(source, max(0, ahead() - len(tasks))):
                tasks.append(begin(job))  # before the next job is taken: that may wait
            if not tasks:
                return
            yield result(tasks.popleft())
    finally:
        drop(tasks)
