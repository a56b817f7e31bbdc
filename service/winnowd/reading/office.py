"""Office files and books to records: docx, odt and epub, each a zip archive of XML. Pure.

Own code on ``zipfile`` and ``defusedxml``: python-docx, odfpy and ebooklib read whole archives, pictures too, without a
bound, and know of text only by paragraph (docs/design/reading.md, "Office files and books").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.reading.books import chapters
from winnowd.reading.document_xml import joined, odt_text, word_notes, word_text
from winnowd.reading.records import Record, refused
from winnowd.reading.xml_trees import below, first, line, xml_tree
from winnowd.reading.zip_members import Members

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from winnowd.reading.document_xml import Text
    from winnowd.reading.limits import ReadingLimits

_WORD = "word/document.xml"
_ODT = "content.xml"
_TEMPLATE_AUTHOR = "python-docx"
"""It leaves the metadata of its template: this author, and a day in 2013."""


def office(data: bytes, limits: ReadingLimits, received_at: dt.datetime) -> Iterator[Record]:
    """The records of an office file or a book: one, or one for each chapter; which it is, its members tell.

    Raises:
        RefusedError: INP102, it is another zip archive; INP109, 130-134.
    """
    members = Members(data, limits)
    if _WORD in members.names:
        yield _word(members)
    elif _ODT in members.names:
        yield _odt(members)
    elif "EncryptedPackage" in members.names:
        raise refused("INP131", "it is encrypted")
    else:
        yield from chapters(members, limits, received_at)


def _tree(members: Members, name: str) -> Element | None:
    data = members.get(name)
    return None if data is None else xml_tree(data)


def _word(members: Members) -> Record:
    """A Word file: its running text, then its footnotes; tracked deletions, comments, headers and footers are not."""
    found = word_text(_tree(members, _WORD))
    notes = [note for name in ("footnotes", "endnotes") for note in word_notes(_tree(members, f"word/{name}.xml"))]
    core = _tree(members, "docProps/core.xml")
    fields: dict[str, Any] = {}
    if line(first(core, "creator")) != _TEMPLATE_AUTHOR:
        names = {"title": "title", "authors": "creator", "published_at": "created", "modified_at": "modified"}
        names |= {"tags": "keywords", "language": "language"}
        fields = {field: line(first(core, name)) for field, name in names.items()}
    return _record(fields, found, notes, "docx")


def _odt(members: Members) -> Record:
    """An OpenDocument text: its running text, then its notes."""
    if any(True for _ in below(_tree(members, "META-INF/manifest.xml"), "encryption-data")):
        raise refused("INP131", "it is encrypted")
    found = odt_text(_tree(members, _ODT))
    meta = _tree(members, "meta.xml")
    fields: dict[str, Any] = {
        "title": line(first(meta, "title")),
        "authors": line(first(meta, "initial-creator")) or line(first(meta, "creator")),
        "published_at": line(first(meta, "creation-date")),
        "modified_at": line(first(meta, "date")),
        "tags": [line(word) for word in below(meta, "keyword")],
        "language": line(first(meta, "language")),
    }
    return _record(fields, found, found.notes, "odt")


def _record(fields: dict[str, Any], found: Text, notes: list[str], parser: str) -> Record:
    text = joined([*found.blocks, *notes])
    if not text:
        raise refused("INP130", "no text in it")
    fields["title"] = fields.get("title") or found.title
    return Record({**{name: value for name, value in fields.items() if value}, "text": text}, parser=parser)
