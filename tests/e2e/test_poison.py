"""One arrival that is poison to whoever reads it: it is set aside, and its neighbours are admitted (P8).

The service is the program with one worker process; four files lie in the inbox before it starts, so they are one batch.
Where reading itself does no such harm, it is done from outside: to the process that has the poison open, while it has.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.e2e.instance import Instance
from tests.e2e.processes import Shadow, identity
from tests.e2e.test_flood import articles
from tests.e2e.test_service import BLINK, LONGEST, WINNOWD, Service
from tests.needs import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MIB = 1 << 20
NEIGHBOURS = dict(zip(("1-before.txt", "3-behind.txt", "4-behind.txt"), articles(3), strict=True))
PARAGRAPH = "<p>The harbour office counted forty crates of herring on Monday, and the clerk wrote down number {}.</p>"
LONG = "<html><body>" + "".join(PARAGRAPH.format(number) for number in range(20_000))
"""A page that takes long enough to be met while it is read: a second or so."""
LARGE = '{"text": "small", "rest": [' + "[]," * 3_000_000 + "[]]}"
"""9 MB that take a quarter of a gigabyte as objects: in less than the worker has left."""


def killed(pid: int) -> None:
    """End a process at once."""
    os.kill(pid, signal.SIGKILL)


def killed_instead(daemon: int, _: int) -> None:
    """End the service whose worker it is."""
    killed(daemon)


def halted(pid: int) -> None:
    """Let a process do nothing more, and not end."""
    os.kill(pid, signal.SIGSTOP)


def only_seen(_: int) -> None:
    """Do nothing: the file does it."""


POISONS: dict[str, tuple[str, str, Callable[[int], None], dict[str, object]]] = {
    "kills": ("2-poison.html", LONG, killed, {}),
    "hangs": ("2-poison.html", LONG, halted, {"workers__seconds": 3.0}),
    "overfills": ("2-poison.json", LARGE, only_seen, {"workers__memory": 400 * MIB}),
}
CODES = {"kills": "SYS901", "hangs": "SYS902", "overfills": "SYS904"}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Starts services on one instance, which are gone in the end."""
    started: list[Service] = []

    def make(**settings: object) -> Service:
        started.append(Service(tmp_path / "home", inbox__settle=0, **settings))
        return started[-1]

    yield make
    for service in started:
        service.process.kill()
        service.process.wait()
        service._pipe.close()


def dropped(instance_dir: Path, name: str, content: str) -> tuple[int, int]:
    """Make an instance, lay the poison among its neighbours; gives what it keeps under any name."""
    subprocess.run([*WINNOWD, "-q", "init", instance_dir], check=True, stdout=subprocess.DEVNULL)
    Instance(instance_dir).drop({**NEIGHBOURS, name: content})
    return identity(instance_dir / "inbox" / name)


def codes_of(instance: Instance) -> dict[str, str]:
    """File name to the codes of its decision; a failure if one was decided twice."""
    decided = instance.decisions()
    found = {event["file"]["name"]: " ".join(event["winnowd"]["codes"]) for event in decided}
    assert len(found) == len(decided)
    return found


def contents(poison: str) -> list[bytes]:
    """All that was sent."""
    return [text.encode() for text in (poison, *NEIGHBOURS.values())]


@needs("P8")
@pytest.mark.parametrize("poison", POISONS)
def test_it_is_tried_in_its_batch_then_alone_then_held(
    tmp_path: Path, start: Callable[..., Service], poison: str
) -> None:
    """Two workers meet it, and no third; its code says what it did; its neighbours do not suffer."""
    name, content, deed, settings = POISONS[poison]
    file = dropped(tmp_path / "home", name, content)
    service = start(**settings)
    shadow = Shadow(service.process.pid, file, deed)

    service.until("quarantined", watching=shadow.stat_key)
    service.until("admitted", len(NEIGHBOURS))

    assert codes_of(service.instance) == {name: CODES[poison], **dict.fromkeys(NEIGHBOURS, "")}
    assert len(shadow.seen) == 2
    assert service.end() == 0
    assert faults(service.instance.instance_dir, sent=contents(content)) == []


def ended_by(service: Service, shadow: Shadow) -> int:
    """Watch until the service has ended; gives its exit code."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return service.process.wait(BLINK)
        shadow.stat_key()
    raise AssertionError("it met nothing that ended it")


@needs("P8")
def test_one_that_kills_the_service_three_times_is_held_unopened(tmp_path: Path, start: Callable[..., Service]) -> None:
    """In its batch, once more, and alone; the fourth run holds it (SYS909) without a look, its neighbours go in."""
    file = dropped(tmp_path / "home", "2-poison.html", LONG)
    ended = []

    for _ in range(3):
        service = start()
        pid = service.process.pid
        ended.append(ended_by(service, Shadow(pid, file, functools.partial(killed_instead, pid))))
    service = start()
    shadow = Shadow(service.process.pid, file, only_seen)
    service.until("quarantined", watching=shadow.stat_key)
    service.until("admitted", 2, watching=shadow.stat_key)

    assert ended == [-signal.SIGKILL] * 3
    assert shadow.seen == []
    assert codes_of(service.instance) == {"2-poison.html": "SYS909", **dict.fromkeys(NEIGHBOURS, "")}
    assert service.end() == 0
    assert faults(service.instance.instance_dir, sent=contents(LONG)) == []
