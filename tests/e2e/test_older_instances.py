"""Instances that an older winnowd made open, migrate, verify and go on (``tests/instances/README.md``)."""

from __future__ import annotations

import functools
import json
import shutil
import signal
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from tests.crash.check import events, faults, rows
from tests.e2e.instance import TEXTS, Instance, in_child, killed_at
from tests.e2e.test_orders import ordered
from tests.instances.make import AGAIN, ARTICLES, DEMO, HERE, RECORDED, RECORDS, cut

from winnowd import __version__
from winnowd.cli import main
from winnowd.model import Selection
from winnowd.operations.queue import queue, waiting_set
from winnowd.operations.verify import verify as looked_at
from winnowd.settings import load
from winnowd.storage.ledger.schema import VERSION
from winnowd.views.queue import reason
from winnowd.wiring import renewal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.audit.expected import Damage

    Older = Callable[[str], Instance]
    Verify = Callable[[Instance], list[dict[str, Any]]]

NEW = ARTICLES[11]
SCHEMAS = sorted(int(path.name[len("schema-") :].partition(".")[0]) for path in HERE.glob("schema-*.tar.xz"))
"""Of the ledger, of which an instance is kept."""


@pytest.fixture
def older(tmp_path: Path) -> Older:
    """Unpack one of them."""

    def unpacked(name: str) -> Instance:
        with tarfile.open(HERE / f"{name}.tar.xz") as packed:
            packed.extractall(tmp_path, filter="data")
        return Instance(tmp_path / name)

    return unpacked


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    """What ``winnowd verify`` finds damaged; it writes nothing."""

    def found(instance: Instance) -> list[dict[str, Any]]:
        before = contents(instance.instance_dir)
        capsys.readouterr()
        code = main(["--home", str(instance.instance_dir), "--json", "verify"])
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        damage = [row for row in rows if "place" in row]
        assert code == bool(damage)
        assert contents(instance.instance_dir) == before
        return damage

    return found


def contents(instance_dir: Path) -> dict[Path, bytes]:
    """All files of an instance, but for what SQLite makes where it only reads: shared memory, and an empty log."""
    found = {path: path.read_bytes() for path in instance_dir.rglob("*") if path.is_file() and path.suffix != ".db-shm"}
    return {path: content for path, content in found.items() if content or path.suffix != ".db-wal"}


def judged(instance: Instance, name: str, content: str) -> dict[str, Any]:
    """Drop a file, take it in, and give what the log says of it."""
    instance.drop({name: content})
    assert instance.pass_over() == 1
    (told,) = (event for event in events(instance.instance_dir) if event.get("file", {}).get("name") == name)
    ours: dict[str, Any] = told["winnowd"]
    return ours


def ids(instance: Instance) -> dict[str, str]:
    """Each file's article, by the log."""
    told = [event for event in events(instance.instance_dir) if "file" in event and "article" in event["winnowd"]]
    return {event["file"]["name"]: event["winnowd"]["article"]["id"] for event in told}


def test_an_older_instance_goes_on(older: Older, verify: Verify) -> None:
    """It is sound as it lies, and as it is opened; it knows its articles, and takes new ones."""
    instance = older("plain")
    before = verify(instance)
    known = ids(instance)

    assert instance.pass_over() == 0
    opened = verify(instance)
    copy = judged(instance, "copy.txt", f"{ARTICLES[1]}\n")
    rewrite = judged(instance, "rewrite.txt", (DEMO / "3-tide-mill-edited.txt").read_text(encoding="utf-8"))
    new = judged(instance, "new.txt", NEW)

    assert before == opened == verify(instance) == []
    assert (copy["outcome"], copy["nearest"]["id"]) == ("rejected", known["b-bridge.txt"])
    assert (rewrite["outcome"], rewrite["nearest"]["id"]) == ("rejected", known["d-mill.txt"])
    assert new["outcome"] == "admitted"
    assert faults(instance.instance_dir) == []


def test_one_of_each_schema_is_kept() -> None:
    """Who adds one packs the last of the one before (``tests/instances/schemas.py``)."""
    assert set(range(1, VERSION)) <= set(SCHEMAS) <= set(range(1, VERSION + 1))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_one_of_every_schema_there_was_goes_on(older: Older, verify: Verify, schema: int) -> None:
    """It is of that schema, sound as it lies and as it is opened; its texts are known, what it held can be ordered."""
    name = f"schema-{schema}"
    instance = older(name)
    (packed,) = rows(instance.instance_dir, "PRAGMA user_version")
    before, known = verify(instance), ids(instance)

    assert instance.pass_over() == 0
    opened = verify(instance)
    copies = [judged(instance, f"again-{number}.txt", f"{ARTICLES[number]}\n") for number in (1, 4, 5)]
    new = judged(instance, "new.txt", NEW)
    released = ordered(instance, "release", "d-held")
    restored = ordered(instance, "restore", "g-retracted")

    (now,) = rows(instance.instance_dir, "PRAGMA user_version")
    needs = [row["value"] for row in rows(instance.instance_dir, "SELECT value FROM meta WHERE key = 'needs_winnowd'")]
    assert schema == VERSION or needs == [__version__]
    assert ([*packed], [*now]) == ([schema], [VERSION])
    assert before == opened == verify(instance) == []
    twins = [known[name] for name in ("b-admitted.txt", "f-erased.txt", "g-retracted.txt")]
    assert [(one["outcome"], one["nearest"]["id"]) for one in copies] == [("rejected", twin) for twin in twins]
    assert [new["outcome"], released[0]["outcome"], restored[0]["outcome"]] == ["admitted"] * 3
    assert faults(instance.instance_dir) == []


