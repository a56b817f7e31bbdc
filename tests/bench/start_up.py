"""How long commands take on a large instance, from the first key to the last line, beside what they may take.

    python -m tests.bench.start_up [--rounds 5] [DIR]

DIR is an instance of ``tests.bench.decisions``; without one, of 2,000 decisions that are made now. The median of so
many runs, by turns, each in a process of its own: seconds by the clock, and of processors, which others on the machine
lengthen less. The first round warms the page cache and is not counted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from tests.bench.decisions import make
from tests.bench.turns import table

from winnowd.audit.reader import Log
from winnowd.audit.search import Wanted, newest
from winnowd.cli.commands import COMMANDS

MADE: Final = 2_000
HEAD: Final = ("command", "budget, s", "clock, s", "range", "processors, s", "held")
BUDGETS: Final = {
    ("--help",): 0.15,
    ("--version",): 0.15,
    ("completion", "bash"): 0.15,
    ("rule", "DUP606"): 0.35,
    ("config", "show"): 0.35,
    ("status",): 0.5,
    ("log", "-n", "20"): 0.5,
    ("explain", "ID"): 0.5,
    ("queue",): 0.5,
    ("stats",): 0.5,
    ("stats", "--by", "code", "--measure", "DUP606"): 0.5,
    ("stats", "--since", "24h"): 0.5,
}
"""What a command may take; ``ID`` is an article that was rejected lately."""


class Spent(NamedTuple):
    """Seconds of one run, by the clock and of processors; and how it ended."""

    clock: float
    processors: float
    code: int


def spent(arguments: tuple[str, ...], home: Path) -> Spent:
    """Run a command once."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "winnowd", "--home", str(home), *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        clock = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    return Spent(clock, used.ru_utime + used.ru_stime, process.returncode)


def rejected(home: Path) -> str:
    """The id of the article that was rejected last as a rewrite."""
    (line,) = newest(Log(home), Wanted(actions=("reject",), codes=("DUP606",)), 1)
    return str(line.event()["winnowd"]["article"]["id"])


def measured(home: Path, rounds: int) -> dict[tuple[str, ...], list[Spent]]:
    """Each command that there is, so many times."""
    names = {one: tuple(rejected(home) if word == "ID" else word for word in one) for one in BUDGETS}
    there = {one: given for one, given in names.items() if one[0].startswith("-") or one[0] in COMMANDS}
    found: dict[tuple[str, ...], list[Spent]] = {one: [] for one in there}
    for number in range(rounds + 1):
        for one, given in there.items():
            run = spent(given, home)
            found[one] += [run] if number else []
    return found


def rows(found: dict[tuple[str, ...], list[Spent]]) -> list[list[str]]:
    """The cells of each command."""
    lines = []
    for one, runs in found.items():
        clocks = sorted(run.clock for run in runs)
        median = statistics.median(clocks)
        failed = next((f", exit {run.code}" for run in runs if run.code), "")
        lines.append(
            [
                f"`{' '.join(one)}`",
                f"{BUDGETS[one]:.2f}",
                f"{median:.2f}",
                f"{clocks[0]:.2f}-{clocks[-1]:.2f}",
                f"{statistics.median(run.processors for run in runs):.2f}",
                ("yes" if median <= BUDGETS[one] and not failed else "no") + failed,
            ]
        )
    return lines


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("home", type=Path, nargs="?", metavar="DIR")
    given = parser.parse_args()
    with ExitStack() as kept:
        home = given.home
        if home is None:
            home = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="winnowd-bench-"))) / "home"
            make(home, MADE)
        before = os.getloadavg()[0]
        found = measured(home.absolute(), given.rounds)
        load = f"load {before:.1f} to {os.getloadavg()[0]:.1f}"
        print(f"{given.rounds} rounds; {os.cpu_count()} cores, Python {sys.version.split()[0]}, {load}\n")
        print(table(HEAD, rows(found)))


if __name__ == "__main__":
    main()
