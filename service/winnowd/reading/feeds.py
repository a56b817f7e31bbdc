"""A feed's entries, RSS 2.0, RSS 1 or Atom, each decided alone (docs/design/reading.md, "Feeds"). Pure.

lxml reads it, strictly: nothing outside is loaded, and a document that declares entities of its own is refused.
"""

from __future__ import annotations

import html
import html.entities
import re
from typing import TYPE_CHECKING, Any, Final

from winnowd.reading.content import HEAD_BYTES
from winnowd.reading.decoding import decode
from winnowd.reading.markup import declared_encodings
from winnowd.reading.pages import is_markup, unescaped, with_body
from winnowd.reading.records import Record, RefusedError, found, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.reading.content import Content, Context
    from winnowd.reading.decoding import Decoded
    from winnowd.reading.limits import ReadingLimits

Element = Any
"""lxml has no types."""

_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_OLD_ATOM: Final = "{http://purl.org/atom/ns#}"
_RSS1: Final = "{http://purl.org/rss/1.0/}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_TERMS: Final = "{http://purl.org/dc/terms/}"
_FULL: Final = "{http://purl.org/rss/1.0/modules/content/}encoded"
_ENTRIES: Final = frozenset({"item", f"{_RSS1}item", f"{_ATOM}entry", f"{_OLD_ATOM}entry"})
_FEEDS: Final = frozenset({"channel", f"{_RSS1}channel", f"{_ATOM}feed", f"{_OLD_ATOM}feed"})
_FIELDS: Final = {
    "pubDate": "published_at",
    "published": "published_at",
    "issued": "published_at",
    "updated": "modified_at",
    "modified": "modified_at",
    f"{_DC}date": "published_at",
    f"{_TERMS}created": "published_at",
    f"{_TERMS}modified": "modified_at",
    f"{_DC}title": "title",
    f"{_DC}rights": "licence",
    f"{_DC}language": "language",
    "language": "language",
    "title": "title",
}
"""What an element says, in the first that is there; Atom's and RSS 1's by their names alone."""
_SUMMARIES: Final = frozenset({"description", "summary", f"{_DC}description"})
_PIECE: Final = 1 << 16

_CONTROLS: Final = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]")
_ATOM_ROOT: Final = re.compile(r"<(?:\w{1,20}:)?(?:feed|entry)[\s>]")
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_DECLARATION: Final = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_ENTITY: Final = re.compile(r"<!ENTITY|<!DOCTYPE[^<>]{0,1000}\[", re.IGNORECASE)
_REFERENCE: Final = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)([A-Za-z][A-Za-z0-9]{1,30};)?"
)
_MAILBOX: Final = re.compile(r"\S+@\S+ \((.{1,200})\)")
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,1000}>|<!--")
_GOES_ON: Final = re.compile(
    r"(?:\.\.\.|…|\(more|\b(?:read|continue reading|full story|weiterlesen|lire la suite)\b.{0,100})\W*$",
    re.IGNORECASE,
)
_FULL_WORDS: Final = 200
"""A description as long as this that does not break off is the article: feeds without another element for it."""


def feed(content: Content, context: Context) -> Iterator[Record]:
    """The entries of a feed; ``raw`` is an entry's own XML.

    The text is the full content, else the summary, which is doubted as one (INP124) unless it is long and ends.

    Raises:
        RefusedError: INP103-106, 117, 118, 132, 133.
    """
    data = content.whole()
    decoded = decode(data, *declared_encodings(data))
    if _ATOM_ROOT.search(decoded.text, 0, HEAD_BYTES):
        content.media_type = "application/atom+xml"
    number = 0
    about: dict[str, str] = {}
    for entry in _entries(decoded.text, about):
        if number >= context.limits.records:
            raise refused("INP117", f"more than {context.limits.records:,} entries; the rest is unread")
        number += 1
        yield _record(entry, about, decoded, context.limits)
    if not number:
        raise refused("INP118", "a feed without an entry")


def _entries(text: str, about: dict[str, str]) -> Iterator[Element]:
    """The elements that are entries, each until the next is asked for; ``about`` gets what the feed says of itself.

    Raises:
        RefusedError: INP132, 133.
    """
    from lxml import etree

    if _ENTITY.search(text):
        raise refused("INP133", "it declares entities of its own")
    text = _REFERENCE.sub(_character, _CONTROLS.sub("", _DECLARATION.sub("", text, count=1))).strip()
    parser = etree.XMLPullParser(events=("end",), resolve_entities=False, no_network=True, remove_pis=True)
    try:
        for at in range(0, len(text), _PIECE):
            parser.feed(text[at : at + _PIECE].encode("utf-8", "replace"))
            yield from _ended(parser, about)
        parser.close()
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise refused("INP132", f"its XML is damaged or cut at line {line:,}; the rest is unread") from error
    yield from _ended(parser, about)


