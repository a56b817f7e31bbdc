"""The bench of start-up: each budget is of a command that there is, or will be, and the table says what was held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import start_up
from tests.bench.start_up import BUDGETS, Spent, measured, rejected, rows

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_commands_are_run_on_the_instance_as_often_as_asked(decided: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One round more warms up; what is no command yet is left out; an id stands for an article of the log."""
    monkeypatch.setattr(start_up, "BUDGETS", {("--version",): 0.15, ("log", "-n", "2"): 0.5, ("no-such-command",): 1.0})

    found = measured(decided, 2)

    assert {one: len(runs) for one, runs in found.items()} == {("--version",): 2, ("log", "-n", "2"): 2}
    assert all(run.code == 0 and run.processors > 0 for runs in found.values() for run in runs)
    assert len(rejected(decided)) == 16


def test_a_row_names_its_budget_and_whether_it_was_held() -> None:
    """By the median; a command that fails is never fast."""
    budget = BUDGETS["stats",]

    runs = {
        ("stats",): [Spent(budget, 0.2, 0)] * 3,
        ("status",): [Spent(9, 9, 0)],
        ("explain", "ID"): [Spent(0.1, 0.1, 0), Spent(0.1, 0.1, 74)],
    }

    well, slow, failed = rows(runs)

    assert well == ["`stats`", f"{budget:.2f}", f"{budget:.2f}", f"{budget:.2f}-{budget:.2f}", "0.20", "yes"]
    assert slow[-1] == "no"
    assert failed[-1] == "no, exit 74"
