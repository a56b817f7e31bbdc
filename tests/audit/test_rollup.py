"""The rollup of a sealed day says what its lines do, and is believed of nothing else."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import itertools
import os
import shutil
import zlib
from array import array
from typing import TYPE_CHECKING, get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from winnowd.audit import rollup
from winnowd.audit.reader import Log
from winnowd.audit.rollup import is_true, read, rolled_up
from winnowd.layout import rollup_file
from winnowd.operations.stats import stats
from winnowd.storage.rollups import is_ours
from winnowd.views.statistics import By

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIELDS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture
def log(decided: Path, tmp_path: Path) -> Log:
    """A copy of a log whose sealed days have rollups, and of which only the log is left."""
    shutil.copytree(decided / "audit", tmp_path / "audit", ignore=shutil.ignore_patterns("evidence"))
    return Log(tmp_path)


def first_day(log: Log) -> str:
    """Its first sealed day."""
    return next(file for file in log.days() if file.endswith(".gz"))


def without_rollups(log: Log) -> None:
    """Take them away."""
    for file in log.days():
        log.path(rollup_file(file)).unlink(missing_ok=True)


def rewritten(log: Log, file: str, **changed: object) -> None:
    """Forge a rollup."""
    path = log.path(rollup_file(file))
    content = msgspec.msgpack.encode({**msgspec.msgpack.decode(path.read_bytes()[32:]), **changed})
    path.write_bytes(hashlib.sha256(content).digest() + content)


@pytest.mark.parametrize("by", get_args(By))
def test_what_is_counted_by_rollups_is_what_is_counted_by_lines(log: Log, by: By) -> None:
    """Every number, quantile and bin, whichever of the days have one."""
    with_all = [stats(log, by, measure=code) for code in ("DUP606", "QUA460", "")]
    assert all(read(log, file) is not None for file in log.days()[:-1])

    log.path(rollup_file(first_day(log))).unlink()
    with_some = [stats(log, by, measure=code) for code in ("DUP606", "QUA460", "")]
    without_rollups(log)

    assert with_all == with_some == [stats(log, by, measure=code) for code in ("DUP606", "QUA460", "")]


def test_a_missing_one_is_made_where_the_log_is_ours(log: Log) -> None:
    """And it is the one that sealing made; of a copy nothing is written."""
    files = [log.path(rollup_file(file)) for file in log.days()[:-1]]
    sealed = [path.read_bytes() for path in files]
    without_rollups(log)

    of_copy = stats(log)
    assert not any(path.exists() for path in files)
    of_ours = stats(log, owned=True)

    assert [path.read_bytes() for path in files] == sealed
    assert of_ours == of_copy


def test_a_folder_of_somebody_else_is_left_alone(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is the same, and no file of ours lies in a service's log."""
    without_rollups(log)
    whole = stats(log)
    monkeypatch.setattr(os, "geteuid", lambda: log.path(first_day(log)).stat().st_uid + 1)

    assert stats(log, owned=True) == whole
    assert not log.path(rollup_file(first_day(log))).exists()
    assert not is_ours(log.path("audit/1999/01/01.jsonl").parent)


def test_a_disk_that_takes_nothing_keeps_no_answer_back(log: Log) -> None:
    """A rollup that cannot be written is made for this once."""
    whole = stats(log)
    path = log.path(rollup_file(first_day(log)))
    path.unlink()
    path.mkdir()

    assert stats(log, owned=True) == whole


def _of_other_day(log: Log, path: Path) -> None:
    path.write_bytes(log.path(rollup_file(log.days()[1])).read_bytes())


