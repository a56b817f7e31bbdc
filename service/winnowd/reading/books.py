"""The chapters of a book (epub) to records. Pure.

A chapter is an article where it is long enough to be one: tools that save articles (wallabag, Pocket, Calibre's news)
make a book of them, an article a chapter, and a book's chapter is judged as an article is. A book none of whose
chapters is long enough is one text that was cut up, so it is one record.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from winnowd.reading.pages import page
from winnowd.reading.records import Record, RefusedError, beyond, refused
from winnowd.reading.xml_trees import attribute, below, first, line, xml_tree

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from winnowd.reading.limits import ReadingLimits
    from winnowd.reading.zip_members import Members

_CONTAINER: Final = "META-INF/container.xml"
_PAGES: Final = (".xhtml", ".html", ".htm")
_MOST_PARTS: Final = 1_000
"""Each takes a page's time, some 4 ms, and short ones give no record in which the reader could rest."""
_NO_CHAPTER: Final = frozenset({"INP104", "INP120"})
"""Covers, title pages and tables of contents: nothing is lost with them."""


def chapters(members: Members, limits: ReadingLimits, received_at: dt.datetime) -> Iterator[Record]:
    """A record for each chapter that is long enough to be an article, in the order of reading; or one of the whole.

    The only one has the book's title, if it has none of its own.

    Raises:
        RefusedError: INP102, it is no book; INP109, 130-134.
    """
    package = _package(members)
    said = _said(package[1]) if package is not None else {}
    names = _spine(*package) if package is not None else sorted(n for n in members.names if n.lower().endswith(_PAGES))
    if package is None and not names:
        raise refused("INP102", "its bytes are those of a zip archive that is no office file and no book")
    if {"META-INF/encryption.xml", "META-INF/rights.xml"} <= set(members.names):
        raise refused("INP131", "it is a book that only its shop's program opens")
    if len(names) > _MOST_PARTS:
        raise beyond("INP134", "parts", len(names), _MOST_PARTS, f"a book of more than {_MOST_PARTS:,} parts")
    yield from _titled(_records(names, members, limits, received_at, said), said)


def _titled(records: Iterator[Record], said: dict[str, Any]) -> Iterator[Record]:
    one = next(records, None)
    if one is None:
        return
    try:
        other = next(records, None)
    except RefusedError:
        yield one
        raise
    if other is None and one.fields is not None and "book" in said:
        one = one._replace(fields={"title": said["book"], **one.fields})
    yield one
    if other is not None:
        yield other
        yield from records


def _records(
    names: list[str], members: Members, limits: ReadingLimits, received_at: dt.datetime, said: dict[str, Any]
) -> Iterator[Record]:
    short: list[bytes] = []
    found = False
    for name in names:
        data = members.get(name)
        if data is None:
            continue
        try:
            record = _chapter(data, said, limits, received_at)
        except RefusedError as error:
            if error.finding.code in _NO_CHAPTER:
                short.append(data)
                continue
            record = Record(None, (error.finding,), parser="epub", raw=data)
        found = True
        yield record
    if not found:
        yield _whole(short, said, limits, received_at)


def _chapter(data: bytes, said: dict[str, Any], limits: ReadingLimits, received_at: dt.datetime) -> Record:
    record = page(data, limits, received_at)
    fields = {**said, **(record.fields or {})}
    return record._replace(fields=fields, parser="epub", raw=data)


def _whole(parts: list[bytes], said: dict[str, Any], limits: ReadingLimits, received_at: dt.datetime) -> Record:
    """All short parts as one page."""
    try:
        record = page(b"\n".join(parts), limits, received_at)
    except RefusedError as error:
        if error.finding.code in _NO_CHAPTER:
            raise refused("INP130", f"no text in it that could be an article, in {len(parts):,} parts") from None
        raise
    return record._replace(fields={**(record.fields or {}), **said}, parser="epub")


def _package(members: Members) -> tuple[str, Element] | None:
    """The file that lists a book's parts: where it lies, and its tree; None if it has none."""
    container = members.get(_CONTAINER)
    path = None if container is None else attribute(first(xml_tree(container), "rootfile"), "full-path")
    data = None if path is None else members.get(path)
    return None if path is None or data is None else (posixpath.dirname(path), xml_tree(data))


def _spine(folder: str, package: Element) -> list[str]:
    """The names of a book's parts in the order of reading, its table of contents left out."""
    items = {attribute(item, "id"): item for item in below(first(package, "manifest"), "item")}
    parts = [items.get(attribute(ref, "idref")) for ref in below(first(package, "spine"), "itemref")]
    return list(
        dict.fromkeys(
            posixpath.normpath(posixpath.join(folder, unquote(attribute(part, "href") or "")))
            for part in parts
            if part is not None and "nav" not in (attribute(part, "properties") or "").split()
        )
    )


def _said(package: Element) -> dict[str, Any]:
    """What a book says of itself, for chapters that do not; its title is of the whole and of no chapter of several."""
    metadata = first(package, "metadata")
    fields: dict[str, Any] = {
        "authors": [line(name) for name in below(metadata, "creator") if line(name)],
        "publisher": line(first(metadata, "publisher")),
        "language": line(first(metadata, "language")),
        "published_at": line(first(metadata, "date")),
        "licence": line(first(metadata, "rights")),
        "book": line(first(metadata, "title")),
    }
    return {name: value for name, value in fields.items() if value}
