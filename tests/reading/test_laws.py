"""The laws of reading: nothing raises, chunks do not matter, packing does not matter, every record stands alone."""

from __future__ import annotations

import bz2
import dataclasses
import gzip
import hashlib
import json
import lzma
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reading.one_of_each import SAMPLES
from tests.reading.stand import PROSE, read_all, source_of, tarred, the_article, zipped

from winnowd.model import Grade, Read, Source, Unreadable
from winnowd.reading import ReadingLimits, read
from winnowd.reading.json_text import check_depth
from winnowd.reading.kinds import KINDS
from winnowd.reading.reader import counted
from winnowd.reading.records import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDINGS = (*(kind.endings[0] for kind in KINDS), *("txt.gz", "jsonl.gz", "json.zst", "html.gz", "tar.xz", "pdf", "xyz"))
LIMITS = ReadingLimits(line_bytes=300, members=5, records=20, json_depth=8, front_matter_bytes=200)
SECRET = "Zanzibar"  # noqa: S105 - no password: a word to look for
"""A word that stands in outside values only: no sentence of a finding may hold it."""

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
names = st.sampled_from(
    [
        *(
            "text",
            "body",
            "title",
            "authors",
            "author",
            "date",
            "modified",
            "url",
            "source",
            "language",
            "kind",
            "@type",
        ),
        *("tags", "tdm", "tdm-reservation", "synthetic", "isAccessibleForFree", "headlines", "people", "id", "extra"),
    ]
)
objects = st.dictionaries(names | st.text(max_size=20), values | st.just(PROSE), max_size=8)
wrapped = st.recursive(
    objects | st.lists(objects, max_size=3),
    lambda inner: st.dictionaries(
        st.sampled_from(
            ["articles", "items", "data", "columns", "hits", "response", "results", "json-ld", "@graph", "0"]
        ),
        inner,
        min_size=1,
        max_size=3,
    ),
    max_leaves=4,
)
pieces = st.sampled_from(
    [
        *(
            b"---\n",
            b"title: x\n",
            b"- y\n",
            b"+++\n",
            b"a.b = [1]\n",
            b"# x\n",
            b"*By A. Clerk*\n",
            b"<html>",
            b"<p>",
            b"</p>",
            b"<!--",
            b"&#0;",
            b"&#xD800;",
        ),
        *(b"<script type='application/ld+json'>", b'{"@type": "Article", "articleBody": "'),
        *(b"{", b"}", b"[", b"]", b'"text": ', b'"', b",", b"\\u", b"d800", b"1e999", b"NaN", b"\n", b"\r"),
        *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xe9", PROSE.encode(), PROSE.encode("utf-16")),
        *(b"WARC/1.0\r\n", b"Content-Length: 9\r\n", b"\r\n", b"HTTP/1.1 200 OK\r\n"),
        *(
            b"\x1f\x8b\x08\0",
            b"\x28\xb5\x2f\xfd",
            b"\x50\x2a\x4d\x18",
            b"PK\x03\x04",
            b"PK\x01\x02",
            b"PK\x05\x06",
            b"BZh9",
        ),
        *(b"<rss><channel>", b"<item>", b"</item>", b"<description>", b"<![CDATA[", b"]]>", b"<!DOCTYPE rss [", b"&a;"),
        *(b"title,text\n", b"text\t", b'"",', b";"),
    ]
)
samples = st.sampled_from([data for _, data in SAMPLES.values()])
damaged = st.builds(
    lambda data, at, cut, piece: data[: at % len(data)] + piece + data[at % len(data) + cut :],
    samples,
    st.integers(0, 1 << 16),
    st.integers(0, 40),
    pieces | st.binary(max_size=6),
)
contents = (
    st.binary(max_size=200)
    | damaged
    | st.lists(pieces | st.binary(max_size=6), max_size=14).map(b"".join)
    | values.map(lambda value: json.dumps(value).encode())
    | st.lists(wrapped, min_size=1, max_size=2).map(lambda some: b"".join(json.dumps(one).encode() for one in some))
    | st.lists(objects, max_size=5).map(lambda lines: "\n".join(map(json.dumps, lines)).encode())
)
packings = st.sampled_from(
    [
        *(bytes, gzip.compress, zstandard.compress, bz2.compress, lzma.compress),
        *(lambda data: zipped({"a.txt": PROSE.encode(), "b": data}), lambda data: tarred({"a": data, "b.csv": data})),
    ]
)
files = st.builds(lambda data, packing: bytes(packing(data)), contents, packings)


