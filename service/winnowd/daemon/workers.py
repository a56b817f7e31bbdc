"""Processes that prepare arrivals, so that hostile bytes never meet the loop and one core is not the limit.

Answers come in the order of the jobs. What a worker had in hand when it fell is under suspicion, and whoever asked
tries it once more, alone, in a fresh one, when all others are done. Failing alone proves guilt: its neighbours never
suffer.
"""

from __future__ import annotations

import contextlib
import select
import time
from collections import deque
from multiprocessing import connection
from typing import TYPE_CHECKING, Final

from winnowd.daemon.ahead import Ahead
from winnowd.daemon.child import processes
from winnowd.daemon.confinement import UNCONFINED
from winnowd.daemon.worker import Ticket, begun
from winnowd.model import SUSPICIOUS, Slice, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from winnowd.daemon.confinement import Confined, Confinement
    from winnowd.daemon.worker import Worker
    from winnowd.model import Job
    from winnowd.pipeline.ports import SlicePreparer

_CHUNK: Final = 32  # arrivals sent to a worker at once
_CHUNK_BYTES: Final = 1 << 20  # of their files, but for a single one
_LIFE: Final = 10_000  # arrivals, then a worker is replaced, whatever a library may have leaked
_STEP: Final = 1.0  # s between two signs of life while workers are waited for


