"""The sample articles, five by five: two are disguised copies of a third, nothing else is turned away.

All 120 orders in which five may come take a minute; ``make test`` takes three, ``make bench-originality`` all.
"""

from __future__ import annotations

import itertools
import os
import random
from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import Instance
from tests.samples.stand import ARTICLES, five

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.parametrize("samples", ARTICLES)
EVERY = list(itertools.permutations(range(5)))
ORDERS = random.Random(1).sample(EVERY, int(os.environ.get("WINNOWD_ORDERS", "3")))  # noqa: S311 - the same orders each time
REMOVED = ["CLN317", *["CLN322"] * 6, "CLN323", *["CLN324"] * 2]


def passed_over(instance: Instance, samples: str, order: tuple[int, ...], *, at_once: bool) -> dict[int, str]:
    """Drop the samples in an order, at once or one by one; gives number to outcome."""
    paths = five(samples)
    for number in order:
        instance.drop({paths[number].name: paths[number].read_bytes()})
        if not at_once:
            instance.pass_over()
    instance.pass_over()
    return {int(name[:3]): outcome for name, outcome in instance.outcomes().items()}


@pytest.mark.parametrize("at_once", [True, False], ids=["at-once", "one-by-one"])
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "".join(map(str, order)))
def test_the_copies_are_turned_away_in_any_order(
    tmp_path: Path, samples: str, order: tuple[int, ...], *, at_once: bool
) -> None:
    """000, 003 and 004 are admitted, 001 and 002 rejected for their damage; after 000 they name it as their twin."""
    instance = Instance(tmp_path)

    outcomes = passed_over(instance, samples, order, at_once=at_once)

    assert outcomes == {0: "admitted", 1: "rejected", 2: "rejected", 3: "admitted", 4: "admitted"}
    events = {int(event["file"]["name"][:3]): event["winnowd"] for event in instance.decisions()}
    arrived = [int(event["file"]["name"][:3]) for event in instance.decisions()]
    for copy in (1, 2):
        assert "TXT501" in events[copy]["codes"]
        if arrived.index(copy) > arrived.index(0):
            assert "DUP606" in events[copy]["codes"]
            assert events[copy]["nearest"]["id"] == events[0]["article"]["id"]
            assert events[copy]["nearest"]["shared_runs"] > 0.5


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "".join(map(str, order)))
def test_originality_needs_no_other_gate_to_find_them(tmp_path: Path, samples: str, order: tuple[int, ...]) -> None:
    """With the integrity gate off, of 000, 001 and 002 the first is admitted, whichever it is; 003 and 004 always."""
    instance = Instance(tmp_path, gates__integrity__enabled=False)

    outcomes = passed_over(instance, samples, order, at_once=False)

    first = next(number for number in order if number in {0, 1, 2})
    admitted = {number for number, outcome in outcomes.items() if outcome == "admitted"}
    assert admitted == {first, 3, 4}


def test_residue_is_taken_out_line_by_line_and_listed(tmp_path: Path, samples: str) -> None:
    """Of 004 ten lines go, each kept whole in the evidence; title and date are lifted."""
    instance = Instance(tmp_path)
    passed_over(instance, samples, (4,), at_once=True)

    (event,) = instance.decisions()

    notes = {note["code"]: note["count"] for note in event["winnowd"]["notes"]}
    removed = sorted(code for code in REMOVED)
    assert sorted(code for code, count in notes.items() for _ in range(count) if code in set(REMOVED)) == removed
    assert {"CLN312", "CLN314", "CLN341"} <= notes.keys()
    evidence = (tmp_path / event["winnowd"]["evidence"]["path"]).read_text(encoding="utf-8")
    assert evidence.count("CLN322") == 6