@given(files, st.sampled_from(ENDINGS))
@settings(max_examples=600, deadline=None)
def test_any_bytes_under_any_name_give_records_and_never_raise(data: bytes, ending: str) -> None:
    """At least one; numbered in order; each an article or an unreadable record with a finding that is no pass."""
    items = list(read(source_of(data, f"story.{ending}"), LIMITS))

    assert items
    assert [item.provenance.record for item in items] == list(range(len(items)))
    for item in items:
        if isinstance(item, Unreadable):
            assert any(finding.grade is not Grade.PASS for finding in item.findings)
        else:
            item.article.text.encode()
        if item.raw is None:
            assert item.provenance.raw_sha256 == hashlib.sha256(data).hexdigest()
            assert item.provenance.raw_size == len(data)
            assert len(items) == 1
        elif item.provenance.raw_size == len(item.raw):
            assert item.provenance.raw_sha256 == hashlib.sha256(item.raw).hexdigest()
        json.dumps([dict(finding.evidence) for finding in item.findings], allow_nan=False).encode()


@given(files, st.sampled_from(ENDINGS), st.integers(1, 50))
@settings(deadline=None)
def test_how_the_bytes_come_does_not_matter(data: bytes, ending: str, chunk: int) -> None:
    """Chunks of any size give the same records."""
    name = f"story.{ending}"

    whole = list(read(source_of(data, name), LIMITS))
    parted = list(read(source_of(data, name, chunk=chunk), LIMITS))

    assert parted == whole


@given(files, st.sampled_from(ENDINGS))
@settings(max_examples=100)
def test_as_many_records_are_counted_as_would_be_read(data: bytes, ending: str) -> None:
    """What is counted of a file in which there was nothing to judge is what its release has judged."""
    source = source_of(data, f"story.{ending}")

    numbers = list(counted(source, LIMITS, {}))

    assert numbers == [item.provenance.record for item in read(source, LIMITS)]


@given(contents, st.sampled_from(["txt", "md", "html", "json", "jsonl"]))
@settings(deadline=None)
def test_packing_does_not_matter(data: bytes, ending: str) -> None:
    """A packed file gives the records of the file in it, unless that is packed itself."""
    plain = list(read(source_of(data, f"story.{ending}"), LIMITS))
    packed = list(read(source_of(gzip.compress(data), f"story.{ending}.gz"), LIMITS))

    if data and not any(kind.packs and kind.magic and kind.magic.match(data) for kind in KINDS):
        assert [stripped(item) for item in packed] == [stripped(item) for item in plain]


def stripped(item: Read | Unreadable) -> Read | Unreadable:
    """A record without what tells of the file's own bytes and kind."""
    of_file = dataclasses.replace(item.provenance, raw_sha256="", raw_size=0, media_type="")
    return dataclasses.replace(item, provenance=of_file)


@given(st.lists(objects.map(json.dumps) | st.text(max_size=20).filter(lambda line: "\n" not in line), max_size=6))
@settings(deadline=None)
def test_each_line_is_decided_as_if_it_stood_alone(lines: list[str]) -> None:
    """JSON Lines give, line by line, what each line gives as a file of its own."""
    wanted = [line.encode("utf-8", "replace") for line in lines]
    together = read_all(b'{"text": "First."}\n' + b"\n".join(wanted), "story.jsonl", limits=LIMITS)[1:]
    apart = [item for number, line in enumerate(wanted) if line.strip() for item in alone(number, line)]

    assert [renumbered(item) for item in together] == [renumbered(item) for item in apart][:19]


