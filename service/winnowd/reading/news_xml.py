"""News in XML to records: NITF, NewsML-G2 and NewsML, TEI, and what trafilatura writes. Pure.

Elements are known by their names without namespace, as agencies use several versions of each.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from winnowd.reading.document_xml import joined
from winnowd.reading.pages import with_body
from winnowd.reading.records import Record, RefusedError, beyond, refused
from winnowd.reading.xml_trees import attribute, below, first, line, local, xml_tree

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element

    from winnowd.reading.limits import ReadingLimits

_HOST: Final = re.compile(r"\s*\([\w.-]+\.[a-z]{2,20}\)$")
_BLOCKS: Final = frozenset(
    {"p", "ab", "head", "hl2", "h1", "h2", "h3", "h4", "h5", "h6", "quote", "note", "pre", "lead", "cell", "td", "th"}
)
_ITEMS: Final = frozenset({"item", "li"})
_ROWS: Final = frozenset({"row", "tr"})
_PASSED: Final = frozenset(
    {"media", "figure", "graphic", "body.head", "body.end", "comments", "teiHeader", "script", "style", "front", "back"}
)
_OF_MANY: Final = frozenset({"newsMessage", "NewsML", "teiCorpus"})
_BREAKS: Final = frozenset({"lb", "br"})


def news(data: bytes, limits: ReadingLimits, _received_at: dt.datetime) -> Iterator[Record]:
    """The records of a file of news: one, or one for each item of a message.

    Raises:
        RefusedError: INP102, it is other XML; INP103, 117, 118, 132-134.
    """
    if len(data) > limits.document_bytes:
        raise beyond("INP103", "bytes", len(data), limits.document_bytes, "larger than a document may be")
    root = xml_tree(data)
    number = 0
    for item, read, parser in _items(root):
        if number >= limits.records:
            raise refused("INP117", f"more than {limits.records:,} items; the rest is unread")
        number += 1
        raw = None if item is root else _as_bytes(item)
        yield _record({name: value for name, value in read(item).items() if value}, parser, limits, raw)
    if not number:
        raise refused("INP118", "no item in it")


def _items(root: Element) -> Iterator[tuple[Element, Callable[[Element], dict[str, Any]], str]]:
    """Each item of a file, how it is read, and what that is called.

    Raises:
        RefusedError: INP102.
    """
    name = local(root)
    if name in _ONE:
        yield root, *_ONE[name]
        return
    if name not in _OF_MANY:
        raise refused("INP102", "its bytes are those of XML, and of no kind that is read")
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if local(element) in _ONE:
            yield element, *_ONE[local(element)]
        else:
            waiting.extend(reversed(element))


def _record(fields: dict[str, Any], parser: str, limits: ReadingLimits, raw: bytes | None) -> Record:
    """The record of one item; a text in it that is made of HTML is read as a page is."""
    try:
        if not fields.get("text"):
            raise refused("INP130", "no text in it")
        found, extractor = with_body(fields, limits)
    except RefusedError as error:
        return Record(None, (error.finding,), parser=parser, raw=raw)
    return Record(found, parser=parser, extractor=extractor, raw=raw)


def _as_bytes(item: Element) -> bytes:
    from xml.etree.ElementTree import tostring

    return bytes(tostring(item, encoding="utf-8"))


def _nitf(root: Element) -> dict[str, Any]:
    head, body = first(root, "head"), first(root, "body")
    headlines = first(body, "body.head", "hedline") or first(body, "hedline")
    pubdata = first(head, "pubdata")
    holder = attribute(first(head, "doc.copyright"), "holder") or line(first(body, "copyrite.holder"))
    return {
        "title": line(first(headlines, "hl1")) or line(first(headlines, "hl2")) or line(first(head, "title")),
        "subtitle": line(first(headlines, "hl2")) if first(headlines, "hl1") is not None else "",
        "authors": [line(byline) for byline in below(first(body, "body.head") or body, "byline")],
        "publisher": attribute(pubdata, "name") or line(first(body, "distributor")),
        "published_at": attribute(first(head, "date.issue"), "norm") or attribute(pubdata, "date.publication"),
        "description": line(first(body, "body.head", "abstract")),
        "tags": [word for found in below(head, "keyword") if (word := attribute(found, "key"))],
        "section": attribute(pubdata, "position.section"),
        "url": attribute(pubdata, "ex-ref"),
        "language": attribute(body, "lang") or attribute(root, "lang"),
        "copyright_holder": holder,
        "text": _text(first(body, "body.content")),
    }


def _newsml_g2(item: Element) -> dict[str, Any]:
    meta, content = first(item, "itemMeta"), first(item, "contentMeta")
    rights, body = first(item, "rightsInfo"), first(item, "contentSet")
    inner = first(body, "nitf")
    said = {} if inner is None else _nitf(inner)
    own = {
        "title": line(first(content, "headline")) or line(first(meta, "title")),
        "authors": [line(by) for by in below(content, "by")]
        or [line(first(creator, "name")) for creator in below(content, "creator")],
        "publisher": _named(first(meta, "provider")),
        "published_at": line(first(content, "contentCreated")) or line(first(meta, "firstCreated")),
        "modified_at": line(first(meta, "versionCreated")),
        "description": line(first(content, "description")),
        "tags": [word for found in below(content, "subject") if (word := line(first(found, "name")))]
        + [line(word) for word in below(content, "keyword")],
        "language": attribute(first(content, "language"), "tag"),
        "copyright_holder": _named(first(rights, "copyrightHolder")),
        "usage_terms": line(first(rights, "usageTerms")),
        "pub_status": (attribute(first(meta, "pubStatus"), "qcode") or "").rpartition(":")[2],
        "text": _text(body),
    }
    return {**said, **{name: value for name, value in own.items() if value}}


def _newsml_1(item: Element) -> dict[str, Any]:
    content = first(item, "ContentItem")
    inner = first(content, "nitf")
    said = {} if inner is None else _nitf(inner)
    management = first(item, "NewsManagement")
    own = {
        "title": line(first(item, "NewsLines", "HeadLine")),
        "authors": [line(by) for by in below(first(item, "NewsLines"), "ByLine")],
        "published_at": line(first(management, "FirstCreated")),
        "modified_at": line(first(management, "ThisRevisionCreated")),
        "language": attribute(first(item, "DescriptiveMetadata", "Language"), "FormalName"),
        "text": _text(content),
    }
    return {**said, **{name: value for name, value in own.items() if value}}


def _named(element: Element | None) -> str:
    return line(first(element, "name")) or attribute(element, "literal") or ""


def _tei(root: Element) -> dict[str, Any]:
    header = first(root, "teiHeader")
    source = first(header, "sourceDesc")
    published = first(source, "biblFull", "publicationStmt") or first(header, "publicationStmt")
    words = first(header, "profileDesc")
    return {
        "title": line(first(header, "titleStmt", "title")),
        "authors": list(dict.fromkeys(line(name) for name in below(first(header, "titleStmt"), "author"))),
        "publisher": _HOST.sub("", line(first(published, "publisher"))),
        "published_at": attribute(first(published, "date"), "when") or line(first(published, "date")),
        "url": attribute(first(published, "ptr"), "target"),
        "licence": attribute(first(published, "licence"), "target") or line(first(published, "licence")),
        "description": line(first(words, "abstract")),
        "tags": [line(word) for word in below(first(words, "textClass"), "term")],
        "language": attribute(first(words, "langUsage", "language"), "ident") or attribute(root, "lang"),
        "text": _text(first(root, "text", "body")),
    }


def _trafilatura(root: Element) -> dict[str, Any]:
    names = {"title": "title", "authors": "author", "publisher": "sitename", "published_at": "date", "url": "url"}
    names |= {"description": "description", "tags": "tags", "section": "categories", "licence": "license"}
    fields: dict[str, Any] = {field: attribute(root, name) for field, name in names.items()}
    return {**fields, "language": attribute(root, "language"), "text": _text(first(root, "main"))}


_ONE: Final[dict[str, tuple[Callable[[Element], dict[str, Any]], str]]] = {
    "nitf": (_nitf, "nitf"),
    "newsItem": (_newsml_g2, "newsml-g2"),
    "NewsItem": (_newsml_1, "newsml"),
    "TEI": (_tei, "tei"),
    "doc": (_trafilatura, "trafilatura-xml"),
}


def _text(element: Element | None) -> str:
    """The blocks below an element: paragraphs, items of lists with ``- ``, rows of tables with `` | ``."""
    if element is None:
        return ""
    made: list[str] = []
    _collect(element, made)
    return joined([block for block in made if block.strip(" -|")]) or "".join(element.itertext()).strip()


def _collect(element: Element, made: list[str]) -> None:
    for child in element:
        name = local(child)
        if name in _PASSED or attribute(child, "type") == "comments" or _is_page_head(child):
            continue
        if name in _ROWS:
            made.append(" | ".join(filter(None, (line(cell) for cell in child))))
        elif name in _ITEMS:
            made.append(f"- {line(child)}")
        elif name in _BLOCKS and not any(local(inner) in _BLOCKS for inner in child):
            made.append(_running(child))
        else:
            _collect(child, made)


def _is_page_head(element: Element) -> bool:
    """Whether this is the head of an HTML page, and no headline."""
    return local(element) == "head" and any(local(child) in {"title", "meta"} for child in element)


def _running(element: Element) -> str:
    """The text of a paragraph; only its own breaks are ends of lines."""
    return "\n".join(filter(None, (" ".join(part.split()) for part in "".join(_pieces(element)).split("\0"))))


def _pieces(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = local(child)
        if name in _BREAKS:
            yield "\0"
        elif name and name not in _PASSED:
            yield from _pieces(child)
        yield child.tail or ""
