"""A ledger that knows less than the log is found before anything is changed; what chains on is never cut."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import json
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.event.stand import context

from winnowd import event
from winnowd.audit.behind import LedgerBehindError, must_know, must_know_the_log
from winnowd.layout import LEDGER, log_file
from winnowd.model import Line
from winnowd.storage.audit import AuditLog
from winnowd.storage.disk import Disk
from winnowd.storage.ledger import Ledger, LedgerDamagedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
DAYS = ("2026-11-21", "2026-11-22")
HEAD = "audit/HEAD.json"


def going_on(lines: Sequence[Line], words: str) -> list[Line]:
    """Events up to the seventh after these, four on one day and three on the next; other words are another run's."""
    made = list(lines)
    for at in range(len(made) + 1, 8):
        start = made[-1].start + len(made[-1].line) if made and at != 5 else 0
        line = event.render(
            event.service("startup", context(at), NOW, f"{words} {at}"), made[-1].sha256 if made else event.FIRST
        )
        made.append(Line(at, DAYS[at > 4], start, line + b"\n", event.digest(line)))
    return made


LINES = going_on([], "one run")
OTHERS = going_on(LINES[:4], "another run, after event 4")


def write(instance_dir: Path, lines: Sequence[Line], tail: bytes = b"") -> None:
    """The log's files with these lines, and bytes behind the last of them."""
    for day in DAYS:
        path = instance_dir / log_file(day)
        path.parent.mkdir(parents=True, exist_ok=True)
        of_day = b"".join(line.line for line in lines if line.day == day)
        if of_day or day == DAYS[0]:
            path.write_bytes(of_day)
    with (instance_dir / log_file(lines[-1].day if lines else DAYS[0])).open("ab") as file:
        file.write(tail)


def knows(instance_dir: Path, lines: Sequence[Line]) -> Path:
    """A ledger with these lines, closed."""
    (instance_dir / "state").mkdir(exist_ok=True)
    ledger = Ledger.open(instance_dir / LEDGER)
    with ledger.transaction():
        ledger.outbox.add(lines)
    ledger.close()
    return instance_dir


def names(instance_dir: Path, line: Line) -> None:
    """HEAD.json, as it names this line."""
    said = {"sequence": line.sequence, "sha256": line.sha256, "file": log_file(line.day)}
    (instance_dir / HEAD).parent.mkdir(exist_ok=True)
    (instance_dir / HEAD).write_text(json.dumps(said), encoding="ascii")


def files(instance_dir: Path) -> dict[str, bytes]:
    """All files, and what is in them."""
    return {
        str(path.relative_to(instance_dir)): path.read_bytes() for path in instance_dir.rglob("*") if path.is_file()
    }


def log_of(instance_dir: Path) -> bytes:
    """All that stands in the log."""
    return b"".join(
        (instance_dir / log_file(day)).read_bytes() for day in DAYS if (instance_dir / log_file(day)).exists()
    )


def set_aside(instance_dir: Path) -> bytes:
    """What lies in audit/torn."""
    return b"".join(path.read_bytes() for path in instance_dir.glob("audit/torn/*"))


