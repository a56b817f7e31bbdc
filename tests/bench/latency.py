"""From drop to decision: files sent at a steady rate to a running ``winnowd run``, and how long each of them took.

    python -m tests.bench.latency [--rate 50] [--seconds 60] [--workers N] [--idle 60]

``--idle`` tells before that what share of a core the service takes for so many seconds in which nothing comes.

A file is written beside the inbox and renamed in; it counts as decided when the service's log tells so: then what was
decided is on disk, its seed or why-file is in place, its line is in the audit log. Both moments are the wall clock's.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from typing import TYPE_CHECKING

from tests.bench.engines import spent_by
from tests.e2e.processes import descendants
from tests.e2e.served import served
from tests.e2e.test_flood import articles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.e2e.served import Decided, Served

RECENT = 1_000
SETTLED = 5.0  # s after it is ready until it is idle


def stream(seed: int) -> Iterator[tuple[str, str]]:
    """Endless files as an ending and a text: of ten, eight new articles; exact and near copies, fragments, no JSON."""
    rng = random.Random(seed)  # noqa: S311 - the same files each time
    new = articles(10_000_000, seed)
    recent: list[str] = []
    while True:
        kind = rng.random()
        if kind < 0.80 or not recent:
            text = f"{next(new)}\n{next(new)}"
            recent = [*recent[1 - RECENT :], text]
            yield "txt", text
        elif kind < 0.86:
            yield "txt", rng.choice(recent)
        elif kind < 0.92:
            yield "txt", rng.choice(recent).replace(" the ", f" that {rng.randrange(1_000)} ", 1)
        else:
            yield ("txt", "Too short.") if kind < 0.96 else ("json", '{"text": ')


class Sender:
    """Drops the files of a stream at a steady rate; ``sent`` has the moment of each by its name."""

    def __init__(self, instance_dir: Path, rate: float, seed: int = 3) -> None:
        self._instance_dir = instance_dir
        self._rate = rate
        self._stream = stream(seed)
        self._begun = time.monotonic()
        self.sent: dict[str, float] = {}

    def until(self, moment: float) -> None:
        """Go on dropping until then (monotonic); what could not be sent in time is sent at once."""
        while time.monotonic() < moment:
            due = self._begun + len(self.sent) / self._rate
            time.sleep(max(0.0, min(due, moment) - time.monotonic()))
            if due < moment:
                self._drop()

    def _drop(self) -> None:
        ending, text = next(self._stream)
        name = f"{len(self.sent):07d}.{ending}"
        beside = self._instance_dir / "state" / f"sending-{name}"
        beside.write_text(text, encoding="utf-8")
        beside.rename(self._instance_dir / "inbox" / name)
        self.sent[name] = time.time()


def delays(sent: dict[str, float], decided: dict[str, Decided]) -> list[float]:
    """Milliseconds from drop to decision, in the order of the drops; of those decided."""
    return [1e3 * (decided[name].at - at) for name, at in sent.items() if name in decided]


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed; 0 of none."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def told(values: Sequence[float]) -> str:
    """Quantiles in one line."""
    shown = ", ".join(f"p{100 * share:g} {quantile(values, share):.0f}" for share in (0.5, 0.9, 0.99, 0.999))
    return f"{shown}, most {max(values, default=0.0):.0f} ms ({len(values)} files)"


def idle_share(service: Served, seconds: float) -> float:
    """The share of a core that the service and its workers take while nothing comes."""
    processes = [service.process.pid, *descendants(service.process.pid)]
    before = sum(map(spent_by, processes))
    time.sleep(seconds)
    return (sum(map(spent_by, processes)) - before) / seconds


def main() -> None:
    """Send for a while, and print quantiles."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--idle", type=float, default=0)
    given = parser.parse_args()
    with served(given.workers) as service:
        if given.idle:
            time.sleep(SETTLED)
            print(f"idle for {given.idle:g} s: {100 * idle_share(service, given.idle):.2f} % of a core")
        sender = Sender(service.instance_dir, given.rate)
        sender.until(time.monotonic() + given.seconds)
        service.until_empty()
        service.end()
        found = delays(sender.sent, service.decided())
    print(f"{given.rate:g} files/s for {given.seconds:g} s: {told(found)}; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