class Workers:
    """``count`` processes that prepare jobs; results come in the order of the jobs, whatever order they end in.

    ``alive`` is called once a second while they are waited for: a file that hangs is no sign that the loop does.
    """

    def __init__(
        self,
        build: Callable[[], SlicePreparer],
        *,
        count: int,
        seconds: float,
        memory: int,
        confinement: Confinement = UNCONFINED,
    ) -> None:
        """Take the picklable ``build`` of the preparer, the deadline of a job in s, the address space in bytes."""
        self._context = processes()
        self._build = build
        self._count = count
        self._seconds = seconds
        self._memory = memory
        self._confinement = confinement
        self._workers: list[Worker] = []
        self._ahead = Ahead()
        self.alive: Callable[[], None] = lambda: None

    def prepare(self, jobs: Sequence[Job], *, alone: bool = False) -> Iterator[Slice | Stopped | None]:
        """Prepare each job; yields one result for each, in order, and None for each second in which none was ready.

        A slice goes to the worker that has the place of its arrival. ``alone``: each in a fresh worker, ended after it.
        What a request before this one has left in hand, or answered, is not prepared again.
        """
        if alone:
            for job in jobs:
                yield from self._alone(job)
            return
        request = object()
        results: dict[int, Slice | Stopped] = {
            index: answer for index, job in enumerate(jobs) if (answer := self._ahead.pop(job)) is not None
        }
        todo = self._adopted([Ticket(job, request, index) for index, job in enumerate(jobs) if index not in results])
        try:
            for index in range(len(jobs)):
                while index not in results:
                    self._send(todo)
                    if not self._receive(request, results, todo):
                        yield None
                yield results.pop(index)
        finally:
            for index, unread in results.items():
                self._ahead.put(jobs[index], unread)

    def keep_busy(self) -> None:
        """Take what workers have said, without waiting: with full pipes they would stand still."""
        for worker in self._ready(select.POLLIN):
            worker.listen()

    def warm(self) -> None:
        """Start the first worker now: what it imports takes longer than what it does for the first arrival."""
        if not self._workers:
            self._workers.append(self._begun())

    def confined(self) -> Confined | None:
        """How far the worker begun last is confined, as it said itself; None as long as none has said so."""
        self.keep_busy()
        for worker in reversed(self._workers):
            with contextlib.suppress(OSError, ValueError):  # told when its answer is awaited
                if worker.is_at_work():
                    return worker.confined
        return None

    def close(self) -> None:
        """End all workers at once; nothing they hold is lost, since nothing they hold is true yet."""
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
        self._ahead.clear()

    def _adopted(self, tickets: Sequence[Ticket]) -> deque[Ticket]:
        """Let answers to these jobs belong here where a worker has them in hand already; gives those to be sent."""
        by_job = {ticket.job: ticket for ticket in tickets}
        in_hand: set[Ticket] = set()
        for worker in self._workers:
            for at, one in enumerate(worker.waiting):
                if (ticket := by_job.pop(one.job, None)) is not None:
                    worker.waiting[at] = ticket
                    in_hand.add(ticket)
        return deque(ticket for ticket in tickets if ticket not in in_hand)

    def _send(self, todo: deque[Ticket]) -> None:
        """Give each worker in turn a chunk until it has enough; start workers while there is work for them."""
        for worker in [worker for worker in self._workers if not worker.waiting and worker.done >= _LIFE]:
            self._retire(worker)
        while todo and len(self._workers) < min(self._count, 1 + len(todo) // _CHUNK):
            self._workers.append(self._begun())
        given = bool(todo)
        while given:
            hungry = [worker for worker in self._ready(select.POLLOUT) if worker.takes_more]
            chunks = [(worker, chunk) for worker in hungry if (chunk := self._chunk(worker, todo))]
            for worker, chunk in chunks:
                worker.send(chunk)
            given = bool(chunks)

    def _ready(self, event: int) -> list[Worker]:
        """The workers whose pipes can be read, or take a chunk, without waiting.

        A socket is writable while three quarters of its buffer are free, so that a chunk never waits for a worker that
        waits to be read itself.
        """
        poll, by_pipe = select.poll(), {}
        for worker in self._workers:
            by_pipe[worker.pipe.fileno()] = worker
            poll.register(worker.pipe, event)
        return [by_pipe[pipe] for pipe, _ in poll.poll(0)]

    def _chunk(self, worker: Worker, todo: deque[Ticket]) -> list[Ticket]:
        """The next jobs for this worker: bounded in number and bytes, none whose place another one has."""
        chunk: list[Ticket] = []
        size = 0
        while todo and len(chunk) < _CHUNK:
            job = todo[0].job
            size += job.size
            keeper = next((one for one in self._workers if job.arrival in one.keeps), worker)
            if (chunk and size > _CHUNK_BYTES) or keeper is not worker:
                break
            chunk.append(todo.popleft())
        return chunk

    def _receive(self, request: object, results: dict[int, Slice | Stopped], todo: deque[Ticket]) -> bool:
        """Take what is ready, if anything is; what waited behind one that fell goes to another worker."""
        some = False
        for worker, answer in self._answers([worker for worker in self._workers if worker.waiting]):
            some = True
            ticket = worker.waiting.popleft()
            if ticket.request is request:
                results[ticket.index] = answer
            else:
                self._ahead.put(ticket.job, answer)
            if isinstance(answer, Stopped) and answer.code in SUSPICIOUS:
                todo.extendleft(one for one in reversed(worker.waiting) if one.request is request)
                self._retire(worker)
                continue
            worker.done += 1
            worker.since = time.monotonic()
            if isinstance(answer, Slice) and not answer.last:
                worker.keep(ticket.job)
            else:
                worker.keeps.pop(ticket.job.arrival, None)
        return some

    def _answers(self, busy: Sequence[Worker]) -> Iterator[tuple[Worker, Slice | Stopped]]:
        """What these say within a second, or why one of them has nothing to say any more.

        Raises:
            OSError: a worker did not come to be ready.
        """
        self.alive()
        deadline = min(worker.deadline for worker in busy)
        has_answer = any(worker.frames.has_next for worker in busy)
        seconds = 0.0 if has_answer else min(_STEP, max(0.0, deadline - time.monotonic()))
        ready = connection.wait([worker.pipe for worker in busy], seconds)
        for worker in busy:
            if worker.pipe in ready:
                worker.listen()
            while worker.waiting and (answer := worker.answer()) is not None:
                yield worker, answer

    def _alone(self, job: Job) -> Iterator[Slice | Stopped | None]:
        """What comes of a job in a worker of its own; if it falls again, that is proof. None for each second before."""
        worker = self._begun()
        try:
            worker.send([Ticket(job, None, 0)])
            while True:
                for _, answer in self._answers([worker]):
                    if isinstance(answer, Stopped) and answer.code in SUSPICIOUS:
                        yield Stopped(answer.code, f"{answer.because}, alone in a fresh worker")
                    else:
                        yield answer
                    return
                yield None
        finally:
            worker.kill()

    def _begun(self) -> Worker:
        return begun(
            self._context,
            self._build,
            seconds=self._seconds,
            memory=self._memory,
            confinement=self._confinement,
        )

    def _retire(self, worker: Worker) -> None:
        worker.kill()
        worker.waiting.clear()
        self._workers.remove(worker)
