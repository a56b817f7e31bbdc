"""Mail, office files, books, PDF, tables and news in XML, as the programs of the field write them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.reading.documents import SAMPLES, codes, records
from tests.reading.stand import PROSE, read_all, the_article, zipped

from winnowd.reading.pdf_lines import HYPHEN, Line, paragraphs

BUS = "https://coastal-post.example/bus"
TITLE = "Night bus to the quarry keeps its route"
FIRST = "The night bus to the old quarry will keep its route for another year, the council decided on Thursday"
PARAGRAPH = "meeting that she had counted the steps from the station to her door in the rain, and that the final figure"
LAST = "which the hospital has offered to share in."
INES: dict[str, Any] = {"title": TITLE, "authors": ("Ines Calloway",)}
COASTAL: dict[str, Any] = {"publisher": "Coastal Post", "published_day": "2026-03-14"}
SAID: dict[str, dict[str, Any]] = {
    "newsletter.eml": {**COASTAL, "title": f"{TITLE} – with a café", "authors": ("Inès Calloway",), "language": "en"},
    "list.mbox": {"title": f"Letter 1: {TITLE}", "authors": ("Jane Doe",), "published_day": "2026-03-14"},
    "page.mhtml": {"title": TITLE, "url": BUS, "language": "en"},
    "story.docx": {**INES, "published_day": "2026-03-14", "modified_day": "2026-03-15", "tags": ("buses", "council")},
    "story.odt": {**INES, "published_day": "2026-03-14", "language": "en-GB"},
    "week.epub": {**COASTAL, "title": TITLE, "language": "en"},
    "columns.pdf": INES,
    "ligatures.pdf": {"title": TITLE},
    **{name: {"title": TITLE, "url": BUS} for name in ("rows.parquet", "rows.arrow", "stream.arrow")},
    **{name: {**INES, **COASTAL, "url": BUS} for name in ("trafilatura.xml", "trafilatura.tei.xml")},
    "wire.nitf": {**INES, **COASTAL, "section": "Local", "subtitle": "Forty asked to speak", "language": "en"},
    "message.newsml": {**INES, **COASTAL, "copyright_holder": "Coastal Post", "usage_terms": "For subscribers"},
}
HOLD_TWO = {"list.mbox", "week.epub", "rows.parquet", "rows.arrow", "stream.arrow", "message.newsml"}


@pytest.mark.parametrize("name", SAID)
def test_a_document_gives_its_articles_whole_and_what_it_says_of_them(name: str) -> None:
    """Title, author, day and address as a careful reader finds them; paragraphs whole, nothing of its wrapping."""
    data = (SAMPLES / name).read_bytes()

    made = read_all(data, name)

    assert len(made) == (2 if name in HOLD_TWO else 1)
    article = the_article(made[0]).article
    assert not made[0].findings
    days = {f"{day}_day": str(getattr(article, f"{day}_at"))[:10] for day in ("published", "modified")}
    assert {field: days.get(field) or getattr(article, field) for field in SAID[name]} == SAID[name]
    assert FIRST in article.text
    if name != "week.epub":
        assert LAST in article.text
    assert any(PARAGRAPH in line for line in article.text.splitlines())
    assert not any(word in article.text for word in ("Unsubscribe</a>", "Page 1", "Coastal Post  |", "A bus.", "Home"))


@pytest.mark.parametrize(("chapters", "title"), [(1, "The ferry"), (2, None)])
def test_a_book_of_one_chapter_lends_it_its_title(chapters: int, title: str | None) -> None:
    """Of several it is nobody's: then a chapter without one has none."""
    parts = {f"{number}.xhtml": f"<html><body><p>{PROSE}</p></body></html>".encode() for number in range(chapters)}
    items = "".join(f'<item id="i{name}" href="{name}"/>' for name in parts)
    spine = "".join(f'<itemref idref="i{name}"/>' for name in parts)
    said = "<metadata><title>The ferry</title></metadata>"
    package = f"<package>{said}<manifest>{items}</manifest><spine>{spine}</spine></package>"
    container = b'<container><rootfile full-path="book.opf"/></container>'
    book = zipped({"META-INF/container.xml": container, "book.opf": package.encode(), **parts})

    made = [the_article(item).article for item in read_all(book, "week.epub")]

    assert [article.title for article in made] == [title] * chapters


