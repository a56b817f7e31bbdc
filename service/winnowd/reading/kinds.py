"""What kinds of file are read, and how: one table, and which row some bytes are (docs/design/reading.md). Pure."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from winnowd.reading.archives import tar_archive, zip_archive
from winnowd.reading.csv_tables import table
from winnowd.reading.decoding import wide_encoding
from winnowd.reading.feeds import feed
from winnowd.reading.json_files import DOCUMENT, LINES, json
from winnowd.reading.pages import page
from winnowd.reading.records import refused
from winnowd.reading.texts import text
from winnowd.reading.unpacking import bzip2, gzip, xz, zstd
from winnowd.reading.web_archives import archive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.reading.content import Content, Context, Reader
    from winnowd.reading.limits import ReadingLimits
    from winnowd.reading.records import Record


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is read; ``name`` is what people call it.

    ``endings``: the extensions of names that say so, "" for a name without one. ``magic``: how its bytes begin;
    ``looks``: how its characters do, where the bytes are text. ``limit``: the setting of reading that bounds what is
    read as a whole; "" for what is streamed. ``many``: one file may hold many records. ``packs``: other bytes are in
    it. ``extra``: what of winnowd must be installed beside it, "" for nothing. ``within``: the media type of the kind
    as which it begins; its extension tells it from that.
    """

    media_type: str
    name: str
    read: Reader
    endings: tuple[str, ...]
    limit: str = ""
    magic: re.Pattern[bytes] | None = None
    looks: re.Pattern[str] | None = None
    many: bool = False
    packs: bool = False
    extra: str = ""
    within: str = ""

    def longest(self, limits: ReadingLimits) -> int:
        """How many bytes of it may be gathered; 0 for what is streamed."""
        return getattr(limits, self.limit) if self.limit else 0


def _text(content: Content, context: Context) -> Iterator[Record]:
    yield text(content.whole(), context.limits)


def _page(content: Content, context: Context) -> Iterator[Record]:
    yield page(content.whole(), context.limits, context.received_at)


def _archive(media_type: str, name: str, read: Reader, endings: tuple[str, ...], magic: bytes, limit: str = "") -> Kind:
    return Kind(media_type, name, read, endings, limit, re.compile(magic, re.DOTALL), many=True)


def _packing(media_type: str, name: str, read: Reader, endings: tuple[str, ...], magic: bytes) -> Kind:
    return Kind(media_type, name, read, endings, magic=re.compile(magic), many=True, packs=True)


_PROLOGUE: Final = r"(?:\s|<\?[^>]{0,500}\?>|<!--.{0,2000}?-->|<!DOCTYPE[^>\[]{0,500}(?:\[[^\]]{0,2000}\]\s*)?>)*+"
"""What may stand before the first element of an XML document."""