def _ended(parser: Element, about: dict[str, str]) -> Iterator[Element]:
    for _, element in parser.read_events():
        parent = element.getparent()
        if element.tag in _ENTRIES:
            yield element
            element.clear()
            while (before := element.getprevious()) is not None and before.tag in _ENTRIES:
                parent.remove(before)
        elif parent is not None and parent.tag in _FEEDS:
            name = _name(element)
            about.setdefault(name, _author(element) if name == "author" else _content(element))
            if language := parent.get(_LANG):
                about.setdefault("language", language)


def _character(match: re.Match[str]) -> str:
    """An entity of HTML as its character; what is none as the mark and the letters that it is."""
    named = match[1]
    entity = html.entities.html5.get(named) if named else None
    return entity if entity and entity not in "<>&" else f"&amp;{named or ''}"


def _name(element: Element) -> str:
    """What an element is called, without the namespace of a feed."""
    tag = str(element.tag)
    for space in (_ATOM, _OLD_ATOM, _RSS1):
        tag = tag.removeprefix(space)
    return tag


def _content(element: Element) -> str:
    """What stands in an element: its characters, or its markup where that is XHTML."""
    if not len(element):
        return (element.text or "").strip()
    from lxml import etree

    return str(etree.tostring(element, encoding="unicode", with_tail=False))


def _record(entry: Element, about: dict[str, str], decoded: Decoded, limits: ReadingLimits) -> Record:
    from lxml import etree

    raw: bytes = etree.tostring(entry, encoding="utf-8", with_tail=False)
    fields, full, summary = _said(entry)
    fields.setdefault("publisher", _plain(about.get("title", "")))
    fields.setdefault("language", entry.get(_LANG) or about.get("language", ""))
    fields["authors"] = fields["authors"] or [about.get("author", "")]
    findings = decoded.findings
    try:
        text, extractor = _text(full or summary, limits)
    except RefusedError as error:
        return Record(None, (error.finding, *findings), decoded.notes, decoded.encoding, "feed", raw=raw)
    if full:
        fields["description"] = _plain(summary)
    elif len(text.split()) < _FULL_WORDS or _GOES_ON.search(text[-200:]):
        because = f"{len(text.split())} words of summary: the entry has no full text"
        findings += (found("INP124", because),)
    given = {name: value for name, value in fields.items() if value} | {"text": text}
    return Record(given, findings, decoded.notes, decoded.encoding, "feed", extractor, raw)


def _said(entry: Element) -> tuple[dict[str, Any], str, str]:
    """The fields of an entry, its full content, and its summary."""
    fields: dict[str, Any] = {"authors": [], "tags": []}
    full = summary = address = ""
    for element in entry:
        name = _name(element)
        if name in {_FULL, "content"}:
            full = full or _content(element)
        elif name in _SUMMARIES:
            summary = summary or _content(element)
        elif name in {"author", f"{_DC}creator"}:
            fields["authors"] += [_author(element)]
        elif name == "category":
            fields["tags"] += [_plain(element.get("label") or element.get("term") or _content(element))]
        elif name == "link":
            _link(fields, element)
        elif name == "guid" and element.get("isPermaLink", "true") == "true":
            address = _content(element)
        elif name in _FIELDS:
            fields.setdefault(_FIELDS[name], _plain(_content(element)))
    if address.lower().startswith(("http://", "https://")):
        fields.setdefault("url", address)
    return fields, full, summary


def _link(fields: dict[str, Any], element: Element) -> None:
    """RSS has the address in the element, Atom in an attribute, and others beside that of the page."""
    address = element.get("href") or _content(element)
    if address and element.get("rel", "alternate") == "alternate":
        fields.setdefault("url", address)


def _author(element: Element) -> str:
    """A name: Atom's in an element, RSS's behind the address of a mailbox."""
    name = next((_content(child) for child in element if _name(child) == "name"), None)
    text = _plain(name if name is not None else _content(element))
    match = _MAILBOX.fullmatch(text)
    return text if match is None else match[1]


def _plain(value: str) -> str:
    """A value in one line, without markup."""
    return " ".join(html.unescape(_TAG.sub(" ", value)).split())


def _text(value: str, limits: ReadingLimits) -> tuple[str, str | None]:
    """The text of what may be HTML, as that of a page; where that finds too little, all of it.

    Raises:
        RefusedError: INP121.
    """
    value = unescaped(value)
    if is_markup(value):
        try:
            fields, extractor = with_body({"text": value}, limits)
        except RefusedError as error:
            if error.finding.code != "INP120":
                raise
        else:
            return str(fields["text"]), extractor
    if _TAG.search(value) is None:
        return html.unescape(value), None
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(value[: limits.text_bytes], main_content=False, links=False, alt_texts=False)
    return text.strip(), "resiliparse"
