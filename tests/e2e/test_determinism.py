"""The same arrivals in the same order get the same findings, to the byte: any workers, any batches, any day."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.e2e.instance import ROOT, TEXTS, Instance

from winnowd import wiring
from winnowd.storage.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

DEMO = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "service" / "winnowd" / "demo").glob("*.txt")}
STREAM: dict[str, str | bytes] = {
    **{f"1-{name}.txt": text for name, text in TEXTS.items()},
    **{f"2-{name}": text for name, text in DEMO.items()},
    "3-many.jsonl": "\n".join(json.dumps({"text": text, "title": name}) for name, text in (TEXTS | DEMO).items()),
    "4-page.html": f"<html><title>Page</title><body><article><p>{TEXTS['C']}</p></article></body></html>",
    "5-broken.json": '{"text": ',
    "6-wrapped.txt": f"{TEXTS['A']}\n\n{TEXTS['C']}",
}
WAYS = [(0, 256), (0, 1), (0, 3), (1, 256), (2, 4)]


def findings(home: Path, processes: int, limit: int) -> bytes:
    """All that was found in a stream, without what differs by nature: ids of arrivals, times, places."""
    instance = Instance(home, batch__limit=limit)
    instance.drop(STREAM)
    instance.pass_over(processes=processes)
    return json.dumps([_kept(event["winnowd"]) for event in instance.decisions()]).encode()


def _kept(ours: dict[str, Any]) -> dict[str, Any]:
    kept = {key: ours.get(key) for key in ("article", "outcome", "codes", "notes", "measured", "findings")}
    nearest = {key: value for key, value in ours.get("nearest", {}).items() if key != "path"}
    return {**kept, "nearest": nearest}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What one process finds in one batch."""
    return findings(tmp_path_factory.mktemp("one"), 0, 256)


@pytest.mark.parametrize(("processes", "limit"), WAYS, ids=[f"{one}-workers-{limit}-a-batch" for one, limit in WAYS])
def test_findings_do_not_depend_on_workers_or_batches(
    tmp_path: Path, expected: bytes, processes: int, limit: int
) -> None:
    """None, one or two workers; everything at once, or one record a transaction."""
    assert findings(tmp_path, processes, limit) == expected


def test_findings_do_not_depend_on_when_the_service_was_started_anew(tmp_path: Path, expected: bytes) -> None:
    """A pass for each file: the index is built anew from the ledger each time, and gives the same answers."""
    instance = Instance(tmp_path)
    for name in sorted(STREAM):
        instance.drop({name: STREAM[name]})
        instance.pass_over()

    assert json.dumps([_kept(event["winnowd"]) for event in instance.decisions()]).encode() == expected


class Later(SystemClock):
    """A clock that is a year and some hours ahead."""

    def now(self) -> dt.datetime:
        """Then."""
        return super().now() + dt.timedelta(days=400, hours=7)


def originals(instance: Instance) -> list[tuple[str, bytes]]:
    """What was recorded: each file that came in, under its name and in their order; one of many records is archived."""
    files = {event["trace"]["id"]: event["file"] for event in instance.decisions()}
    held = [path for folder in ("quarantine", "rejected", "archive") for path in (instance.home / folder).rglob("*~*")]
    contents = {path.name.partition("~")[2][:8]: path.read_bytes() for path in held if ".why." not in path.name}
    return [(file["path"].removeprefix("inbox/"), contents[arrival[:8]]) for arrival, file in files.items()]


def test_a_recorded_stream_judged_again_in_another_year_gets_the_same_findings(
    tmp_path: Path, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The originals that the first instance kept, dropped into a second one whose clock shows another year."""
    first = Instance(tmp_path / "first")
    first.drop(STREAM)
    first.pass_over()
    again = Instance(tmp_path / "again")
    monkeypatch.setattr(wiring, "SystemClock", Later)
    recorded = originals(first)

    for name, content in recorded:
        again.drop({name: content})
        again.pass_over()

    assert dict(recorded).keys() == STREAM.keys()
    years = [int(one.decisions()[0]["@timestamp"][:4]) for one in (first, again)]
    assert years[1] > years[0]
    assert json.dumps([_kept(event["winnowd"]) for event in again.decisions()]).encode() == expected