@settings(max_examples=80, deadline=None)
@given(remembered=st.integers(0, 7), written=st.integers(0, 7), tail=st.binary(max_size=40))
@example(remembered=0, written=7, tail=b"")
@example(remembered=3, written=4, tail=b'{"half')
@example(remembered=4, written=5, tail=b"")
@example(remembered=7, written=3, tail=b"\n")
def test_the_log_is_never_shortened_by_what_chains_on(
    tmp_path_factory: pytest.TempPathFactory, remembered: int, written: int, tail: bytes
) -> None:
    """Either nothing at all is changed, or the log is the ledger's; in both cases no byte is lost."""
    instance_dir = knows(tmp_path_factory.mktemp("behind"), LINES[:remembered])
    write(instance_dir, LINES[:written], tail)
    before, ledger = files(instance_dir), Ledger.open(instance_dir / LEDGER)

    try:
        AuditLog(Disk(instance_dir), must_know).mend(ledger.outbox, NOW, published=written)
        is_mended = True
    except LedgerBehindError:
        is_mended = False
    finally:
        ledger.close()

    if written > remembered:
        assert not is_mended
        assert files(instance_dir) == before
        with pytest.raises(LedgerBehindError, match=f"goes on with event {remembered + 1}"):
            must_know_the_log(instance_dir)
    else:
        assert is_mended
        was, ours = (b"".join(line.line for line in LINES[:count]) for count in (written, remembered))
        was, aside = was + tail, set_aside(instance_dir)
        assert log_of(instance_dir) == (
            ours or tail
        )  # before the first event nothing is to be written, and nothing is mended
        assert not remembered or was == ours[: len(was) - len(aside)] + aside
        must_know_the_log(instance_dir)


def test_a_line_without_its_break_is_torn_and_not_one_that_goes_on(tmp_path: Path) -> None:
    """Else a ledger made of the whole lines would be behind again, for ever."""
    knows(tmp_path, LINES[:3])
    write(tmp_path, LINES[:3], LINES[3].line[:-1])

    must_know_the_log(tmp_path)


def test_what_goes_on_behind_a_stranger_s_bytes_is_found(tmp_path: Path) -> None:
    """A line of rubbish before it makes a true line no less true."""
    knows(tmp_path, LINES[:3])
    write(tmp_path, LINES[:3], b"rubbish\n" + LINES[3].line)

    with pytest.raises(LedgerBehindError, match="goes on with event 4"):
        must_know_the_log(tmp_path)


