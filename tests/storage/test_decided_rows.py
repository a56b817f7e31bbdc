"""Rows made in one process and written by another are those of a batch that never left its own."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.crash.check import faults
from tests.e2e.in_blocks import be_patient, files_of, lay_in_blocks
from tests.e2e.instance import ROOT, TEXTS, Instance
from tests.e2e.test_keep_best import BETTER, COPY
from tests.e2e.test_orders import DOUBTED
from tests.event.stand import context
from tests.storage.test_bindings import ledger as empty_ledger

from winnowd.cli import main
from winnowd.layout import LEDGER, STATE
from winnowd.model import DecidedBatch, DecisionRecord, Line
from winnowd.originality import new_recipe
from winnowd.pipeline.chain import Chain, End
from winnowd.pipeline.route import Route
from winnowd.storage import packed
from winnowd.storage.decided_rows import DecidedRows, laid_down
from winnowd.storage.disk import Disk
from winnowd.storage.effects import Effects
from winnowd.storage.ledger import Ledger, pages
from winnowd.storage.ledger.pages import Listed, Pages
from winnowd.storage.records import LedgerRecords
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from winnowd.model import Arrival, Progress, StateChange

NOW: Final = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
STAGED: Final = f"{STATE}/backfill/r1"
LIBRARY: Final = (ROOT / "service/winnowd/demo/4-night-library.txt").read_text(encoding="utf-8")
FIRST: Final = {
    "a-first.json": COPY,
    "b-better.json": BETTER,
    "c-rewrite.txt": TEXTS["B"],
    "d-list.txt": DOUBTED,
    "e-many.jsonl": "".join(json.dumps({"text": one}) + "\n" for one in (LIBRARY, "too short", LIBRARY + " ")),
    "f-nothing.txt": "",
}
LATER: Final = {
    "g-better.json": json.dumps(
        {**json.loads(BETTER), "text": LIBRARY.replace(" the ", " that ", 1), "published": "2026-11-01"}
    )
}


class Clock:
    """It stands still."""

    def now(self) -> dt.datetime:
        """When everything is."""
        return NOW


class Recorded:
    """What an instance has made true: arrivals, and batches of decisions."""

    def __init__(self, instance_dir: Path) -> None:
        self.instance = Instance(instance_dir, gates__originality__keep="best")
        self.steps: list[Sequence[Arrival] | DecidedBatch] = []

    def run(self, patch: pytest.MonkeyPatch) -> None:
        """Decide two batches; in both an article gives way, in the second one of the first."""
        claim, record = LedgerRecords.claim, LedgerRecords.record

        def claimed(records: LedgerRecords, arrivals: Sequence[Arrival]) -> None:
            self.steps.append(arrivals)
            claim(records, arrivals)

        def recorded(
            records: LedgerRecords,
            entries: Sequence[DecisionRecord],
            progress: Sequence[Progress],
            changes: Sequence[StateChange],
        ) -> None:
            self.steps.append(DecidedBatch(entries, progress, changes))
            record(records, entries, progress, changes)

        patch.setattr(LedgerRecords, "claim", claimed)
        patch.setattr(LedgerRecords, "record", recorded)
        for files in (FIRST, LATER):
            self.instance.drop(files)
            self.instance.pass_over()

    @property
    def batches(self) -> list[DecidedBatch]:
        """The batches alone."""
        return [one for one in self.steps if isinstance(one, DecidedBatch)]


@pytest.fixture(scope="module", params=["", "b"], ids=["plain", "in-blocks"])
def recorded(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Recorded:
    """Two batches; nobody changes them."""
    made = Recorded(tmp_path_factory.mktemp("recorded"))
    with pytest.MonkeyPatch.context() as patch:
        be_patient(patch)
        lay_in_blocks(patch, lambda: request.param and f"{request.param}{len(made.batches)}")
        made.run(patch)
    return made


def abroad(batch: DecidedBatch, recipe: str, folder: str = "") -> bytes:
    """A batch as another process hands it over, which knows of the log only how many lines it has."""
    before = End(batch.lines[0].sequence - 1, "f" * 64, "", 0)
    lines = Chain(context(), str, before).append_all(batch.lines)
    return DecidedRows.of(batch, recipe, folder).with_lines(lines).pack()


def received(packed: bytes, end: End) -> DecidedRows:
    """What the holder of the ledger makes of it, with the log as it ends."""
    rows = DecidedRows.unpack(packed)
    return rows.with_lines(Chain(context(), str, end).append_all(rows.lines))


def before(line: Line) -> End:
    """Where the log ended before a line."""
    prev = json.loads(line.line)["winnowd"]["chain"]["prev"]
    return End(line.sequence - 1, prev, line.day, line.start)


def written(
    steps: Sequence[Sequence[Arrival] | DecidedBatch],
    path: Path,
    record: Callable[[LedgerRecords, DecidedBatch], None],
) -> dict[str, list[Any]]:
    """All rows of a new ledger after these steps."""
    ledger = Ledger.open(path)
    records = LedgerRecords(ledger, "recipe-1", Clock())  # type: ignore[arg-type]
    for step in steps:
        with records.transaction():
            if isinstance(step, DecidedBatch):
                record(records, step)
            else:
                records.claim(step)
    ledger.close()
    return dump(path)


def dump(path: Path) -> dict[str, list[Any]]:
    """All rows of a ledger, by table."""
    connection = sqlite3.connect(path)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}  # noqa: S608 - our own names
    connection.close()
    return {name: sorted(found, key=repr) for name, found in rows.items()}


def test_the_ledger_gets_the_same_rows_either_way(tmp_path: Path, recorded: Recorded) -> None:
    """Every table: so fingerprints, held texts, pages, sums, the log's lines, files to be written and to be moved."""
    straight = written(
        recorded.steps, tmp_path / "a.db", lambda into, one: into.record(one.entries, one.progress, one.changes)
    )
    handed_over = written(
        recorded.steps,
        tmp_path / "b.db",
        lambda into, one: into.record_rows(received(abroad(one, "recipe-1"), before(one.lines[0]))),
    )

    assert handed_over == straight
    empty = {name for name, rows in straight.items() if not rows}
    assert empty == {"recipe", "config", "binding"}, "the batches have a row of every kind"
    assert [len(batch.changes) for batch in recorded.batches] == [1, 1]


