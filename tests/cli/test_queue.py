"""``winnowd queue``: what waits for a person, as a table and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.cli.terminal import Terminal
from tests.operations.held import SHORT, held

from winnowd.views.lines import cells

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran


@pytest.fixture(scope="module")
def instance_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance in which five records wait."""
    return held(tmp_path_factory.mktemp("held") / "home").instance_dir


@pytest.fixture
def queue(run: Callable[..., Ran], instance_dir: Path) -> Callable[..., Ran]:
    """Run ``winnowd queue`` on it."""
    return lambda *arguments: run("--home", str(instance_dir), "queue", *arguments)


def test_what_waits_is_shown_with_its_reason_and_counted(queue: Callable[..., Ran]) -> None:
    """The copy by its twin's title, the short ones by their words; how many by code; what to do next."""
    ran = queue()

    assert (ran.code, ran.err) == (0, "")
    assert "may be a rewrite of “Ferry crew" in ran.out
    assert ran.out.count(" words, below 100\n") == len(SHORT)
    assert "\n5 wait: 4 QUA401, 1 DUP606\n" in ran.out
    assert "winnowd review" in ran.out


def test_programs_get_the_same_with_its_sums(queue: Callable[..., Ran]) -> None:
    """A row a record, a row a code, one of all; the set's name is that which --expect takes."""
    ran = queue("--json", "-n", "2", "--code", "qua401")

    kinds = [row["type"] for row in ran.rows]
    assert kinds == ["waiting", "waiting", "count", "total", "summary"]
    assert {row["code"] for row in ran.rows[:2]} == {"QUA401"}
    assert ran.rows[2] == {"type": "count", "by": "code", "key": "QUA401", "n": 4}
    assert (ran.rows[3]["count"], ran.rows[3]["shown"]) == (4, 2)
    assert ran.rows[3]["set"].startswith("4-")


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        (["--feed", "feed-a/"], 2),
        (["--feed", "feed-a", "--code", "DUP606"], 0),
        (["--older-than", "1d"], 0),
        (["--since", "today"], 5),
        (["--until", "2020-01-01"], 0),
        (["--code", "DUP606", "--code", "QUA401"], 5),
    ],
)
def test_what_is_chosen_is_what_is_counted(queue: Callable[..., Ran], chosen: list[str], count: int) -> None:
    """By feed, code and time; all of it must hold."""
    total = queue("--json", *chosen).rows[-2]
    said = queue(*chosen).out

    assert total["count"] == count
    assert (f"{count} wait" if count else "nothing waits") in said


def test_a_page_says_how_much_there_is_beyond_it(queue: Callable[..., Ran]) -> None:
    """The oldest are shown; the line tells how to get the rest."""
    ran = queue("-n", "2")

    assert "; the 2 oldest are shown, -n 5 shows all" in " ".join(ran.out.split())
    assert ran.out.count(" words, below 100\n") == 1


@pytest.mark.parametrize("columns", [60, 80, 118])
def test_a_terminal_is_as_wide_as_it_is(instance_dir: Path, columns: int) -> None:
    """Down to 60 columns no row wraps, and each record is there."""
    with Terminal(instance_dir, "queue", columns=columns) as terminal:
        assert terminal.end() == 0

    assert max(map(cells, terminal.shown.splitlines())) <= columns
    assert terminal.shown.count("words, below 100") == len(SHORT)


def test_it_answers_beside_a_log_alone_by_saying_what_is_wrong(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Without an instance 10; before anything was decided nothing waits."""
    assert run("queue").code == 10
    assert run("init", "new").code == 0
    ran = run("--home", str(tmp_path / "new"), "queue")
    assert (ran.code, ran.out) == (0, "nothing waits\n")
