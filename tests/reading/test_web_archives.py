"""Web archives: which records are pages, and what damage costs."""

from __future__ import annotations

import gzip

import pytest
from tests.reading.stand import PROSE, read_all, the_article, told

from winnowd.reading import ReadingLimits

LIMITS = ReadingLimits(warc=True)
PAGE = f"<html><head><title>Herring</title></head><body><article><p>{PROSE}</p><p>{PROSE}</p></article></body></html>"


def http(body: bytes, *headers: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    """A response as a server sends it."""
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(
    block: bytes, *, kind: str = "response", size: int | None = None, url: str = "https://example.org/a"
) -> bytes:
    """A record of a WARC file."""
    lines = (
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        "WARC-Date: 2024-03-23T10:00:00Z",
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>",
        f"Content-Type: application/http; msgtype={kind}",
        f"Content-Length: {len(block) if size is None else size}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


GOOD = record(http(PAGE.encode()))
OTHERS = (
    record(b"GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n", kind="request")
    + record(http(PAGE.encode(), status="404 Not Found"))
    + record(http(b"\x89PNG", kind="image/png"))
)


def test_only_responses_of_200_with_html_are_records() -> None:
    """Requests, errors and pictures are passed by; a page's address is where the archive found it."""
    items = read_all(OTHERS + GOOD + OTHERS + GOOD, "crawl.warc", limits=LIMITS)

    assert [told(item) for item in items] == ["article", "article"]
    article = the_article(items[0]).article
    assert (article.title, article.url) == ("Herring", "https://example.org/a")
    assert items[0].raw == PAGE.encode()
    assert (items[0].provenance.parser, items[0].provenance.media_type) == ("warc", "application/warc")


def test_a_packed_archive_is_one_member_a_record() -> None:
    """As crawlers write them."""
    items = read_all(gzip.compress(GOOD) + gzip.compress(OTHERS) + gzip.compress(GOOD), "crawl.warc.gz", limits=LIMITS)

    assert [told(item) for item in items] == ["article", "article"]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(PAGE.encode()), ["Content-Encoding: gzip"]),
        (PAGE.encode(), ["Content-Encoding: gzip"]),
        (f"{len(PAGE):x}\r\n{PAGE}\r\n0\r\n\r\n".encode(), ["Transfer-Encoding: chunked"]),
        (PAGE.encode(), ["Transfer-Encoding: chunked"]),
        ("<html><body><p>Café. {PROSE}</p><p>{PROSE}</p></body></html>".replace("{PROSE}", PROSE).encode("cp1252"), []),
    ],
    ids=["gzip", "said to be gzip", "chunked", "said to be chunked", "cp1252"],
)
def test_a_page_is_read_as_it_was_sent_or_as_the_crawler_left_it(body: bytes, headers: list[str]) -> None:
    """Many archives keep the headers of codings that they took off."""
    (item,) = read_all(record(http(body, *headers)), "crawl.warc", limits=LIMITS)

    assert told(item) == "article"
    assert item.raw == body


def test_the_charset_that_the_server_named_is_asked_first() -> None:
    """A page need not repeat it."""
    text = "Склад открылся в шесть часов утра, и писарь считал бочки до полудня, а потом ушёл домой пешком. " * 4
    body = f"<html><body><article><p>{text}</p></article></body></html>".encode("koi8-r")

    (item,) = read_all(record(http(body, kind="text/html; charset=koi8-r")), "crawl.warc", limits=LIMITS)

    assert the_article(item).article.text.startswith("Склад открылся")
    assert item.provenance.encoding == "koi8-r"


def test_a_faulty_page_is_refused_alone() -> None:
    """Too large, without a body, or packed and damaged: its neighbours stand."""
    large = record(http(b"<html>" + b"x" * 5_000))
    empty = record(http(b"<html><body></body></html>"))
    damaged = record(http(gzip.compress(PAGE.encode())[:-9]))
    limits = ReadingLimits(warc=True, page_bytes=4_000)

    items = read_all(GOOD + large + empty + damaged + GOOD, "crawl.warc", limits=limits)

    assert [told(item) for item in items] == ["article", "INP103 fail", "INP120 fail", "INP108 fail", "article"]
    assert items[1].provenance.raw_size == 5_006


@pytest.mark.parametrize(
    ("tail", "says"),
    [
        (b"garbage" * 100, ["article", "INP122 fail"]),
        (record(http(PAGE.encode()), size=100_000), ["article", "INP122 fail"]),
        (b"", ["article"]),
    ],
    ids=["garbage", "cut", "nothing"],
)
def test_damage_ends_an_archive_and_what_came_before_stands(tail: bytes, says: list[str]) -> None:
    """One finding for all that is unread."""
    assert [told(item) for item in read_all(GOOD + tail, "crawl.warc", limits=LIMITS)] == says


def test_an_archive_without_a_page_has_no_records() -> None:
    """The finding counts what it passed by."""
    (item,) = read_all(OTHERS, "crawl.warc", limits=LIMITS)

    assert told(item) == "INP118 fail"
    assert item.findings[0].because == "no page in it, and 3 other records"


def test_more_pages_than_may_be_are_unread() -> None:
    """As in every file of many records."""
    items = read_all(GOOD * 3, "crawl.warc", limits=ReadingLimits(warc=True, records=2))

    assert [told(item) for item in items] == ["article", "article", "INP117 fail"]
