"""A PDF file's text to a record: lines joined to paragraphs, hyphens undone, what stands on every page left out. Pure.

PDFium reads it (``pip install winnowd[pdf]``): beside pypdf it takes a quarter of the time, undoes ligatures, marks
hyphens at line ends and gives no doubled blanks (docs/design/reading.md, "PDF").
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.reading.pdf_lines import HYPHEN, Line, paragraphs
from winnowd.reading.records import Record, beyond, refused

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from pypdfium2 import PdfDocument, PdfTextPage

    from winnowd.reading.limits import ReadingLimits

_MOST_PAGES: Final = 1_000
_LEAST_CHARACTERS: Final = 20
"""A page: scanners and stamps write a number or an address on a picture of text."""
_EDGE: Final = 2
_ON_MANY: Final = 0.3
_LINE: Final = re.compile(f"[^\r\n{HYPHEN}]+{HYPHEN}?")
"""A line up to its end, or to the hyphen at which PDFium joins it with the next."""
_DIGITS: Final = re.compile(r"\d+")
_DATE: Final = re.compile(r"D:(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z|[+-]\d\d'?\d\d)?")
_NO_NAME: Final = frozenset(
    {"", "(unspecified)", "(anonymous)", "anonymous", "untitled", "unknown", "user", "admin", "administrator"}
)
_WORKING_TITLE: Final = re.compile(r"^Microsoft Word - |\.(?:docx?|odt|pdf|indd|qxd|tex|dvi|pages|rtf)$", re.IGNORECASE)
_PASSWORD: Final = 4


class _Page(NamedTuple):
    lines: list[Line]
    characters: int


def pdf(data: bytes, limits: ReadingLimits, _received_at: dt.datetime) -> Record:
    """The record of a PDF file.

    Raises:
        RefusedError: INP103; INP130, it holds no text; INP131, 132, 134.
    """
    if len(data) > limits.document_bytes:
        raise beyond("INP103", "bytes", len(data), limits.document_bytes, "larger than a document may be")
    document = _opened(data)
    try:
        count = len(document)
        if count > _MOST_PAGES:
            raise beyond("INP134", "pages", count, _MOST_PAGES, f"{count:,} pages, of {_MOST_PAGES:,} at most")
        pages = list(_pages(document, limits))
        fields = _said(document)
    finally:
        document.close()
    if sum(page.characters for page in pages) < _LEAST_CHARACTERS * max(count, 1):
        raise refused("INP130", f"{count:,} pages, and no text on them: pictures of text are not read")
    text = "\n\n".join(paragraphs(_without_running_lines(pages)))
    return Record({**fields, "text": text}, parser="pdf", extractor=_version())


def _opened(data: bytes) -> PdfDocument:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except MemoryError:
        raise
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD:
            raise refused("INP131", "it opens with a password only") from None
        raise refused("INP132", "it is damaged or cut short") from None


def _pages(document: PdfDocument, limits: ReadingLimits) -> Iterator[_Page]:
    """The lines of each page; a page that cannot be read has none."""
    import pypdfium2

    total = 0
    for number in range(len(document)):
        try:
            page = document[number]
            shown = page.get_textpage()
        except pypdfium2.PdfiumError:
            raise refused("INP132", f"page {number + 1:,} is damaged") from None
        try:
            lines = list(_lines(shown))
        finally:
            shown.close()
            page.close()
        characters = sum(len(line.text) for line in lines)
        total += characters
        if total > limits.text_bytes:
            raise beyond("INP103", "characters", total, limits.text_bytes, "more text than a text may have")
        yield _Page(lines, characters)


def _lines(shown: PdfTextPage) -> Iterator[Line]:
    """The lines of a page in the order in which they are written, with where they stand."""
    count = shown.count_chars()
    text = shown.get_text_range(0, count) if count > 0 else ""
    for found in _LINE.finditer(text):
        whole = found[0]
        if stripped := whole.strip():
            start = found.start() + whole.index(stripped[0])
            end = start + len(stripped.rstrip(HYPHEN)) - 1
            left, bottom, _, _ = shown.get_charbox(min(start, count - 1), loose=True)
            _, _, right, top = shown.get_charbox(min(max(start, end), count - 1), loose=True)
            yield Line(whole, left, right, bottom, top)


def _without_running_lines(pages: list[_Page]) -> list[Line]:
    """All lines but those at the upper and lower edge that many pages share, their numbers aside."""
    edges = [_edges(page.lines) for page in pages]
    counts = Counter(key for page in edges for key in {_key(line) for line in page})
    many = {key for key, count in counts.items() if count >= max(2, _ON_MANY * len(pages))}
    running = [{id(line) for line in page if _key(line) in many} for page in edges]
    return [
        line for page, left_out in zip(pages, running, strict=True) for line in page.lines if id(line) not in left_out
    ]


def _edges(lines: list[Line]) -> list[Line]:
    ordered = sorted(lines, key=lambda line: line.bottom)
    return ordered if len(ordered) <= 2 * _EDGE else ordered[:_EDGE] + ordered[-_EDGE:]


def _key(line: Line) -> str:
    return _DIGITS.sub("#", " ".join(line.text.split()))


def _said(document: PdfDocument) -> dict[str, Any]:
    """What the file says of itself, but for names that programs fill in."""
    said = {key: " ".join(str(value).split()) for key, value in document.get_metadata_dict().items()}
    title, author = said.get("Title", ""), said.get("Author", "")
    fields = {
        "title": "" if title.lower() in _NO_NAME or _WORKING_TITLE.search(title) else title,
        "authors": "" if author.lower() in _NO_NAME else author,
        "published_at": _moment(said.get("CreationDate", "")),
        "tags": said.get("Keywords", ""),
    }
    return {name: value for name, value in fields.items() if value}


def _moment(text: str) -> str:
    match = _DATE.match(text)
    if match is None:
        return ""
    year, month, day, hour, minute, second, zone = match.groups()
    if hour is None or zone is None:
        return f"{year}-{month}-{day}"
    zone = zone.replace("'", "")
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{zone if zone == 'Z' else f'{zone[:3]}:{zone[3:]}'}"


@functools.cache
def _version() -> str:
    from importlib.metadata import version

    return f"pypdfium2 {version('pypdfium2')}"
