"""Processes that prepare arrivals, so that hostile bytes never meet the loop and one core is not the limit.

A worker reads, cleans, judges and fingerprints one arrival after the other and sends each result by itself, as plain
data (``answers``). One that dies, takes too long or too much memory is killed; what it had in hand is under suspicion
(SYS901, SYS902, SYS904), and whoever asked tries it once more, alone, in a fresh one, when all others are done. Failing
alone proves guilt: its neighbours never suffer. A worker says when it is ready; one that ends before had nothing in
hand, so that is the machine's fault.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import multiprocessing
import resource
import signal
import time
from collections import deque
from dataclasses import dataclass, field
from multiprocessing import connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from winnowd.daemon import answers
from winnowd.daemon.preparer import MOST_PLACES
from winnowd.pipeline.ports import MOST_BARREN, SUSPICIOUS, Job, Slice, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from winnowd.model import Arrival
    from winnowd.pipeline.ports import Portion, Preparer

_CHUNK: Final = 32  # arrivals sent to a worker at once
_CHUNK_BYTES: Final = 1 << 20  # of their files, but for a single one
_LIFE: Final = 10_000  # arrivals, then a worker is replaced, whatever a library may have leaked
_SKIPPED: Final = 0.002  # s for a record that is only read over, to come to where a file was left
_NO_DESCRIPTORS: Final = "SYS914"
_PR_SET_PDEATHSIG: Final = 1
_STEP: Final = 1.0  # s between two signs of life while workers are waited for
_STARTING: Final = 60.0  # s that a worker may take until it is ready, on however busy a machine
_READY: Final = b"ready"
_OVERFULL: Final = Stopped("SYS904", "preparing it took more memory than workers.memory")
_LOADED: Final = ["winnowd.prepare", "winnowd.wiring.desk", "winnowd.daemon.preparer", "winnowd.daemon.workers"]
"""Loaded once, so that all workers to come are of the version that serves, even if another is installed meanwhile."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ticket:
    """A job that was sent, and where its answer belongs: nowhere, if whoever asked for it has stopped asking."""

    job: Job
    asked: object
    index: int


@dataclass(slots=True, eq=False)
class _Worker:
    """One process, its pipe, and what it has been sent and not yet answered.

    ``since``: when it was started, or given what it has in hand; ``ready``: it has said that it is; ``ended``: nothing
    more will come of it; ``keeps``: arrivals of which it has the place between two slices, and whether it counts there.
    """

    process: Any
    pipe: connection.Connection
    waiting: deque[_Ticket] = field(default_factory=deque)
    keeps: dict[str, bool] = field(default_factory=dict)
    frames: answers.Frames = field(default_factory=answers.Frames)
    done: int = 0
    since: float = field(default_factory=time.monotonic)
    ready: bool = False
    ended: bool = False

    def keep(self, job: Job) -> None:
        """It has the place of this one now, and as its preparer does, of no more than so many."""
        self.keeps.pop(job.arrival, None)
        self.keeps[job.arrival] = job.count_only
        while len(self.keeps) > MOST_PLACES:
            del self.keeps[next(iter(self.keeps))]

    def listen(self) -> None:
        """Take what is in its pipe."""
        try:
            self.ended |= not self.frames.read(self.pipe.fileno())
        except OSError:
            self.ended = True

    def send(self, chunk: Sequence[_Ticket]) -> None:
        """Give it these jobs; that it has died is seen, and said, when its answer is awaited."""
        self.waiting.extend(chunk)
        if self.ready:
            self.since = time.monotonic()
        with contextlib.suppress(BrokenPipeError):
            self.pipe.send([ticket.job for ticket in chunk])


