"""One small good file of each kind that is read, with one article in it at least: where laws and fuzzers begin."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path

import zstandard
from tests.reading.stand import PROSE, tarred, zipped

_FOLDER = Path(__file__).parent / "samples"
_HTML = f"<html><head><title>Herring</title></head><body><article><p>{PROSE}</p><p>{PROSE}</p></article></body></html>"
_HTTP = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{_HTML}".encode()
_RECORD = json.dumps({"title": "Herring", "text": PROSE}).encode()
RSS = (
    "<?xml version='1.0'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
    "<title>The Harbour Post</title><item><title>Herring</title><link>https://example.org/herring</link>"
    f"<content:encoded><![CDATA[<p>{PROSE}</p><p>{PROSE}</p>]]></content:encoded></item></channel></rss>"
).encode()


def _file(name: str) -> tuple[str, bytes]:
    return name, (_FOLDER / name).read_bytes()


SAMPLES: dict[str, tuple[str, bytes]] = {
    "text/plain": ("story.txt", PROSE.encode()),
    "text/markdown": ("story.md", f"---\ntitle: Herring\n---\n{PROSE}".encode()),
    "text/html": ("story.html", _HTML.encode()),
    "application/json": ("story.json", b"[" + _RECORD + b"]"),
    "application/x-ndjson": ("story.jsonl", _RECORD + b"\n" + _RECORD + b"\n"),
    "text/csv": ("story.csv", f'title,text\n"Herring, and mills","{PROSE}"\n'.encode()),
    "application/rss+xml": ("story.rss", RSS),
    "application/warc": (
        "story.warc",
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
        % (len(_HTTP), _HTTP),
    ),
    "application/xml": _file("wire.nitf"),
    "message/rfc822": _file("newsletter.eml"),
    "application/mbox": _file("list.mbox"),
    "multipart/related": _file("page.mhtml"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": _file("story.docx"),
    "application/vnd.oasis.opendocument.text": _file("story.odt"),
    "application/epub+zip": _file("week.epub"),
    "application/pdf": _file("columns.pdf"),
    "application/vnd.apache.parquet": _file("rows.parquet"),
    "application/vnd.apache.arrow.file": _file("rows.arrow"),
    "application/zip": ("story.zip", zipped({"a/story.txt": PROSE.encode(), "b.jsonl": _RECORD})),
    "application/x-tar": ("story.tar", tarred({"a/story.txt": PROSE.encode(), "b.jsonl": _RECORD})),
    "application/gzip": ("story.txt.gz", gzip.compress(PROSE.encode(), mtime=0)),
    "application/x-bzip2": ("story.txt.bz2", bz2.compress(PROSE.encode())),
    "application/x-xz": ("story.txt.xz", lzma.compress(PROSE.encode())),
    "application/zstd": ("story.txt.zst", zstandard.compress(PROSE.encode())),
}
"""Media type of the kind; name and bytes."""
