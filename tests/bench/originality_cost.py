"""What originality costs an article, by size of the index: microseconds of processor time, bytes, seconds to start.

The texts of one file, an agency's stories in the order of their days, are the stream; the index before them holds
random keys, as many an article as real ones have, and no rows. Times are of this thread alone, so that other load
changes them less than it does a clock's. Texts come in batches, and evidence is made, as in the service.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
from tests.bench.shelf import Shelf, read_lines
from tests.originality.stand import Stand, known_of, lexicon

from winnowd.decision import decide
from winnowd.gates.originality import standing_after
from winnowd.originality.sketch import lay_out

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from winnowd.model import Fingerprint

BATCH = 256
SIZES = (1_000, 10_000, 100_000, 1_000_000)


def cost(options: argparse.Namespace) -> int:
    """Print what a fingerprint costs, then for each size of the index what it takes and what a newcomer costs."""
    shelf = Shelf(options.data)
    names = [row["id"] for row in itertools.islice(read_lines(options.data / options.file), options.texts)]
    lexicon()
    for what, step in (
        ("fold and cut", lambda name: lay_out(shelf.rows[name]["text"])),
        ("all", shelf.fingerprint_anew),
    ):
        print_times(f"fingerprint, {what}", [_timed(step, names) for _ in range(options.rounds)])
    made = [shelf.fingerprint(name) for name in names]
    for size in SIZES:
        if size <= options.to:
            rounds = [_streamed(shelf, names, _filled(size, made)) for _ in range(options.rounds)]
            for kind in ("all", "met nothing", "passed", "stopped"):
                print_times(f"{size:>9} indexed, {kind}", [_of_kind(one, kind) for one in rounds])
            print_index(size, made)
    return 0


def _timed(step: Callable[[str], object], names: Sequence[str]) -> list[float]:
    taken = []
    for name in names:
        begun = time.thread_time()
        step(name)
        taken.append(time.thread_time() - begun)
    return taken


def _of_kind(taken: Sequence[tuple[str, float]], kind: str) -> list[float]:
    return [seconds for one, seconds in taken if kind in {one, "all"}]


def _streamed(shelf: Shelf, names: Sequence[str], stand: Stand) -> list[tuple[str, float]]:
    """Feed the texts batch by batch, as the service does; what became of each, and its seconds.

    Each bears its part of what is done for its batch as a whole.
    """
    taken: list[tuple[str, float]] = []
    for first in range(0, len(names), BATCH):
        batch = names[first : first + BATCH]
        begun = time.thread_time()
        stand.gate.expect([shelf.prepared(name) for name in batch])
        shared = time.thread_time() - begun
        decided = [_decided(shelf, name, stand.number + at, stand) for at, name in enumerate(batch, start=first + 1)]
        begun = time.thread_time()
        stand.gate.committed()
        shared += time.thread_time() - begun
        taken += [(kind, spent + shared / len(batch)) for kind, spent in decided]
    return taken


def _decided(shelf: Shelf, name: str, number: int, stand: Stand) -> tuple[str, float]:
    """Examine, decide, present and remember one text, and store it; what became of it, and its seconds."""
    prepared = shelf.prepared(name)
    begun = time.thread_time()
    examination = stand.examine(prepared)
    spent = time.thread_time() - begun
    decision = decide(examination.findings)
    standing, root = standing_after(decision, examination)
    known = dataclasses.replace(known_of(number, prepared, standing), root=root)
    begun = time.thread_time()
    stand.gate.remember(known)
    spent += time.thread_time() - begun
    stand.rows.put(known)
    stand.texts.put(number, shelf.rows[name]["text"])
    return "met nothing" if examination.nearest is None else "stopped" if decision.codes else "passed", spent


def print_times(what: str, rounds: Sequence[Sequence[float]]) -> None:
    """One line: the median of the rounds' medians and its range, of their means and 99th percentiles, and how many."""
    medians, means, p99s = (1e6 * np.sort([make(one) for one in rounds]) for make in (np.median, np.mean, _p99))
    middle = len(rounds) // 2
    sys.stdout.write(
        f"{what:32} median {medians[middle]:5.0f} us ({medians[0]:.0f}-{medians[-1]:.0f} in {len(rounds)} rounds), "
        f"mean {means[middle]:5.0f}, p99 {p99s[middle]:6.0f}; {len(rounds[0])} texts\n"
    )
    sys.stdout.flush()


def _p99(taken: Sequence[float]) -> float:
    return float(np.percentile(taken, 99))


def print_index(size: int, made: Sequence[Fingerprint]) -> None:
    """One line: seconds to build the index from rows at hand, and bytes an article."""
    begun = time.process_time()
    collections.deque(_rows(size, made), maxlen=0)
    reading = time.process_time() - begun
    stand = Stand()
    begun = time.process_time()
    stand.gate.build(_rows(size, made))
    building = time.process_time() - begun - reading
    sys.stdout.write(f"{size:>9} built in {building:.2f} s, {stand.gate.nbytes / size:.0f} bytes an article\n")
    sys.stdout.flush()


def _filled(size: int, made: Sequence[Fingerprint]) -> Stand:
    stand = Stand()
    stand.number = stand.gate.build(_rows(size, made))
    return stand


def _rows(size: int, made: Sequence[Fingerprint]) -> Iterator[tuple[int, dict[str, object]]]:
    """Rows of random fingerprints, as the ledger gives them."""
    random = np.random.default_rng(1)
    keys = [len(one.keys) for one in made]
    for number in range(1, size + 1):
        some = random.integers(0, 1 << 64, keys[number % len(keys)], dtype=np.uint64)
        yield (
            number,
            {
                "raw_digest": random.bytes(32),
                "word_digest": random.bytes(32),
                "minima": random.bytes(512),
                "keys": np.sort(some).tobytes(),
                "standing": "admitted",
                "seeded": 1,
            },
        )
