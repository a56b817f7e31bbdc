"""Documents made to exhaust or mislead a reader: each ends in records or a refusal, and soon."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq
from tests.reading.documents import READERS, SAMPLES, codes
from tests.reading.stand import PROSE

from winnowd.reading import ReadingLimits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENTITIES: Final = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE: Final = b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
PARAMETER: Final = b'<!DOCTYPE a [<!ENTITY % a SYSTEM "http://127.0.0.1/a.dtd"> %a;]>'
PARQUET: Final = (SAMPLES / "rows.parquet").read_bytes()
BODY: Final = b'<d xmlns:w="w"><body>%s</body></d>'
ODT_BODY: Final = b"<d><body><text>%s</text></body></d>"
MULTIPART: Final = b"Content-Type: multipart/mixed; boundary=%s\n\n--%s\n"
COLUMNS: Final = (SAMPLES / "columns.pdf").read_bytes()


def packed(members: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def word(body: bytes, packing: int = zipfile.ZIP_STORED) -> bytes:
    """A Word file with this body."""
    return packed({"word/document.xml": BODY % body}, packing)


def nested(opening: bytes, closing: bytes, depth: int) -> bytes:
    """Elements in each other, a text in the innermost."""
    return opening * depth + b"<p><t>x</t></p>" + closing * depth


def book(spine: bytes, members: dict[str, bytes], path: bytes = b"book.opf") -> bytes:
    """A book of one chapter ``a``, in this order of reading."""
    package = b'<p><manifest><item id="a" href="a.xhtml"/></manifest><spine>%s</spine></p>' % spine
    container = b'<c><rootfile full-path="%s"/></c>' % path
    return packed({"META-INF/container.xml": container, "book.opf": package, **members})


def one_text_for_all_rows() -> bytes:
    """Half a kilobyte of Parquet that says 2 MB fifty times."""
    file = io.BytesIO()
    table = pa.table({"text": ["a" * 2_000_000] * 50})
    pq.write_table(table, file, compression="zstd", dictionary_pagesize_limit=1 << 30)
    return file.getvalue()


def pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, the first its catalogue; where they stand is for the reader to find."""
    made = b"\n".join(b"%d 0 obj%sendobj" % (number, data) for number, data in enumerate(objects, start=1))
    return b"%PDF-1.4\n" + made + b"\ntrailer<</Root 1 0 R>>\n%%EOF"


