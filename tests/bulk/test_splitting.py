"""A file read range by range gives what it gives as a whole: numbers, findings, bytes and digests of its records."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.reading.stand import PROSE, RECEIVED

from winnowd.bulk.splitting import Input, cut_lines, ranges
from winnowd.model import Source
from winnowd.reading import ReadingLimits, read
from winnowd.reading.reader import lines_of
from winnowd.settings import load
from winnowd.storage.originals import ChangedWhileReadError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from winnowd.model import Part

LIMITS = ReadingLimits(line_bytes=300, records=20, stream_bytes=4_000, json_depth=8).for_any_size()
ARTICLE = json.dumps({"text": PROSE[:120], "authors": ["A. Clerk"]}).encode()
SETTINGS = load(None, environ={}, system=None).settings
LINES = st.sampled_from(
    [
        ARTICLE,
        json.dumps({"text": PROSE[:100]}).encode(),
        json.dumps({"articles": [{"text": "One."}, {"text": "Two."}, {"text": "Three."}]}).encode(),
        json.dumps({"text": "x" * 400}).encode(),  # longer than a line may be
        json.dumps({"articles": [{"text": "x"}] * 40}).encode(),
        b" " * 400,
        b'{"text": "caf\xe9, in Latin-1"}',
        b'{"text": "\xff\xfe\xfd broken"}',
        b'{"text": "cut off',
        b'{"text": "twice", "text": "again"}',
        b'{"text": "said", "text" 7}',
        b'\xef\xbb\xbf{"text": "a mark before it"}',
        '{"text": "wide"}'.encode("utf-16-le"),
        '{"articles": [{"text": "a"}, {"text": "b"}]}'.encode("utf-16-le"),
        b"\0\0{}",
        b"[" * 9 + b"]" * 9,
        b"[1, 2]",
        b"7",
        b"",
        b"",
        b" \t\x0b ",
        b"\r",
    ]
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A file of JSON Lines, as hostile as one may be; its name says what it is, and its first line does."""
    begin = draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\n\n", b"\r\n \n"])) + ARTICLE
    lines = draw(st.lists(st.tuples(st.sampled_from([b"\n", b"\n", b"\r\n", b"\n\n", b"\n \n\n"]), LINES), max_size=30))
    return begin + b"".join(end + line for end, line in lines) + draw(st.sampled_from([b"", b"\n", b"\r\n\n", b"  "]))


def source_of(data: bytes, chunk: int, part: Part | None = None) -> Source:
    """A file, or a part of it, whose bytes come by so many."""
    there = data if part is None else data[part.start : part.end]

    def chunks() -> Iterator[bytes]:
        return (there[at : at + chunk] for at in range(0, len(there), chunk))

    return Source("day.jsonl", len(data), RECEIVED, chunks, part=part)


@given(files(), st.integers(1, 200), st.integers(1, 12))
@settings(max_examples=300)
def test_records_read_range_by_range_are_those_of_the_whole_file(data: bytes, chunk: int, records: int) -> None:
    """However it is cut: provenance, findings that name lines, own bytes; and the ranges lie end to end."""
    whole = list(read(source_of(data, chunk), LIMITS))

    counted = lines_of(source_of(data, chunk), LIMITS, {})
    assume(counted is not None)  # lines in UTF-16 at the head make the whole file one of such
    assert counted is not None
    cut = list(cut_lines(counted, len(data), records))

    by_ranges = []
    for one in cut:
        assert one.part is not None
        found = list(read(source_of(data, chunk, one.part), LIMITS))
        assert len(found) == one.records
        by_ranges += found
    assert by_ranges == whole
    assert [0, *(one.part.end for one in cut if one.part)] == [*(one.part.start for one in cut if one.part), len(data)]
    assert all((one.records or 0) >= records for one in cut[:-1])


def input_of(path: Path) -> Input:
    """A file as the manifest has it."""
    found = path.stat()
    return Input(path, (found.st_ino, found.st_size, found.st_mtime_ns), path.name)


def test_only_plain_lines_are_cut(tmp_path: Path) -> None:
    """One document, packed lines, wide lines, only blank lines, and what is no file: each is one range, uncounted."""
    lines = b"\n".join([ARTICLE] * 5)
    (tmp_path / "plain.jsonl").write_bytes(lines)
    (tmp_path / "no-name").write_bytes(lines)
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "wide.jsonl").write_bytes(lines.decode().encode("utf-16"))
    (tmp_path / "blank.jsonl").write_bytes(b"\n \n\n")
    (tmp_path / "document.json").write_bytes(json.dumps([{"text": PROSE}]).encode())
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "plain.jsonl")

    cut = {path.name: [one.records for one in ranges(input_of(path), SETTINGS, 2)] for path in tmp_path.iterdir()}

    assert cut.pop("plain.jsonl") == cut.pop("no-name") == [2, 2, 1]
    assert len(cut) == 5
    assert all(records == [None] for records in cut.values())


def test_ranges_of_a_file_that_changes_are_not_to_be_had(tmp_path: Path) -> None:
    """It is found before the first of them, and when the last was given."""
    path = tmp_path / "plain.jsonl"
    path.write_bytes(b"\n".join([ARTICLE] * 5))
    listed = input_of(path)
    cut = ranges(listed, SETTINGS, 2)
    assert next(cut).records == 2

    with path.open("ab") as file:
        file.write(b"\n")

    with pytest.raises(ChangedWhileReadError):
        list(cut)
    with pytest.raises(ChangedWhileReadError):
        list(ranges(listed, SETTINGS, 2))
