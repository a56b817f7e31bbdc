"""The XML of Word and OpenDocument files to blocks of text: paragraphs, list items, rows of tables. Pure.

A list item begins with ``- ``, the cells of a row are joined by `` | ``, as trafilatura writes them. Marks of notes are
left out of the running text, since they would become part of a word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from winnowd.reading.xml_trees import attribute, below, first, local

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_WORD_WRITTEN: Final = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_WORD_PASSED: Final = frozenset({"del", "moveFrom", "Fallback", "instrText", "pPr", "rPr", "txbxContent"})
"""Deleted or moved away; said once more for old programs; codes of fields; a box's text is a block of its own."""
_ODT_WRITTEN: Final = {"tab": " ", "line-break": "\n"}
_ODT_PASSED: Final = frozenset(
    {"note", "annotation", "tracked-changes", "table-of-content", "alphabetical-index", "bookmark-ref", "ruby-text"}
)
_MOST_BLANKS: Final = 100


@dataclass(slots=True)
class Text:
    """The blocks of a document in order, the title that its style marks, and its notes."""

    blocks: list[str] = field(default_factory=list)
    title: str = ""
    notes: list[str] = field(default_factory=list)


def word_text(root: Element | None) -> Text:
    """The text of ``word/document.xml``."""
    made = Text()
    _word_blocks(first(root, "body"), made)
    return made


def word_notes(root: Element | None) -> list[str]:
    """The notes of ``word/footnotes.xml`` or ``endnotes.xml``; those with a type are rules between text and notes."""
    made = Text()
    for note in [*below(root, "footnote"), *below(root, "endnote")]:
        if attribute(note, "type") is None:
            _word_blocks(note, made)
    return made.blocks


def _word_blocks(element: Element | None, made: Text) -> None:
    for child in element if element is not None else ():
        name = local(child)
        if name == "p":
            _word_paragraph(child, made)
        elif name == "tbl":
            _table([[_word_cell(cell) for cell in row if local(cell) == "tc"] for row in child], made)
        elif name not in _WORD_PASSED and name != "sectPr":
            _word_blocks(child, made)


def _word_cell(cell: Element) -> list[str]:
    inner = Text()
    _word_blocks(cell, inner)
    return inner.blocks


def _word_paragraph(paragraph: Element, made: Text) -> None:
    properties = next((child for child in paragraph if local(child) == "pPr"), None)
    style = (attribute(first(properties, "pStyle"), "val") or "").lower()
    text = "".join(_word_runs(paragraph)).strip()
    if style.startswith("toc") or not text:
        pass  # a table of contents repeats what follows
    elif style == "title" and not made.title:
        made.title = " ".join(text.split())
    elif style.startswith("list") or first(properties, "numPr") is not None:
        made.blocks.append(f"- {text}")
    else:
        made.blocks.append(text)
    for box in _inner(paragraph, "txbxContent", _WORD_PASSED - {"txbxContent"}):
        _word_blocks(box, made)


def _word_runs(element: Element) -> Iterator[str]:
    for child in element:
        name = local(child)
        if name == "t":
            yield child.text or ""
        elif name in _WORD_WRITTEN:
            yield _WORD_WRITTEN[name]
        elif name not in _WORD_PASSED:
            yield from _word_runs(child)


def odt_text(root: Element | None) -> Text:
    """The text of an OpenDocument ``content.xml``."""
    made = Text()
    _odt_blocks(first(root, "body", "text"), made, "")
    for note in below(root, "note-body"):
        inner = Text()
        _odt_blocks(note, inner, "")
        made.notes += inner.blocks
    return made


def _odt_blocks(element: Element | None, made: Text, bullet: str) -> None:
    for child in element if element is not None else ():
        name = local(child)
        if name in {"p", "h"}:
            text = "".join(_odt_runs(child)).strip()
            if (attribute(child, "style-name") or "") == "Title" and not made.title:
                made.title = " ".join(text.split())
            elif text:
                made.blocks.append(bullet + text)
            for box in _inner(child, "text-box", _ODT_PASSED):
                _odt_blocks(box, made, "")
        elif name == "table":
            rows = _inner(child, "table-row", _ODT_PASSED)
            _table([[_odt_cell(cell) for cell in row if local(cell) == "table-cell"] for row in rows], made)
        elif name not in _ODT_PASSED:
            _odt_blocks(child, made, "- " if name == "list-item" else bullet)


def _odt_cell(cell: Element) -> list[str]:
    inner = Text()
    _odt_blocks(cell, inner, "")
    return inner.blocks


def _odt_runs(element: Element) -> Iterator[str]:
    """The text of a paragraph; blanks in a row are one there, and ``s`` stands for more."""
    yield _one_blank(element.text)
    for child in element:
        name = local(child)
        if name == "s":
            count = attribute(child, "c") or "1"
            yield " " * min(int(count) if count.isdecimal() and len(count) < 5 else 1, _MOST_BLANKS)
        elif name in _ODT_WRITTEN:
            yield _ODT_WRITTEN[name]
        elif name and name not in _ODT_PASSED and name != "frame":
            yield from _odt_runs(child)
        yield _one_blank(child.tail)


def _one_blank(text: str | None) -> str:
    if not text:
        return ""
    words = " ".join(text.split())
    return f"{' ' if text[0].isspace() else ''}{words}{' ' if words and text[-1].isspace() else ''}"


def _inner(element: Element, name: str, passed: frozenset[str]) -> Iterator[Element]:
    """The elements of a name below, but for those that lie in one of them, or in what is passed over."""
    for child in element:
        if local(child) == name:
            yield child
        elif local(child) not in passed:
            yield from _inner(child, name, passed)


def _table(rows: list[list[list[str]]], made: Text) -> None:
    """One line for each row that has text; rows of one cell are a frame around paragraphs, and no table."""
    if all(len(row) <= 1 for row in rows):
        made.blocks += [block for row in rows for cell in row for block in cell]
        return
    lines = [" | ".join(" ".join(" ".join(cell).split()) for cell in row if cell) for row in rows]
    made.blocks.append("\n".join(filter(None, lines)))


def joined(blocks: list[str]) -> str:
    """Blocks as one text: a blank line between two, but none between items of a list."""
    text = ""
    for before, block in zip(["", *blocks], blocks, strict=False):
        parted = "" if not text else "\n" if before.startswith("- ") and block.startswith("- ") else "\n\n"
        text += parted + block
    return text
