"""The engine of this machine: processes beside this one, each with a pipe, nothing else to install.

Not concurrent.futures: its pool is broken for all jobs by the death of one process, and does not say whose it was.
"""

from __future__ import annotations

import contextlib
import resource
import signal
from collections import deque
from dataclasses import dataclass, field
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, Final, Self

from winnowd import __version__
from winnowd.bulk.engine import AHEAD, TRIES, JobFailedError, in_order, outcome_of, request_for, result_of
from winnowd.daemon.child import STARTING, Child, begin, processes, tell_ready
from winnowd.daemon.confinement import UNCONFINED
from winnowd.daemon.frames import framed, write

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from types import TracebackType

    from winnowd.bulk.engine import Job, Result

_SMALL: Final = 1 << 15  # bytes that a pipe takes while its process is busy with another job
_STEP: Final = 1.0  # s between two looks at processes that have not come to be ready


@dataclass(slots=True, eq=False)
class _Task:
    """A job on its way: as it was given, as it is sent, the processes it has ended, and what came of it."""

    job: object
    request: bytes
    deaths: int = 0
    outcome: bytes | None = None
    failure: JobFailedError | None = None


@dataclass(slots=True, eq=False)
class _Worker(Child):
    """A process, and the tasks that it was sent and has not answered; it does the first one."""

    tasks: deque[_Task] = field(default_factory=deque)

    def send(self, task: _Task) -> None:
        """Give it one more; that it has died is seen when its answer is awaited."""
        self.tasks.append(task)
        with contextlib.suppress(OSError):
            self.pipe.send_bytes(task.request)

    def answers(self) -> None:
        """Give the tasks it has answered their outcomes.

        Raises:
            OSError: it did not come to be ready.
        """
        while self.is_at_work() and (outcome := self.frames.next()) is not None:
            self.tasks.popleft().outcome = outcome


class LocalEngine:
    """So many processes of this machine, begun when there is work for them; ``Engine`` has all promises.

    They end with this process, however it ends: with a signal of the kernel if need be. An interrupt from the terminal
    is this one's alone to obey.
    """

    def __init__(self, workers: int) -> None:
        """Take how many processes there may be at a time."""
        self.workers: Final = workers
        self._context = processes()
        self._workers: list[_Worker] = []
        self._waiting: deque[_Task] = deque()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def map(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Generator[Result, None, None]:
        """See ``Engine.map``; processes and jobs under way are shared by all that are open."""
        return in_order(
            jobs,
            ahead=lambda: AHEAD * self.workers,
            begin=lambda job: self._begun(function, job),
            result=self._result,
            drop=self._drop,
        )

    def close(self) -> None:
        """End all processes at once."""
        self._closed = True
        self._waiting.clear()
        while self._workers:
            self._workers.pop().kill()

    def _begun(self, function: Callable[[Job], Result], job: Job) -> _Task:
        task = _Task(job, request_for(function, job))
        self._waiting.append(task)
        self._listen(0)
        return task

    def _result(self, task: _Task) -> Any:  # noqa: ANN401 - whatever the function gave
        """What came of a task, when it has come."""
        while task.outcome is None:
            if task.failure is not None:
                raise task.failure
            self._listen(_STEP)
        return result_of(task.outcome)

    def _drop(self, tasks: Iterable[_Task]) -> None:
        """Forget these, and end the processes that have one; what else those had is tried elsewhere, at no cost."""
        dropped = set(tasks)
        for worker in [worker for worker in self._workers if not dropped.isdisjoint(worker.tasks)]:
            self._end(worker)
        self._waiting = deque(task for task in self._waiting if task not in dropped)

    def _listen(self, seconds: float) -> None:
        """Hand out what waits, hear for so long what processes say, and hand out again."""
        if self._closed:
            raise RuntimeError("the engine is closed")
        self._send()
        spoke = connection.wait([worker.pipe for worker in self._workers if worker.tasks], seconds)
        for worker in [worker for worker in self._workers if worker.tasks]:
            if worker.pipe in spoke:
                worker.listen()
            try:
                worker.answers()
            except OSError as fault:
                self._bury(worker, str(fault))
            else:
                if worker.ended:
                    self._bury(worker, _end_of(worker))
        self._send()

    def _send(self) -> None:
        """Give each process one task, and then each a second one that it finds when it is done with the first."""
        while self._waiting:
            worker = self._freest()
            if worker is None or (worker.tasks and len(self._waiting[0].request) > _SMALL):
                return
            worker.send(self._waiting.popleft())

    def _freest(self) -> _Worker | None:
        """A process with nothing to do, begun if there may be more; else one that has fewest. None: all have enough."""
        least = min(self._workers, key=lambda worker: len(worker.tasks), default=None)
        if least is not None and not least.tasks:
            return least
        if len(self._workers) < self.workers:
            memory = resource.getrlimit(resource.RLIMIT_AS)[1]
            made = begin(self._context, _serve, memory=memory, confinement=UNCONFINED, is_parent=True)
            self._workers.append(_Worker(*made, STARTING))
            return self._workers[-1]
        return least if least is not None and len(least.tasks) < AHEAD else None

    def _bury(self, worker: _Worker, because: str) -> None:
        """A death counts against the first of its tasks alone, which it did; all are tried elsewhere."""
        if worker.tasks:
            guilty = worker.tasks[0]
            guilty.deaths += 1
            if guilty.deaths == TRIES:
                worker.tasks.popleft().failure = JobFailedError(guilty.job, because)
        self._end(worker)

    def _end(self, worker: _Worker) -> None:
        worker.kill()
        self._workers.remove(worker)
        self._waiting.extendleft(reversed(worker.tasks))


def _end_of(worker: _Worker) -> str:
    """How its process ended, for people."""
    code = worker.exit_code()
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit {code}"


def _serve(pipe: connection.Connection) -> None:
    """In a process of the engine: do what comes until the pipe closes."""
    tell_ready(pipe)
    while True:
        try:
            request = pipe.recv_bytes()
        except EOFError:
            return
        write(pipe.fileno(), framed(outcome_of(__version__, request)))
