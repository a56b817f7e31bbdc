"""The same arrivals in the same order get the same findings, to the byte: any workers, any batches, any day."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.e2e.instance import ROOT, TEXTS, Instance
from tests.instances.make import ARTICLES

from winnowd.storage.clock import SystemClock
from winnowd.wiring import kept as parts

if TYPE_CHECKING:
    from pathlib import Path

DEMO = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "service" / "winnowd" / "demo").glob("*.txt")}
FIRST = ARTICLES[0]
BETTER = FIRST.replace("alone for the wood", "alone for all the wood").replace("white loaves", "his white loaves")
PART = "\n\n".join([*FIRST.split("\n\n")[1:2], ARTICLES[11]])
STREAM: dict[str, str | bytes] = {
    **{f"1-{name}.txt": text for name, text in TEXTS.items()},
    **{f"2-{name}": text for name, text in DEMO.items()},
    "3-many.jsonl": "\n".join(json.dumps({"text": text, "title": name}) for name, text in (TEXTS | DEMO).items()),
    "4-page.html": f"<html><title>Page</title><body><article><p>{TEXTS['C']}</p></article></body></html>",
    "5-broken.json": '{"text": ',
    "6-wrapped.txt": f"{TEXTS['A']}\n\n{TEXTS['C']}",
    "7-first.json": json.dumps({"text": FIRST}),
    "8-better.json": json.dumps({"text": BETTER, "title": "Bakers agree", "author": "A. Writer"}),
    "9-part-of-the-first.txt": PART,
}
KEEP = ("first", "best")
EXEMPT = frozenset(
    {
        *(
            "@timestamp",
            "event.created",
            "event.start",
            "event.end",
            "event.duration",
            "file.mtime",
            "winnowd.timings_ns",
        ),
        *("event.id", "trace.id", "process.pid", "winnowd.run.id", "winnowd.arrival.id", "winnowd.chain.prev"),
        *("event.sequence", "winnowd.corpus.sequence", "winnowd.config.sha256"),
        *("winnowd.evidence.path", "winnowd.evidence.offset", "winnowd.evidence.sha256"),
        *("winnowd.kept.stands", "winnowd.kept.row", "winnowd.kept.why", "winnowd.kept.page"),
    }
)
"""What differs by nature, and nothing else may: times, ids and the line before, sequence numbers (each start tells of
itself), the settings that are compared, and of evidence its address, which hangs on where a batch ends, and its
hash, on the arrival's id in it; so do the digests of where a record stands, of its row and of its pages."""
PLACED = frozenset({"winnowd.nearest.path", "winnowd.destination.path"})
WAYS = [*itertools.product(KEEP, [(0, 1), (0, 3)]), ("best", (1, 256)), ("best", (2, 1)), ("best", (2, 4))]
"""What is kept, how many workers, and records a batch. Workers know nothing of what is kept, so they are tried with
that which has more to say; no worker and one batch is what all are compared with."""


def findings(instance: Instance) -> bytes:
    """All that was found and done, the whole events, without what differs by nature."""
    decided = [event for event in instance.events() if "outcome" in event["winnowd"]]
    return json.dumps([_kept(event, "") for event in decided]).encode()


def _kept(block: dict[str, Any], prefix: str) -> dict[str, Any]:
    """A block of an event without what is exempt."""
    kept = {}
    for key, value in block.items():
        name = f"{prefix}{key}"
        if name not in EXEMPT:
            inner = _kept(value, f"{name}.") if isinstance(value, dict) else value
            kept[key] = _placed(value) if name in PLACED else inner
    return kept


def _placed(path: str) -> str:
    """A path without its day and its arrival."""
    return re.sub(r"/[0-9]{4}(/[0-9]{2})+/|~[0-9a-f]{8}", "/", path)


