"""A large collection at once: ``run --once``, ``backfill``, and datatrove's MinHash, by turns on the same records.

    python -m tests.bench.backfill [--records 50000] [--rounds 3] [--workers 2] [--seed 7] [--only WORD]

``make bench-backfill`` makes datatrove's environment. Each entrant is a command of its own, from its start to its
end, on the file that ``made_collection.py`` makes; its folder goes when all is done. Processor time and memory are of
all its processes (``spent.py``), those of its own process apart; the ordered pass is what ``backfill --json`` says of
itself: a line ``{"type": "stage", "stage": name, "seconds": s, "cpu": s}`` for each stage, and last ``{"type": "done",
"records": n, "ordered_pass_cpu": s, "seconds": s, "peak_rss": bytes}``.

datatrove decides less: of each cluster of copies it keeps one, whichever comes first to it, and says of the others
nothing. It has no schema, no gates, no evidence, no ledger and no log, and drops lines that it cannot read unsaid.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tests.bench.made_collection import write
from tests.bench.spent import spent
from tests.bench.turns import Spread, table

from winnowd.layout import LEDGER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.spent import Spent

HERE: Final = Path(__file__).parent
DATATROVE: Final = Path("build/peers/datatrove/bin/python")
MIB: Final = 1 << 20
HEAD: Final = (
    "", "articles/s", "all processes, us", "its own process, us", "ordered pass, us", "of all, %", "MiB, all",
    "MiB, own", "decided",
)  # fmt: skip
STAGES: Final = ("", "stage", "s", "processor, s")
_SETTINGS: Final = """
[inbox]
settle = 0
[workers]
count = {workers}
[disk]
floor_bytes = 0
floor_inodes = 0
"""


class Entrant(NamedTuple):
    """One way to decide a file: lays it ready and gives the command; says afterwards what was decided."""

    name: str
    command: Callable[[Path, Path], list[str | Path]]
    decided: Callable[[Path, str], str]


class Round(NamedTuple):
    """What one entrant cost once, the lines it told of itself, and what it decided."""

    cost: Spent
    lines: list[dict[str, Any]]
    decided: str

    @property
    def ordered(self) -> float | None:
        """Processor seconds of the pass that no other process can do."""
        return next((line["ordered_pass_cpu"] for line in self.lines if "ordered_pass_cpu" in line), None)

    @property
    def stages(self) -> list[dict[str, Any]]:
        """What it said of its stages."""
        return [line for line in self.lines if line.get("type") == "stage"]


def entrants(workers: int) -> list[Entrant]:
    """All of them: ``run`` with one worker, the others with one and with so many."""
    counts = sorted({1, workers})
    return [
        Entrant("winnowd run --once, 1 worker", once, by_ledger),
        *(Entrant(f"winnowd backfill, {_count(many)}", backfill(many), by_ledger) for many in counts),
        *(Entrant(f"datatrove, {_count(many)}", datatrove(many), by_datatrove) for many in counts),
    ]


def _count(workers: int) -> str:
    return f"{workers} worker{'s' if workers > 1 else ''}"


def _winnowd(folder: Path, workers: int, *arguments: str | Path) -> list[str | Path]:
    (folder / "config").mkdir(parents=True)
    (folder / "config/winnowd.toml").write_text(_SETTINGS.format(workers=workers), encoding="utf-8")
    return [sys.executable, "-m", "winnowd", "--home", folder, *arguments]


def once(source: Path, folder: Path) -> list[str | Path]:
    """The file in the inbox of a new instance, and the service's own route."""
    (folder / "inbox").mkdir(parents=True)
    shutil.copy(source, folder / "inbox")
    return _winnowd(folder, 1, "-q", "run", "--once")


def backfill(workers: int) -> Callable[[Path, Path], list[str | Path]]:
    """A backfill of the file into a new instance."""
    return lambda source, folder: _winnowd(folder, workers, "--json", "backfill", "--engine", "local", source)


def datatrove(workers: int) -> Callable[[Path, Path], list[str | Path]]:
    """Its four stages; ``-P``: some of our modules have names that Python's own have."""
    return lambda source, folder: [
        DATATROVE.absolute(),
        "-P",
        HERE / "datatrove_minhash.py",
        source,
        folder,
        str(workers),
    ]


