"""Workers give one answer for each job, in order, and only the guilty one of them is stopped."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import os
import signal
import time
from collections import deque
from multiprocessing import connection
from typing import TYPE_CHECKING

import pytest

from winnowd.daemon.ahead import Ahead
from winnowd.daemon.faults import code_of
from winnowd.daemon.preparation import InLoop
from winnowd.daemon.preparer import MOST_READINGS
from winnowd.daemon.worker import Worker
from winnowd.daemon.workers import Workers
from winnowd.model import Job, Prepared, Provenance, Slice, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GIB = 1 << 30


class Scripted:
    """A preparer that does what a job's name says: die, hang, overfill, or answer."""

    def __call__(self, job: Job) -> Slice:
        """Answer with the job's own name, or misbehave."""
        if job.name == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if job.name == "hang":
            signal.pause()
        if job.name == "overfill":
            bytearray(8 * GIB)
        return Slice((Prepared(Provenance(0, job.name, 0, "text/plain"), None, (), ()),), last=True)


def jobs(names: list[str]) -> list[Job]:
    """One job a name."""
    return [Job(str(number), "", name, dt.datetime(2026, 11, 22, tzinfo=dt.UTC)) for number, name in enumerate(names)]


def told_all(answers: Iterable[Slice | Stopped | None]) -> list[str]:
    """All answers, without the seconds in which there was none."""
    return [told(answer) for answer in answers if answer is not None]


@pytest.fixture
def workers() -> Iterator[Workers]:
    """Two workers with a short deadline."""
    made = Workers(Scripted, count=2, seconds=1.0, memory=2 * GIB)
    yield made
    made.close()


def told(answer: Slice | Stopped | None) -> str:
    """Make an answer comparable: the code of a stop, the name an answer carries."""
    if answer is None:
        return ""
    return answer.code if isinstance(answer, Stopped) else answer.prepared[0].provenance.raw_sha256


def test_answers_come_in_the_order_of_the_jobs(workers: Workers) -> None:
    """Two workers end in any order; the decisions must not depend on it."""
    names = [f"n{number}" for number in range(200)]

    assert told_all(workers.prepare(jobs(names))) == names


class Verbose(Scripted):
    """Says twenty thousand characters for each it is given."""

    def __call__(self, job: Job) -> Slice:
        """Answer with the job's own name, over and over."""
        return super().__call__(dataclasses.replace(job, name=job.name * 4_000))


def test_a_worker_goes_on_while_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pipe holds far less than these answers: emptied between two records that are judged, it never stands full."""
    workers = Workers(Verbose, count=1, seconds=60.0, memory=2 * GIB)
    names = [f"{number:05d}" for number in range(100)]
    answers = workers.prepare(jobs(names))
    first = next(one for one in answers if one is not None)

    (worker,) = workers._workers
    while worker.frames.nbytes < len(worker.waiting) * 20_000:
        workers.keep_busy()
    waits: list[float] = []

    def wait(_: object, seconds: float) -> list[object]:
        waits.append(seconds)
        return []

    monkeypatch.setattr(connection, "wait", wait)
    rest = told_all(answers)
    monkeypatch.undo()
    workers.close()

    assert set(waits) == {0.0}, "what was taken already is not waited for"
    assert [told(first), *rest] == [name * 4_000 for name in names]


@pytest.mark.parametrize(("deed", "code"), [("die", "SYS901"), ("hang", "SYS902"), ("overfill", "SYS904")])
def test_the_guilty_is_stopped_and_its_neighbours_are_not(workers: Workers, deed: str, code: str) -> None:
    """One arrival that kills, hangs or overfills its worker is named; all others get their answer. So it is alone."""
    names = ["a", "b", deed, "c", "d"]

    assert told_all(workers.prepare(jobs(names))) == ["a", "b", code, "c", "d"]
    (alone,) = [one for one in workers.prepare(jobs([deed]), alone=True) if one is not None]
    assert isinstance(alone, Stopped)
    assert (alone.code, alone.because.endswith("alone in a fresh worker")) == (code, True)


def unable() -> Scripted:
    """A worker that cannot come to be."""
    os.kill(os.getpid(), signal.SIGKILL)
    return Scripted()


def test_a_worker_that_cannot_start_is_no_fault_of_a_file() -> None:
    """It had none in hand: the service pauses, as for any fault of the machine, and no arrival is named for it."""
    workers = Workers(unable, count=1, seconds=1.0, memory=2 * GIB)

    with pytest.raises(OSError, match="not ready for work") as raised:
        list(workers.prepare(jobs(["a", "b"])))
    workers.close()

    assert code_of(raised.value) == "SYS915"


class SlowToStart:
    """Takes longer to make a preparer than a job may take."""

    def __call__(self) -> Scripted:
        """Wait, as on a busy machine."""
        signal.setitimer(signal.ITIMER_REAL, 0.8)
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.pause()
        return Scripted()


def test_a_worker_that_starts_slowly_takes_no_time_from_its_files() -> None:
    """The deadline of a file begins when its worker has it: in the batch, and alone after another's misdeed."""
    workers = Workers(SlowToStart(), count=1, seconds=0.4, memory=2 * GIB)

    answers = told_all(workers.prepare(jobs(["a", "die", "b"])))
    workers.close()

    assert answers == ["a", "SYS901", "b"]


def test_waiting_for_files_that_hang_the_loop_shows_that_it_lives() -> None:
    """Two of them hold a batch up for longer than a watchdog waits: a sign of life each second."""
    signs: list[float] = []
    workers = Workers(Scripted, count=1, seconds=1.5, memory=2 * GIB)
    workers.alive = lambda: signs.append(time.monotonic())
    begun = time.monotonic()

    answers = told_all(workers.prepare(jobs(["hang", "hang"])))
    workers.close()

    moments = [begun, *signs, time.monotonic()]
    assert answers == ["SYS902", "SYS902"]
    assert moments[-1] - begun >= 2 * 1.5
    assert max(later - earlier for earlier, later in itertools.pairwise(moments)) < 3.0


