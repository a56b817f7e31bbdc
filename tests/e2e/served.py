"""``winnowd run`` on an instance of its own, seen from outside: its log, its decisions, what its index has to take."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from winnowd.layout import HEALTH, LEDGER
from winnowd.originality.neighbours import SEEDED, Neighbours
from winnowd.storage.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTCOMES = ("admitted", "quarantined", "rejected")
LONGEST = 60.0  # s for it to be ready, to decide what is left, to end


class Decided(NamedTuple):
    """When a file was told to be decided, in seconds since the epoch, and how."""

    at: float
    outcome: str


class Served:
    """``winnowd run`` on a new instance, its log in a file."""

    def __init__(self, folder: Path, workers: int | None) -> None:
        self.instance_dir, self.log = folder / "home", folder / "service.log"
        command = [sys.executable, "-m", "winnowd", "-q", "--home", str(self.instance_dir)]
        subprocess.run([*command, "init"], check=True, stdout=subprocess.DEVNULL)
        chosen = {} if workers is None else {"WINNOWD_WORKERS__COUNT": str(workers)}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "run"], stderr=log, stdout=subprocess.DEVNULL, env={**os.environ, **chosen}
            )

    def until_ready(self) -> None:
        """Wait until it watches its inbox."""
        until = time.monotonic() + LONGEST
        while not (self.instance_dir / HEALTH).exists():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(self.log.read_text(encoding="utf-8"))
            time.sleep(0.1)

    def until_empty(self, seconds: float = LONGEST) -> None:
        """Wait until no file lies in the inbox or is in work; say what its log says last if that does not come."""
        until = time.monotonic() + seconds
        while any(names for folder in ("inbox", "state/work") for _, _, names in os.walk(self.instance_dir / folder)):
            if time.monotonic() > until or self.process.poll() is not None:
                last = self.log.read_text(encoding="utf-8")[-4_000:]
                raise RuntimeError(f"files are left, its exit code is {self.process.poll()}: ... {last}")
            time.sleep(0.2)

    def end(self) -> int:
        """Tell it to end; gives its exit code."""
        self.process.terminate()
        return self.process.wait(LONGEST)

    def said(self) -> Iterator[dict[str, Any]]:
        """The lines of its log."""
        for line in self.log.read_bytes().splitlines():
            if line.startswith(b"{"):
                yield json.loads(line)

    def decided(self) -> dict[str, Decided]:
        """All decisions that its log tells of, by file name."""
        return {
            told["file"]: Decided(dt.datetime.fromisoformat(told["timestamp"]).timestamp(), told["event"])
            for told in self.said()
            if told["event"] in OUTCOMES
        }


@contextlib.contextmanager
def served(workers: int | None) -> Iterator[Served]:
    """A service on an instance of its own, on the disk of temporary files; both are gone at the end."""
    with tempfile.TemporaryDirectory(prefix="winnowd-") as folder:
        service = Served(Path(folder), workers)
        try:
            service.until_ready()
            yield service
        finally:
            service.process.kill()
            service.process.wait()


def index_bytes(instance_dir: Path) -> list[int]:
    """What the index takes once the article of each number is known, as it was filled: one after the other."""
    ledger = Ledger.read(instance_dir / LEDGER)
    neighbours, found = Neighbours(), []
    for number in range(ledger.decisions.next_number()):
        for known in ledger.articles.of([number]).values():
            neighbours.add(number, known.fingerprint, seeded=known.standing in SEEDED)
            neighbours.committed()
        found.append(neighbours.nbytes)
    ledger.close()
    return found