class Workers:
    """``count`` processes that prepare jobs; results come in the order of the jobs, whatever order they end in.

    ``alive`` is called once a second while they are waited for: a file that hangs is no sign that the loop does.
    """

    def __init__(self, build: Callable[[], Preparer], *, count: int, seconds: float, memory: int) -> None:
        """Take the picklable ``build`` of the preparer, the deadline of a job in s, the address space in bytes."""
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_LOADED)
        self._build = build
        self._count = count
        self._seconds = seconds
        self._memory = memory
        self._workers: list[_Worker] = []
        self.alive: Callable[[], None] = lambda: None

    def prepare(self, jobs: Sequence[Job], *, alone: bool = False) -> Iterator[Slice | Stopped | None]:
        """Prepare each job; yields one result for each, in order, and None for each second in which none was ready.

        A slice goes to the worker that has the place of its arrival. ``alone``: each in a fresh worker, ended after it.
        """
        if alone:
            for job in jobs:
                yield from self._alone(job)
            return
        asked = object()
        results: dict[int, Slice | Stopped] = {}
        todo = deque(_Ticket(job, asked, index) for index, job in enumerate(jobs))
        for index in range(len(jobs)):
            while index not in results:
                self._send(todo)
                if not self._receive(asked, results, todo):
                    yield None
            yield results.pop(index)

    def warm(self) -> None:
        """Start the first worker now: what it imports takes longer than what it does for the first arrival."""
        if not self._workers:
            self._workers.append(self._start())

    def close(self) -> None:
        """End all workers at once; nothing they hold is lost, since nothing they hold is true yet."""
        for worker in self._workers:
            self._kill(worker)
        self._workers.clear()

    def _send(self, todo: deque[_Ticket]) -> None:
        """Give idle workers their next chunk; start workers while there is work for them."""
        for worker in [worker for worker in self._workers if not worker.waiting and worker.done >= _LIFE]:
            self._retire(worker)
        while todo and len(self._workers) < min(self._count, 1 + len(todo) // _CHUNK):
            self._workers.append(self._start())
        for worker in self._workers:
            if not worker.waiting and (chunk := self._chunk(worker, todo)):
                worker.send(chunk)

    def _chunk(self, worker: _Worker, todo: deque[_Ticket]) -> list[_Ticket]:
        """The next jobs for this worker: bounded in number and bytes, none whose place another one has."""
        chunk: list[_Ticket] = []
        size = 0
        while todo and len(chunk) < _CHUNK:
            job = todo[0].job
            size += job.size
            keeper = next((one for one in self._workers if job.arrival in one.keeps), worker)
            if (chunk and size > _CHUNK_BYTES) or keeper is not worker:
                break
            chunk.append(todo.popleft())
        return chunk

    def _receive(self, asked: object, results: dict[int, Slice | Stopped], todo: deque[_Ticket]) -> bool:
        """Take what is ready, if anything is; what waited behind one that fell goes to another worker."""
        some = False
        for worker, answer in self._answers([worker for worker in self._workers if worker.waiting]):
            some = True
            ticket = worker.waiting.popleft()
            if ticket.asked is asked:
                results[ticket.index] = answer
            if isinstance(answer, Stopped) and answer.code in SUSPICIOUS:
                todo.extendleft(one for one in reversed(worker.waiting) if one.asked is asked)
                self._retire(worker)
                continue
            worker.done += 1
            worker.since = time.monotonic()
            if isinstance(answer, Slice) and not answer.last:
                worker.keep(ticket.job)
            else:
                worker.keeps.pop(ticket.job.arrival, None)
        return some

    def _answers(self, busy: Sequence[_Worker]) -> Iterator[tuple[_Worker, Slice | Stopped]]:
        """What these say within a second, or why one of them has nothing to say any more.

        Raises:
            OSError: a worker did not come to be ready.
        """
        self.alive()
        deadline = min(worker.since + self._patience(worker) for worker in busy)
        ready = connection.wait([worker.pipe for worker in busy], min(_STEP, max(0.0, deadline - time.monotonic())))
        for worker in busy:
            if worker.pipe in ready:
                worker.listen()
            while worker.waiting and self._is_at_work(worker) and (answer := self._answer(worker)) is not None:
                yield worker, answer

    def _is_at_work(self, worker: _Worker) -> bool:
        """Whether it has said that it is ready; from then on its time is that of the job in its hand."""
        if worker.ready:
            return True
        if worker.frames.next() == _READY:
            worker.ready = True
            worker.since = time.monotonic()
            return True
        if not worker.ended and time.monotonic() - worker.since < _STARTING:
            return False
        worker.process.join(timeout=1)
        raise OSError(errno.ENOMEM, f"a worker was not ready for work (exit {worker.process.exitcode})")

    def _answer(self, worker: _Worker) -> Slice | Stopped | None:
        """Its next answer, or why there will be none; None if it may take its time."""
        try:
            frame = worker.frames.next()
            if frame is not None:
                return answers.decoded(frame)
        except ValueError as fault:
            return Stopped("SYS901", f"preparing it gave {fault}")
        if worker.ended:
            worker.process.join(timeout=1)
            return Stopped("SYS901", f"preparing it ended the worker (exit {worker.process.exitcode})")
        if time.monotonic() - worker.since < self._patience(worker):
            return None
        return Stopped("SYS902", f"preparing it took longer than {self._seconds:g} s")

    def _patience(self, worker: _Worker) -> float:
        """Seconds that it may take: those of any file, and what reading up to its first record costs."""
        if not worker.ready:
            return _STARTING
        job = worker.waiting[0].job
        is_there = worker.keeps.get(job.arrival) is job.count_only
        return self._seconds + (0.0 if is_there else job.first * _SKIPPED)

    def _alone(self, job: Job) -> Iterator[Slice | Stopped | None]:
        """What comes of a job in a worker of its own; if it falls again, that is proof. None for each second before."""
        worker = self._start()
        try:
            worker.send([_Ticket(job, None, 0)])
            while True:
                for _, answer in self._answers([worker]):
                    if isinstance(answer, Stopped) and answer.code in SUSPICIOUS:
                        yield Stopped(answer.code, f"{answer.because}, alone in a fresh worker")
                    else:
                        yield answer
                    return
                yield None
        finally:
            self._kill(worker)

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._build, self._memory), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _retire(self, worker: _Worker) -> None:
        self._kill(worker)
        worker.waiting.clear()
        self._workers.remove(worker)

    def _kill(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()


def _work(pipe: connection.Connection, build: Callable[[], Preparer], memory: int) -> None:
    """Serve jobs until the pipe closes. Signals are the daemon's: a Ctrl-C must let it finish its batch."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _first_to_die()
    preparer = build()
    answers.write(pipe.fileno(), answers.framed(_READY))
    while True:
        try:
            jobs: list[Job] = pipe.recv()
        except EOFError:
            return
        for job in jobs:
            answers.write(pipe.fileno(), _frame_of(job, preparer))


def _frame_of(job: Job, preparer: Preparer) -> bytes:
    try:
        return answers.encoded(_answer_to(job, preparer))
    except MemoryError:
        return answers.encoded(_OVERFULL)


def _answer_to(job: Job, preparer: Preparer) -> Slice | Stopped:
    try:
        return preparer(job)
    except MemoryError:
        return _OVERFULL


def _first_to_die() -> None:
    """Ask the kernel to take a worker, not the daemon, when memory runs out; a container may forbid it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


class InLoop:
    """No worker process (``workers.count = 0``): the loop prepares by itself, so a hostile page can hold it up."""

    def __init__(self, build: Callable[[], Preparer]) -> None:
        self._build = build
        self._preparer: Preparer | None = None

    def prepare(self, jobs: Iterable[Job], *, alone: bool = False) -> Iterator[Slice | Stopped]:
        """Prepare each job in this process, in order; nothing here can be ``alone``."""
        del alone
        for job in jobs:
            if self._preparer is None:
                self._preparer = self._build()
            yield _answer_to(job, self._preparer)

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

    def prepare(
        self, arrivals: Sequence[Arrival], portion: Portion, *, alone: bool = False
    ) -> Iterator[Slice | Stopped | None]:
        """From each arrival its next records, at most a portion, from ``records_done`` on; in the order given.

        None between them tells that none was ready for a second.

        Raises:
            OSError: no descriptor was free to open one: it is the machine that fails.
        """
        jobs = [job_for(one, str(self._work / one.id), portion, (one.ino, one.size, one.mtime_ns)) for one in arrivals]
        for answer in self._workers.prepare(jobs, alone=alone):
            if isinstance(answer, Stopped) and answer.code == _NO_DESCRIPTORS:
                raise OSError(errno.EMFILE, answer.because)
            yield answer


def job_for(arrival: Arrival, path: str, portion: Portion, look: tuple[int, int, int] | None = None) -> Job:
    """What a worker is to do with an arrival that lies at ``path``, and must look so (inode, size, mtime in ns)."""
    return Job(
        arrival.id,
        path,
        arrival.path.rpartition(b"/")[2].decode("utf-8", "backslashreplace"),
        arrival.claimed_at,
        first=arrival.records_done + arrival.counted,
        portion=portion,
        size=arrival.size,
        look=look,
        count_only=arrival.barren >= MOST_BARREN,
    )
