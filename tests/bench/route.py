"""What the whole durable route costs an article, beside stock datasketch on the same texts in the same run.

    python -m tests.bench.route [--n 3000] [--rounds 3] [--workers 0 1 2] [--texts FILE] [--json] [--stages]

Stock and ours by turns, an empty corpus each (``engines.py``). ``--stages`` tells instead where the time of the process
that decides goes, without a worker (that is all there is) and beside one (``stages.py``).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.bench.engines import SPARE, Entrant
from tests.bench.texts import texts_of
from tests.bench.turns import (
    HEAD,
    altogether,
    by_turns,
    deciding,
    machine,
    per_second,
    ratio,
    rows,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.engines import Round

STOCK: Final = Entrant("stock datasketch", "stock")


class Goal(NamedTuple):
    """A measure of the route beside one worker, as a multiple of stock's: to be at most this, or at least."""

    name: str
    measure: Callable[[Round], float]
    limit: float
    at_least: bool = False

    def row(self, found: dict[str, list[Round]], entrant: str) -> list[str]:
        """What is asked and what is reached."""
        reached = ratio(found, entrant, self.measure)
        is_met = reached.median >= self.limit if self.at_least else reached.median <= self.limit
        asked = f"{'>=' if self.at_least else '<='} {self.limit:g} x"
        return [f"{self.name}, {entrant}", asked, f"{reached.shown(2)} x", "met" if is_met else "not met"]


GOALS: Final = (
    Goal("processor time of all processes", altogether, 1.2),
    Goal("processor time of the deciding process", deciding, 0.5),
    Goal("articles/s", per_second, 1.5, at_least=True),
)


def ours(workers: int) -> Entrant:
    """The route with so many workers."""
    return Entrant({0: "no worker", 1: "1 worker"}.get(workers, f"{workers} workers"), workers=workers)


def print_costs(found: dict[str, list[Round]]) -> None:
    """The table of costs, and that of the goals if one worker took part."""
    sys.stdout.write(table(HEAD, rows(found)))
    beside_one = ours(1).name
    if beside_one in found:
        asked = ("goal", "asked", "reached", "")
        sys.stdout.write("\n" + table(asked, (goal.row(found, beside_one) for goal in GOALS)))
    starts = (f"{name} {statistics.median(one.start.wall for one in rounds):.2f} s" for name, rounds in found.items())
    sys.stdout.write(f"\ntaken off as start: {', '.join(starts)}\n")


def print_stages(found: dict[str, list[Round]]) -> None:
    """One column an entrant: the share of the deciding process's time by stage, and microseconds an article."""
    columns = []
    for rounds in found.values():
        seconds: defaultdict[str, float] = defaultdict(float)
        for one in rounds:
            for stage, spent in one.stages.items():
                seconds[stage] += spent
        columns.append((seconds, max(sum(seconds.values()), 1e-9), sum(one.articles for one in rounds)))
    names = sorted({name for seconds, _, _ in columns for name in seconds}, key=lambda name: -columns[0][0][name])
    lines = [
        [
            name,
            *(
                cell
                for seconds, whole, count in columns
                for cell in (f"{100 * seconds[name] / whole:.1f} %", f"{1e6 * seconds[name] / count:.0f}")
            ),
        ]
        for name in names
    ]
    head = ["stage", *(cell for name in found for cell in (f"deciding process, {name}", "us an article"))]
    sys.stdout.write(table(head, lines))
    for name, rounds in found.items():
        waited = statistics.median(1 - one.cost.own / one.cost.wall for one in rounds)
        sys.stdout.write(
            f"{name}: of the clock's time it waits {100 * waited:.0f} %, for disk, workers or a free core\n"
        )


def as_json(found: dict[str, list[Round]], loads: list[float]) -> str:
    """All rounds as they were."""
    whole = {
        name: [{**one._asdict(), "cost": one.cost._asdict(), "start": one.start._asdict()} for one in rounds]
        for name, rounds in found.items()
    }
    return json.dumps({"machine": machine(loads), "rounds": whole}, indent=1)


def main() -> None:
    """Run rounds by turns and print medians, ranges and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+")
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--stages", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    name, texts = texts_of(given.n + SPARE, given.texts)
    loads = [os.getloadavg()[0]]
    workers = given.workers or ([0, 1] if given.stages else [0, 1, 2])
    entrants = [*([] if given.stages else [STOCK]), *map(ours, workers)]
    found = by_turns(texts, entrants, given.rounds, stages=given.stages)
    loads.append(os.getloadavg()[0])
    if given.json:
        sys.stdout.write(as_json(found, loads) + "\n")
        return
    words = statistics.median(len(text.split()) for text in texts)
    sys.stdout.write(f"{given.n} {name}, median {words:.0f} words, {given.rounds} rounds; {machine(loads)}\n\n")
    (print_stages if given.stages else print_costs)(found)


if __name__ == "__main__":
    main()
