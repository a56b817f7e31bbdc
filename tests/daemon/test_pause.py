"""A fault of the machine is told at its beginning and its end, with a code: in log, health, and the audit log."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from tests.crash.check import faults
from tests.daemon.stand import Stand, standing
from tests.e2e.instance import TEXTS

from winnowd.daemon.faults import code_of
from winnowd.storage.effects import WriteDiffersError
from winnowd.storage.records import LedgerRecords

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EFFECTS = ["write", "rename", "sync", "append", "fdatasync", "commit"]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service that can be driven turn by turn."""
    with standing(tmp_path / "home") as made:
        made.loop.doorbell.start()
        yield made


def told(stand: Stand) -> list[tuple[str, str]]:
    """The failures and recoveries in the audit log: action and code."""
    return [
        (event["event"]["action"], event["event"].get("code") or event["winnowd"]["recovered"]["code"])
        for event in stand.folder.events()
        if event["event"]["action"] in {"failure", "recovered"}
    ]


def health(stand: Stand) -> dict[str, Any]:
    """What probes read."""
    read: dict[str, Any] = json.loads((stand.folder.instance_dir / "state" / "health.json").read_bytes())
    return read


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_full_disk_is_told_once_when_it_begins_and_once_when_it_ends(stand: Stand, effect: str) -> None:
    """However often it is tried, whichever effect fails; what can be told at once is, the rest when there is room."""
    stand.broken.append(effect)
    stand.folder.drop({"a.txt": TEXTS["A"]})
    for _ in range(4):
        stand.loop.turn()
        stand.now += 40
    assert stand.notify.said[-1].get("WATCHDOG") == 1

    stand.broken.clear()
    stand.loop.turn()

    assert told(stand) == [("failure", "SYS911"), ("recovered", "SYS911")]
    assert stand.folder.outcomes() == {"a.txt": "admitted"}
    lines = [line for line in stand.logged() if line.get("code") == "SYS911"]
    assert [line["event"] for line in lines] == ["paused", "resumed"]
    stand.work.shut_down("the test ends")
    assert faults(stand.folder.instance_dir, [TEXTS["A"].encode()]) == []


def test_an_article_whose_commit_failed_is_no_copy_of_itself(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was judged and not recorded is forgotten: judged again, it meets the corpus as it was."""
    recorded = LedgerRecords.record
    failed: list[object] = []

    def record(records: LedgerRecords, *what: Any) -> None:
        if not failed:
            failed.append(what)
            raise OSError(errno.ENOSPC, "No space left on device")
        recorded(records, *what)

    monkeypatch.setattr(LedgerRecords, "record", record)
    stand.folder.drop({"a.txt": TEXTS["A"]})
    for _ in range(3):
        stand.loop.turn()
        stand.now += 40

    assert len(failed) == 1
    assert stand.folder.outcomes() == {"a.txt": "admitted"}


def test_too_little_room_is_told_while_it_lasts(stand: Stand) -> None:
    """SYS917 stands in the audit log, in health.json and in the status before anybody has made room."""
    stand.configure(f"[disk]\nfloor_bytes = {10**18}\n")
    stand.reload()
    stand.now += 40
    stand.loop.turn()

    assert told(stand) == [("failure", "SYS917")]
    assert (health(stand)["state"], health(stand)["code"]) == ("degraded", "SYS917")
    assert "SYS917" in str([said["STATUS"] for said in stand.notify.said if "STATUS" in said][-1])

    stand.configure("[disk]\nfloor_bytes = 0\nfloor_inodes = 0\n")
    stand.reload()
    stand.loop.turn()

    assert told(stand) == [("failure", "SYS917"), ("recovered", "SYS917")]
    assert "code" not in health(stand)


def test_a_file_that_its_sender_took_back_is_told(stand: Stand) -> None:
    """SYS906: it was claimed, and nothing was decided of it."""
    stand.folder.drop({"a.txt": TEXTS["A"], "b.txt": TEXTS["B"]})
    deposits = stand.work.instance.inbox.sweep(0.0)
    (stand.folder.instance_dir / "inbox" / "a.txt").unlink()

    stand.work.consume(deposits)

    assert told(stand) == [("failure", "SYS906")]
    assert set(stand.folder.outcomes()) == {"b.txt"}


def test_an_inbox_that_is_another_folder_is_told_once_and_listened_to(stand: Stand, tmp_path: Path) -> None:
    """SYS924; what lies in the new one is taken."""
    (stand.folder.instance_dir / "inbox").rename(tmp_path / "taken away")
    (stand.folder.instance_dir / "inbox").mkdir()

    stand.folder.drop({"a.txt": TEXTS["A"]})
    for _ in range(3):
        stand.now += 40
        stand.loop.turn()

    assert told(stand) == [("failure", "SYS924")]
    assert stand.loop.doorbell.is_watching()
    assert stand.folder.outcomes() == {"a.txt": "admitted"}


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "SYS911"), (errno.EDQUOT, "SYS911"), (errno.EIO, "SYS912"), (errno.EROFS, "SYS913"),
        (errno.EMFILE, "SYS914"), (errno.ENOMEM, "SYS915"), (errno.EACCES, "SYS918"), (errno.EINVAL, "SYS912"),
    ],
)  # fmt: skip
def test_each_error_of_the_machine_has_its_code(number: int, code: str) -> None:
    """By its number, not by its words."""
    assert code_of(OSError(number, os.strerror(number))) == code


def test_what_does_not_read_back_has_its_own_code() -> None:
    """It is an I/O error of a disk that told of none."""
    assert code_of(WriteDiffersError(errno.EIO, "differs")) == "SYS908"


def test_errors_of_a_real_sqlite_have_the_code_of_their_cause(tmp_path: Path) -> None:
    """A full database, one that may only be read, one that is locked, one that is closed."""
    path = tmp_path / "a.db"
    full = sqlite3.connect(path)
    full.execute("CREATE TABLE t (a)")
    full.execute("PRAGMA max_page_count = 2")
    read_only = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    holder, locked = sqlite3.connect(path), sqlite3.connect(path, timeout=0)
    holder.execute("BEGIN IMMEDIATE")

    codes = [_code(one, statement) for one, statement in (
        (read_only, "CREATE TABLE u (a)"), (locked, "CREATE TABLE u (a)"),
    )]  # fmt: skip
    holder.rollback()
    codes.append(_code(full, "INSERT INTO t SELECT randomblob(9000)"))
    for one in (full, read_only, holder, locked):
        one.close()

    assert codes == ["SYS913", "SYS916", "SYS911"]


def _code(connection: sqlite3.Connection, statement: str) -> str:
    with pytest.raises(sqlite3.OperationalError) as raised:
        connection.execute(statement)
    return code_of(raised.value)
