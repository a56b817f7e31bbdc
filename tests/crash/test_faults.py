"""A machine that fails: the service pauses, keeps everything, tells why, and goes on by itself when it is over (P9)."""

from __future__ import annotations

import contextlib
import errno
import functools
import itertools
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import account, events, faults
from tests.crash.scenes import DOUBTED, SHORT, configured, decided, lines
from tests.crash.test_kill_sweep import spread
from tests.crash.tracing import counted, traced
from tests.daemon.stand import Heard
from tests.e2e.instance import TEXTS, Instance, silent_log
from tests.needs import crash_run, needs, root, strace_kills

from winnowd.daemon.doorbell import Bell, Doorbell
from winnowd.daemon.health import Health
from winnowd.daemon.loop import Loop
from winnowd.daemon.reload import floor_for, listened
from winnowd.daemon.schedule import Schedule
from winnowd.daemon.serve import opened, owned
from winnowd.daemon.work import Work
from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVERY = bool(os.environ.get("WINNOWD_CRASH"))
POINTS = int(os.environ.get("WINNOWD_FAULT_POINTS", "100000" if EVERY else "4"))
STRIDE = int(os.environ.get("WINNOWD_STRIDE", "9"))
ERRORS = {errno.errorcode[number]: number for number in (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EMFILE)}
BEFORE = {"a.txt": TEXTS["A"], "c.txt": DOUBTED}
FILES = {"feed/b.txt": TEXTS["B"], "other.txt": TEXTS["C"], "many.jsonl": lines(TEXTS["D"], "short"), "s.txt": SHORT}
SENT = [text.encode() for text in (*BEFORE.values(), *FILES.values())]
TRIES = 3  # that a lasting fault outlives
MOST_WAITS = 200


class Failing:
    """Announced effects, counted from 1: one of them fails, or all from one on until the fault is over."""

    def __init__(self, at: int = 0, number: int = 0, *, lasting: bool = False) -> None:
        self.at, self.number, self.lasting = at, number, lasting
        self.count = self.failed = 0

    def __call__(self, effect: str) -> None:
        """Fail, if it is this one's turn; that something was committed is only told, and cannot fail."""
        if effect == "committed":
            return
        self.count += 1
        due = self.at and (self.count >= self.at if self.lasting else self.count == self.at)
        if due and self.failed < (TRIES if self.lasting else 1):
            self.failed += 1
            raise OSError(self.number, os.strerror(self.number))


class Rushed(Bell):
    """A bell at which no time is lost: what would be waited for passes at once; ``waited`` is called each time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = time.monotonic()
        self.waited: Callable[[], None] = lambda: None

    def wait(self, seconds: float) -> bool:
        """Let so much time pass."""
        self.now += seconds + 0.001
        self.waited()
        return False


def served(
    home: Path, failing: Callable[[str], None], mend: Callable[[int], object] = bool, **settings: object
) -> None:
    """Serve, as ``winnowd run`` does, until nothing is left to do; an OSError ends it as it would end the service.

    ``mend`` is called at each wait with its number.
    """
    instance = Instance(home, **settings)
    with owned(home, configured(instance), failing, processes=0) as held:
        work = Work(held, silent_log())
        bell = Rushed()
        loop = Loop(
            work=work,
            bell=bell,
            doorbell=Doorbell(listened(held), bell),
            schedule=Schedule(bell),
            notify=Heard(),
            health=Health(work),
            floor=floor_for(held),
            monotonic=lambda: bell.now,
            wall=lambda: bell.now,
            pause=lambda _: None,
        )
        waits = itertools.count()

        def stop_when_idle() -> None:
            mend(waited := next(waits))
            if waited > MOST_WAITS or not (work.unflushed or _waiting(home) or loop._pause.holds):
                loop.stop()

        bell.waited = stop_when_idle
        loop.run()


def _waiting(home: Path) -> bool:
    folders = ("inbox", "state/work", "state/orders")
    return any(
        path.is_file() for name in folders for path in (home / name).rglob("*.[tj]*") if "done" not in path.parts
    )


def set_up(home: Path) -> Instance:
    """An instance with two decisions, new files, and an order that waits."""
    instance = Instance(home)
    instance.drop(BEFORE)
    instance.pass_over()
    instance.drop(FILES)
    order = {"at": "", "user": "", "via": "cli", "action": "release", "targets": ["c.txt"], "reason": "a test"}
    give(home, SystemClock().uuid7(), OrderFile.model_validate(order))
    return instance


def wrong_after(home: Path, failing: Failing, expected: list[tuple[str, str, str]]) -> list[str]:
    """What is wrong after the service has met a fault; one that ends it, in its last words, is started again."""
    try:
        served(home, failing)
    except OSError:
        served(home, Failing())
    found = faults(home, SENT)
    if (now := sorted(decided(Instance(home)))) != expected:
        found.append(f"decided {[one for one in now if one not in expected]}")
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[tuple[str, str, str]]]:
    """How many effects the work has, and what is decided; a file that cannot be taken at first comes last."""
    home = tmp_path_factory.mktemp("undisturbed")
    instance, seen = set_up(home), Failing()
    served(home, seen)
    assert faults(home, SENT) == []
    return seen.count, sorted(decided(instance))


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
@pytest.mark.parametrize("name", ERRORS)
def test_an_effect_that_fails_is_done_in_the_end(
    fast_path: Path,
    undisturbed: tuple[int, list[tuple[str, str, str]]],
    name: str,
    lasting: bool,  # noqa: FBT001 - given by pytest
    record_property: Callable[[str, object], None],
) -> None:
    """Each effect of a day's work and an order, for each of four errors, once or three times: the same decisions."""
    count, expected = undisturbed
    wrong: dict[int, list[str]] = {}
    told = 0

    points = spread(count, POINTS)
    for point in points:
        home = fast_path / f"at-{point}"
        set_up(home)
        if found := wrong_after(home, Failing(point, ERRORS[name], lasting=lasting), expected):
            wrong[point] = found
        told += any(event["event"]["action"] == "failure" for event in events(home))
        figure = account(home)
        shutil.rmtree(home)

    mode = "lasting" if lasting else "once"
    figure = f"{name} {mode}: at {len(points)} of {count} effects, {told} told, {len(wrong)} wrong; {figure}"
    record_property("figure", figure)
    assert wrong == {}