def test_the_lines_are_chained_to_the_log_as_it_is(recorded: Recorded) -> None:
    """To the byte as if they had been closed there: day, place and hash, of records and of what gave way to them."""
    for batch in recorded.batches:
        assert list(received(abroad(batch, ""), before(batch.lines[0])).lines) == batch.lines


def test_lines_of_another_turn_are_refused(recorded: Recorded) -> None:
    """What was numbered behind other lines than the log has is never written."""
    batch = recorded.batches[0]
    end = before(batch.lines[0])

    with pytest.raises(ValueError, match="comes behind event"):
        received(abroad(batch, ""), end._replace(sequence=end.sequence + 1))


def test_after_midnight_lines_of_the_day_before_stand_in_the_new_day(recorded: Recorded) -> None:
    """A finished day is never touched again, whenever its records were decided."""
    batch = recorded.batches[0]

    lines = received(abroad(batch, ""), before(batch.lines[0])._replace(day="2099-01-01", size=70)).lines

    assert {line.day for line in lines} == {"2099-01-01"}
    assert [line.start for line in lines[:2]] == [70, 70 + len(lines[0].line)]


def test_files_laid_down_by_another_process_come_to_the_same_places(tmp_path: Path, recorded: Recorded) -> None:
    """Every file, also of the article that gave way to another of its own batch; the ledger holds no content."""
    disk = Disk(tmp_path)
    for batch in recorded.batches:
        Effects(disk).write(laid_down(batch, STAGED))
        moves = received(abroad(batch, "", STAGED), before(batch.lines[0])).effects
        assert not any(effect.content for effect in moves)
        assert all(packed.is_file(tmp_path / effect.source) for effect in moves if effect.source)

        Effects(disk).write(moves)

    found, expected = files_of(tmp_path), files_of(recorded.instance.instance_dir)
    assert found == {name: expected[name] for name in found}
    assert {effect.path for batch in recorded.batches for effect in batch.effects if effect.content} - found.keys() == {
        change.stored.location for batch in recorded.batches for change in batch.changes
    }


class KilledError(Exception):
    """The process is gone."""


@pytest.mark.parametrize("block", ["", "b1"], ids=["plain", "in-blocks"])
def test_a_start_finishes_a_block_that_was_recorded_and_not_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: str
) -> None:
    """Files laid down elsewhere are found by what the ledger says, whoever starts next."""
    instance = Instance(tmp_path, gates__originality__keep="best")
    instance.drop(FIRST)

    def record(records: LedgerRecords, *of: Any) -> None:
        batch = DecidedBatch(*of)
        Effects(Disk(tmp_path)).write(laid_down(batch, STAGED))
        records.record_rows(received(abroad(batch, new_recipe(lexicon().sha256).id, STAGED), before(batch.lines[0])))

    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        be_patient(patch)
        lay_in_blocks(patch, lambda: block)
        patch.setattr(LedgerRecords, "record", record)
        patch.setattr(Route, "apply", killed)
        with pytest.raises(KilledError):
            instance.pass_over()
    waiting = dump(tmp_path / LEDGER)["effect"]

    instance.pass_over()

    assert waiting
    assert all(content is None for _, content, _ in waiting)
    assert sum(block in path for path, _, _ in waiting) == (3 if block else len(waiting))
    assert main(["--home", str(tmp_path), "verify"]) == 0
    assert block or faults(tmp_path, sent=len(FIRST)) == []
    assert not any(path.is_file() for path in (tmp_path / STAGED).rglob("*"))


LISTED = st.builds(
    lambda month, words, published: ("2026-" + month, words, published),
    st.sampled_from(["10", "11"]),
    st.integers(0, 9),
    st.none() | st.sampled_from(["2026-10-01", "2026-10-30", "1999-01-01"]),
)


@given(st.lists(st.lists(LISTED, max_size=9), max_size=4))
@settings(max_examples=50)
def test_pages_are_the_same_however_many_articles_come_at_once(
    batches: list[list[tuple[str, int, str | None]]],
) -> None:
    """Which page each stands on, and what every page adds up to."""
    at_once, one_by_one = empty_ledger(), empty_ledger()
    number = 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "PAGE_ROWS", 3)
        for batch in batches:
            listed = [
                Listed(number + at, f"{number + at:016x}", month, "{}", words, 2 * words, published)
                for at, (month, words, published) in enumerate(batch)
            ]
            number += len(batch)
            Pages(at_once).record(listed)
            for one in listed:
                Pages(one_by_one).record([one])

    assert list(map(tuple, rows_of(at_once))) == list(map(tuple, rows_of(one_by_one)))


def rows_of(connection: sqlite3.Connection) -> list[Any]:
    """What pages and their rows are."""
    return [
        *connection.execute("SELECT * FROM page ORDER BY page"),
        *connection.execute("SELECT * FROM page_row ORDER BY number"),
    ]