@pytest.mark.parametrize("name", ["story.docx", "story.odt", "wire.nitf"])
def test_lists_and_tables_are_lines(name: str) -> None:
    """An item begins with a hyphen, the cells of a row stand on one line."""
    (record,) = records((SAMPLES / name).read_bytes(), name.rpartition(".")[2])

    text = (record.fields or {})["text"]

    assert "- A smaller vehicle from May\n- A count in the autumn" in text
    assert name == "wire.nitf" or "Year | Passengers a night\n2024 | 11" in text


def test_a_note_stands_behind_the_text_and_its_mark_in_no_word() -> None:
    """A figure that is set high would become part of the word before it."""
    (record,) = records((SAMPLES / "story.odt").read_bytes(), "odt")

    text = (record.fields or {})["text"]

    assert "the clerk said. The minutes say so." in text
    assert text.endswith("The count was taken in October and in November.")


@pytest.mark.parametrize(
    ("name", "code"), [("scanned.pdf", "INP130"), ("locked.pdf", "INP131")], ids=["pictures alone", "a password"]
)
def test_a_pdf_that_gives_no_text_says_why(name: str, code: str) -> None:
    """What to do about it differs."""
    assert codes((SAMPLES / name).read_bytes(), "pdf") == [code]


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("the meet", "ing rose", "the meeting rose"),
        ("of twenty", "six, half", "of twenty-six, half"),
        ("a well", "known chair", "a well-known chair"),
        ("for Jean", "Paul it", "for Jean-Paul it"),
    ],
    ids=["the line's", "a number's", "written so elsewhere", "a name's"],
)
def test_a_hyphen_at_the_end_of_a_line_goes_unless_it_is_the_words_own(before: str, after: str, word: str) -> None:
    """PDFium marks both alike."""
    texts = ["The well-known chair", f"{before}{HYPHEN}", after]

    (paragraph,) = paragraphs([Line(text, 60, 400, 700 - 12 * row, 710 - 12 * row) for row, text in enumerate(texts)])

    assert paragraph == f"The well-known chair {word}"


@pytest.mark.parametrize(
    ("sender", "headers", "fields"),
    [
        ("Jane Doe <jane@example.org>", "", {"authors": ["Jane Doe"]}),
        ('"Coastal Post" <news@example.org>', "", {"publisher": "Coastal Post"}),
        ("Coastal Post <x@example.org>", "List-Unsubscribe: <https://example.org/u>\n", {"publisher": "Coastal Post"}),
        ("Jane Doe <x@example.org>", "List-Unsubscribe: <m>\nList-Post: <m>\n", {"authors": ["Jane Doe"]}),
        ("Jane Doe from Coastal Post <x@example.org>", "", {"authors": ["Jane Doe"], "publisher": "Coastal Post"}),
        ("jane@example.org (Jane Doe)", "", {"authors": ["Jane Doe"]}),
        ("=?iso-8859-1?q?In=E8s_Calloway?= <i@example.org>", "", {"authors": ["Inès Calloway"]}),
        ("jane@example.org", "", {}),
    ],
    ids=["a person", "a house's address", "to subscribers", "to a list", "both", "old form", "encoded", "no name"],
)
def test_who_a_message_is_from_wrote_or_published_it(sender: str, headers: str, fields: dict[str, Any]) -> None:
    """A newsletter names its house, a letter its writer."""
    (record,) = records(f"From: {sender}\n{headers}\nThe mill opened.".encode(), "eml")

    assert record.fields == {"text": "The mill opened.", **fields}


def test_lines_that_were_broken_for_sending_go_on() -> None:
    """Format=flowed: a line that ends with a blank goes on, whatever stands below the signature is none of the text."""
    mail = "Content-Type: text/plain; format=flowed\n\nThe mill \nopened.\n\n From noon on.\n-- \nJane\n"

    (record,) = records(mail.encode(), "eml")

    assert record.fields == {"text": "The mill opened.\n\nFrom noon on."}
