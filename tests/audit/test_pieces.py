"""The log in pieces: the same bytes as its files, however they are cut; lines found in them as by reading each."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from winnowd.audit import pieces as module
from winnowd.audit.pieces import holding, pieces
from winnowd.audit.reader import Log

if TYPE_CHECKING:
    from pathlib import Path

FILE = "audit/2026/11/22.jsonl"
ANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
lines = st.lists(st.text("ab\u00e9 ", max_size=12).map(str.encode), max_size=12)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Log:
    """A log whose pieces are tiny."""
    monkeypatch.setattr(module, "_READ", 7)
    monkeypatch.setattr(module, "_LARGEST", 16)
    (tmp_path / FILE).parent.mkdir(parents=True)
    return Log(tmp_path)


def write(log: Log, content: bytes, *, packed: bool) -> str:
    """Make the log's only file."""
    for name in (FILE, f"{FILE}.gz"):
        log.path(name).unlink(missing_ok=True)
    name = f"{FILE}.gz" if packed else FILE
    log.path(name).write_bytes(gzip.compress(content) if packed else content)
    return name


@ANY
@given(content=lines, unfinished=st.sampled_from([b"", b"x", b"a longer one than a piece is"]), packed=st.booleans())
def test_pieces_are_the_file_and_break_at_lines(
    log: Log, content: list[bytes], unfinished: bytes, *, packed: bool
) -> None:
    """Each begins where the one before ended; all but an unfinished last line end with LF."""
    whole = b"".join(line + b"\n" for line in content) + unfinished
    name = write(log, whole, packed=packed)

    found = list(pieces(log, [name]))

    assert b"".join(one.content for one in found) == whole
    assert [one.offset for one in found] == [sum(len(one.content) for one in found[:at]) for at in range(len(found))]
    assert all(one.content.endswith(b"\n") for one in found[: len(found) - bool(unfinished)])
    assert not any(one.fault for one in found)


@ANY
@given(content=lines, needles=st.lists(st.sampled_from([b"a", b"bb", b"ab a", b"none", b""]), max_size=3))
def test_lines_are_found_as_by_reading_each(log: Log, content: list[bytes], needles: list[bytes]) -> None:
    """Each once, with its offset, whichever of the texts it holds."""
    name = write(log, b"".join(line + b"\n" for line in content), packed=False)
    wanted = [(one.offset, one.line) for one in log.lines(name) if any(two and two in one.line for two in needles)]

    assert [(one.offset, one.line) for one in holding(log, [name], needles)] == wanted


@pytest.mark.parametrize("damage", ["cut", "rubbish", "gone"])
def test_a_file_that_cannot_be_read_says_so_and_the_next_one_comes(log: Log, damage: str) -> None:
    """What could be read of it comes before."""
    name = write(log, b"a line\n" * 400, packed=True)
    whole = log.path(name).read_bytes()
    log.path(name).write_bytes({"cut": whole[:-12], "rubbish": b"no gzip", "gone": b""}[damage])
    if damage == "gone":
        log.path(name).unlink()
    log.path("audit/2026/11/23.jsonl").write_bytes(b"another\n")

    found = list(pieces(log, [name, "audit/2026/11/23.jsonl"]))

    assert [one.file for one in found if one.fault] == [name]
    assert found[-1].content == b"another\n"
    assert sum(len(one.content) for one in found if one.file == name) < 400 * len(b"a line\n")
    with pytest.raises(OSError, match="cannot be read to its end"):
        list(holding(log, [name], [b"line"]))


def test_a_file_of_several_packed_parts_is_read_whole(log: Log) -> None:
    """As gzip has it: parts may stand one behind the other."""
    name = write(log, b"one\n", packed=True)
    log.path(name).write_bytes(log.path(name).read_bytes() + gzip.compress(b"two\n"))

    assert b"".join(one.content for one in pieces(log, [name])) == b"one\ntwo\n"


def test_who_stops_reading_leaves_nothing_running(log: Log) -> None:
    """The thread beside ends with the first piece that nobody wants."""
    name = write(log, b"a line\n" * 40, packed=False)
    found = pieces(log, [name])

    assert next(found).content == b"a line\na line\n"
    found.close()  # type: ignore[attr-defined] # it is a generator
    assert list(found) == []
