"""The benchmarks run, at their smallest: used by hand only, they would else be found broken when they are needed.

Nothing is said of speed here.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from tests.bench import __main__ as whole
from tests.bench import (
    engines,
    growth,
    latency,
    long_file,
    made_collection,
    orders,
    peers,
    queue,
    route,
    stages,
    texts,
    turns,
)
from tests.bench.engines import Cost, Entrant, Round, one_round

if TYPE_CHECKING:
    from collections.abc import Callable

FEW = 2
ROOT = Path(__file__).parents[2]


class InThisProcess:
    """Instead of a pool with a process of its own."""

    def __init__(self, *_: object) -> None:
        self._made: object = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, deed: Callable[..., object], *given: Any, **named: Any) -> Self:
        """Do it at once."""
        self._made = deed(*given, **named)
        return self

    def result(self) -> object:
        """What came of it."""
        return self._made


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds of a few articles, in this process, that do not wait for what others write to this disk."""
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(engines, "WARM", 1)
    monkeypatch.setattr(engines, "START", 1)
    for module in (engines, route, whole):
        monkeypatch.setattr(module, "SPARE", 3)
    for module in (turns, growth):
        monkeypatch.setattr(module, "ProcessPoolExecutor", InThisProcess)


def ran(main: Callable[[], object], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a command with these words behind it."""
    monkeypatch.setattr(sys, "argv", ["bench", *words.split()])
    main()


@pytest.mark.usefixtures("small")
def test_every_block_of_the_whole_bench_has_a_row_for_each_entrant(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files, JSON Lines, copies and pages, beside stock and beside the bare extraction; workers are another test's."""
    monkeypatch.setattr(texts, "STORIES", texts.STORIES.with_name("absent"))
    alone = [
        block._replace(entrants=tuple(one._replace(workers=0) for one in block.entrants)) for block in whole.BLOCKS
    ]
    monkeypatch.setattr(whole, "BLOCKS", alone)

    ran(whole.main, "--rounds 1 --share 0.001", monkeypatch)

    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.startswith("| ")]) == 2 + sum(
        1 + len(block.entrants) for block in whole.BLOCKS
    )


@pytest.mark.usefixtures("small")
def test_the_route_tells_where_its_time_goes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By samples while it works: a hundred articles are enough to be seen in some act."""
    ran(route.main, "--n 100 --rounds 1 --workers 0 --stages", monkeypatch)

    told = capsys.readouterr().out
    assert any(f"| {stage} |" in told for stage in stages.places().values())


def test_a_round_is_run_in_a_process_of_its_own() -> None:
    """The real thing, without patches."""
    found = turns.by_turns(texts.texts_of(1 + engines.SPARE).texts, [route.STOCK], 1)

    (one,) = found[route.STOCK.name]
    assert one.articles == 1
    assert one.outcomes.total() == 1 + engines.START


@pytest.mark.usefixtures("small")
def test_what_workers_have_used_is_counted_when_they_have_ended(tmp_path: Path) -> None:
    """Though they are no children of this process, and gone when it looks."""
    count = 1 + engines.SPARE

    found = one_round(Entrant("1 worker", workers=1), texts.texts_of(count).texts, tmp_path)

    assert found.start.others > 0
    assert found.outcomes.total() == 1 + engines.START


def test_goals_are_measured_against_stock_of_the_same_round(capsys: pytest.CaptureFixture[str]) -> None:
    """Twice stock's processor time altogether, half of it in the process that decides, at twice its rate."""
    stock = Round(10, Cost(2.0, 1.0, 0.0), Cost(0, 0, 0), Counter(admitted=10), {})
    mine = Round(10, Cost(1.0, 0.5, 1.5), Cost(0, 0, 0), Counter(admitted=5, rejected=5), {})

    route.print_costs({"stock": [stock], "1 worker": [mine]})

    told = capsys.readouterr().out
    assert re.findall(r"(\d\.\d\d) \([^)]+\) x \| (\w[\w ]*) \|", told) == [
        ("2.00", "not met"),
        ("0.50", "met"),
        ("2.00", "met"),
    ]
    assert "50.0 / 0.0 / 50.0 %" in told


def test_a_made_article_depends_on_its_number_alone() -> None:
    """A longer stream begins as a shorter one does, and copies are as many as were asked for."""
    assert texts.made(5) == texts.made(5) != texts.made(6)
    assert len(texts.with_copies(20, 0.35).texts) == 20


def test_a_made_collection_has_records_of_each_kind_and_is_the_same_again() -> None:
    """New ones, copies, near ones, faulty ones, in about the shares that are said."""
    lines = list(made_collection.records(400, seed=3))

    texts_by_line = [json.loads(line).get("text", "") for line in lines if line.endswith("}")]
    assert lines == list(made_collection.records(400, seed=3))
    assert len(lines) == 400
    assert 0 < 400 - len(texts_by_line) < 20
    assert 20 < len(texts_by_line) - len(set(texts_by_line)) < 100


def test_a_backfill_is_measured_beside_the_route_by_what_they_cost_altogether() -> None:
    """In a process of its own: it waits for whatever its commands leave behind."""
    command = [sys.executable, "-m", "tests.bench.backfill", "--records", "30", "--rounds", "1", "--only", "once"]

    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    (row,) = (line.split(" | ") for line in told.splitlines() if line.startswith("| winnowd"))
    in_all, own = (float(cell.split()[0]) for cell in row[2:4])
    assert 0 < own < in_all
    assert sum(int(count) for count in re.findall(r"(\d+) \w+(?: /| \|)", row[-1])) == 30


@pytest.mark.parametrize("place", stages.places())
def test_each_place_in_the_table_of_stages_is_there(place: str) -> None:
    """A module or function that was renamed would be counted for its caller, and nobody would notice."""
    module, _, function = place.partition(":")
    found: Any = importlib.import_module(f"winnowd.{module}")
    for name in function.split(".") if function else ():
        found = getattr(found, name)

    assert found is not None


@pytest.mark.usefixtures("small")
def test_growth_and_orders_fill_the_ledger_as_it_is_now(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their rows are written by hand, so a new column must be seen here."""
    ran(growth.main, f"--run {FEW} --to 20 --workers 0", monkeypatch)
    ran(orders.main, f"--corpus 20 --targets {FEW}", monkeypatch)
    ran(queue.main, "--held 60 --runs 1", monkeypatch)

    told = capsys.readouterr().out
    assert "60 held; " in told
    assert "| 20 |" in told
    assert f"erase    {FEW} of {FEW} targets done" in told


def test_delay_idle_and_one_long_file_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through the service itself."""
    monkeypatch.setattr(latency, "SETTLED", 0.0)

    ran(latency.main, "--rate 20 --seconds 0.2 --idle 0.1 --workers 0", monkeypatch)
    long_file.main(long_file.STEPS)

    told = capsys.readouterr().out
    assert re.search(r"idle for 0.1 s: \d", told)
    assert "p99" in told
    assert f"{long_file.STEPS} records" in told


def test_a_peer_that_is_not_installed_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is named as such, and stock and our own rule are asked all the same."""
    ran(peers.main, f"--copies {FEW} --environments {tmp_path}", monkeypatch)

    told = capsys.readouterr().out
    assert told.count("not installed") == len(peers.PEERS)
    assert re.search(r"winnowd, originality alone \| \S+ \| \S+ \|", told)


def test_the_time_of_a_process_that_is_gone_is_none() -> None:
    """It was counted with whoever waited for it."""
    assert engines.spent_by(os.getpid()) > 0
    assert engines.spent_by((1 << 22) + 1) == 0