def test_a_ledger_that_ends_in_a_day_that_was_sealed_since_is_behind(tmp_path: Path) -> None:
    """The plain file of its last day is gone; the packed one goes on."""
    knows(tmp_path, LINES[:2])
    write(tmp_path, LINES)
    plain = tmp_path / log_file(DAYS[0])
    plain.with_suffix(".jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()

    with pytest.raises(LedgerBehindError, match=r"21\.jsonl\.gz goes on with event 3"):
        must_know_the_log(tmp_path)


def test_a_ledger_behind_head_is_found_though_the_log_was_cut_as_well(tmp_path: Path) -> None:
    """Ledger and log of last night, HEAD.json of today: something is lost, and no start may go over it."""
    knows(tmp_path, LINES[:4])
    write(tmp_path, LINES[:4])
    names(tmp_path, LINES[6])

    with pytest.raises(LedgerBehindError, match=r"up to event 4, while audit/HEAD\.json names event 7"):
        must_know_the_log(tmp_path)


@pytest.mark.parametrize("remembered", [5, 6, 7])
def test_the_ledger_of_another_run_is_found(tmp_path: Path, remembered: int) -> None:
    """It went its own way after event 4; log and HEAD.json agree on event 5."""
    knows(tmp_path, OTHERS[:remembered])
    write(tmp_path, LINES[:5])
    names(tmp_path, LINES[4])

    with pytest.raises(LedgerBehindError, match="has another event 5"):
        must_know_the_log(tmp_path)


def test_a_head_that_only_lies_about_its_hash_stops_nobody(tmp_path: Path) -> None:
    """The log has no such line: the next event writes HEAD.json anew, and verify tells of it until then."""
    knows(tmp_path, LINES)
    write(tmp_path, LINES)
    names(tmp_path, dataclasses.replace(LINES[6], sha256="f" * 64))

    must_know_the_log(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"sequence": "x"}', b"\xff"])
def test_a_head_that_is_broken_stops_nobody_who_has_a_ledger(tmp_path: Path, content: bytes) -> None:
    """A power cut can leave it empty: it is written without a sync of its own."""
    knows(tmp_path, LINES)
    write(tmp_path, LINES)
    (tmp_path / HEAD).write_bytes(content)

    must_know_the_log(tmp_path)
    (tmp_path / LEDGER).unlink()
    with pytest.raises(LedgerBehindError, match="is gone"):
        must_know_the_log(tmp_path)


@pytest.mark.parametrize("ledger", ["gone", "empty"])
def test_no_ledger_is_well_before_the_first_event_and_never_after(tmp_path: Path, ledger: str) -> None:
    """An empty file is what SQLite leaves when it is killed at once; or what somebody has made to be helpful."""
    (tmp_path / "state").mkdir()
    if ledger == "empty":
        (tmp_path / LEDGER).touch()
    write(tmp_path, [])
    must_know_the_log(tmp_path)

    write(tmp_path, LINES[:1])
    with pytest.raises(LedgerBehindError, match=f"is {ledger}, while audit/2026/11/21.jsonl has lines"):
        must_know_the_log(tmp_path)

    write(tmp_path, [])
    names(tmp_path, LINES[0])
    with pytest.raises(LedgerBehindError, match=rf"is {ledger}, while audit/HEAD\.json names event 1"):
        must_know_the_log(tmp_path)


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    """No write-ahead log, no index of one, no ledger: neither where all is well nor where it is not."""
    knows(tmp_path, LINES[:3])
    write(tmp_path, LINES[:3])
    before = files(tmp_path)
    must_know_the_log(tmp_path)
    assert files(tmp_path) == before

    write(tmp_path, LINES)
    before = files(tmp_path)
    with pytest.raises(LedgerBehindError):
        must_know_the_log(tmp_path)
    assert files(tmp_path) == before


def test_what_the_write_ahead_log_has_is_known(tmp_path: Path) -> None:
    """A killed service leaves its last commits there: they count."""
    knows(tmp_path, LINES[:3])
    ledger = Ledger.open(tmp_path / LEDGER)
    with ledger.transaction():
        ledger.outbox.add(LINES[3:])
    for side in ("", "-wal", "-shm"):
        (tmp_path / f"copy{side}").write_bytes((tmp_path / f"{LEDGER}{side}").read_bytes())
    ledger.close()
    for side in ("", "-wal", "-shm"):
        (tmp_path / f"copy{side}").rename(tmp_path / f"{LEDGER}{side}")
    write(tmp_path, LINES)

    must_know_the_log(tmp_path)


def test_a_damaged_ledger_is_told_as_such(tmp_path: Path) -> None:
    """It is not behind: nobody can say what it knows."""
    (tmp_path / "state").mkdir()
    (tmp_path / LEDGER).write_bytes(b"no ledger" * 1_000)
    write(tmp_path, LINES)

    with pytest.raises(LedgerDamagedError):
        must_know_the_log(tmp_path)


def test_a_ledger_that_a_kill_has_left_half_written_is_asked_all_the_same(tmp_path: Path) -> None:
    """Its journal is undone first, which a connection that may only read cannot do: the start paused for good."""
    instance_dir, killed = tmp_path / "home", tmp_path / "killed"
    (instance_dir / "state").mkdir(parents=True)
    (killed / "state").mkdir(parents=True)
    Ledger.open(instance_dir / LEDGER).close()
    writer = sqlite3.connect(instance_dir / LEDGER, isolation_level=None)
    for pragma in ("journal_mode = DELETE", "cache_size = 1", "synchronous = OFF"):
        writer.execute(f"PRAGMA {pragma}").fetchall()
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE meta SET value = 'half'")
    writer.executemany("INSERT INTO meta VALUES (?, ?)", [(f"key {at}", "x" * 2_000) for at in range(200)])
    for side in ("", "-journal"):
        shutil.copy(f"{instance_dir / LEDGER}{side}", f"{killed / LEDGER}{side}")
    writer.execute("ROLLBACK")
    writer.close()

    with Ledger.glance(killed / LEDGER) as ledger:
        asked = None if ledger is None else ledger.get("key 1")

    assert asked is None
    Ledger.open(killed / LEDGER).close()