def by_ledger(folder: Path, _: str) -> str:
    """How many of each outcome, by the ledger's sums."""
    ledger = sqlite3.connect(f"{(folder / LEDGER).as_uri()}?mode=ro", uri=True)
    sums = dict(ledger.execute("SELECT name, n FROM total"))
    ledger.close()
    return " / ".join(f"{sums.get(name, 0):,} {name}" for name in ("admitted", "quarantined", "rejected"))


def by_datatrove(_: Path, out: str) -> str:
    """What its last line says."""
    said = json.loads(out.splitlines()[-1])
    return f"{said['kept']:,} kept / {said['removed']:,} removed"


def one_round(entrant: Entrant, source: Path, folder: Path) -> Round:
    """Run it once, in a folder of its own."""
    command = entrant.command(source, folder)
    os.sync()  # what was laid ready is no cost of the entrant
    cost = spent(command, os.environ, folder.with_name(f"{folder.name}-said"))
    lines = [json.loads(line) for line in cost.out.splitlines() if line.startswith("{")]
    return Round(cost, lines, entrant.decided(folder, cost.out))


def row(name: str, rounds: Sequence[Round], records: int) -> list[str]:
    """The cells of one entrant: medians, with ranges."""

    def each(measure: Callable[[Round], float], digits: int = 0) -> str:
        return Spread.of(map(measure, rounds)).shown(digits)

    def ordered(one: Round) -> float:
        return one.ordered or 0.0

    has_pass = rounds[-1].ordered is not None
    return [
        name,
        each(lambda one: records / one.cost.wall),
        each(lambda one: 1e6 * one.cost.all / records),
        each(lambda one: 1e6 * one.cost.own / records),
        each(lambda one: 1e6 * ordered(one) / records) if has_pass else "",
        each(lambda one: 100 * ordered(one) / one.cost.all, 1) if has_pass else "",
        each(lambda one: one.cost.memory / MIB),
        each(lambda one: one.cost.own_memory / MIB),
        rounds[-1].decided,
    ]


def stage_rows(name: str, last: Round) -> list[list[str]]:
    """What an entrant said of its stages in its last round."""
    return [
        [name, one["stage"], f"{one['seconds']:.1f}", f"{one['cpu']:.1f}" if "cpu" in one else ""]
        for one in last.stages
    ]


def by_turns(
    chosen: Sequence[Entrant], source: Path, folder: Path, rounds: int
) -> tuple[dict[str, list[Round]], list[float]]:
    """Run all once, then all once more, and so on; rounds by names, and the load before each."""
    found: dict[str, list[Round]] = {one.name: [] for one in chosen}
    loads: list[float] = []
    for number in range(rounds):
        for place, one in enumerate(chosen):
            sys.stderr.write(f"round {number + 1} of {rounds}: {one.name}\n")
            loads.append(os.getloadavg()[0])
            found[one.name].append(one_round(one, source, folder / f"{number}-{place}"))
    return found, loads


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the records, run all by turns, print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", default="")
    given = parser.parse_args(arguments)
    chosen = [one for one in entrants(given.workers) if given.only in one.name]
    if not DATATROVE.exists():
        sys.stderr.write("datatrove is not installed: make bench-backfill\n")
        chosen = [one for one in chosen if "datatrove" not in one.name]
    with tempfile.TemporaryDirectory(prefix="winnowd-bench-") as folder:
        source = Path(folder) / "collection.jsonl"
        write(source, given.records, given.seed)
        size = source.stat().st_size / MIB
        found, loads = by_turns(chosen, source, Path(folder), given.rounds)
    sys.stdout.write(
        f"{given.records:,} made records, {size:.0f} MiB; {given.rounds} rounds by turns, {os.cpu_count()} cores, "
        f"Python {sys.version.split()[0]}, load {min(loads):.1f} to {max(loads):.1f}; median (range)\n\n"
    )
    sys.stdout.write(table(HEAD, [row(name, rounds, given.records) for name, rounds in found.items()]))
    told = [cells for name, rounds in found.items() for cells in stage_rows(name, rounds[-1])]
    sys.stdout.write(f"\n{table(STAGES, told)}")


if __name__ == "__main__":
    main()
