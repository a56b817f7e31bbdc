"""What the whole durable route costs an article, beside stock datasketch on the same texts in the same run.

    python -m tests.bench.route [--texts FILE] [--n 2000] [--workers 0] [--rounds 5]

FILE is JSON Lines with a ``text`` each (development data, no part of the project); without it articles are made up.
Ours is everything: claim, read, clean, all gates, originality with rewrites, ledger commit, files, log, index. Stock is
what a corpus tool does today: ``MinHash(128)`` of word-5-grams, ``MinHashLSH(0.8)``, one SQLite row, one commit and one
synced file an article. Both start with an empty corpus; each round has a folder of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from datasketch import MinHash, MinHashLSH
from tests.e2e.instance import Instance
from tests.e2e.test_flood import articles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GRAM = 5


class Round(NamedTuple):
    """Seconds of one round, of the clock and of all processes' CPU."""

    wall: float
    cpu: float


def texts_of(path: str | None, count: int) -> list[str]:
    """The texts to judge."""
    if path is None:
        return list(articles(count))
    with Path(path).open(encoding="utf-8") as lines:
        found = [str(json.loads(line)["text"]) for line in lines]
    return (found * (count // len(found) + 1))[:count] if len(found) < count else found[:count]


def measured(deed: Callable[[], object]) -> Round:
    """Do it and measure it."""
    before, begun = _cpu(), time.perf_counter()
    deed()
    return Round(time.perf_counter() - begun, _cpu() - before)


def _cpu() -> float:
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def our_round(texts: Sequence[str], workers: int) -> Round:
    """One round of ours; dropping the files into the inbox is the sender's work and not counted."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Instance(Path(folder))
        instance.drop({f"{number:06d}.txt": text for number, text in enumerate(texts)})
        return measured(lambda: instance.pass_over(processes=workers))


def stock_round(texts: Sequence[str]) -> Round:
    """One round of stock datasketch, durable article by article."""
    with tempfile.TemporaryDirectory() as folder:
        instance_dir = Path(folder)
        ledger = sqlite3.connect(instance_dir / "ledger.db", isolation_level=None)
        ledger.execute("PRAGMA journal_mode = WAL")
        ledger.execute("PRAGMA synchronous = FULL")
        ledger.execute("CREATE TABLE article (id INTEGER PRIMARY KEY, twin INTEGER, text TEXT)")
        found = measured(lambda: _stock(texts, instance_dir, ledger))
        ledger.close()
        return found


def _stock(texts: Sequence[str], instance_dir: Path, ledger: sqlite3.Connection) -> None:
    index = MinHashLSH(threshold=0.8, num_perm=128)
    for number, text in enumerate(texts):
        words = re.findall(r"\w+", text.lower())
        signature = MinHash(num_perm=128)
        signature.update_batch(
            [" ".join(words[at : at + GRAM]).encode() for at in range(max(1, len(words) - GRAM + 1))]
        )
        near = index.query(signature)
        index.insert(number, signature)
        ledger.execute("INSERT INTO article VALUES (?, ?, ?)", (number, near[0] if near else None, text))
        with (instance_dir / f"{number}.txt").open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def main() -> None:
    """Run rounds by turns and print medians, ranges and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts")
    parser.add_argument("--n", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    texts = texts_of(given.texts, given.n)
    words = statistics.mean(len(text.split()) for text in texts)
    mine, stock = [], []
    for _ in range(given.rounds):
        mine.append(our_round(texts, given.workers))
        stock.append(stock_round(texts))
    print(f"{given.n} articles of {words:.0f} words, batch 256, {given.workers} workers, {given.rounds} rounds")
    for name, rounds in (("ours, all rules", mine), ("stock datasketch", stock)):
        rates = sorted(given.n / one.wall for one in rounds)
        cpu = statistics.median(one.cpu for one in rounds) / given.n * 1e6
        print(
            f"{name:<18} {statistics.median(rates):7.0f} articles/s ({rates[0]:.0f}-{rates[-1]:.0f}), {cpu:6.0f} us CPU"
        )
    ratios = sorted(one.wall / other.wall for one, other in zip(stock, mine, strict=True))
    print(f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}); load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