@pytest.mark.parametrize(
    "damage",
    [
        _of_other_day,
        lambda _, path: path.write_bytes(b"no rollup"),
        lambda _, path: path.write_bytes(path.read_bytes()[:-9]),
        lambda _, path: path.write_bytes(b""),
        lambda _, path: path.write_bytes(path.read_bytes()[:500] + bytes(20) + path.read_bytes()[520:]),
        lambda log, _: rewritten(log, first_day(log), version=0),
        lambda log, _: rewritten(log, first_day(log), groups={"day": [("2026-11-17", "admitted", -1)]}),
        lambda log, _: rewritten(log, first_day(log), groups={"day": [("2026-11-17", "lost", 1)]}),
        lambda log, _: rewritten(log, first_day(log), times={"read": b"no column"}),
        lambda log, _: rewritten(log, first_day(log), times={"read": zlib.compress(b"7 bytes")}),
        lambda log, _: rewritten(log, first_day(log), times={"read": zlib.compress(b"7" * 8)[:-3]}),
        lambda log, _: rewritten(log, first_day(log), values={"DUP606": zlib.compress(bytes([255] * 16))}),
        lambda log, _: rewritten(
            log, first_day(log), values={"DUP606": zlib.compress(array("d", [float("inf")]).tobytes())}
        ),
    ],
)
def test_what_is_no_rollup_of_this_file_is_not_believed(log: Log, damage: Callable[[Log, Path], object]) -> None:
    """Torn, of another version or day, of no numbers: the lines are read, and nothing is damaged by it."""
    whole = stats(log, measure="DUP606")

    damage(log, log.path(rollup_file(first_day(log))))

    assert read(log, first_day(log), None) is None
    assert is_true(log, first_day(log)) is None
    assert stats(log, measure="DUP606") == whole


def test_a_column_that_would_fill_the_memory_is_none(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is unpacked up to a limit only."""
    monkeypatch.setattr(rollup, "_LARGEST", 1 << 10)
    rewritten(log, first_day(log), times={"read": zlib.compress(bytes(1 << 11))})

    assert read(log, first_day(log)) is None


def test_a_day_that_was_changed_is_read_again(log: Log) -> None:
    """One decision less in the packed file: the rollup is of another one."""
    file = first_day(log)
    lines = gzip.decompress(log.path(file).read_bytes()).splitlines(keepends=True)
    lines.remove(next(line for line in lines if b'"action":"admit"' in line))
    total = stats(log).total.total

    log.path(file).write_bytes(gzip.compress(b"".join(lines)))

    assert stats(log).total.total == total - 1


@pytest.mark.parametrize("spans", [[3, 2, 1], [-5, 7], [(1 << 63) - 1], []])
def test_forged_times_break_nothing(log: Log, spans: list[int]) -> None:
    """Out of order, below zero, of three hundred years: figures are as untrue as these, and verify finds them."""
    true = read(log, first_day(log))
    assert true is not None
    others = stats(log).times["read"].n - len(true.times["read"])

    rewritten(log, first_day(log), times={"read": zlib.compress(array("q", spans).tobytes())})

    assert stats(log).times["read"].n == others + len(spans)
    assert is_true(log, first_day(log)) is False


def test_a_forged_one_is_found_by_its_lines(log: Log) -> None:
    """It names the right file, so it is believed; verify says that it is not true."""
    file = first_day(log)
    true = read(log, file, None, copies=True)
    assert true is not None
    assert is_true(log, file)
    values = {**true.values, "DUP606": array("d", true.values["DUP606"][:-1])}
    forged = [
        dataclasses.replace(true, refused={**true.refused, "QUA401": 1_000_000}),
        dataclasses.replace(true, values=values),
        dataclasses.replace(true, copies=true.copies[1:]),
    ]
    for one in forged:
        log.path(rollup_file(file)).write_bytes(one.packed())

        assert is_true(log, file) is False


@pytest.mark.parametrize("line", [b"rubbish", b'{"event":{}}', b'{"@timestamp":"\xff"}', b""])
def test_a_day_with_a_line_that_is_no_event_has_none(log: Log, line: bytes) -> None:
    """It is counted as broken each time that it is read; so is a day without any line."""
    file = first_day(log)
    content = gzip.decompress(log.path(file).read_bytes()) if line else b""
    log.path(file).write_bytes(gzip.compress(content + line + b"\n" * bool(line)))

    assert rolled_up(log, file) is None


@example(values=[-1.0, 2.0, -0.0, 0.0, 5e-324, -1.7976931348623157e308, 1.7976931348623157e308])
@given(values=st.lists(FIELDS))
def test_a_column_gives_back_each_value(values: list[float]) -> None:
    """Bit for bit, whatever their sign and size; in order."""
    unpacked = rollup._values(rollup._packed(rollup._steps(values)))

    assert sorted(unpacked) == sorted(values)
    assert list(map(repr, sorted(map(repr, unpacked)))) == list(map(repr, sorted(map(repr, values))))
    assert all(one <= two for one, two in itertools.pairwise(unpacked))
