"""Whether memory and ledger stay flat over one long file: ``python -m tests.bench.long_file 20000``."""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.instance import Instance, silent_log
from tests.e2e.test_flood import articles

from winnowd.daemon.once import once
from winnowd.daemon.serve import give_memory_back, owned
from winnowd.daemon.work import Work
from winnowd.layout import LEDGER
from winnowd.settings import load

if TYPE_CHECKING:
    from winnowd.model import DecisionRecord

STEPS = 10
MIB = 1 << 20


def resident() -> float:
    """MiB that this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / MIB


def of_ledger(instance_dir: Path) -> tuple[float, float, float]:
    """MiB of the ledger, of its write-ahead log, and the share of its pages that are free."""
    connection = sqlite3.connect(f"{(instance_dir / LEDGER).as_uri()}?mode=ro", uri=True)
    free, pages = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
    connection.close()
    ahead = instance_dir / f"{LEDGER}-wal"
    return (instance_dir / LEDGER).stat().st_size / MIB, ahead.stat().st_size / MIB, free / pages


def write(path: Path, count: int) -> None:
    """A file of so many articles, no two alike."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text}) + "\n" for text in articles(count, seed=11))


def main(count: int) -> None:
    """Have them decided, by one worker, and say at each tenth what that has taken."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Instance(Path(folder))
        write(instance.instance_dir / "inbox" / "long.jsonl", count)
        loaded = load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)
        decided, begun = 0, time.perf_counter()

        def told(_: DecisionRecord) -> None:
            nonlocal decided
            decided += 1
            if decided % (count // STEPS) == 0:
                size, ahead, free = of_ledger(instance.instance_dir)
                sizes = f"ledger {size:.1f} MiB ({free:.2%} of its pages free), write-ahead log {ahead:.1f} MiB"
                rate = decided / (time.perf_counter() - begun)
                sys.stdout.write(f"{decided} records, {rate:.0f}/s so far: RSS {resident():.1f} MiB, {sizes}\n")
                sys.stdout.flush()

        give_memory_back()
        with owned(instance.instance_dir, loaded, processes=1) as opened:
            work = Work(opened, silent_log(), told)
            once(work)
            index = 0 if opened.originality is None else opened.ledger.decisions.in_corpus()
        sys.stdout.write(f"{index} articles in the corpus\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
