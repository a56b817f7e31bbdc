"""Processes that prepare arrivals, so that hostile bytes never meet the loop and one core is not the limit.

A worker reads, cleans, judges and fingerprints one arrival after the other and sends each result by itself. One that
dies, takes too long or too much memory is killed; what it held is tried once more, alone, in a fresh one. Failing alone
proves guilt, and only then is an arrival named for it (SYS901, SYS902, SYS904): its neighbours never suffer. A worker
says when it is ready; one that ends before had nothing in hand, so that is the machine's fault.
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

from winnowd.pipeline.ports import Job, Slice, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from winnowd.model import Arrival
    from winnowd.pipeline.ports import Preparer

_CHUNK: Final = 32  # arrivals sent to a worker at once
_LIFE: Final = 10_000  # arrivals, then a worker is replaced, whatever a library may have leaked
_SKIPPED: Final = 0.002  # s for a record that is only read over, to come to where a file was left
_NO_DESCRIPTORS: Final = "SYS914"
_GUILTY: Final = frozenset({"SYS901", "SYS902", "SYS904"})
_PR_SET_PDEATHSIG: Final = 1
_STEP: Final = 1.0  # s between two signs of life while workers are waited for
_STARTING: Final = 60.0  # s that a worker may take until it is ready, on however busy a machine
_READY: Final = "ready"
_LOADED: Final = ["winnowd.prepare", "winnowd.wiring", "winnowd.daemon.preparer", "winnowd.daemon.workers"]
"""Loaded once, so that all workers to come are of the version that serves, even if another is installed meanwhile."""


@dataclass(slots=True, eq=False)
class _Worker:
    """One process, its pipe, and what it has been sent and not yet answered.

    ``since``: when it was started, or given what it has in hand; ``ready``: whether it has said that it is.
    """

    process: Any
    pipe: connection.Connection
    waiting: deque[int] = field(default_factory=deque)
    done: int = 0
    since: float = field(default_factory=time.monotonic)
    ready: bool = False


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

    def prepare(self, jobs: Sequence[Job]) -> Iterator[Slice | Stopped]:
        """Prepare each job; yields one result for each, in order. A single-worker job sequence keeps its worker."""
        for worker in [worker for worker in self._workers if worker.waiting]:
            self._retire(worker)  # whoever asked before stopped asking: its answers must not be taken for ours
        results: dict[int, Slice | Stopped] = {}
        todo = deque(range(len(jobs)))
        for index in range(len(jobs)):
            while index not in results:
                self._send(jobs, todo)
                self._receive(jobs, results)
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

    def _send(self, jobs: Sequence[Job], todo: deque[int]) -> None:
        """Give idle workers their next chunk; start workers while there is work for them."""
        for worker in [worker for worker in self._workers if not worker.waiting and worker.done >= _LIFE]:
            self._retire(worker)
        while todo and len(self._workers) < min(self._count, 1 + len(todo) // _CHUNK):
            self._workers.append(self._start())
        for worker in self._workers:
            if worker.waiting or not todo:
                continue
            indices = [todo.popleft() for _ in range(min(_CHUNK, len(todo)))]
            worker.waiting.extend(indices)
            if worker.ready:
                worker.since = time.monotonic()
            with contextlib.suppress(BrokenPipeError):  # it died: seen, and said, when its answer is awaited
                worker.pipe.send([jobs[index] for index in indices])

    def _receive(self, jobs: Sequence[Job], results: dict[int, Slice | Stopped]) -> None:
        """Take what is ready; what died or overran is tried again alone.

        Raises:
            OSError: a worker did not come to be ready.
        """
        busy = [worker for worker in self._workers if worker.waiting]
        deadline = min(worker.since + self._patience(worker, jobs) for worker in busy)
        self.alive()
        patience = min(_STEP, max(0.0, deadline - time.monotonic()))
        ready = connection.wait([worker.pipe for worker in busy], patience)
        for worker in busy:
            if not worker.ready:
                self._welcome(worker, said=worker.pipe in ready)
                continue
            if worker.pipe in ready:
                answer = self._answer(worker)
                if isinstance(answer, Slice) or answer.code not in _GUILTY:
                    results[worker.waiting.popleft()] = answer
                    worker.done += 1
                    worker.since = time.monotonic()
                    continue
            elif time.monotonic() - worker.since < self._patience(worker, jobs):
                continue
            self._again(worker, jobs, results)

    def _patience(self, worker: _Worker, jobs: Sequence[Job]) -> float:
        return self._allowed(jobs[worker.waiting[0]]) if worker.ready else _STARTING

    def _welcome(self, worker: _Worker, *, said: bool) -> None:
        """Take a worker's word that it is ready; from now on its time is that of the job in its hand."""
        if said:
            with contextlib.suppress(EOFError, OSError):
                worker.ready = worker.pipe.recv() == _READY
                worker.since = time.monotonic()
                return
        elif time.monotonic() - worker.since < _STARTING:
            return
        worker.process.join(timeout=1)
        raise OSError(errno.ENOMEM, f"a worker was not ready for work (exit {worker.process.exitcode})")

    def _allowed(self, job: Job) -> float:
        """Seconds that a job may take: those of any file, and what reading up to its first record costs."""
        return self._seconds + job.first * _SKIPPED

    def _again(self, worker: _Worker, jobs: Sequence[Job], results: dict[int, Slice | Stopped]) -> None:
        """Replace a fallen worker: the job it fell over runs alone, what waited behind it is sent to a new one."""
        suspect, *behind = worker.waiting
        self._retire(worker)
        results[suspect] = self._alone(jobs[suspect])
        if behind:
            fresh = self._start()
            fresh.waiting.extend(behind)
            with contextlib.suppress(BrokenPipeError):
                fresh.pipe.send([jobs[index] for index in behind])
            self._workers.append(fresh)

    def _alone(self, job: Job) -> Slice | Stopped:
        worker = self._start()
        try:
            self._welcome(worker, said=self._answers(worker, _STARTING))
            with contextlib.suppress(BrokenPipeError):
                worker.pipe.send([job])
            if not self._answers(worker, self._allowed(job)):
                return Stopped("SYS902", f"preparing it took longer than {self._seconds:g} s, alone in a fresh worker")
            return self._answer(worker)
        finally:
            self._kill(worker)

    def _answers(self, worker: _Worker, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.alive()
            if worker.pipe.poll(min(_STEP, left)):
                return True
        return worker.pipe.poll(0)

    def _answer(self, worker: _Worker) -> Slice | Stopped:
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):  # it ended before, or in the middle of, its answer
            worker.process.join(timeout=1)
            return Stopped(
                "SYS901", f"preparing it ended the worker (exit {worker.process.exitcode}), alone in a fresh one"
            )
        if isinstance(answer, Slice | Stopped):
            return answer
        raise TypeError(f"a worker sent {type(answer).__name__}")

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._build, self._memory), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _retire(self, worker: _Worker) -> None:
        self._kill(worker)
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
    pipe.send(_READY)
    while True:
        try:
            jobs: list[Job] = pipe.recv()
        except EOFError:
            return
        for job in jobs:
            pipe.send(_answer_to(job, preparer))


