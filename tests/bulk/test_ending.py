"""Where a file ends is told from what was prepared of it as the route itself comes to end it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any, cast

from hypothesis import example, given
from hypothesis import strategies as st

from winnowd.bulk.ending import Cut, Walk
from winnowd.daemon.preparation import job_for
from winnowd.daemon.preparer import FilePreparer
from winnowd.daemon.worker import answer_to
from winnowd.model import Arrival, Finding, Grade, Portion, Prepared, Provenance, Queued
from winnowd.pipeline.barren import MOST_BARREN, is_barren
from winnowd.pipeline.route import Route

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pytest

    from winnowd.model import Source

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
PORTION = Portion(records=7, characters=50, seconds=1e9)
GOOD = Finding("TXT501", "characters", Grade.DOUBT)
BAD = Finding("INP115", "reading", Grade.FAIL)


@dataclasses.dataclass
class Listed:
    """A preparer that gives what it is told to, until it meets what fells it."""

    weights: Sequence[int]
    barren: Sequence[int]
    fault: int | None

    def prepare(self, _source: Source, first: int = 0) -> Iterator[Prepared]:
        """The records from one on."""
        for number in range(first, len(self.weights)):
            if number == self.fault:
                raise MemoryError
            finding = BAD if self.barren[number] else GOOD
            yield Prepared(Provenance(number, "", 0, ""), None, (), (finding,), raw=b"x" * self.weights[number])

    def read_over(self, _source: Source, first: int = 0) -> Iterator[Prepared]:
        """The same, not judged."""
        return (Prepared(Provenance(number, "", 0, ""), None, (), ()) for number in range(first, len(self.weights)))


def end_by_the_route(listed: Listed, path: Path) -> tuple[list[Prepared], Cut]:
    """What the route decides of a file, and how it ends it, by its own sorting of a preparer's answers."""
    nothing: Any = None
    route = Route(*[nothing] * 11)
    preparer = FilePreparer(cast("Any", listed))
    arrival = Arrival("0" * 16, 1, "", b"day.jsonl", 1, 1, 1, 1, NOW, NOW)
    turn = Queued(arrival)
    decided: list[Prepared] = []
    while True:
        job = job_for(turn.arrival, str(path), PORTION)
        part = route._sort_answer(turn.arrival, answer_to(job, preparer), alone=turn.alone)
        if part is not None:
            decided += part[1].prepared
        if not route.waiting:
            break
        (turn,) = route.waiting
        route.waiting.clear()
    last = decided[-1] if decided else None
    codes = {finding.code: "held" if finding.code == "SYS904" else "counted" for finding in (last or nothing).findings}
    if last is not None and (rest := codes.get("SYS904") or codes.get("SYS949")):
        return decided[:-1], Cut(len(decided) - 1, cast("Any", rest))
    return decided, Cut(len(decided))


RUNS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([1, 2, 6, 7, 8, 13, 499, 500, 501]), st.sampled_from([0, 1, 20, 60])),
    min_size=1,
    max_size=6,
)


@given(RUNS, st.integers(0, 3_000) | st.none(), st.integers(1, 40))
@example([(1, 500, 0)], None, 3)
@example([(1, 501, 0)], None, 3)
@example([(0, 4, 0), (1, 500, 0), (0, 9, 0)], 505, 3)
@example([(0, 14, 0)], 7, 3)
@example([(0, 14, 0)], 8, 3)
@example([(0, 14, 0)], 0, 3)
def test_a_file_ends_as_the_route_ends_it(
    tmp_path_factory: pytest.TempPathFactory, runs: list[tuple[int, int, int]], fault: int | None, block: int
) -> None:
    """Rows of barren records of any length, full portions or heavy ones, a fault anywhere; told block by block."""
    path = tmp_path_factory.getbasetemp() / "day.jsonl"
    path.touch()
    barren = [has_nothing for has_nothing, count, _ in runs for _ in range(count)]
    weights = [weight for _, count, weight in runs for _ in range(count)]
    fault = None if fault is None else fault % len(weights)
    listed = Listed(weights, barren, fault)

    decided, expected = end_by_the_route(listed, path)

    walk = Walk()
    prepared = len(weights) if fault is None else fault
    for start in range(0, prepared, block):
        end = min(prepared, start + block)
        walk = walk.after(weights[start:end], barren[start:end], PORTION)
    assert walk.cut(has_fault=fault is not None) == expected
    assert [one.weight for one in decided] == weights[: expected.decided]
    assert [is_barren(one) for one in decided] == [bool(one) for one in barren[: expected.decided]]


def test_a_row_is_as_long_as_the_route_has_it() -> None:
    """So that the examples above are about it."""
    assert MOST_BARREN == 500
