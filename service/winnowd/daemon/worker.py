"""One worker: a process that prepares one arrival after the other and sends each result by itself, as plain data.

One that dies, takes too long or too much memory is killed; what it had in hand is under suspicion (SYS901, SYS902,
SYS904). It says when it is ready; one that ends before had nothing in hand, so that is the machine's fault.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import resource
import signal
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from winnowd.daemon import answers
from winnowd.daemon.frames import Frames, framed, write
from winnowd.daemon.garbage import collect_seldom
from winnowd.daemon.preparer import MOST_READINGS
from winnowd.model import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing import connection, context

    from winnowd.model import Job, Slice
    from winnowd.pipeline.ports import SlicePreparer

_SKIPPED: Final = 0.002  # s for a record that is only read over, to come to where a file was left
_PR_SET_PDEATHSIG: Final = 1
_STARTING: Final = 60.0  # s that a worker may take until it is ready, on however busy a machine
_AHEAD: Final = 224  # arrivals, and a chunk more
_AHEAD_BYTES: Final = 4 << 20  # of their files, and a chunk more
_UNREAD: Final = 1 << 24  # bytes of answers taken and not asked for; the others wait in its pipe
_READY: Final = b"ready"
_OVERFULL: Final = Stopped("SYS904", "preparing it took more memory than workers.memory")


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """A job that was sent, and where its answer belongs: nowhere, if whoever asked for it has stopped asking."""

    job: Job
    request: object
    index: int


@dataclass(slots=True, eq=False)
class Worker:
    """One process, its pipe, and what it has been sent and not yet answered; a job may take ``seconds``.

    ``since``: when it was started, or given what it has in hand; ``ready``: it has said that it is; ``ended``: nothing
    more will come of it; ``keeps``: arrivals of which it has the place between two slices, and whether it counts there.
    """

    process: Any
    pipe: connection.Connection
    seconds: float
    waiting: deque[Ticket] = field(default_factory=deque)
    keeps: dict[str, bool] = field(default_factory=dict)
    frames: Frames = field(default_factory=Frames)
    done: int = 0
    since: float = field(default_factory=time.monotonic)
    ready: bool = False
    ended: bool = False

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

    def listen(self) -> None:
        """Take what is in its pipe, unless more than enough was taken that nobody has asked for yet."""
        if self.frames.nbytes > _UNREAD:
            return
        try:
            self.ended |= not self.frames.read(self.pipe.fileno())
        except OSError:
            self.ended = True

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
        if not self._is_at_work():
            return None
        try:
            frame = self.frames.next()
            if frame is not None:
                return answers.decoded(frame)
        except ValueError as fault:
            return Stopped("SYS901", f"preparing it gave {fault}")
        if self.ended:
            self.process.join(timeout=1)
            return Stopped("SYS901", f"preparing it ended the worker (exit {self.process.exitcode})")
        if time.monotonic() < self.deadline:
            return None
        return Stopped("SYS902", f"preparing it took longer than {self.seconds:g} s")

    def _is_at_work(self) -> bool:
        """Whether it has said that it is ready; from then on its time is that of the job in its hand."""
        if self.ready:
            return True
        if self.frames.next() == _READY:
            self.ready = True
            self.since = time.monotonic()
            return True
        if not self.ended and time.monotonic() - self.since < _STARTING:
            return False
        self.process.join(timeout=1)
        raise OSError(errno.ENOMEM, f"a worker was not ready for work (exit {self.process.exitcode})")

    def _patience(self) -> float:
        """Seconds that it may take: those of any file, and what reading up to its first record costs."""
        if not self.ready:
            return _STARTING
        job = self.waiting[0].job
        is_there = self.keeps.get(job.arrival) is job.count_only
        return self.seconds + (0.0 if is_there else job.first * _SKIPPED)

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def begun(
    processes: context.ForkServerContext, build: Callable[[], SlicePreparer], *, seconds: float, memory: int
) -> Worker:
    """Start one: the picklable ``build`` of its preparer, the deadline of a job in s, its address space in bytes."""
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_work, args=(theirs, build, memory), daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours, seconds)


def _work(pipe: connection.Connection, build: Callable[[], SlicePreparer], memory: int) -> None:
    """Serve jobs until the pipe closes. Signals are the daemon's: a Ctrl-C must let it finish its batch."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _first_to_die()
    preparer = build()
    collect_seldom()
    write(pipe.fileno(), framed(_READY))
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


def _first_to_die() -> None:
    """Ask the kernel to take a worker, not the daemon, when memory runs out; a container may forbid it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
