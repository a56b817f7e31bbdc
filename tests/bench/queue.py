"""What asking for what waits costs, with so many records held.

    python -m tests.bench.queue [--held 100000] [--runs 7]

An instance in which a few records wait; then rows of further held records in its ledger, as wide as those of articles
of 400 words, with titles, reasons and twins. To hold: the first page of 100,000 in less than 0.5 s.
Told are the best and the middle of the runs: of commands the time from their start to their end, and what of it they
worked (CPU); of functions in this process the time alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from tests.operations import held as few

from winnowd.layout import LEDGER
from winnowd.model import Selection
from winnowd.operations.queue import queue, waiting_set

if TYPE_CHECKING:
    from collections.abc import Callable

CODES: Final = ("DUP606", "DUP607", "QUA401", "QUA450", "SCH209")
COMMANDS: Final = (
    ("queue",),
    ("queue", "--code", "DUP606", "--feed", "feed-3", "--older-than", "1h"),
    ("queue", "--json", "-n", "500"),
    ("status",),
)
FUNCTIONS: Final[dict[str, Callable[[Path], object]]] = {
    "queue, a page of 20": lambda folder: queue(folder, Selection(), most=20),
    "queue, the last page of 20": lambda folder: queue(folder, Selection(), most=20, after=10**9 - 1),
    "queue, by feed": lambda folder: queue(folder, Selection(feed="feed-3"), most=20),
    "the whole set": lambda folder: waiting_set(folder, Selection()),
}
COMMITTED: Final = 10_000


def fill(instance_dir: Path, count: int) -> None:
    """Rows of so many further records that are held; their files are never asked for."""
    draw = np.random.default_rng(7)
    words = " ".join(f"word{number}" for number in draw.integers(0, 20_000, 400))
    text = zlib.compress(words.encode(), 1)
    with sqlite3.connect(instance_dir / LEDGER) as ledger:
        first = ledger.execute("SELECT max(number) FROM decision").fetchone()[0] + 1
        twin, twin_id = ledger.execute(
            "SELECT number, name FROM decision WHERE standing = 'admitted' LIMIT 1"
        ).fetchone()
        line = json.loads(ledger.execute("SELECT line FROM held_text LIMIT 1").fetchone()[0])
        for number in range(first, first + count):
            if number % COMMITTED == 0:
                ledger.commit()
            add(ledger, number, (twin, twin_id), line, text)
    ledger.close()


def add(ledger: sqlite3.Connection, number: int, twin: tuple[int, str], line: dict[str, object], text: bytes) -> None:
    """One of them."""
    name, code, at = f"{number:016x}", CODES[number % len(CODES)], "2026-11-22T03:47:12.123456+00:00"
    ledger.execute(
        "INSERT INTO arrival (number, id, feed, path, dev, ino, size, mtime_ns, seen_at, claimed_at, state, tries, "
        "records_done, home) VALUES (?, ?, ?, ?, '0', '0', 1, 0, ?, ?, 'done', 1, 1, ?)",
        (10**6 + number, name[::-1], f"feed-{number % 9}", name.encode(), at, at, f"quarantine/{name}.txt"),
    )
    ledger.execute(
        "INSERT INTO decision VALUES (?, ?, ?, 0, ?, 'quarantined', 'quarantined', NULL, ?, ?, ?, ?)",
        (number, name, 10**6 + number, f"{number:064x}", code, f"quarantine/{name}.txt", 10**9 + number, at),
    )
    is_copy = code.startswith("DUP")
    finding = {"code": code, "rule": "a-rule", "grade": "doubt", "measured": 1.2, "because": f"it is {number} of these"}
    nearest = {"id": twin[1], "path": "seeds/x.txt", "twin": is_copy, "shared_runs": 0.31, "candidates": 3}
    reason = json.dumps({"finding": finding, "nearest": nearest})
    ledger.execute("INSERT INTO held_reason VALUES (?, ?)", (number, reason))
    title = f"Counting herring in the harbour, part {number}"
    ledger.execute("INSERT INTO held_text VALUES (?, ?, ?)", (number, text, json.dumps({**line, "title": title})))
    if is_copy:
        ledger.execute("INSERT INTO relation VALUES (?, ?, ?, 'doubt', 1.2, 'admitted', '')", (number, twin[0], code))


def held(instance_dir: Path) -> int:
    """How many wait."""
    return queue(instance_dir, Selection(), most=1).count


def commanded(instance_dir: Path, arguments: tuple[str, ...]) -> tuple[float, float]:
    """Seconds from a command's start to its end, and seconds that it worked."""
    before, begun = os.times(), time.perf_counter()
    command = [sys.executable, "-m", "winnowd", "--home", str(instance_dir), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    spent, after = time.perf_counter() - begun, os.times()
    return spent, after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    """Make it, ask it, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="winnowd-") as scratch:
        folder = Path(scratch) / "home"
        few.held(folder)
        fill(folder, given.held - held(folder))
        print(f"{held(folder):,} held; best and middle of {given.runs}")
        for arguments in COMMANDS:
            walls, works = zip(*(commanded(folder, arguments) for _ in range(given.runs)), strict=True)
            wall, work = (f"{min(spent):.2f} {statistics.median(spent):.2f} s" for spent in (walls, works))
            print(f"winnowd {' '.join(arguments):<64} {wall}, CPU {work}")
        for what, ask in FUNCTIONS.items():
            spent = []
            for _ in range(given.runs):
                begun = time.perf_counter()
                ask(folder)
                spent.append(time.perf_counter() - begun)
            print(f"{what:<72} {min(spent):.3f} {statistics.median(spent):.3f} s")


if __name__ == "__main__":
    main()
