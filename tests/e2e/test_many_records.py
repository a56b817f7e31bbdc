"""A file of many records is decided record by record, each once, whatever interrupts it."""

from __future__ import annotations

import functools
import json
import os
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance, in_child, killed_at

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 30


def lines(count: int) -> str:
    """Records that name their place."""
    return "".join(json.dumps({"text": f"{TEXTS['C']}\n\nRecord {number}."}) + "\n" for number in range(count))


@pytest.mark.parametrize("point", [9, 14, 19, 24])
@pytest.mark.parametrize("processes", [0, 1])
def test_a_killed_file_goes_on_at_the_record_it_had_come_to(tmp_path: Path, point: int, processes: int) -> None:
    """Every record once, in order, under one arrival; those before are read over, not judged again."""
    instance = Instance(tmp_path, batch__records=4)
    instance.drop({"many.jsonl": lines(COUNT)})

    in_child(functools.partial(instance.pass_over, killed_at(point)))
    instance.pass_over(processes=processes)

    told = [
        (event["winnowd"]["arrival"]["id"], event["winnowd"]["arrival"]["record"]) for event in instance.decisions()
    ]
    assert [record for _, record in told] == list(range(COUNT))
    assert len({arrival for arrival, _ in told}) == 1
    assert faults(tmp_path, sent=1) == []


def test_a_file_that_changes_while_it_is_judged_keeps_what_was_decided(tmp_path: Path) -> None:
    """Its records stand, a last decision tells of the change; then it comes again, and its records are copies."""
    instance = Instance(tmp_path, batch__records=4)
    instance.drop({"many.jsonl": lines(COUNT)})
    commits = 0

    def touch(effect: str) -> None:
        nonlocal commits
        commits += effect == "committed"
        if commits == 5:
            for path in (tmp_path / "state" / "work").iterdir():
                os.utime(path, (1, 1))

    instance.pass_over(touch)

    decisions = instance.decisions()
    first, again = decisions[: COUNT + 1], decisions[COUNT + 1 :]
    assert [event["winnowd"]["arrival"]["record"] for event in first] == list(range(COUNT + 1))
    assert first[-1]["winnowd"]["codes"] == ["SYS905"]
    assert [event["winnowd"]["arrival"]["record"] for event in again] == list(range(COUNT))
    assert {event["winnowd"]["arrival"]["continues"] for event in again} == {first[0]["trace"]["id"]}
    assert {event["winnowd"]["outcome"] for event in again} == {"rejected"}
    assert len(instance.files("archive")) == 2
    assert faults(tmp_path) == []