@pytest.fixture(params=KEEP)
def keep(request: pytest.FixtureRequest) -> str:
    """Which of two versions is kept."""
    kept: str = request.param
    return kept


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one process finds in one batch, by what is kept."""
    found = {}
    for kept in KEEP:
        instance = Instance(tmp_path_factory.mktemp(kept), gates__originality__keep=kept)
        instance.drop(STREAM)
        instance.pass_over()
        found[kept] = findings(instance)
    return found


@pytest.fixture
def expected(at_once: dict[str, bytes], keep: str) -> bytes:
    """What one process finds in one batch."""
    return at_once[keep]


def test_the_stream_has_all_that_may_depend_on_a_batch(at_once: dict[str, bytes]) -> None:
    """With ``keep = "best"`` one article takes another's place, and the one after is most like the one that left."""
    *_, first, preferred_version, superseded, part = (one["winnowd"] for one in json.loads(at_once["best"]))

    assert superseded["article"] == {key: first["article"][key] for key in ("id", "text_sha256")}
    assert (preferred_version["outcome"], superseded["outcome"], part["outcome"]) == (
        "admitted",
        "rejected",
        "quarantined",
    )
    assert part["nearest"]["id"] == first["article"]["id"]
    assert part["nearest"]["path"] == superseded["destination"]["path"]
    assert b"supersede" not in at_once["first"]


@pytest.mark.parametrize(("keep", "way"), WAYS, ids=[f"{kept}-{one}-workers-{limit}" for kept, (one, limit) in WAYS])
def test_findings_do_not_depend_on_workers_or_batches(
    tmp_path: Path, at_once: dict[str, bytes], keep: str, way: tuple[int, int]
) -> None:
    """None, one or two workers; everything at once, or one record a transaction."""
    processes, limit = way
    instance = Instance(tmp_path, batch__limit=limit, gates__originality__keep=keep)
    instance.drop(STREAM)

    instance.pass_over(processes=processes)

    assert findings(instance) == at_once[keep]


def test_findings_do_not_depend_on_when_the_service_was_started_anew(
    tmp_path: Path, expected: bytes, keep: str
) -> None:
    """A pass for each file: the index is built anew from the ledger each time, and gives the same answers."""
    instance = Instance(tmp_path, gates__originality__keep=keep)
    for name in sorted(STREAM):
        instance.drop({name: STREAM[name]})
        instance.pass_over()

    assert findings(instance) == expected


class Later(SystemClock):
    """A clock that is a year and some hours ahead."""

    def now(self) -> dt.datetime:
        """Then."""
        return super().now() + dt.timedelta(days=400, hours=7)


def originals(instance: Instance) -> list[tuple[str, bytes]]:
    """What was recorded: each file that came in, under its name and in their order; one of many records is archived."""
    files = {event["trace"]["id"]: event["file"] for event in instance.decisions()}
    held = [
        path
        for folder in ("quarantine", "rejected", "archive")
        for path in (instance.instance_dir / folder).rglob("*~*")
    ]
    contents = {path.name.partition("~")[2][:8]: path.read_bytes() for path in held if ".why." not in path.name}
    return [(file["path"].removeprefix("inbox/"), contents[arrival[:8]]) for arrival, file in files.items()]


def test_a_recorded_stream_judged_again_in_another_year_gets_the_same_findings(
    tmp_path: Path, expected: bytes, keep: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The originals that the first instance kept, dropped into a second one whose clock shows another year."""
    first = Instance(tmp_path / "first", gates__originality__keep=keep)
    first.drop(STREAM)
    first.pass_over()
    again = Instance(tmp_path / "again", gates__originality__keep=keep)
    monkeypatch.setattr(parts, "SystemClock", Later)
    recorded = originals(first)

    for name, content in recorded:
        again.drop({name: content})
        again.pass_over()

    assert dict(recorded).keys() == STREAM.keys()
    years = [int(one.decisions()[0]["@timestamp"][:4]) for one in (first, again)]
    assert years[1] > years[0]
    assert findings(again) == expected
