"""The evidence of a batch: one file, a line a record, where the log says; what is erased is blank, all else stays."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_orders import DOUBTED, ordered
from tests.event.stand import judged_of

from winnowd.cli import main
from winnowd.model import DecisionRecord, Line, effects_of
from winnowd.pipeline.batch_evidence import BatchEvidence

if TYPE_CHECKING:
    from pathlib import Path

FILES: dict[str, str | bytes] = {
    "a-original.txt": TEXTS["A"],
    "b-rewrite.txt": TEXTS["B"],
    "c-list.json": json.dumps({"text": DOUBTED, "title": "A list of sixty"}),
    "d-again.txt": TEXTS["A"] + " ",
}


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No batch ends sooner on a slow machine."""
    monkeypatch.setattr("winnowd.pipeline.route.SOON_NS", 10**12)
    monkeypatch.setattr("winnowd.pipeline.deciding.JUDGING_NS", 10**12)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """A batch of which three records have evidence."""
    made = Instance(tmp_path / "home")
    made.drop(FILES)
    made.pass_over()
    return made


def told(instance: Instance) -> dict[str, dict[str, Any]]:
    """File name to what its event says of its evidence."""
    return {
        event["file"]["name"]: event["winnowd"]["evidence"]
        for event in instance.decisions()
        if "evidence" in event["winnowd"]
    }


def line_at(instance: Instance, named: dict[str, Any]) -> bytes:
    """What stands where an event says."""
    with (instance.instance_dir / named["path"]).open("rb") as file:
        file.seek(named["offset"])
        found: bytes = file.read(named["bytes"])
    return found


def test_a_batch_has_one_file_of_evidence(instance: Instance) -> None:
    """Named by its first record; a line of JSON each, in the order of the log, by place and hash in the event."""
    arrivals = {event["file"]["name"]: event["winnowd"]["arrival"]["id"] for event in instance.decisions()}

    named = told(instance)

    (path,) = {one["path"] for one in named.values()}
    assert path.endswith(f"/{arrivals['b-rewrite.txt']}-0.jsonl")
    assert instance.files("audit/evidence") == [path.removeprefix("audit/evidence/")]
    assert [one["arrival"] for one in instance.evidence()] == [arrivals[name] for name in named]
    assert list(named) == ["b-rewrite.txt", "c-list.json", "d-again.txt"]
    for one in named.values():
        assert hashlib.sha256(line_at(instance, one)).hexdigest() == one["sha256"]


def test_a_later_batch_has_another_one(tmp_path: Path) -> None:
    """Nobody adds to a file that is there, in the same run or the next; the lines are the same, wherever they stand."""
    made = Instance(tmp_path, batch__limit=2)
    made.drop(FILES)
    made.pass_over()
    made.drop({"e-again.txt": TEXTS["A"] + "  "})
    made.pass_over()

    paths = [one["path"] for one in told(made).values()]

    assert list(told(made)) == ["b-rewrite.txt", "c-list.json", "d-again.txt", "e-again.txt"]
    assert [paths.index(one) for one in paths] == [0, 1, 1, 3]
    assert faults(made.instance_dir) == []


def test_an_order_to_erase_blanks_its_line_and_no_other(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    """No offset changes; log, files and a ledger made anew from them agree."""
    named = told(instance)
    kept = {name: line_at(instance, named[name]) for name in ("b-rewrite.txt", "d-again.txt")}

    ordered(instance, "erase", "c-list", yes=True)

    gone = named["c-list.json"]
    assert line_at(instance, gone) == b" " * gone["bytes"]
    assert {name: line_at(instance, named[name]) for name in kept} == kept
    (erased,) = (event["winnowd"]["erased"] for event in instance.events() if event["event"]["action"] == "erase")
    assert gone in erased
    assert len(instance.evidence()) == 2
    assert faults(instance.instance_dir) == []
    home = ["--home", str(instance.instance_dir)]
    assert main([*home, "verify"]) == 0
    assert main([*home, "ledger", "rebuild"]) == 0
    assert main([*home, "verify"]) == 0
    capsys.readouterr()
    assert main([*home, "explain", "c-list"]) == 0
    assert "was erased by event" in " ".join(capsys.readouterr().out.split())
    ordered(instance, "erase", "d-again", yes=True)
    assert line_at(instance, named["b-rewrite.txt"]) == kept["b-rewrite.txt"]
    assert main([*home, "verify"]) == 0


def test_without_the_line_of_the_log_nothing_is_erased(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its evidence would stay, and nobody would know; what a start can mend of the log is mended by then."""
    monkeypatch.setattr("winnowd.storage.files.line_of", lambda *_: None)

    (refused,) = ordered(instance, "erase", "c-list", yes=True)

    assert refused["state"] == "refused"
    assert "the log does not tell where the evidence of" in refused["because"]


def test_a_fault_of_ours_takes_no_place(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written up leaves no gap before the evidence of the next record."""

    def failing(said: dict[str, Any], *_: object) -> bytes:
        if said["file"]["name"] == "f-again.txt" and "article" in said["winnowd"]:
            raise ArithmeticError
        return b"why\n"

    monkeypatch.setattr("winnowd.pipeline.rendering.why_md", failing)
    instance.drop({"f-again.txt": TEXTS["A"] + " \n", "g-again.txt": TEXTS["A"] + "\n\n "})
    instance.pass_over()

    assert instance.decisions()[-2]["event"]["code"] == "SYS903"
    assert told(instance)["g-again.txt"]["offset"] == 0
    assert faults(instance.instance_dir) == []


JUDGED = judged_of()
LINE = Line(1, "2026-11-22", 0, b"", "")


@given(st.lists(st.binary(max_size=40).map(lambda one: one.replace(b"\n", b"")), max_size=20))
def test_each_line_stands_where_it_is_said_to(lines: list[bytes]) -> None:
    """Also where a batch goes on in another file, since the first is large enough; nothing stands between two."""
    places, prepared = BatchEvidence(most=100), JUDGED.prepared
    entries = []
    for at, line in enumerate(lines):
        numbered = dataclasses.replace(prepared, provenance=dataclasses.replace(prepared.provenance, record=at))
        judged = dataclasses.replace(JUDGED, prepared=numbered)
        entries.append(DecisionRecord(judged, LINE, (), None, places.next(judged, line)))

    files = {effect.path: effect.content or b"" for effect in effects_of(entries)}

    placed = [entry.evidence_line for entry in entries if entry.evidence_line is not None]
    assert [files[one.path][one.start :].partition(b"\n")[0] for one in placed] == lines
    assert sum(map(len, files.values())) == sum(len(line) + 1 for line in lines)
    assert all(len(content) <= 100 + 41 for content in files.values())
