"""What an order of many targets costs in a large corpus, from the order's file to the index on disk.

    python -m tests.bench.orders [--corpus 100000] [--targets 500]

The targets are articles judged by the whole route; the rest of the corpus are rows of made-up fingerprints, as wide as
those of articles of 400 words. To hold: 500 targets at 100,000 articles in less than 10 s, and never 10 s without a
sign of life.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Final, Literal

import numpy as np
from tests.e2e.instance import Instance, silent_log
from tests.e2e.test_flood import articles

from winnowd.daemon.serve import owned
from winnowd.daemon.work import Work
from winnowd.layout import LEDGER
from winnowd.settings import load
from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give, results

SHINGLES, MINIMA, KEYS, PARAGRAPHS = 400, 128, 96, 6
ORDERS: Final[tuple[Literal["erase", "retract", "restore"], ...]] = ("retract", "restore", "erase")
ROWS: Final = 1_000
COMMITTED: Final = 10_000


def fill(instance_dir: Path, count: int) -> None:
    """Rows of so many further articles in the ledger, the index and the sums; their files are never asked for."""
    with sqlite3.connect(instance_dir / LEDGER) as ledger:
        first = ledger.execute("SELECT max(number) FROM decision").fetchone()[0] + 1
        recipe = ledger.execute("SELECT id FROM recipe").fetchone()[0]
        line = json.loads(ledger.execute("SELECT line FROM page_row LIMIT 1").fetchone()[0])
        draw = np.random.default_rng((7, first))
        for number in range(first, first + count):
            if number % COMMITTED == 0:
                ledger.commit()
            name, page = f"{number:016x}", f"2020-01/{(number - first) // ROWS + 1:03d}"
            sha256, at = f"{number:064x}", "2020-01-01T00:00:00+00:00"
            ledger.execute(
                "INSERT INTO arrival (number, id, feed, path, dev, ino, size, mtime_ns, seen_at, claimed_at, state, "
                "tries, records_done, home) VALUES (?, ?, '', ?, '0', '0', 1, 0, ?, ?, 'done', 1, 1, ?)",
                (number, name[::-1], name.encode(), at, at, f"archive/2020/01/01/{name}.txt"),
            )
            ledger.execute(
                "INSERT INTO decision VALUES (?, ?, ?, 0, ?, 'admitted', 'admitted', NULL, '', ?, ?, ?)",
                (number, name, number, sha256, f"seeds/2020/01/{name}.txt", 10**9 + number, at),
            )
            ledger.execute(
                "INSERT INTO signature VALUES (?, ?, ?, ?, ?, ?, 400, 'en', '', NULL, 1, 0, '', 0, 'en-table-1')",
                (number, recipe, draw.bytes(32), draw.bytes(32), draw.bytes(4 * MINIMA), draw.bytes(8 * KEYS)),
            )
            ledger.execute("INSERT INTO body VALUES (?, ?, NULL)", (number, draw.bytes(4 * SHINGLES)))
            hashes = draw.integers(-(1 << 63), (1 << 63) - 1, PARAGRAPHS).tolist()
            ledger.executemany("INSERT INTO paragraph VALUES (?, ?)", [(number, one) for one in hashes])
            ledger.execute("INSERT INTO relation VALUES (?, ?, 'DUP608', 'pass', 0.2, '', '')", (number, number - 1))
            ledger.execute(
                "INSERT INTO page_row VALUES (?, ?, ?)",
                (number, page, json.dumps({**line, "id": name, "path": f"2020/01/{name}.txt", "text_sha256": sha256})),
            )
            ledger.execute(
                "INSERT INTO page VALUES (?, 1, 1, ?, ?, NULL, NULL, '', 1) ON CONFLICT (page) DO UPDATE SET "
                "placed = placed + 1, articles = articles + 1, words = words + excluded.words",
                (page, line["words"], line["bytes"]),
            )
    ledger.close()


def main() -> None:
    """Give an order of each kind, and print what it took."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--corpus", type=int, default=100_000)
    asked.add_argument("--targets", type=int, default=500)
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="winnowd-") as folder:
        instance = Instance(Path(folder) / "home")
        instance.drop({f"{number}.txt": text for number, text in enumerate(articles(chosen.targets))})
        instance.pass_over()
        admitted = [event for event in instance.decisions() if event["event"]["action"] == "admit"]
        targets = [event["winnowd"]["article"]["id"] for event in admitted]
        fill(instance.instance_dir, chosen.corpus - len(targets))
        loaded = load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)
        with owned(instance.instance_dir, loaded, processes=0) as opened:
            work, signs = Work(opened, silent_log()), [time.perf_counter()]
            work.start(lambda: signs.append(time.perf_counter()))
            for action in ORDERS:
                order = SystemClock().uuid7()
                given = OrderFile(at="", user="", via="cli", action=action, targets=targets, reason="a test", yes=True)
                give(instance.instance_dir, order, given)
                begun = time.perf_counter()
                signs[:] = [begun]
                work.apply_waiting_orders()
                spent = time.perf_counter() - begun
                signs.append(time.perf_counter())
                gap = max(after - before for before, after in itertools.pairwise(signs))
                done = sum(one["state"] == "done" for one in results(instance.instance_dir, order) or [])
                print(f"{action:<8} {done} of {len(targets)} targets done in {spent:.2f} s, no sign for {gap:.2f} s")
            work.shut_down("a measurement")


if __name__ == "__main__":
    main()
