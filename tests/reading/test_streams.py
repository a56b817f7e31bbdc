"""What is streamed stays small in memory, and hostile bytes cost time in proportion to their number."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import itertools
import json
import tracemalloc
from time import process_time
from typing import TYPE_CHECKING

import pytest
from tests.reading.stand import PROSE, RECEIVED, read_all, source_of, tarred, told, zipped

from winnowd.model import Source, Unreadable
from winnowd.reading import ReadingLimits, read
from winnowd.reading.dates import moment
from winnowd.reading.front_matter import split
from winnowd.reading.json_text import check_depth
from winnowd.reading.kinds import recognise
from winnowd.reading.markup import declared_encodings, is_page
from winnowd.reading.pages import is_markup, nesting, widest_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIB = 1 << 20
STORY = PROSE.encode() * 8
SAMPLE_WET = (
    b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
    b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (len(STORY), STORY)
)
LINE = json.dumps({"text": PROSE * 3}).encode() + b"\n"


def stream_of(piece: bytes, times: int, name: str = "story.jsonl", *, first: bytes = b"") -> Source:
    """A file of one piece many times over, that never is in memory as a whole."""

    def chunks() -> Iterator[bytes]:
        many = max(1, (1 << 16) // len(piece))
        yield first + piece
        yield from itertools.repeat(piece * many, times // many)

    return Source(name, len(piece) * times, RECEIVED, chunks)


def peak_of(source: Source, limits: ReadingLimits | None = None) -> tuple[int, int]:
    """How many records a source gives, and how many bytes of memory were taken at most on the way."""
    tracemalloc.start()
    try:
        number = sum(1 for _ in read(source, limits or ReadingLimits()))
        return number, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_json_lines_of_any_length_are_read_in_little_memory() -> None:
    """16 MiB of records pass through less than 2 MiB: none is kept, nor its line."""
    number, peak = peak_of(stream_of(LINE, 16 * MIB // len(LINE)))

    assert number > 10_000
    assert peak < 2 * MIB


@pytest.mark.parametrize(
    ("name", "first", "piece", "most"),
    [
        ("story.csv", b"title,text\n", b'Herring,"%s"\n' % STORY, 4 * MIB),
        ("story.tar", b"", tarred({"a.txt": STORY})[: 512 + -(-len(STORY) // 512) * 512], 4 * MIB),
        ("story.warc.wet", b"", SAMPLE_WET, 4 * MIB),
    ],
)
def test_whatever_is_streamed_is_read_in_little_memory(name: str, first: bytes, piece: bytes, most: int) -> None:
    """8 MiB of a table's rows, of an archive's files, of a crawl's texts."""
    source = stream_of(piece, 8 * MIB // len(piece), name, first=first)

    number, peak = peak_of(source, ReadingLimits(members=1 << 20))

    assert number >= 8 * MIB // len(piece) - 200
    assert peak < most


@pytest.mark.parametrize(
    ("name", "first"), [("a.csv", b'text\n"'), ("a.csv", b"text\n"), ("a.txt", b""), ("a.rss", b"")]
)
def test_one_huge_field_is_given_up_in_little_memory(name: str, first: bytes) -> None:
    """256 MiB without an end: no more of it is held than the longest row, text or feed may have."""
    source = stream_of(b"x" * 65_536, 4_096, name, first=first)

    number, peak = peak_of(source, ReadingLimits(line_bytes=MIB, text_bytes=MIB, feed_bytes=MIB))

    assert number == 1
    assert peak < 6 * MIB


def test_a_line_beyond_the_longest_is_skipped_in_little_memory() -> None:
    """A line of 64 MiB costs what the longest line may: only its beginning, its size and its hash are kept."""
    number, peak = peak_of(stream_of(b"x" * 65_536, 1_024), ReadingLimits(line_bytes=MIB))

    assert number == 1
    assert peak < 4 * MIB


def test_a_skipped_line_is_told_whole_by_size_and_hash() -> None:
    """What is held of it is its beginning; its size and SHA-256 are those of all of it."""
    line = b'{"text": "' + b"x" * 200_000 + b'"}'

    first, skipped, last = read_all(LINE + line + b"\n" + LINE, "story.jsonl", limits=ReadingLimits(line_bytes=100_000))

    assert [told(item) for item in (first, skipped, last)] == ["article", "INP116 fail", "article"]
    assert skipped.provenance.raw_size == len(line)
    assert skipped.provenance.raw_sha256 == hashlib.sha256(line).hexdigest()
    assert skipped.raw == line[:65_536]


@pytest.mark.parametrize("letter", [b"a", b"\n"])
def test_a_bomb_is_stopped_before_it_fills_the_memory(letter: bytes) -> None:
    """What unpacks to 64 MiB from 64 KiB is given up within the first four, be they lines or one line."""
    data = gzip.compress(letter * (64 * MIB))

    number, peak = peak_of(source_of(data, "story.jsonl.gz"))

    assert number == 1
    assert peak < 12 * MIB


def test_records_before_the_largest_size_stand() -> None:
    """An archive that is larger than may be unpacked gives its records up to there, and one finding for the rest."""
    lines = "".join(json.dumps({"text": f"Record {number} of the harbour."}) + "\n" for number in range(4_000))
    data = gzip.compress(lines.encode())

    items = read_all(data, "story.jsonl.gz", limits=ReadingLimits(stream_bytes=100_000))

    assert told(items[-1]) == "INP109 fail"
    assert {told(item) for item in items[:-1]} == {"article"}
    assert len(items) > 1_000


def test_what_is_too_large_for_anything_is_never_opened() -> None:
    """A sparse file of a terabyte: its size is known, no byte of it is asked for, it has no hash."""

    def chunks() -> Iterator[bytes]:
        raise AssertionError("a byte was asked for")
        yield b""

    (item,) = read(Source("story.txt", 1 << 40, RECEIVED, chunks))

    assert told(item) == "INP103 fail"
    assert (item.provenance.raw_sha256, item.provenance.raw_size) == ("", 1 << 40)


@pytest.mark.parametrize("name", ["story.jsonl", "story.csv", "story.tar", "story.xyz"])
def test_a_hole_is_not_read_to_its_end(name: str) -> None:
    """A sparse file of 60 GiB, which may be streamed: its beginning is enough, and it has no hash."""
    given = itertools.count()

    def chunks() -> Iterator[bytes]:
        while next(given) < 10:
            yield bytes(65_536)
        raise AssertionError("read on")

    (item,) = read(Source(name, 60 << 30, RECEIVED, chunks))

    assert told(item) == "INP105 fail"
    assert item.provenance.raw_sha256 == ""
    assert next(given) < 3


def reading_as(name: str) -> Callable[[bytes], object]:
    """All of reading, under a file name; pages stay out of it: their extractors are other people's."""
    return lambda data: read_all(
        data, name, limits=ReadingLimits(stream_bytes=1 << 27, json_bytes=1 << 27, text_bytes=1 << 27)
    )


def on_text(function: Callable[[str], object]) -> Callable[[bytes], object]:
    """A function of text, as one of bytes."""
    return lambda data: function(data.decode("latin-1"))


def texts_under_many_names(size: int) -> dict[str, str]:
    """A record of a long text, and short ones under one name in many of its 2,048 mixtures of small and capitals."""
    letters = [(letter, letter.upper()) for letter in "contenthtml"]
    names = itertools.islice(map("".join, itertools.product(*letters)), size // 2_000)
    return {"text": " ".join(map(str, range(size // 8)))} | {f"{name[:7]}_{name[7:]}": "x" for name in names}


FLOODS: dict[str, tuple[Callable[[bytes], object], Callable[[int], bytes]]] = {
    "brackets": (on_text(lambda text: check_depth(text, 1 << 40)), lambda size: b"[" * size),
    "quotes": (on_text(lambda text: check_depth(text, 64)), lambda size: b"[[" * 40 + b'"' * size),
    "escapes": (reading_as("a.json"), lambda size: b'{"text": "' + b"\\\\" * (size // 2) + b'"}'),
    "elements": (reading_as("a.json"), lambda size: b"[" + b"1," * (size // 20) + b"1]"),
    "keys": (reading_as("a.json"), lambda size: b'{"text": "x"' + b',"a": 1' * (size // 14) + b"}"),
    "names": (reading_as("a.json"), lambda size: json.dumps({"text": "x", "authors": ["a;b"] * (size // 14)}).encode()),
    "blank lines": (reading_as("a.jsonl"), lambda size: b" \n" * (size // 2)),
    "one line": (reading_as("a.jsonl"), lambda size: b"x" * size),
    "bad lines": (reading_as("a.jsonl"), lambda size: b"x\n" * (size // 20)),
    "front matter": (on_text(lambda text: split(text, 1 << 30)), lambda size: b"---\na:\n" + b"- b\n" * (size // 4)),
    "fences": (on_text(lambda text: split(text, 1 << 30)), lambda size: b"---\na: b\n" + b"----\n" * (size // 5)),
    "anchors": (reading_as("a.md"), lambda size: b"---\n" + b"a: &b\n" * (size // 6) + b"---\nx"),
    "high bytes": (reading_as("a.txt"), lambda size: b"\xe9" * size),
    "few high bytes": (reading_as("a.txt"), lambda size: b"\xe9 a quay, a mill. " * (size // 100)),
    "text": (reading_as("a.txt"), lambda size: b"word " * (size // 5)),
    "members": (reading_as("a.txt.gz"), lambda size: gzip.compress(b"") * (size // 100)),
    "padding": (reading_as("a.txt.gz"), lambda size: gzip.compress(b"x") + b"\0" * size),
    "dates": (on_text(moment), lambda size: b"1 " * (size // 2)),
    "opening": (on_text(lambda text: recognise(text.encode(), "a.txt")), lambda size: b"<?xml" + b" " * size),
    "charset": (declared_encodings, lambda size: b"<meta charset " * (size // 14)),
    "declaration": (declared_encodings, lambda size: b"<?xml " * (size // 6)),
    "comments": (on_text(is_page), lambda size: b"<!---->" * (size // 7) + b"x"),
    "open comments": (on_text(is_page), lambda size: b"<!--" * (size // 4)),
    "blocks": (on_text(is_page), lambda size: b"<p><b>" * (size // 6)),
    "blanks in tags": (on_text(is_page), lambda size: b"<html" + b" " * size),
    "less-than": (on_text(is_markup), lambda size: b"<a " * (size // 3)),
    "tags": (on_text(nesting), lambda size: b"<div></div>" * (size // 11)),
    "one tag": (on_text(widest_tag), lambda size: b"<p" + b" a=1" * (size // 4)),
    "separators": (reading_as("a.csv"), lambda size: b"text\n" + b"," * size),
    "quoted rows": (reading_as("a.csv"), lambda size: b"text\n" + b'""\n' * (size // 6)),
    "quoted lines": (reading_as("a.csv"), lambda size: b'text\n"' + b"a\n" * (size // 2)),
    "names of columns": (reading_as("a.csv"), lambda size: b"text;" * (size // 5)),
    "ampersands": (reading_as("a.rss"), lambda size: b"<rss><channel><item>" + b"&a" * (size // 2)),
    "a comment": (reading_as("a.rss"), lambda size: b"<rss><!--" + b"-" * size),
    "a tag of XML": (reading_as("a.rss"), lambda size: b"<rss" + b" a" * (size // 2)),
    "attributes of XML": (
        reading_as("a.rss"),
        lambda size: b"<rss " + b" ".join(b"a%d=''" % number for number in range(size // 10)) + b"/>",
    ),
    "types": (on_text(lambda text: recognise(text.encode(), "a.xml")), lambda size: b"<!DOCTYPE a" * (size // 11)),
    "instructions": (on_text(lambda text: recognise(text.encode(), "a")), lambda size: b"<?a?>" * (size // 5)),
    "comments in XML": (on_text(lambda text: recognise(text.encode(), "a")), lambda size: b"<!---->" * (size // 7)),
    "entries": (reading_as("a.rss"), lambda size: b"<rss><channel>" + b"<item/>" * (size // 70) + b"</channel></rss>"),
    "files": (
        reading_as("a.zip"),
        lambda size: zipped({str(number): b"\x89PNG" for number in range(size // 1_000)}),
    ),
    "headers": (reading_as("a.tar"), lambda size: tarred({str(number): b"\x89PNG" for number in range(size // 2_000)})),
    "streams": (reading_as("a.txt.bz2"), lambda size: bz2.compress(b"x") * (size // 400)),
    "other texts": (reading_as("a.json"), lambda size: json.dumps(texts_under_many_names(size)).encode()),
    "quotes in tags": (on_text(widest_tag), lambda size: b"<p \"'" * (size // 5)),
}


MOST_GROWTH, NO_TIME = 30, 0.002
"""How many times as long eight times the bytes may take, and below how many seconds a time is as good as that."""


@pytest.mark.parametrize("flood", FLOODS)
def test_eight_times_the_bytes_take_about_eight_times_the_time(flood: str) -> None:
    """No way of ours through hostile bytes takes the square of their number (that would be sixty-four times)."""
    way, bytes_of = FLOODS[flood]
    small, large = bytes_of(125_000), bytes_of(1_000_000)
    most = MOST_GROWTH * max(NO_TIME, min(seconds(way, small) for _ in range(3)))

    assert any(seconds(way, large) < most for _ in range(3))  # the first is enough, but on a busy machine


def seconds(way: Callable[[bytes], object], data: bytes) -> float:
    """The processor's time of one go; what is refused is refused."""
    begun = process_time()
    try:
        way(data)
    except Exception as error:  # noqa: BLE001 - a refusal is an answer, too: only its time counts here
        assert type(error).__name__ == "RefusedError"  # noqa: PT017 - others are faults
    return process_time() - begun


@pytest.mark.parametrize(
    ("name", "content", "because"),
    [
        ("a.json", '{"text" "x"}', "Expecting ':' delimiter: line 1, column 9"),
        ("a.json", '{"text": "x\n"}', "Invalid control character: line 1, column 12"),
        ("a.json", '{"text": "x', "Unterminated string: line 1, column 10"),
        ("a.jsonl", '{"text": "x"}\n\n \n\n{"text" "x"}\n', "Expecting ':' delimiter: line 5, column 9"),
        ("a.jsonl", '{"text": "x"}\n\n[1]\n', "a JSON value, and no object: line 3"),
        ("a.jsonl", '\n\n{"text": "x"}\n{"text": "' + "y" * 400 + '"}\n', "line 4 has 412 bytes"),
    ],
)
@pytest.mark.parametrize("chunk", [7, 1 << 20])
def test_a_fault_of_json_names_its_place_in_the_file(name: str, content: str, because: str, chunk: int) -> None:
    """Line and column of what is at fault, whatever blank lines stand before it; never what it is."""
    limits = ReadingLimits(line_bytes=300) if name.endswith("jsonl") else ReadingLimits()

    last = list(read(source_of(content.encode(), name, chunk=chunk), limits))[-1]

    assert isinstance(last, Unreadable)
    assert because in last.findings[0].because
