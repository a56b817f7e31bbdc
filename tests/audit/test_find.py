"""Finding a record's history in the log: the same whether the lines that hold the key are kept or read once more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.bench.test_decisions import log_lines

from winnowd.audit import find as module
from winnowd.audit.find import find, name_of
from winnowd.audit.reader import Log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["id", "beginning", "arrival", "file", "piece", "nothing"])
def test_all_events_of_a_record_are_found_by_any_key(decided: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """A released article has two; a key that many lines hold is read a second time."""
    events = [json.loads(line) for line in log_lines(decided)]
    name = next(name_of(event) for event in events if event["event"]["action"] == "release")
    mine = [event for event in events if name_of(event) == name]
    decision = mine[0]
    key = {
        "id": str(name),
        "beginning": str(name)[:9],
        "arrival": decision["winnowd"]["arrival"]["id"],
        "file": decision["file"]["name"],
        "piece": decision["file"]["path"][-14:],
        "nothing": "no such key",
    }[kind]

    kept = find(Log(decided), key)
    monkeypatch.setattr(module, "_MOST", 0)
    read_twice = find(Log(decided), key)

    assert kept == read_twice
    expected = {} if kind == "nothing" else {name: [event["event"]["sequence"] for event in mine]}
    if kind != "arrival":  # a file of many records fits each of them
        assert {one: [line.event()["event"]["sequence"] for line in lines] for one, lines in kept.items()} == expected