CATALOGUE: Final = b"<</Type/Catalog/Pages 2 0 R>>"
HOSTILE: Final[dict[str, tuple[str, Callable[[], bytes], list[str]]]] = {
    "a zip bomb": ("docx", lambda: word(b" " * (40 << 20), zipfile.ZIP_DEFLATED), ["INP109"]),
    "half a million elements": ("docx", lambda: word(b"<p/>" * 510_000), ["INP134"]),
    "elements as deep as a well": ("docx", lambda: word(nested(b"<p>", b"</p>", 100_000)), ["INP134"]),
    "boxes in boxes": ("docx", lambda: word(nested(b"<p><txbxContent>", b"</txbxContent></p>", 95)), ["article"]),
    "tables in tables": (
        "odt",
        lambda: packed(
            {
                "content.xml": ODT_BODY
                % nested(b"<table><table-row><table-cell>", b"</table-cell></table-row></table>", 60)
            }
        ),
        ["article"],
    ),
    "entities in an office file": ("docx", lambda: packed({"word/document.xml": ENTITIES + b"<a>&b;</a>"}), ["INP133"]),
    "a file from outside in it": ("docx", lambda: packed({"word/document.xml": OUTSIDE + b"<a>&a;</a>"}), ["INP133"]),
    "too many members": ("docx", lambda: packed({str(number): b"" for number in range(10_001)}), ["INP134"]),
    "encrypted OpenDocument": (
        "odt",
        lambda: packed({"content.xml": b"\x8a", "META-INF/manifest.xml": b"<m><encryption-data/></m>"}),
        ["INP131"],
    ),
    "another zip archive": ("docx", lambda: packed({"xl/workbook.xml": b"<w/>"}), ["INP102"]),
    "a book that points out of itself": ("epub", lambda: book(b"", {}, b"../../etc/passwd"), ["INP102"]),
    "a chapter read a thousand times": (
        "epub",
        lambda: book(b'<itemref idref="a"/>' * 1_000, {"a.xhtml": f"<p>{PROSE}</p>".encode()}),
        ["article"],
    ),
    "a book of too many parts": ("epub", lambda: packed({f"{n}.html": b"<p>x" for n in range(1_001)}), ["INP134"]),
    "entities in news": ("nitf", lambda: ENTITIES + b"<nitf>&b;</nitf>", ["INP133"]),
    "a DTD fetched by a parameter": ("nitf", lambda: PARAMETER + b"<nitf/>", ["INP133"]),
    "other XML": ("xml", lambda: b"<plist/>", ["INP102"]),
    "more items than may be": (
        "newsml",
        lambda: b"<newsMessage>%s</newsMessage>" % (b"<newsItem/>" * 30),
        ["INP130"] * 20 + ["INP117"],
    ),
    "mail of two thousand parts": ("eml", lambda: MULTIPART % (b"b", b"b") + b"\nx\n--b\n" * 2_000, ["INP134"]),
    "mail of a million parts": ("eml", lambda: MULTIPART % (b"b", b"b") + b"\nx\n--b\n" * 1_000_000, ["INP134"]),
    "parts in parts": ("eml", lambda: b"".join(MULTIPART % (b"%d" % n, b"%d" % n) for n in range(5_000)), ["INP134"]),
    "messages in messages": ("eml", lambda: b"Content-Type: message/rfc822\n\n" * 5_000, ["INP134"]),
    "parts in parts of many lines": (
        "eml",
        lambda: b"".join(MULTIPART % (b"%d" % n, b"%d" % n) for n in range(90)) + b"\nx" * 900_000,
        ["INP134"],
    ),
    "a header that the square is taken of": (
        "eml",
        lambda: b"Content-Type: text/plain; " + b'a="b;' * 1_000_000,
        ["INP134"],
    ),
    "a million headers": ("eml", lambda: b"a: b\n" * 1_000_000 + b"\nx", ["INP134"]),
    "comments in comments": ("eml", lambda: b"From: " + b"(" * 1_000_000 + b"\n\nThe mill opened.", ["article"]),
    "a charset that is none": (
        "eml",
        lambda: b"Content-Type: text/plain; charset=idna\n\nThe mill opened.",
        ["article"],
    ),
    "attachments alone": ("eml", lambda: b"Content-Type: application/pdf\n\n%PDF", ["INP130"]),
    "a message too large among others": (
        "mbox",
        lambda: b"".join(b"From a Sat Mar 14 08:30:00 2026\n\n%s\n\n" % (b"x " * n) for n in (9, 30_000, 9)),
        ["article", "INP103", "article"],
    ),
    "an empty mailbox": ("mbox", lambda: b"\n\n", ["INP118"]),
    "a footer longer than the file": ("parquet", lambda: PARQUET[:-8] + b"\xff\xff\xff\x7fPAR1", ["INP132"]),
    "no footer": ("parquet", lambda: b"PAR1PAR1", ["INP132"]),
    "a footer that lies of its columns": ("parquet", lambda: PARQUET.replace(b"title", b"ti\xff\xff\x7f"), ["INP132"]),
    "one text for all rows": ("parquet", one_text_for_all_rows, ["article"] * 20 + ["INP117"]),
    "a cross-reference that leads to itself": (
        "pdf",
        lambda: b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer<</Prev 9/Size 1/Root 1 0 R>>\nstartxref\n9\n%%EOF",
        ["INP132"],
    ),
    "pages in themselves": ("pdf", lambda: pdf(CATALOGUE, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"), ["INP132"]),
    "more pages said than are": ("pdf", lambda: pdf(CATALOGUE, b"<</Type/Pages/Kids[]/Count 900>>"), ["INP132"]),
    "more pages than are read": ("pdf", lambda: pdf(CATALOGUE, b"<</Type/Pages/Kids[]/Count 9000>>"), ["INP134"]),
    "lists in lists": ("pdf", lambda: pdf(b"[" * 100_000), ["INP132"]),
    "cut short": ("pdf", lambda: COLUMNS[:3_000], ["INP132"]),
}
FEW: Final = ReadingLimits(records=20, mail_bytes=32_000)


@pytest.mark.parametrize("case", HOSTILE)
def test_what_was_made_to_harm_is_refused_with_its_reason(case: str) -> None:
    """Or read, where it does no harm; the whole table takes seconds."""
    ending, data, expected = HOSTILE[case]

    assert codes(data(), ending, FEW if ending in {"mbox", "newsml", "parquet"} else ReadingLimits()) == expected


samples = st.sampled_from([path for path in sorted(SAMPLES.iterdir()) if path.suffix[1:] in READERS])
places = st.floats(0, 1, exclude_max=True)
changes = st.lists(st.tuples(places, st.integers(0, 30), st.binary(max_size=8)), max_size=4)


def changed(data: bytes, changes: list[tuple[float, int, bytes]], kept: float) -> bytes:
    """Bytes with some of them replaced by others, then cut."""
    for place, length, others in changes:
        at = int(place * len(data))
        data = data[:at] + others + data[at + length :]
    return data[: int(kept * len(data)) + 1]


@given(sample=samples, changes=changes, kept=places | st.just(1.0), within=st.booleans())
@settings(deadline=2_000, max_examples=400)
def test_a_damaged_document_gives_records_or_a_refusal(
    sample: Path, changes: list[tuple[float, int, bytes]], kept: float, *, within: bool
) -> None:
    """However a file is changed or cut, or a member of its archive that stays sound: nothing else is raised."""
    data = sample.read_bytes()
    if within and zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = packed({name: changed(archive.read(name), changes, kept) for name in archive.namelist()})
    else:
        data = changed(data, changes, kept)

    assert codes(data, sample.suffix[1:])


@given(st.binary(max_size=300), st.sampled_from(sorted(READERS)))
@settings(deadline=2_000)
def test_any_bytes_give_records_or_a_refusal(data: bytes, ending: str) -> None:
    """Under the reader of any kind."""
    assert codes(data, ending)
