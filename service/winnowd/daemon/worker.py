"""One worker: a process that prepares one arrival after the other and sends each result by itself, as plain data.

One that dies, takes too long or too much memory is killed; what it had in hand is under suspicion (SYS901, SYS902,
SYS904). It says when it is ready; one that ends before had nothing in hand, so that is the machine's fault.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from winnowd.daemon import answers
from winnowd.daemon.child import STARTING, Child, begin, tell_ready
from winnowd.daemon.frames import write
from winnowd.daemon.preparer import MOST_READINGS
from winnowd.model import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing import connection, context

    from winnowd.daemon.confinement import Confinement
    from winnowd.model import Job, Slice
    from winnowd.pipeline.ports import SlicePreparer

_SKIPPED: Final = 0.002  # s for a record that is only read over, to come to where a file was left
_AHEAD: Final = 224  # arrivals, and a chunk more
_AHEAD_BYTES: Final = 4 << 20  # of their files, and a chunk more
_OVERFULL: Final = Stopped("SYS904", "preparing it took more memory than workers.memory")


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """A job that was sent, and where its answer belongs: nowhere, if whoever asked for it has stopped asking."""

    job: Job
    request: object
    index: int


@dataclass(slots=True, eq=False)
class Worker(Child):
    """A process that prepares, and what it has been sent and not yet answered; a job may take ``seconds``.

    ``keeps``: arrivals of which it has the place between two slices, and whether it counts there.
    """

    waiting: deque[Ticket] = field(default_factory=deque)
    keeps: dict[str, bool] = field(default_factory=dict)
    done: int = 0

    def keep(self, job: Job) -> None:
        """It has the place of this one now, and as its preparer does, of no more than so many."""
        self.keeps.pop(job.arrival, None)
        self.keeps[job.arrival] = job.count_only
        while len(self.keeps) > MOST_READINGS:
            del self.keeps[next(iter(self.keeps))]

    @property
    def takes_more(self) -> bool:
        """Whether it has not yet enough before it to go on while a batch is judged and committed."""
        return len(self.waiting) < _AHEAD and sum(ticket.job.size for ticket in self.waiting) < _AHEAD_BYTES

    def send(self, chunk: Sequence[Ticket]) -> None:
        """Give it these jobs; that it has died is seen, and said, when its answer is awaited."""
        self.waiting.extend(chunk)
        if self.ready:
            self.since = time.monotonic()
        with contextlib.suppress(BrokenPipeError):
            self.pipe.send([ticket.job for ticket in chunk])

    @property
    def deadline(self) -> float:
        """When, in monotonic seconds, it will have taken too long."""
        return self.since + self._patience()

    def answer(self) -> Slice | Stopped | None:
        """Its next answer, or why there will be none; None if it may take its time.

        Raises:
            OSError: it did not come to be ready.
        """
        if not self.is_at_work():
            return None
        try:
            frame = self.frames.next()
            if frame is not None:
                return answers.decoded(frame)
        except ValueError as fault:
            return Stopped("SYS901", f"preparing it gave {fault}")
        if self.ended:
            return Stopped("SYS901", f"preparing it ended the worker (exit {self.exit_code()})")
        if time.monotonic() < self.deadline:
            return None
        return Stopped("SYS902", f"preparing it took longer than {self.seconds:g} s")

    def _patience(self) -> float:
        """Seconds that it may take: those of any file, and what reading up to its first record costs."""
        if not self.ready:
            return STARTING
        job = self.waiting[0].job
        is_there = self.keeps.get(job.arrival) is job.count_only
        return self.seconds + (0.0 if is_there else job.first * _SKIPPED)


def begun(
    processes: context.ForkServerContext,
    build: Callable[[], SlicePreparer],
    *,
    seconds: float,
    memory: int,
    confinement: Confinement,
) -> Worker:
    """Start one: the picklable ``build`` of its preparer, the deadline of a job in s, its address space in bytes."""
    made = begin(processes, functools.partial(_work, build), memory=memory, confinement=confinement)
    return Worker(*made, seconds)


def _work(build: Callable[[], SlicePreparer], pipe: connection.Connection) -> None:
    """Serve jobs until the pipe closes."""
    preparer = build()
    tell_ready(pipe)
    while True:
        try:
            jobs: list[Job] = pipe.recv()
        except EOFError:
            return
        for job in jobs:
            write(pipe.fileno(), _frame_of(job, preparer))


def _frame_of(job: Job, preparer: SlicePreparer) -> bytes:
    try:
        return answers.encoded(answer_to(job, preparer))
    except MemoryError:
        return answers.encoded(_OVERFULL)


def answer_to(job: Job, preparer: SlicePreparer) -> Slice | Stopped:
    """What a preparer says of a job, or that it took too much memory."""
    try:
        return preparer(job)
    except MemoryError:
        return _OVERFULL