def test_what_its_lines_cannot_show_is_said(older: Older, capsys: pytest.CaptureFixture[str]) -> None:
    """They have no digests of the ledger: what an older version decided is held as far as its lines go."""
    assert main(["--home", str(older("plain").instance_dir), "verify"]) == 0

    said = capsys.readouterr().out
    assert "decisions and orders were told before the log had digests of the ledger" in said
    assert said.endswith("\neverything is as it was written\n")


def test_its_held_records_can_be_ordered_about(older: Older, verify: Verify) -> None:
    """One that an older version held is released; one that it retracted, superseded or released is restored."""
    instance = older("orders")
    before = verify(instance)

    released = ordered(instance, "release", "d-held")
    restored = [ordered(instance, "restore", name)[0] for name in ("a-retracted", "e-released", "f-confirmed")]
    refused = ordered(instance, "restore", "i-first")
    replaced = ordered(instance, "restore", "i-first", replace=True)

    assert before == verify(instance) == []
    assert [one["outcome"] for one in released + restored] == ["admitted", "admitted", "quarantined", "quarantined"]
    assert refused[0]["state"] == "refused"
    assert [one["outcome"] for one in replaced] == ["retracted", "admitted"]
    assert faults(instance.instance_dir) == []


def test_what_it_wrote_beside_its_decisions_moves_and_goes_with_them(
    older: Older, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its files of evidence, one a record, are read and erased as files; its ``.why.json`` are no strangers."""
    instance = older("orders")
    (named,) = (
        event["winnowd"]["evidence"]
        for event in instance.decisions()
        if event["file"]["name"].startswith("d-held") and "evidence" in event["winnowd"]
    )
    beside = {path.name for path in instance.instance_dir.rglob("d-held*.why.*")}

    capsys.readouterr()
    assert main(["--home", str(instance.instance_dir), "--json", "explain", "d-held"]) == 0
    evidence = [row for row in map(json.loads, capsys.readouterr().out.splitlines()) if row["type"] == "evidence"]
    ordered(instance, "release", "d-held")
    moved = {path.name for path in (instance.instance_dir / "archive").rglob("d-held*.why.*")}
    ordered(instance, "erase", "d-held", yes=True)

    assert "offset" not in named
    assert len(evidence) == 1
    assert len(beside) == 2
    assert moved == beside
    assert not list(instance.instance_dir.rglob("d-held*"))
    assert not (instance.instance_dir / named["path"]).exists()
    assert verify(instance) == []
    assert faults(instance.instance_dir) == []


def test_copies_of_all_that_it_ever_had_are_known(older: Older, verify: Verify) -> None:
    """Of what it retracted, erased, superseded, released; each names its twin."""
    instance = older("orders")
    known = ids(instance)
    texts = {"a-retracted.txt": ARTICLES[0], "b-restored.txt": ARTICLES[1], "c-erased.txt": ARTICLES[2]}
    texts |= {
        "e-released.txt": cut(ARTICLES[4]),
        "j-better.json": TEXTS["A"],
    }  # that of i-first.json, whose place it has

    for name, text in texts.items():
        copy = judged(instance, f"copy-{name}.txt", f"{text}\n")

        assert copy["outcome"] == "rejected", name
        assert copy["nearest"]["id"] == known[name]
    assert judged(instance, "new.txt", NEW)["outcome"] == "admitted"
    assert verify(instance) == []
    assert faults(instance.instance_dir) == []


def test_a_file_that_an_older_version_had_begun_is_finished(older: Older, verify: Verify) -> None:
    """What it had recorded is carried out, not judged again; each record is decided once, and the original kept."""
    instance = older("interrupted")
    before = verify(instance)
    (original,) = (instance.instance_dir / "state" / "work").iterdir()
    content = original.read_bytes()

    instance.pass_over()

    told = [event for event in events(instance.instance_dir) if event.get("file", {}).get("name") == "many.jsonl"]
    places = [(event["winnowd"]["arrival"]["id"], event["winnowd"]["arrival"]["record"]) for event in told]
    assert before == []  # its pages are behind, as those of a killed one may be
    assert places == [(original.name, record) for record in range(RECORDS)]
    outcomes = ["rejected" if record == AGAIN else "admitted" for record in range(RECORDS)]
    assert [event["winnowd"]["outcome"] for event in told][:RECORDED] == outcomes[:RECORDED]
    assert [path.read_bytes() for path in (instance.instance_dir / "archive").rglob("many*")] == [content]
    assert judged(instance, "copy.txt", f"{ARTICLES[4]}\n")["nearest"]["id"] == told[4]["winnowd"]["article"]["id"]
    assert judged(instance, "new.txt", NEW)["outcome"] == "admitted"
    assert verify(instance) == []
    assert faults(instance.instance_dir) == []


def test_what_waits_in_it_waits_with_its_reason(older: Older, verify: Verify) -> None:
    """Of a day that is sealed with its code and its twin; the same before it is opened and once it is."""
    instance = older("waiting")
    before = queue(instance.instance_dir, Selection())
    assert verify(instance) == []

    instance.pass_over()
    opened = queue(instance.instance_dir, Selection())
    chosen = waiting_set(instance.instance_dir, Selection(codes=("QUA401",)))
    done = [ordered(instance, "confirm", record)[0]["state"] for record in chosen.records.values()]

    assert before == opened
    shown = [(item.file.rpartition("/")[2][0], reason(item).partition(":")[0]) for item in opened.items]
    assert shown == [
        ("c", "may be a rewrite of “Ferry crew rescue eleven from stranded survey boat off Harrow Point”"),
        ("d", "is doubted by QUA401"),
        ("e", "may be a rewrite of “Old tide mill at Marrowby turns again after ninety-one years”"),
        ("f", "it has 92 words, below 100"),
    ]
    assert done == ["done"] * 2
    assert verify(instance) == []
    assert faults(instance.instance_dir) == []


def fingerprints(instance: Instance, *more: str) -> dict[str, list[dict[str, Any]]]:
    """All that the ledger keeps of them, and all of ``more`` tables."""
    tables = ("recipe", "signature", "body", *more)
    found = {table: rows(instance.instance_dir, f"SELECT * FROM {table}") for table in tables}  # noqa: S608 - our own
    return {table: [{**dict(row), "made_at": ""} for row in found[table]] for table in found}


@pytest.mark.parametrize("name", ["plain", "schema-1", "schema-6", "interrupted"])
def test_deep_it_is_as_it_was_written_before_and_after_it_is_opened(older: Older, name: str) -> None:
    """A text in no language had other words once: that its fingerprint is another today is no damage."""
    instance = older(name)

    def deep() -> tuple[Damage, ...]:
        loaded = load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)
        return looked_at(instance.instance_dir, lambda: loaded, deep=True).damage

    before = deep()
    instance.pass_over()

    assert (before, deep()) == ((), ())


@pytest.mark.parametrize("name", ["plain", "orders", "interrupted"])
def test_its_fingerprints_are_made_anew_by_todays_recipe(older: Older, name: str) -> None:
    """They are what a rebuild makes, paragraphs too; one whose text is gone stays as it was, and finds its copies."""
    instance = older(name)
    before = {row["number"]: row for row in fingerprints(instance)["signature"]}
    (recipe_before,) = fingerprints(instance)["recipe"]

    instance.pass_over()

    after = fingerprints(instance, "paragraph")
    (recipe,) = after["recipe"]
    assert (recipe_before["fold"], recipe["fold"]) == ("fold1", "fold2")
    kept = [row for row in after["signature"] if row["recipe"] == recipe_before["id"]]
    assert len(kept) < len(before)
    assert kept == [{**before[row["number"]], "lexicon": "en-table-1"} for row in kept]
    assert {row["recipe"] for row in after["signature"]} <= {recipe["id"], recipe_before["id"]}
    assert main(["--home", str(instance.instance_dir), "ledger", "rebuild"]) == 0
    by_rebuild = fingerprints(instance, "paragraph")
    rebuilt = {row["number"]: row for row in by_rebuild["signature"]}
    assert [row for row in after["signature"] if row not in kept] == [
        rebuilt[row["number"]] for row in after["signature"] if row not in kept
    ]
    assert name == "orders" or not kept  # what was recorded and lay nowhere yet has its text, too
    assert after["paragraph"]
    assert after["paragraph"] == by_rebuild["paragraph"]


@pytest.mark.parametrize("point", range(1, 9))
def test_a_kill_while_they_are_made_anew_costs_nothing(
    older: Older, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    """The next start goes on where it was; what comes of it is what comes of one that was not killed."""
    monkeypatch.setattr(renewal, "BATCH", 3)
    undisturbed = older("plain")
    undisturbed.pass_over()
    expected = fingerprints(undisturbed, "paragraph")
    shutil.rmtree(undisturbed.instance_dir)
    instance = older("plain")

    ended = in_child(functools.partial(instance.pass_over, killed_at(point)))
    instance.pass_over()

    assert ended == -signal.SIGKILL
    assert fingerprints(instance, "paragraph") == expected
    assert faults(instance.instance_dir) == []
