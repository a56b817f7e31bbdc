"""What an engine promises, kept by both of them: order, laziness, a killed process, a fault, an end.

The cases of Ray are those of ``make test-ray``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import select
import signal
import subprocess
import sys
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from winnowd.bulk.engine import (
    AHEAD,
    TRIES,
    EngineUnavailableError,
    JobFailedError,
    outcome_of,
    request_for,
    result_of,
)
from winnowd.bulk.local import LocalEngine
from winnowd.bulk.ray import RayEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.bulk.engine import Engine

ROOT = Path(__file__).parents[2]
WORKERS = 2
WITH_RAY = [
    pytest.mark.ray,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: make test-ray"),
]
RAY = pytest.param(RayEngine, marks=WITH_RAY)


@pytest.fixture(scope="module", params=[LocalEngine, RAY])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine with two workers, for all tests that leave it as it was."""
    with request.param(WORKERS) as made:
        yield made


class OddError(Exception):
    """One that is packed and cannot be unpacked: it wants more than it passes on."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def squared(job: int) -> int:
    """A job without faults."""
    return job * job


def half(job: int) -> int:
    """A job that is refused when odd."""
    if job % 2:
        raise ValueError(f"{job} is odd")
    return job // 2


def odd(job: int) -> int:
    """A job whose exception cannot travel."""
    raise OddError("odd", str(job))


def large(job: bytes) -> bytes:
    """A job larger than a pipe, with a result as large."""
    return job[::-1]


def dying(job: tuple[Path, int, int]) -> tuple[int, int]:
    """A job that ends its own process as often as it is told; gives its number, and how often it was begun."""
    folder, number, deaths = job
    begun = sum(1 for _ in folder.glob(f"{number}.*"))
    (folder / f"{number}.{begun}").touch()
    if begun < deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    return number, begun + 1


def ended(_: object) -> None:
    """A process that ends before it can do anything."""
    os._exit(3)


def waiting(job: tuple[Path, int]) -> int:
    """A job that says which processes do it, and has no end, but for the first one."""
    folder, number = job
    if number == 0:
        return 0
    with (folder / "begun").open("a", encoding="ascii") as pids:
        pids.write(f"{os.getpid()} {os.getppid()}\n")
    signal.pause()
    return number


def test_results_come_in_the_order_of_the_jobs(engine: Engine) -> None:
    """Whatever order they end in; none for no job."""
    assert list(engine.map(squared, range(23))) == [number * number for number in range(23)]
    assert list(engine.map(squared, [])) == []
    assert engine.workers == WORKERS


def test_jobs_are_taken_a_window_ahead_and_not_before_somebody_asks(engine: Engine) -> None:
    """There may be no end of them, and each may cost something."""
    jobs = count()

    results = engine.map(squared, jobs)
    before = next(jobs)
    first = list(islice(results, 3))
    results.close()

    assert (before, first) == (0, [1, 4, 9])
    assert next(jobs) == 1 + 2 + AHEAD * WORKERS


def test_the_jobs_of_one_map_may_be_the_results_of_another(engine: Engine) -> None:
    """Both go on at a time, in order."""
    assert list(engine.map(squared, engine.map(half, range(0, 20, 2)))) == [number * number for number in range(10)]


def test_what_a_function_raises_comes_out_in_its_place(engine: Engine) -> None:
    """After the results before it, with where it was raised; the engine goes on with other jobs."""
    results = engine.map(half, [0, 2, 3, 4])

    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="3 is odd") as raised:
        next(results)
    assert "in half" in "".join(raised.value.__notes__)
    assert list(results) == []
    assert list(engine.map(half, [8])) == [4]


def test_an_exception_that_cannot_travel_is_told_in_words(engine: Engine) -> None:
    """With where it was raised."""
    with pytest.raises(RuntimeError, match=r"in odd\n(.*\n)*.*OddError: odd1"):
        list(engine.map(odd, [1]))


def test_a_killed_process_costs_its_job_another_try_and_no_other_job_anything(engine: Engine, tmp_path: Path) -> None:
    """It is done again as often as it may be; all others are begun once."""
    jobs = [(tmp_path, number, TRIES - 1 if number == 2 else 0) for number in range(8)]

    done = list(engine.map(dying, jobs))

    assert done == [(number, TRIES if number == 2 else 1) for number in range(8)]


def test_a_job_that_ends_every_process_is_named_in_its_place(engine: Engine, tmp_path: Path) -> None:
    """After so many tries; what the engine does next is not touched."""
    results = engine.map(dying, [(tmp_path, 0, 0), (tmp_path, 1, TRIES), (tmp_path, 2, 0)])

    assert next(results) == (0, 1)
    with pytest.raises(JobFailedError, match=f"ended {TRIES} processes, the last one so: ") as raised:
        next(results)
    assert raised.value.job == (tmp_path, 1, TRIES)
    assert len(list(tmp_path.glob("1.*"))) == TRIES
    assert list(engine.map(squared, [3])) == [9]


def test_jobs_larger_than_a_pipe_go_through(engine: Engine) -> None:
    """They should be small; they do no harm if they are not."""
    jobs = [bytes([number]) * (1 << 20) for number in range(5)]

    assert list(engine.map(large, jobs)) == jobs


def test_the_jobs_of_an_iterator_that_is_closed_end_with_it(engine: Engine, tmp_path: Path) -> None:
    """None is begun any more; those that had no end make way for others."""
    (tmp_path / "begun").touch()
    results = engine.map(waiting, ((tmp_path, number) for number in count()))

    assert next(results) == 0
    results.close()

    assert list(engine.map(squared, range(9))) == [number * number for number in range(9)]
    assert (
        len((tmp_path / "begun").read_text(encoding="ascii").splitlines() if (tmp_path / "begun").exists() else [])
        <= WORKERS
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda one: one.name)
@pytest.mark.parametrize("kind", [LocalEngine, RAY])
def test_no_process_outlives_the_one_that_asked(kind: type[Engine], number: signal.Signals, tmp_path: Path) -> None:
    """However it ends: those that do a job, and those that began them."""
    os.mkfifo(tmp_path / "begun")
    pipe = os.open(tmp_path / "begun", os.O_RDWR)  # both ends: whoever writes need not wait for a reader
    source = (
        f"from tests.bulk.test_engines import LocalEngine, RayEngine, drive; drive({kind.__name__}, {str(tmp_path)!r})"
    )
    driver = subprocess.Popen([sys.executable, "-c", source], cwd=ROOT, stderr=subprocess.PIPE)
    try:
        with os.fdopen(pipe, "rb") as begun:
            pids = {int(pid) for _ in range(WORKERS) for pid in begun.readline().split()}
        alive = [os.pidfd_open(pid) for pid in pids]
        driver.send_signal(number)
        driver.communicate(timeout=30)
        for handle in alive:
            assert select.select([handle], [], [], 30)[0]
            os.close(handle)
    finally:
        driver.kill()


def drive(kind: type[LocalEngine | RayEngine], folder: str) -> None:
    """In a process of its own: wait for jobs that have no end."""
    with kind(WORKERS) as engine:
        list(engine.map(waiting, ((Path(folder), number) for number in count(1))))


def test_a_closed_engine_says_so() -> None:
    """It begins no process any more."""
    engine = LocalEngine(1)
    results = engine.map(squared, range(5))
    assert next(results) == 0
    engine.close()

    with pytest.raises(RuntimeError, match="closed"):
        list(results)
    with pytest.raises(RuntimeError, match="closed"):
        next(engine.map(squared, [1]))


def test_a_process_that_cannot_begin_counts_as_one_that_died(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine may have no room for it: that is told, and not waited for for ever."""
    monkeypatch.setattr("winnowd.bulk.local._serve", ended)

    with LocalEngine(1) as engine, pytest.raises(JobFailedError, match=r"not ready for work \(exit 3\)"):
        next(engine.map(squared, [1]))


def test_a_worker_of_another_version_is_told_apart() -> None:
    """A node where another winnowd is installed would decide otherwise, and nobody would know."""
    with pytest.raises(EngineUnavailableError, match=r"the driver has winnowd 0\.0\.0, and a worker"):
        result_of(outcome_of("0.0.0", request_for(squared, 1)))


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of pip."""
    monkeypatch.setitem(sys.modules, "ray", None)

    with pytest.raises(EngineUnavailableError, match=re.escape("pip install 'winnowd[ray]'")):
        RayEngine(1)


@pytest.mark.parametrize("address", [pytest.param("127.0.0.1:1", marks=WITH_RAY)])
def test_an_address_without_a_cluster_is_told(address: str) -> None:
    """At once: Ray itself would try for minutes, and end the process."""
    with pytest.raises(EngineUnavailableError, match=f"no cluster at {address}: "):
        RayEngine(1, address)
