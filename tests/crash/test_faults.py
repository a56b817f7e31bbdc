"""A machine that fails: the service pauses, keeps everything, tells why, and goes on by itself when it is over (P9)."""

from __future__ import annotations

import collections
import errno
import functools
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import account, events, faults
from tests.crash.scenes import DOUBTED, SHORT, decided, lines
from tests.crash.serving import TRIES, Failing, Service
from tests.crash.test_kill_sweep import spread
from tests.crash.tracing import counted, let_go, traced
from tests.e2e.instance import TEXTS, Instance
from tests.needs import crash_run, needs, strace_kills

from winnowd.daemon.faults import MACHINE_FAULTS
from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Decided = list[tuple[str, str, str]]

EVERY = bool(os.environ.get("WINNOWD_CRASH"))
POINTS = int(os.environ.get("WINNOWD_FAULT_POINTS", "100000" if EVERY else "4"))
STRIDE = int(os.environ.get("WINNOWD_STRIDE", "9"))
CODES = {"ENOSPC": "SYS911", "EIO": "SYS912", "EACCES": "SYS918", "EMFILE": "SYS914"}
BEFORE = {"a.txt": TEXTS["A"], "c.txt": DOUBTED}
FILES = {"feed/b.txt": TEXTS["B"], "other.txt": TEXTS["C"], "many.jsonl": lines(TEXTS["D"], "short"), "s.txt": SHORT}
SENT = [text.encode() for text in (*BEFORE.values(), *FILES.values())]
GIVEN_UP, NOT_BEGUN, ENDED, TOLD, HELD_BACK, SILENT = range(10, 16)
HOW = {
    GIVEN_UP: "ended while at work",
    NOT_BEGUN: "not begun in folders of others",
    ENDED: "ended, told to stop already",
    TOLD: "told",
    HELD_BACK: "told of its file",
    SILENT: "not told",
}
"""What became of a run that met a fault, as it ends a process."""


def set_up(instance_dir: Path) -> Instance:
    """An instance with two decisions, new files, and an order that waits."""
    instance = Instance(instance_dir)
    instance.drop(BEFORE)
    instance.pass_over()
    instance.drop(FILES)
    order = {"at": "", "user": "", "via": "cli", "action": "release", "targets": ["c.txt"], "reason": "a test"}
    give(instance_dir, SystemClock().uuid7(), OrderFile.model_validate(order))
    return instance


def met(service: Service, codes: Sequence[str] = ()) -> int:
    """How a run that meets a fault ends, and whether it has told one of these codes, or any."""
    try:
        service.run()
    except PermissionError:
        return ENDED if service.stopping else GIVEN_UP if service.begun else NOT_BEGUN
    except MACHINE_FAULTS:
        return ENDED if service.stopping else GIVEN_UP
    told = service.told & set(codes) if codes else service.told
    return TOLD if told else HELD_BACK if service.held_back else SILENT