def test_answers_that_nobody_waits_for_are_not_taken_for_those_of_the_next_run(workers: Workers) -> None:
    """A batch that failed leaves work in the pipes: what comes of it belongs to nobody."""
    left = workers.prepare(jobs([f"old{number}" for number in range(50)]))
    assert told(next(one for one in left if one is not None)) == "old0"

    assert told_all(workers.prepare(jobs(["new0", "new1"]))) == ["new0", "new1"]


class Counting(Scripted):
    """Says of each job how many it has prepared, that one included."""

    def __init__(self) -> None:
        self._prepared = 0

    def __call__(self, job: Job) -> Slice:
        """Answer with the number, or misbehave."""
        self._prepared += 1
        return super().__call__(
            job if job.name in {"die", "hang"} else dataclasses.replace(job, name=str(self._prepared))
        )


@pytest.mark.parametrize("read", [True, False])
def test_what_a_turn_has_left_behind_is_not_prepared_again(read: bool) -> None:  # noqa: FBT001 - a case
    """A turn ends by the clock, whatever is in hand: answered, or still to come, it is there for the next one.

    So it is if another request comes between. A job that is not quite the same is another one.
    """
    workers = Workers(Counting, count=1, seconds=60.0, memory=2 * GIB)
    many = jobs(["x"] * 100)
    turn = workers.prepare(many)
    first = next(one for one in turn if one is not None)
    (worker,) = workers._workers
    while read and len(worker.waiting) > 40:
        workers._receive(object(), {}, deque())
    turn.close()  # type: ignore[attr-defined] # a generator
    between = told_all(workers.prepare([dataclasses.replace(many[-1], first=1)]))
    rest = told_all(workers.prepare(many[1:]))
    again = told_all(workers.prepare(many[:1]))
    left = len(workers._ahead)
    workers.close()

    sent = int(between[0]) - 1
    assert (told(first), sent in {32, 64, 96, 100}) == ("1", True)
    assert rest == [str(number) for number in (*range(2, sent + 1), *range(sent + 2, 102))]
    assert (again, left) == (["102"], 0)


def test_what_fell_in_a_turn_that_was_left_is_asked_anew() -> None:
    """Its neighbours are not to blame, nor is it, before it was tried where somebody waits for it."""
    workers = Workers(Counting, count=1, seconds=60.0, memory=2 * GIB)
    names = ["a", "die", "b"]
    turn = workers.prepare(jobs(names))
    assert told(next(one for one in turn if one is not None)) == "1"
    turn.close()  # type: ignore[attr-defined] # a generator
    assert told_all(workers.prepare(jobs([*names, "other"])[3:])) == ["1"]

    assert told_all(workers.prepare(jobs(names)[1:])) == ["SYS901", "1"]
    workers.close()


def holding(size: int) -> Slice:
    """An answer of so many bytes."""
    return Slice((Prepared(Provenance(0, "", 0, ""), None, (), (), raw=bytes(size)),), last=True)


def test_answers_ahead_do_not_pile_up() -> None:
    """The newest of them are kept, in number and in what they hold, however small their files."""
    answer = Slice((), last=True)
    ahead = Ahead()
    many = jobs(["x"] * 600)
    for job in (*many, many[599]):
        ahead.put(job, answer)
    ahead.put(many[598], Stopped("SYS901", "why"))

    assert len(ahead) == 511
    assert [ahead.pop(many[at]) for at in (87, 88, 88, 598, 599)] == [None, answer, None, None, answer]
    for job in many[:3]:
        ahead.put(job, holding(3 << 20))
    assert len(ahead) == 2
    ahead.put(many[0], holding(9 << 20))
    assert len(ahead) == 0
    ahead.put(many[0], answer)
    assert ahead.pop(many[0]) is answer


def test_a_daemon_without_workers_prepares_by_itself() -> None:
    """``workers.count = 0`` gives the same answers in the loop."""
    assert [told(answer) for answer in InLoop(Scripted).prepare(jobs(["a", "b"]))] == ["a", "b"]


class Long:
    """A preparer of a file of many records, which takes its time to read over those before the first to be counted."""

    def __call__(self, job: Job) -> Slice:
        """Answer at once, or after longer than a job may take."""
        if job.count_only:
            signal.setitimer(signal.ITIMER_REAL, 1.2)
            signal.signal(signal.SIGALRM, lambda *_: None)
            signal.pause()
        return Slice((Prepared(Provenance(0, job.name, 0, "text/plain"), None, (), ()),), last=job.count_only)


def test_a_worker_that_begins_to_count_may_read_over_what_was_decided() -> None:
    """It has the file's place, but not as one that counts: it begins anew, and what that costs is no overrun."""
    workers = Workers(Long, count=1, seconds=0.6, memory=2 * GIB)
    (job,) = jobs(["many"])

    first = list(workers.prepare([job]))
    rest = list(workers.prepare([dataclasses.replace(job, first=1_000, count_only=True)]))
    workers.close()

    assert told_all((*first, *rest)) == ["many", "many"]


def test_of_a_worker_is_known_which_places_it_has() -> None:
    """As many as its preparer keeps, those asked for last: for any other its time covers reading from the start."""
    worker = Worker(None, None, 1.0)  # type: ignore[arg-type] # no process is needed to remember
    many = jobs(["x"] * (MOST_READINGS + 2))

    for job in (*many, many[2]):
        worker.keep(job)

    assert list(worker.keeps) == [job.arrival for job in (*many[3:], many[2])]
