"""Whether the route stays as fast while the corpus grows to a million: the last articles of it against the first.

    python -m tests.bench.growth [--to 1000000] [--run 10000] [--workers 1]

So many made articles are judged into an empty corpus; then the ledger is filled up with rows of random fingerprints
(``orders.fill``) until the next so many end at 100,000, and again at a million. Each run is a process of its own. Start
is opening the instance and building its index, with the ledger as the run before has left it in the page cache, and
after a start that is not counted: the first one behind ``fill`` writes pages of ``seeds/index`` that no service would
have left unwritten. Memory is that of the process that decides.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from tests.bench.engines import Cost, used
from tests.bench.orders import fill
from tests.bench.texts import made
from tests.bench.turns import machine, table
from tests.e2e.instance import Instance, silent_log
from tests.e2e.processes import memory

from winnowd.daemon.serve import give_memory_back, owned
from winnowd.daemon.work import Work
from winnowd.settings import load

SIZES: Final = (100_000, 1_000_000)
MIB: Final = 1 << 20
HEAD: Final = (
    "corpus at the end", "start, s", "MiB at start", "MiB at the end", "articles/s", "wall, x first",
    "all processes, us", "x first",
)  # fmt: skip


class Run(NamedTuple):
    """What so many articles cost, how long the start before them took; bytes in memory then, and at their end."""

    articles: int
    cost: Cost
    start: float
    at_start: int
    at_end: int


def run(home: Path, first: int, count: int, workers: int) -> Run:
    """Judge made articles, from number ``first`` on."""
    instance = Instance(home)
    instance.drop({f"{first + at:07d}.txt": made(first + at) for at in range(count)})
    os.sync()
    loaded = load(home, environ={}, overrides=instance.overrides, system=None)
    give_memory_back()
    begun = time.perf_counter()
    with owned(home, loaded, processes=workers) as opened:
        work = Work(opened, silent_log())
        work.start()
        start, at_start, before = time.perf_counter() - begun, memory(os.getpid()), used()
        while deposits := opened.inbox.sweep(time.monotonic()):
            work.consume(deposits)
        while work.busy:
            work.step()
        spent, at_end = used().less(before), memory(os.getpid())
        work.shut_down("a measurement")
    return Run(count, spent, start, at_start, at_end)


def settle(home: Path) -> None:
    """Start once on an empty inbox, and end: what ``fill`` left to be written is."""
    with owned(home, load(home, environ={}, overrides=Instance(home).overrides, system=None), processes=0) as opened:
        work = Work(opened, silent_log())
        work.start()
        work.shut_down("a measurement")


def row(size: int, one: Run, first: Run) -> list[str]:
    """The cells of one run, the first's at hand."""
    wall, spent = (1e6 * seconds / one.articles for seconds in (one.cost.wall, one.cost.all))
    first_wall, first_spent = (1e6 * seconds / first.articles for seconds in (first.cost.wall, first.cost.all))
    return [
        f"{size:,}",
        f"{one.start:.2f}",
        f"{one.at_start / MIB:.0f}",
        f"{one.at_end / MIB:.0f}",
        f"{1e6 / wall:.0f}",
        f"{wall / first_wall:.2f}",
        f"{spent:.0f}",
        f"{spent / first_spent:.2f}",
    ]


def main() -> None:
    """Run, fill, run, fill, run; print a row after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=int, default=SIZES[-1])
    parser.add_argument("--run", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    sizes = [given.run, *(size for size in SIZES if given.run < size < given.to), given.to]
    loads, cells, first, corpus = [os.getloadavg()[0]], list[list[str]](), None, 0
    with tempfile.TemporaryDirectory(prefix="winnowd-bench-") as folder:
        for size in sizes:
            home = Path(folder) / "home"
            if corpus:
                fill(home, size - given.run - corpus)
                with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
                    alone.submit(settle, home).result()
            sys.stderr.write(f"{given.run} articles up to {size}\n")
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
                one = alone.submit(run, home, size - given.run, given.run, given.workers).result()
            first, corpus = first or one, size
            cells.append(row(size, one, first))
            loads.append(os.getloadavg()[0])
    sys.stdout.write(f"{given.run} made articles a run, {given.workers} workers; {machine(loads)}\n\n")
    sys.stdout.write(table(HEAD, cells))


if __name__ == "__main__":
    main()
