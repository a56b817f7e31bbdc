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
from winnowd.reading.mail import message, saved_page
from winnowd.reading.mailboxes import mailbox
from winnowd.reading.markup import is_page
from winnowd.reading.news_xml import news
from winnowd.reading.office import office
from winnowd.reading.pages import page
from winnowd.reading.pdf import pdf
from winnowd.reading.records import refused
from winnowd.reading.tables import arrow, parquet
from winnowd.reading.texts import text
from winnowd.reading.unpacking import bzip2, gzip, xz, zstd
from winnowd.reading.web_archives import archive

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator

    from winnowd.reading.bytes_file import BytesFile
    from winnowd.reading.content import Content, Context, Reader
    from winnowd.reading.limits import ReadingLimits
    from winnowd.reading.records import Record

    _OfBytes = Callable[[bytes, ReadingLimits, dt.datetime], Iterator[Record]]


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


def _mailbox(content: Content, context: Context) -> Iterator[Record]:
    return mailbox(content.chunks, context.limits, context.received_at)


def _of_bytes(read: _OfBytes) -> Reader:
    return lambda content, context: read(content.whole(), context.limits, context.received_at)


def _one_of_bytes(read: Callable[[bytes, ReadingLimits, dt.datetime], Record]) -> Reader:
    return lambda content, context: iter([read(content.whole(), context.limits, context.received_at)])


def _archive(media_type: str, name: str, read: Reader, endings: tuple[str, ...], magic: bytes, limit: str = "") -> Kind:
    return Kind(media_type, name, read, endings, limit, re.compile(magic, re.DOTALL), many=True)


def _packing(media_type: str, name: str, read: Reader, endings: tuple[str, ...], magic: bytes) -> Kind:
    return Kind(media_type, name, read, endings, magic=re.compile(magic), many=True, packs=True)


def _office(media_type: str, name: str, ending: str, magic: bytes) -> Kind:
    read, begins = _of_bytes(office), re.compile(magic, re.DOTALL)
    return Kind(
        f"application/vnd.{media_type}", name, read, (ending,), "document_bytes", begins, within="application/zip"
    )


def _columns(
    media_type: str,
    name: str,
    read: Callable[[BytesFile, ReadingLimits], Iterator[Record]],
    endings: tuple[str, ...],
    magic: bytes,
) -> Kind:
    def rows(content: Content, context: Context) -> Iterator[Record]:
        return read(content.opened(), context.limits)

    return Kind(media_type, name, rows, endings, "table_bytes", re.compile(magic), many=True, extra="parquet")


def _headed(names: bytes) -> bytes:
    """That one of these headers is among those with which a message begins."""
    return rb"(?=(?:[!-9;-~]{1,60}:[^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n){0,50})*?(?:" + names + rb"))"


_OPC: Final = rb"PK\x03\x04.{26}(?:\[Content_Types\]\.xml|_rels/|docProps/|word/|xl/|ppt/)"
_ODF: Final = rb"PK\x03\x04.{26}mimetypeapplication/"
"""How office files begin, and books."""

_PROLOGUE: Final = r"(?:\s|<\?[^>]{0,500}\?>|<!--.{0,2000}?-->|<!DOCTYPE[^>\[]{0,500}(?:\[[^\]]{0,2000}\]\s*)?>)*+"
"""What may stand before the first element of an XML document."""

TEXT: Final = Kind("text/plain", "plain text", _text, ("", "txt", "text"), "text_bytes")
PAGE: Final = Kind(
    "text/html",
    "HTML",
    _page,
    ("html", "htm", "xhtml"),
    "page_bytes",
)
MARKDOWN: Final = Kind("text/markdown", "Markdown", _text, ("md", "markdown"), "text_bytes")