@needs("P9", crash_run, strace_kills)
@pytest.mark.parametrize("name", ERRORS)
def test_a_system_call_that_fails_loses_nothing(
    fast_path: Path,
    undisturbed: tuple[int, list[tuple[str, str, str]]],
    name: str,
    record_property: Callable[[str, object], None],
) -> None:
    """Those of SQLite and of every library among them, each call that changes a disk, once."""
    _, expected = undisturbed
    set_up(fast_path / "counted")
    calls = counted(functools.partial(served, fast_path / "counted", Failing()), fast_path)
    points = [(call, number) for call, count in calls.items() for number in range(1, count + 1)][::STRIDE]
    wrong: dict[str, list[str]] = {}

    for call, number in points:
        home = fast_path / f"{call}-{number}"
        set_up(home)
        options = ("-e", f"trace={call}", "-e", f"inject={call}:error={name}:when={number}", "-o", "/dev/null")
        with traced(functools.partial(served, home, Failing()), *options):
            pass
        if found := wrong_after(home, Failing(), expected):
            wrong[home.name] = found
        figure = account(home)
        shutil.rmtree(home)

    total = sum(calls.values())
    record_property("figure", f"{name}: at {len(points)} of {total} system calls, {len(wrong)} wrong; {figure}")
    assert wrong == {}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of two megabytes."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", tmp_path], check=True)
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def open_below(home: Path) -> list[str]:
    """The files of an instance that this process holds open."""
    paths = []
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the folder's own, closed by now
            paths.append(str(one.readlink()))
    return [path for path in paths if path.startswith(f"{home}/")]


@needs("P9", root)
def test_a_disk_that_is_full_is_waited_for(small_disk: Path) -> None:
    """Nothing is decided while it is full, nothing is lost, and it is told: SYS911, then that work goes on."""
    instance = set_up(small_disk)
    seen: list[int] = []

    def full_at_first(_: str) -> None:
        if not seen:
            fill(small_disk / "ballast")
            seen.append(-1)

    def mend(waited: int) -> None:
        if waited == TRIES:
            seen.append(len(decided(instance)))
            (small_disk / "ballast").unlink()

    served(small_disk, full_at_first, mend, disk__floor_bytes=0, disk__floor_inodes=0)

    assert seen == [-1, len(BEFORE)]
    told = [event["event"].get("code") or event["event"]["action"] for event in events(small_disk)]
    assert told.count("SYS911") == 1
    assert "recovered" in told
    assert faults(small_disk, SENT) == []
    assert len(decided(instance)) == len(BEFORE) + len(FILES) + 2


@needs("P9", root)
def test_a_start_on_a_full_disk_is_tried_again(small_disk: Path) -> None:
    """The ledger cannot even be opened there: no damage of it, no end of the service, and no try leaves it open."""
    instance = set_up(small_disk)
    fill(small_disk / "ballast")
    paused: list[float] = []
    kept_open: list[str] = []

    def pause(seconds: float) -> None:
        paused.append(seconds)
        kept_open.extend(open_below(small_disk))
        if len(paused) == TRIES:
            (small_disk / "ballast").unlink()

    with opened(lambda: owned(small_disk, configured(instance), processes=0), silent_log(), Heard(), pause) as found:
        in_corpus = found.ledger.decisions.in_corpus()

    assert in_corpus == 1
    assert kept_open == []
    assert paused == [0.5, 1.0, 2.0]