TEXT: Final = Kind("text/plain", "plain text", _text, ("", "txt", "text"), "text_bytes")
PAGE: Final = Kind(
    "text/html",
    "HTML",
    _page,
    ("html", "htm", "xhtml"),
    "page_bytes",
    looks=re.compile(r"<!doctype\s+html|<html[\s>]|<\?xml[^>]*\?>\s*(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE),
)

KINDS: Final = (
    TEXT,
    Kind("text/markdown", "Markdown", _text, ("md", "markdown"), "text_bytes"),
    PAGE,
    Kind(DOCUMENT, "JSON", json, ("json",), "json_bytes", looks=re.compile(r'\{\s*"|\[\s*\{\s*"'), many=True),
    Kind(LINES, "JSON Lines", json, ("jsonl", "ndjson"), "json_bytes", many=True),
    Kind("text/csv", "CSV", table, ("csv", "tsv", "tab"), many=True),
    Kind(
        "application/rss+xml",
        "RSS and Atom",
        feed,
        ("rss", "atom", "rdf"),
        "feed_bytes",
        looks=re.compile(_PROLOGUE + r"<(?:rss|feed|entry|rdf:RDF)[\s>]", re.DOTALL),
        many=True,
    ),
    Kind("application/warc", "WARC and WET", archive, ("warc", "wet"), magic=re.compile(rb"WARC/[01]\."), many=True),
    _archive("application/zip", "zip", zip_archive, ("zip",), rb"PK\x03\x04|PK\x05\x06", limit="archive_bytes"),
    _archive("application/x-tar", "tar", tar_archive, ("tar",), rb".{257}ustar"),
    _packing("application/gzip", "gzip", gzip, ("gz", "tgz"), rb"\x1f\x8b"),
    _packing("application/x-bzip2", "bzip2", bzip2, ("bz2", "tbz2"), rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    _packing("application/x-xz", "xz", xz, ("xz", "txz"), rb"\xfd7zXZ\0"),
    _packing("application/zstd", "Zstandard", zstd, ("zst", "tzst"), rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
)
"""Every kind that is read. The first whose ``magic`` fits is it, then the first whose ``looks`` fits, then by name."""

_NAMED: Final = {ending: kind for kind in KINDS for ending in kind.endings}

_UNREAD: Final = (
    (re.compile(rb"%PDF-"), "a PDF file"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an office file"),
    (re.compile(rb"\{\\rtf"), "an RTF file"),
    (re.compile(rb"\x89PNG|GIF8[79]a|\xff\xd8\xff|RIFF....WEBP|BM....\0\0\0\0|II\*\0|MM\0\*", re.DOTALL), "a picture"),
    (
        re.compile(rb"ID3[\x02-\x04]|OggS\0|RIFF....(?:WAVE|AVI )|\0\0\0.ftyp|\x1aE\xdf\xa3|fLaC\0", re.DOTALL),
        "sound or film",
    ),
    (re.compile(rb"7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x04\x22\x4d\x18"), "an archive"),
    (re.compile(rb"From \S+@\S+ |Return-Path: <|Received: from |Delivered-To: |MIME-Version: 1"), "mail"),
    (re.compile(rb"SQLite format 3\0|PAR1|ARROW1"), "a database or table file"),
)
_XML = re.compile(r"<\?xml[\s?]", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?=\d*[a-z])([a-z0-9]{1,10})$")


def extension(name: str) -> str:
    """The extension of a file's name, lower-case, without its dot; "" for none. A number is none."""
    match = _EXTENSION.search(name.lower())
    return "" if match is None else match[1]


def is_read(ending: str) -> bool:
    """Whether files with this extension are read."""
    return bool(ending) and ending.lower() in _NAMED


def may_hold_many(name: str) -> bool:
    """Whether a file of this name may hold many records."""
    kind = _NAMED.get(extension(name))
    return kind is not None and kind.many


def inner_name(name: str) -> str:
    """The name of what is inside a packed file: without ``.gz``, with ``.tar`` for ``.tgz``, and so on."""
    kind = _NAMED.get(extension(name))
    if kind is None or not kind.packs:
        return name
    return name.rpartition(".")[0] + (".tar" if kind.endings.index(extension(name)) else "")


def recognise(head: bytes, name: str) -> Kind:
    """The kind of a file, told by its first bytes and its name.

    Raises:
        RefusedError: INP102, for what is not read.
    """
    named = _NAMED.get(extension(name))
    for kind in KINDS:
        if kind.magic is not None and kind.magic.match(head):
            return named if named is not None and named.within == kind.media_type else kind
    for pattern, what in _UNREAD:
        if pattern.match(head):
            raise refused("INP102", f"its bytes are those of {what}")
    return _of_text(head, _visible(head), named)


def _of_text(head: bytes, visible: str, named: Kind | None) -> Kind:
    """Tell kinds of text apart; a bracket alone is no sign: prose may begin with one."""
    for kind in KINDS:
        if kind.looks is not None and kind.looks.match(visible):
            return named if named is not None and named.read is kind.read else kind
    if _XML.match(visible):
        raise refused("INP102", "its bytes are those of an XML file that is no feed")
    if named is None:
        if b"\0" in head and wide_encoding(head) is None:
            raise refused("INP102", "its bytes are no text, and its name has an extension that is not read")
        return TEXT
    return TEXT if named is PAGE and "<" not in visible else named


def _visible(head: bytes) -> str:
    """The beginning as characters, blanks left out: enough to look for markup in."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "replace").lstrip()
    if head[:1] == b"\0" or head[1:2] == b"\0":
        return head.replace(b"\0", b"").decode("latin-1").lstrip()
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1").lstrip()
