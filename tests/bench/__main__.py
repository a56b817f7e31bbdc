"""One table, in a few minutes: the whole route over files, one long file, copies, and pages.

    python -m tests.bench [--rounds 3] [--share 1] [--only WORD]

Each block has its yardstick as first row: stock datasketch on the same texts, of pages trafilatura's bare extraction.
``--share`` takes that part of the articles only.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.bench.engines import SPARE, Entrant
from tests.bench.route import STOCK, ours
from tests.bench.texts import texts_of, with_copies
from tests.bench.turns import HEAD, by_turns, machine, rows, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.texts import Texts


class Block(NamedTuple):
    """Entrants on the same ``size`` texts; the first is the yardstick."""

    name: str
    size: int
    texts: Callable[[int], Texts]
    entrants: tuple[Entrant, ...]


BLOCKS: Final = (
    Block("files", 2_000, texts_of, (STOCK, *map(ours, range(3)))),
    Block("one file of JSON Lines", 5_000, texts_of, (STOCK, Entrant("1 worker", workers=1, form="jsonl"))),
    Block("copies, many", 2_000, lambda count: with_copies(count, 0.35), (STOCK, ours(1))),
    Block("copies, few", 2_000, lambda count: with_copies(count, 0.02), (STOCK, ours(1))),
    Block(
        "pages",
        500,
        texts_of,
        (
            Entrant("bare trafilatura", "trafilatura"),
            *(Entrant(ours(workers).name, workers=workers, form="html") for workers in (0, 1)),
        ),
    ),
)


def main() -> None:
    """Run all blocks and print their rows as one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    cells: list[list[str]] = []
    loads = [os.getloadavg()[0]]
    for block in BLOCKS:
        if given.only in block.name:
            count = max(1, round(given.share * block.size))
            name, texts = block.texts(count + SPARE)
            found = by_turns(texts, block.entrants, given.rounds)
            cells.append([f"**{block.name}**: {count} {name}", *[""] * (len(HEAD) - 1)])
            cells += rows(found)
            loads.append(os.getloadavg()[0])
    sys.stdout.write(f"{given.rounds} rounds; {machine(loads)}\n\n{table(HEAD, cells)}")


if __name__ == "__main__":
    main()