def wrong_now(instance_dir: Path, how: int, expected: Decided) -> list[str]:
    """What is wrong after the service has met a fault.

    One that ended it when it was told to stop, or let it not begin in what seemed another's folders, is started again.
    """
    if how in {ENDED, NOT_BEGUN}:
        Service(instance_dir).run()
    found = [HOW[how]] if how == GIVEN_UP else []
    found += faults(instance_dir, SENT)
    if any(event["event"].get("code") == "SYS932" for event in events(instance_dir)):
        return found  # the order's file itself could not be read: it was refused, and nothing became of it
    if (now := sorted(decided(Instance(instance_dir)))) != expected:
        found.append(f"decided {[one for one in now if one not in expected]}")
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Decided]:
    """The effects that the work has, and what is decided; a file that cannot be taken at first comes last."""
    instance_dir = tmp_path_factory.mktemp("undisturbed")
    instance, seen = set_up(instance_dir), Failing()
    service = Service(instance_dir, seen)
    service.run()
    assert (service.told, faults(instance_dir, SENT)) == (set(), [])
    return seen.effects, sorted(decided(instance))


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
@pytest.mark.parametrize("name", CODES)
def test_an_effect_that_fails_is_told_and_done_in_the_end(
    fast_path: Path,
    undisturbed: tuple[list[str], Decided],
    name: str,
    lasting: bool,  # noqa: FBT001 - given by pytest
    record_property: Callable[[str, object], None],
) -> None:
    """Each effect of a day's work and an order, for each of four errors, once or three times: the same decisions.

    The service never ends by itself. What holds nothing up, since only health.json cannot be written, need not be told.
    """
    effects, expected = undisturbed
    wrong: dict[str, list[str]] = {}
    ways: collections.Counter[int] = collections.Counter()

    points = spread(len(effects), POINTS)
    for point in points:
        instance_dir = fast_path / f"at-{point}"
        set_up(instance_dir)
        failing = Failing(point, getattr(errno, name), lasting=lasting)
        how = met(Service(instance_dir, failing), [CODES[name]])
        found = wrong_now(instance_dir, how, expected)
        if how == SILENT and set(failing.failures) != {"health"}:
            found.append(f"{HOW[how]}")
        if found:
            wrong[f"{point} {effects[point - 1]}"] = found
        ways[how] += 1
        total = account(instance_dir)
        shutil.rmtree(instance_dir)

    mode = "lasting" if lasting else "once"
    figure = f"{name} {mode}: at {len(points)} of {len(effects)} effects, {listed(ways)}, {len(wrong)} wrong; {total}"
    record_property("figure", figure)
    assert wrong == {}


def listed(ways: collections.Counter[int]) -> str:
    """How often what became of a run."""
    return ", ".join(f"{ways[how]} {HOW[how]}" for how in HOW if ways[how])


def failed_under_strace(instance_dir: Path, call: str, number: int, name: str, *, lasting: bool) -> int:
    """Serve in a child whose system call fails, once, or from this one on until it has waited three times."""
    set_up(instance_dir)

    def mend(waited: int) -> None:
        if lasting and waited == TRIES:
            let_go()

    when = f"{number}+" if lasting else f"{number}"
    options = ("-e", f"trace={call}", "-e", f"inject={call}:error={name}:when={when}", "-o", "/dev/null")
    with traced(lambda: met(Service(instance_dir, mend=mend)), *options) as how:
        return how


@needs("P9", crash_run, strace_kills)
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
@pytest.mark.parametrize("name", CODES)
def test_a_system_call_that_fails_loses_nothing(
    fast_path: Path,
    undisturbed: tuple[list[str], Decided],
    name: str,
    lasting: bool,  # noqa: FBT001 - given by pytest
    record_property: Callable[[str, object], None],
) -> None:
    """Those of SQLite and of every library among them, each call that changes a disk, once or for a time."""
    _, expected = undisturbed
    set_up(fast_path / "counted")
    calls = counted(functools.partial(met, Service(fast_path / "counted")), fast_path, ended=SILENT)
    points = [(call, number) for call, count in calls.items() for number in range(1, count + 1)][::STRIDE]
    wrong: dict[str, list[str]] = {}
    ways: collections.Counter[int] = collections.Counter()

    for call, number in points:
        instance_dir = fast_path / f"{call}-{number}"
        how = failed_under_strace(instance_dir, call, number, name, lasting=lasting)
        if found := [f"ended with {how}"] if how not in HOW else wrong_now(instance_dir, how, expected):
            wrong[instance_dir.name] = found
        ways[how] += 1
        total = account(instance_dir)
        shutil.rmtree(instance_dir)

    figure = f"{name} {'lasting' if lasting else 'once'}: at {len(points)} of {sum(calls.values())} system calls, "
    record_property("figure", f"{figure}{listed(ways)}, {len(wrong)} wrong; {total}")
    assert wrong == {}