KINDS: Final = (
    TEXT,
    MARKDOWN,
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
        looks=re.compile(_PROLOGUE + r"<(?:\w{1,20}:)?(?:rss|feed|entry|RDF)[\s>]", re.DOTALL),
        many=True,
    ),
    Kind(
        "application/xml",
        "NITF, NewsML and TEI",
        _of_bytes(news),
        ("nitf", "newsml", "tei", "xml"),
        "document_bytes",
        looks=re.compile(
            _PROLOGUE + r"<(?:(?:nitf|newsItem|newsMessage|NewsML|TEI|teiCorpus)[\s>]|doc\s[^<>]{1,3000}>\s*<main>)"
            r"|<\?xml[\s?]",
            re.DOTALL,
        ),
        many=True,
    ),
    Kind("application/warc", "WARC and WET", archive, ("warc", "wet"), magic=re.compile(rb"WARC/[01]\."), many=True),
    Kind(
        "multipart/related",
        "MHTML",
        _one_of_bytes(saved_page),
        ("mhtml", "mht"),
        "mail_bytes",
        re.compile(_headed(rb"Snapshot-Content-Location:|From: <Saved by"), re.IGNORECASE),
        within="message/rfc822",
    ),
    Kind(
        "message/rfc822",
        "mail",
        _one_of_bytes(message),
        ("eml",),
        "mail_bytes",
        re.compile(
            rb"Return-Path: <|Received: from |Delivered-To: |MIME-Version: 1|"
            + _headed(rb"From:")
            + _headed(rb"Message-ID:|MIME-Version:|Received:"),
            re.IGNORECASE,
        ),
    ),
    Kind(
        "application/mbox",
        "mailboxes",
        _mailbox,
        ("mbox", "mbx"),
        magic=re.compile(rb"From (?:\S+@\S+ |- |\S+ (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} )"),
        many=True,
    ),
    _office("openxmlformats-officedocument.wordprocessingml.document", "Word", "docx", _OPC + rb".*?word/"),
    _office(
        "oasis.opendocument.text",
        "OpenDocument",
        "odt",
        _ODF + rb"vnd\.oasis\.opendocument\.text(?:-template|-master|-web)?PK",
    ),
    Kind(
        "application/epub+zip",
        "EPUB",
        _of_bytes(office),
        ("epub",),
        "document_bytes",
        magic=re.compile(_ODF + rb"epub\+zip", re.DOTALL),
        many=True,
        within="application/zip",
    ),
    Kind(
        "application/pdf",
        "PDF",
        _one_of_bytes(pdf),
        ("pdf",),
        "document_bytes",
        magic=re.compile(rb"%PDF-"),
        extra="pdf",
    ),
    _columns("application/vnd.apache.parquet", "Parquet", parquet, ("parquet",), rb"PAR1"),
    _columns("application/vnd.apache.arrow.file", "Arrow", arrow, ("arrow", "feather"), rb"ARROW1"),
    _archive("application/zip", "zip", zip_archive, ("zip",), rb"PK\x03\x04|PK\x05\x06", limit="archive_bytes"),
    _archive("application/x-tar", "tar", tar_archive, ("tar",), rb".{257}ustar"),
    _packing("application/gzip", "gzip", gzip, ("gz", "tgz"), rb"\x1f\x8b"),
    _packing("application/x-bzip2", "bzip2", bzip2, ("bz2", "tbz2"), rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    _packing("application/x-xz", "xz", xz, ("xz", "txz"), rb"\xfd7zXZ\0"),
    _packing("application/zstd", "Zstandard", zstd, ("zst", "tzst"), rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
)
"""Every kind that is read. The first whose ``magic`` fits is it, then the first whose ``looks`` fits, then by name."""

_NAMED: Final = {ending: kind for kind in KINDS for ending in kind.endings}
_BY_LOOKS: Final = tuple((kind, kind.looks) for kind in KINDS if kind.looks is not None)

_UNREAD: Final = (
    (re.compile(_OPC + rb".*?(?:xl|ppt)/", re.DOTALL), "a spreadsheet or a presentation"),
    (re.compile(_ODF + rb"vnd\.oasis\.opendocument\.(?!text)", re.DOTALL), "a spreadsheet or a presentation"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an office file"),
    (re.compile(rb"\{\\rtf"), "an RTF file"),
    (re.compile(rb"\x89PNG|GIF8[79]a|\xff\xd8\xff|RIFF....WEBP|BM....\0\0\0\0|II\*\0|MM\0\*", re.DOTALL), "a picture"),
    (
        re.compile(rb"ID3[\x02-\x04]|OggS\0|RIFF....(?:WAVE|AVI )|\0\0\0.ftyp|\x1aE\xdf\xa3|fLaC\0", re.DOTALL),
        "sound or film",
    ),
    (re.compile(rb"7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x04\x22\x4d\x18"), "an archive"),
    (re.compile(rb"SQLite format 3\0"), "a database"),
)


def _any_of(patterns: Iterable[re.Pattern[bytes]]) -> re.Pattern[bytes]:
    """What fits where one of these does, each with its own flags: most files are text, and are asked once."""
    letters = {re.IGNORECASE: b"i", re.DOTALL: b"s"}
    flags = [(b"".join(letter for flag, letter in letters.items() if one.flags & flag), one) for one in patterns]
    return re.compile(b"|".join(b"(?%b:%b)" % (own, one.pattern) for own, one in flags))


_ANY_MAGIC: Final = _any_of([*(kind.magic for kind in KINDS if kind.magic), *(pattern for pattern, _ in _UNREAD)])
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
        RefusedError: INP102, for what is not read; INP105, for what begins as a hole in a file does.
    """
    if not head.strip(b"\0"):
        raise refused("INP105", "it begins with nothing but NUL bytes")
    named = _NAMED.get(extension(name))
    kind = _by_magic(head) if _ANY_MAGIC.match(head) else None
    if kind is not None:
        return named if named is not None and named.within == kind.media_type else kind
    return _of_text(head, _visible(head), named)


def _by_magic(head: bytes) -> Kind | None:
    for pattern, what in _UNREAD:
        if pattern.match(head):
            raise refused("INP102", f"its bytes are those of {what}")
    return next((kind for kind in KINDS if kind.magic is not None and kind.magic.match(head)), None)


def _of_text(head: bytes, visible: str, named: Kind | None) -> Kind:
    """Tell kinds of text apart; a bracket alone is no sign: prose may begin with one."""
    if is_page(visible, fragments=False):
        return PAGE
    for kind, looks in _BY_LOOKS:
        if looks.match(visible):
            return named if named is not None and named.read is kind.read else kind
    if named is not MARKDOWN and is_page(visible):
        return PAGE
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