def _answer_to(job: Job, preparer: Preparer) -> Slice | Stopped:
    try:
        return preparer(job)
    except MemoryError:
        return Stopped("SYS904", "preparing it took more memory than workers.memory, alone in a fresh worker")


def _first_to_die() -> None:
    """Ask the kernel to take a worker, not the daemon, when memory runs out; a container may forbid it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


class InLoop:
    """No worker process (``workers.count = 0``): the loop prepares by itself, so a hostile page can hold it up."""

    def __init__(self, build: Callable[[], Preparer]) -> None:
        self._build = build
        self._preparer: Preparer | None = None

    def prepare(self, jobs: Iterable[Job]) -> Iterator[Slice | Stopped]:
        """Prepare each job in this process, in order."""
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

    def prepare(self, arrivals: Sequence[Arrival], limit: int) -> Iterator[Slice | Stopped]:
        """From each arrival its next records, at most ``limit``, from ``records_done`` on; in the order given.

        Raises:
            OSError: no descriptor was free to open one: it is the machine that fails.
        """
        for answer in self._workers.prepare([self._job(arrival, limit) for arrival in arrivals]):
            if isinstance(answer, Stopped) and answer.code == _NO_DESCRIPTORS:
                raise OSError(errno.EMFILE, answer.because)
            yield answer

    def _job(self, arrival: Arrival, limit: int) -> Job:
        name = arrival.path.rpartition(b"/")[2].decode("utf-8", "backslashreplace")
        path, look = str(self._work / arrival.id), (arrival.ino, arrival.size, arrival.mtime_ns)
        return Job(arrival.id, path, name, arrival.claimed_at, first=arrival.records_done, limit=limit, look=look)
