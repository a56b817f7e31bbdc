"""Killed at any moment while files and orders come in: in the end each file is accounted for, once (P1)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from typing import TYPE_CHECKING

from tests.crash.check import account, faults
from tests.crash.scenes import DOUBTED, SHORT, lines
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_flood import articles
from tests.needs import crash_run, needs

from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FORKED = 500 if os.environ.get("WINNOWD_CRASH") else 15
STARTED = 40
CHECKED = 50  # kills between two looks at the whole
LONGEST = 0.35  # s that a run lives at most: three times what an idle one takes


class Sender:
    """Drops files of all kinds, each whole at once; remembers what it sent."""

    def __init__(self, instance_dir: Path, seed: int) -> None:
        self._instance_dir = instance_dir
        self._rng = random.Random(seed)  # noqa: S311 - the same files each time
        self._new = articles(100_000, seed)
        self.sent: list[bytes] = []

    def drop(self) -> None:
        """Drop one more file, or now and then a person's order."""
        rng, number = self._rng, len(self.sent)
        text = rng.choice([next(self._new), next(self._new), *TEXTS.values(), DOUBTED, SHORT])
        mark = f" Number {number} of the day's list was closed before the evening bell of the harbour."
        makes = {
            "txt": lambda: text + (mark * rng.randrange(12)),
            "jsonl": lambda: lines(*[text + mark * at for at in range(rng.randrange(1, 6))]),
            "json": lambda: rng.choice(["{", "[]", json.dumps({"text": text + mark})]),
        }
        ending = rng.choice(["txt", "txt", "txt", "jsonl", "json"])
        content = makes[ending]().encode()
        beside = self._instance_dir / f"being-written-{number}"
        beside.write_bytes(content)
        feed = self._instance_dir / "inbox" / rng.choice([".", "one", "two/deep"])
        feed.mkdir(parents=True, exist_ok=True)
        beside.rename(feed / f"{number:05d}.{ending}")
        self.sent.append(content)
        if rng.random() < 0.02:
            action = rng.choice(["release", "confirm", "retract", "restore"])
            target = f"{rng.randrange(number + 1):05d}"
            order = {"at": "", "user": "", "via": "cli", "action": action, "targets": [target], "reason": "a test"}
            give(self._instance_dir, SystemClock().uuid7(), OrderFile.model_validate(order))

    def until(self, moment: float) -> None:
        """Go on dropping until then, at random intervals."""
        while (left := moment - time.monotonic()) > 0:
            time.sleep(min(left, self._rng.random() * 0.08))
            self.drop()


def endless(instance: Instance) -> int:
    """Start a child that works on an instance until it is killed; gives its pid."""
    child = os.fork()
    if child == 0:
        try:
            while True:
                instance.pass_over()
        except BaseException:  # noqa: BLE001 - it is told, and the child ends
            traceback.print_exc()
        finally:
            os._exit(1)
    return child


def test_kills_at_any_moment_lose_nothing(fast_path: Path, record_property: Callable[[str, object], None]) -> None:
    """The whole is looked at now and then, after a run in peace; and it must have been killed, not have ended."""
    instance = Instance(fast_path, batch__limit=4)
    instance.pass_over()
    sender = Sender(fast_path, seed=5)
    rng = random.Random(11)  # noqa: S311 - kills are as random as the machine makes them
    wrong: dict[int, list[str]] = {}

    for kill in range(1, FORKED + 1):
        child = endless(instance)
        sender.until(time.monotonic() + rng.random() * LONGEST)
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        if kill % CHECKED == 0 or kill == FORKED:
            instance.pass_over()
            if found := faults(fast_path, sender.sent):
                wrong[kill] = found

    figure = f"under load: {FORKED} kills, {len(wrong)} of {-(-FORKED // CHECKED)} looks with violations"
    record_property("figure", f"{figure}; {len(sender.sent)} files sent; {account(fast_path)}")
    assert wrong == {}


@needs("P1", crash_run)
def test_kills_of_the_program_with_its_worker_lose_nothing(
    fast_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """``winnowd run --once`` as people start it, with a worker process, killed from its first moment on."""
    instance = Instance(fast_path)
    instance.pass_over()
    sender = Sender(fast_path, seed=6)
    rng = random.Random(12)  # noqa: S311 - kills are as random as the machine makes them
    command = [sys.executable, "-m", "winnowd", "-q", "--home", str(fast_path), "run", "--once"]
    environ = {**os.environ, "WINNOWD_WORKERS__COUNT": "1", "WINNOWD_INBOX__SETTLE": "0"}
    killed = 0

    for _ in range(STARTED):
        for _ in range(3):
            sender.drop()
        with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            sender.until(time.monotonic() + 0.3 + rng.random() * 2.5)
            run.kill()
            killed += run.wait() == -signal.SIGKILL
    instance.pass_over()

    record_property("figure", f"as a program: {killed} of {STARTED} killed; {account(fast_path)}")
    assert killed > STARTED / 2
    assert faults(fast_path, sender.sent) == []
