"""Entrants by turns on the same texts, and what comes of it as rows of a table: medians, ranges, ratios to the first.

Each round is a new process and a new folder; the folders go when all is done, since many deletions slow down what
creates files after them.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.bench.engines import one_round

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Sequence

    from tests.bench.engines import Entrant, Round

HEAD: Final = (
    "", "articles/s", "x", "deciding process, us", "x", "all processes, us", "x", "admitted / held / rejected",
)  # fmt: skip


class Spread(NamedTuple):
    """A median and the range around it."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """That of some values."""
        found = sorted(values)
        return cls(statistics.median(found), found[0], found[-1])

    def shown(self, digits: int = 0) -> str:
        """As a cell."""
        return f"{self.median:.{digits}f} ({self.least:.{digits}f}-{self.most:.{digits}f})"


def per_second(one: Round) -> float:
    """Articles a second, by the clock."""
    return one.articles / one.cost.wall


def deciding(one: Round) -> float:
    """Microseconds of processor time an article of the process that decides."""
    return 1e6 * one.cost.own / one.articles


def altogether(one: Round) -> float:
    """The same of all processes."""
    return 1e6 * one.cost.all / one.articles


MEASURES: Final = (per_second, deciding, altogether)


def by_turns(
    texts: Sequence[str], entrants: Sequence[Entrant], rounds: int, *, stages: bool = False
) -> dict[str, list[Round]]:
    """Run all entrants once, then all once more, and so on; rounds by entrants' names."""
    found: dict[str, list[Round]] = {one.name: [] for one in entrants}
    with tempfile.TemporaryDirectory(prefix="winnowd-bench-") as folder:
        for number in range(rounds):
            for place, one in enumerate(entrants):
                sys.stderr.write(f"round {number + 1} of {rounds}: {one.name}\n")
                with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
                    own = Path(folder) / f"{number}-{place}"
                    found[one.name].append(alone.submit(one_round, one, texts, own, stages=stages).result())
    return found


def ratio(found: dict[str, list[Round]], name: str, measure: Callable[[Round], float]) -> Spread:
    """One measure of an entrant to that of the first in the same round."""
    first = next(iter(found.values()))
    return Spread.of(measure(one) / measure(other) for one, other in zip(found[name], first, strict=True))


def rows(found: dict[str, list[Round]]) -> list[list[str]]:
    """The cells of a table; the first entrant is the yardstick."""
    first, *_ = found
    return [
        [
            name,
            *(
                cell
                for measure in MEASURES
                for cell in (
                    Spread.of(map(measure, rounds)).shown(),
                    "1" if name == first else ratio(found, name, measure).shown(2),
                )
            ),
            _shares(rounds[-1].outcomes),
        ]
        for name, rounds in found.items()
    ]


def _shares(outcomes: Counter[str]) -> str:
    counts = (outcomes[name] for name in ("admitted", "quarantined", "rejected"))
    return " / ".join(f"{100 * count / max(1, outcomes.total()):.1f}" for count in counts) + " %"


def table(head: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; all columns but the first are to the right."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def machine(loads: Sequence[float]) -> str:
    """What must be said beside each figure."""
    return (
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load {min(loads):.1f} to {max(loads):.1f}; "
        "batch 256, all rules, made durable; median (range), x: of the first row's in the same round"
    )
