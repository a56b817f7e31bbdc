"""The audit log's file is exactly what the ledger says, whatever a kill, a torn write or a stranger left of it (P4)."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from winnowd.audit.behind import must_know
from winnowd.model import Line
from winnowd.storage.audit import AuditLog
from winnowd.storage.disk import Disk
from winnowd.storage.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
TEXTS = [b'{"sequence":%d,"what":"%s"}\n' % (number, b"x" * (7 * number)) for number in range(1, 8)]


def lines_of_two_days() -> Iterator[Line]:
    """Four lines on one day, three on the next."""
    size = 0
    for number, text in enumerate(TEXTS, 1):
        day = "2026-11-21" if number <= 4 else "2026-11-22"
        size = 0 if number == 5 else size
        yield Line(number, day, size, text, hashlib.sha256(text[:-1]).hexdigest())
        size += len(text)


LINES = list(lines_of_two_days())
WHOLE = {"21": b"".join(TEXTS[:4]), "22": b"".join(TEXTS[4:])}


def log_with(instance_dir: Path, content: bytes) -> tuple[AuditLog, Ledger, Path]:
    """A ledger with all lines, the first day's file whole, the second as given."""
    (instance_dir / "state").mkdir()
    ledger = Ledger.open(instance_dir / "state" / "winnowd.db")
    with ledger.transaction():
        ledger.outbox.add(LINES)
    folder = instance_dir / "audit" / "2026" / "11"
    folder.mkdir(parents=True)
    (folder / "21.jsonl").write_bytes(WHOLE["21"])
    (folder / "22.jsonl").write_bytes(content)
    return AuditLog(Disk(instance_dir), must_know), ledger, folder


def test_published_lines_stand_in_the_file_of_their_day(tmp_path: Path) -> None:
    """Appended in order, and HEAD.json points at the last."""
    log = AuditLog(Disk(tmp_path), must_know)

    log.publish(LINES[:2], NOW)
    log.publish(LINES[2:], NOW)

    folder = tmp_path / "audit" / "2026" / "11"
    assert {path.stem: path.read_bytes() for path in folder.iterdir()} == WHOLE
    assert b'"sequence": 7' in (tmp_path / "audit" / "HEAD.json").read_bytes()


@pytest.mark.parametrize("size", range(len(WHOLE["22"]) + 1))
def test_a_file_cut_anywhere_is_made_whole(tmp_path: Path, size: int) -> None:
    """Every length that a torn append can leave: the rest is written again, nothing is set aside."""
    log, ledger, folder = log_with(tmp_path, WHOLE["22"][:size])

    mended = log.mend(ledger.outbox, NOW, published=4)
    ledger.close()

    assert (folder / "22.jsonl").read_bytes() == WHOLE["22"]
    assert (mended.foreign, mended.lost) == (0, 0)
    assert mended.torn == size - (WHOLE["22"].rfind(b"\n", 0, size) + 1)
    assert not (tmp_path / "audit" / "torn").exists()


def test_a_line_that_was_published_and_is_gone_is_counted_as_lost(tmp_path: Path) -> None:
    """It is written again, but somebody has cut the log, and that must be told."""
    log, ledger, folder = log_with(tmp_path, b"")

    mended = log.mend(ledger.outbox, NOW, published=6)
    ledger.close()

    assert (folder / "22.jsonl").read_bytes() == WHOLE["22"]
    assert (mended.lines, mended.lost) == (3, 2)


@hypothesis_settings(max_examples=60, deadline=None)
@given(kept=st.integers(0, len(WHOLE["22"])), foreign=st.binary(min_size=1, max_size=80))
@example(kept=len(WHOLE["22"]) - 1, foreign=b"\n\x00")
@example(kept=len(WHOLE["22"]) - 1, foreign=b"\n")
@example(kept=3, foreign=b"\n\x00")
def test_bytes_that_are_not_ours_are_kept_apart(
    tmp_path_factory: pytest.TempPathFactory, kept: int, foreign: bytes
) -> None:
    """The log is whole again; what stood there is the beginning of it, and then what lies under audit/torn/.

    So no byte of a stranger is lost: one that happens to be the next one of ours, as the line break that a torn line
    lacks, is in the log.
    """
    instance_dir = tmp_path_factory.mktemp("foreign")
    content = WHOLE["22"][:kept] + foreign
    log, ledger, folder = log_with(instance_dir, content)

    mended = log.mend(ledger.outbox, NOW, published=4)
    ledger.close()

    assert (folder / "22.jsonl").read_bytes() == WHOLE["22"]
    aside = (instance_dir / mended.foreign_path).read_bytes() if mended.foreign_path else b""
    assert content == WHOLE["22"][: len(content) - len(aside)] + aside
    assert (len(aside), bool(aside)) == (mended.foreign, not WHOLE["22"].startswith(content))


def test_a_log_as_it_should_be_is_left_alone(tmp_path: Path) -> None:
    """Nothing is written."""
    log, ledger, folder = log_with(tmp_path, WHOLE["22"])
    before = (folder / "22.jsonl").stat().st_mtime_ns

    mended = log.mend(ledger.outbox, NOW, published=7)
    ledger.close()

    assert (mended.lines, mended.torn, mended.foreign) == (0, 0, 0)
    assert (folder / "22.jsonl").stat().st_mtime_ns == before