def alone(blank: int, line: bytes) -> list[Read | Unreadable]:
    """A line as the second that is not blank, after so many blank ones: what is said of it names its number."""
    return read_all(b'{"text": "First."}\n' + b"\n" * blank + line, "story.jsonl", limits=LIMITS)[1:]


def renumbered(item: Read | Unreadable) -> Read | Unreadable:
    """A record as if it were the first."""
    return dataclasses.replace(item, provenance=dataclasses.replace(item.provenance, record=0))


secret_values = st.recursive(
    st.just(SECRET) | st.just(f"{SECRET}\ud800") | st.just(SECRET * 300) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just(SECRET), inner, max_size=2),
    max_leaves=5,
)
secret_files = st.one_of(
    st.dictionaries(names | st.just(SECRET), secret_values, max_size=8).map(json.dumps),
    st.just(f'{{"{SECRET}": 1, "{SECRET}": 2, "text": "x"}}'),
    st.just(f'{{"text": {SECRET}}}'),
    st.just(f'{{"text": "\\{SECRET}"}}'),
    st.just(f"---\n{SECRET}: {SECRET}\n{SECRET}: &{SECRET}\n---\n{PROSE}"),
    st.just(f"<html><head><meta charset='{SECRET}'></head><body>{SECRET}</body></html>"),
)


@given(secret_files, st.sampled_from(["json", "jsonl", "md", "html", SECRET]))
@settings(deadline=None)
def test_no_finding_quotes_what_came_from_outside(text: str, ending: str) -> None:
    """The sentence of a finding enters the audit log for good: it holds no word of the file or of its name."""
    data = text.encode("utf-8", "replace")

    findings = [finding for item in read_all(data, f"{SECRET}.{ending}") for finding in item.findings]

    assert all(SECRET not in finding.because for finding in findings)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_a_text_in_utf_8_is_read_as_it_is(text: str) -> None:
    """Nothing is changed by reading: cleaning is another room's work."""
    data = f".{text}".encode()

    item = the_article(read_all(data)[0])

    assert item.article.text == f".{text}"
    assert not item.notes
    assert not item.findings


def nesting(value: object) -> int:
    """How deep a value of JSON is, by recursion."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(nesting, inner), default=0) if isinstance(value, list | dict) else 0


@given(st.recursive(scalars | st.just('["\\{'), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_depth_is_counted_as_recursion_would(value: object) -> None:
    """A value as deep as its limit passes, one deeper does not, whatever its strings hold."""
    text = json.dumps(value, ensure_ascii=False)
    depth = nesting(value)

    check_depth(text, depth)
    if depth:
        with pytest.raises(RefusedError, match="INP113"):
            check_depth(text, depth - 1)


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_a_setting_cannot_make_nesting_dangerous(ending: str) -> None:
    """Two hundred levels are read if the setting allows them; a thousand, that break parsers, never are."""
    limits = ReadingLimits(json_depth=100_000)
    texts = [f'{{"text": "x", "authors": {"[" * depth}{"]" * depth}}}' for depth in (199, 1_000)]

    read_one, refused_one = (read_all(text.encode(), f"story.{ending}", limits=limits)[0] for text in texts)

    assert isinstance(read_one, Read)
    assert {finding.code for finding in refused_one.findings} <= {"INP113", "INP115"}


def test_what_the_source_raises_passes() -> None:
    """A fault of the disk is no fault of the file: storage decides what it means."""

    def chunks() -> Iterator[bytes]:
        yield b'{"text": "One."}\n{"text": "T'
        raise OSError(5, "Input/output error")

    for name in (
        "story.txt",
        "story.json",
        "story.jsonl",
        "story.html",
        "story.warc",
        "story.csv",
        "story.rss",
        "story.tar",
    ):
        source = Source(name, 100, source_of(b"").received_at, chunks)

        with pytest.raises(OSError, match="Input/output error"):
            list(read(source, LIMITS))
