"""What kind of file some bytes are: by content first, then by its name's extension (docs/design/reading.md). Pure."""

from __future__ import annotations

import codecs
import re
from enum import Enum, StrEnum
from typing import Final, Self

from winnowd.reading.markup import is_page
from winnowd.reading.records import refused


class _Contents(Enum):
    ONE = "one record"
    MANY = "one record or many"
    PACKED = "other bytes, of whatever is in them"


class Kind(StrEnum):
    """A kind of file that is read; the value is its media type.

    ``endings``: the extensions of names that say so, "" for a name without one. ``packed``: other bytes are inside.
    ``may_hold_many``: one file may hold many records.
    """

    _value_: str
    endings: tuple[str, ...]
    packed: bool
    may_hold_many: bool

    def __new__(cls, media_type: str, endings: tuple[str, ...], contents: _Contents) -> Self:
        """One row of the table."""
        kind = str.__new__(cls, media_type)
        kind._value_ = media_type
        kind.endings = endings
        kind.packed = contents is _Contents.PACKED
        kind.may_hold_many = contents is not _Contents.ONE
        return kind

    TEXT = "text/plain", ("", "txt", "text"), _Contents.ONE
    MARKDOWN = "text/markdown", ("md", "markdown"), _Contents.ONE
    JSON = "application/json", ("json",), _Contents.MANY
    LINES = "application/x-ndjson", ("jsonl", "ndjson"), _Contents.MANY
    PAGE = "text/html", ("html", "htm", "xhtml"), _Contents.ONE
    WARC = "application/warc", ("warc",), _Contents.MANY
    GZIP = "application/gzip", ("gz",), _Contents.PACKED
    ZSTD = "application/zstd", ("zst",), _Contents.PACKED


HEAD_BYTES: Final = 4_096
"""How much of a file's beginning tells its kind."""

_NAMED: Final = {ending: kind for kind in Kind for ending in kind.endings}

_UNREAD: Final = (
    (re.compile(rb"%PDF-"), "a PDF file"),
    (re.compile(rb"PK\x03\x04|PK\x05\x06"), "a zip archive, or an office file or book made of one"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an office file"),
    (re.compile(rb"\{\\rtf"), "an RTF file"),
    (re.compile(rb"\x89PNG|GIF8[79]a|\xff\xd8\xff|RIFF....WEBP|BM....\0\0\0\0|II\*\0|MM\0\*", re.DOTALL), "a picture"),
    (
        re.compile(rb"ID3[\x02-\x04]|OggS\0|RIFF....(?:WAVE|AVI )|\0\0\0.ftyp|\x1aE\xdf\xa3|fLaC\0", re.DOTALL),
        "sound or film",
    ),
    (re.compile(rb"BZh[1-9]1AY&SY|\xfd7zXZ\0|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x04\x22\x4d\x18"), "an archive"),
    (re.compile(rb".{257}ustar", re.DOTALL), "a tar archive"),
    (re.compile(rb"From \S+@\S+ |Return-Path: <|Received: from |Delivered-To: |MIME-Version: 1"), "mail"),
    (re.compile(rb"SQLite format 3\0|PAR1|ARROW1"), "a database or table file"),
)
_XML = re.compile(r"<\?xml[\s?]|<rss[\s>]|<feed[\s>]|<rdf:rdf[\s>]", re.IGNORECASE)
_OBJECTS = re.compile(r'\{\s*"|\[\s*\{\s*"')
_EXTENSION = re.compile(r"\.(?=\d*[a-z])([a-z0-9]{1,10})$")
_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")


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
    return kind is not None and kind.may_hold_many


def inner_name(name: str) -> str:
    """The name of what is inside a packed file: without ``.gz`` or ``.zst``."""
    return name.rpartition(".")[0] if extension(name) in {"gz", "zst"} else name


def recognise(head: bytes, name: str) -> Kind:
    """The kind of a file, told by its first bytes and its name.

    Raises:
        RefusedError: INP102, for what is not read.
    """
    if head[:2] == b"\x1f\x8b":
        return Kind.GZIP
    if _ZSTD.match(head):
        return Kind.ZSTD
    for pattern, what in _UNREAD:
        if pattern.match(head):
            raise refused("INP102", f"its bytes are those of {what}")
    if head.startswith((b"WARC/1.", b"WARC/0.")):
        return Kind.WARC
    return _of_text(_visible(head), extension(name))


def _of_text(visible: str, ending: str) -> Kind:
    """Tell kinds of text apart; a bracket alone is no sign: prose may begin with one."""
    named = _NAMED.get(ending)
    if is_page(visible, fragments=named is not Kind.MARKDOWN):
        return Kind.PAGE
    if _XML.match(visible):
        raise refused("INP102", "its bytes are those of a feed or another XML file")
    if named not in {Kind.JSON, Kind.LINES} and _OBJECTS.match(visible):
        return Kind.JSON
    if named is None:
        raise refused("INP102", "its name has an extension that is not read")
    if named is Kind.PAGE and "<" not in visible:
        return Kind.TEXT
    return named


def _visible(head: bytes) -> str:
    """The beginning as characters, blanks left out: enough to look for markup in."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "replace").lstrip()
    if head[:1] == b"\0" or head[1:2] == b"\0":
        return head.replace(b"\0", b"").decode("latin-1").lstrip()
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1").lstrip()
