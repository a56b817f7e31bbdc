"""What a page's tables and paragraphs are: layout becomes text, data stays, and a body that lost half is doubted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.reading.stand import PROSE, read_all, the_article, told
from trafilatura.utils import load_html

from winnowd.reading.page_layout import half_lost, paragraph_words
from winnowd.reading.page_titles import without_site

if TYPE_CHECKING:
    from winnowd.reading.page_claims import Element

SENTENCES = [sentence.strip() + "." for sentence in PROSE.strip().split(".") if sentence]
LONG = " ".join(SENTENCES)


def tree_of(text: str) -> Element:
    """The tree of a page."""
    tree: Element | None = load_html(text)
    assert tree is not None
    return tree


def page(body: str) -> bytes:
    """A page with this body."""
    return f"<!doctype html><html lang=en><head><title>Herring</title></head><body>{body}</body></html>".encode()


def test_a_table_of_one_cell_is_the_article_in_it() -> None:
    """Its lines are paragraphs, none between strokes."""
    cell = "<br><br>".join(
        ["<h1>Herring from the sound</h1>", LONG, LONG.replace("six", "ten"), LONG.replace("fog", "mist")]
    )

    article = the_article(*read_all(page(f"<table width=700><tr><td>{cell}</td></tr></table>"), "a.html")).article

    assert "|" not in article.text
    assert article.text.count("The ferry left the quay at") == 3
    assert len(article.text.split("\n")) >= 3


def test_columns_that_lay_a_page_out_are_taken_apart_and_data_are_not() -> None:
    """Menu and article side by side; within the article a small table without heads stays one."""
    data = "".join(f"<tr><td>crate {at}</td><td>{at * 12}</td></tr>" for at in range(1, 6))
    paragraphs = "".join(f"<p>{LONG.replace('six', number)}</p>" for number in ("five", "seven", "eight"))
    article = f"<h1>Herring from the sound</h1>{paragraphs}<table>{data}</table><p>{LONG}</p>"

    text = the_article(
        *read_all(page(f"<table><tr><td><a href=/>Home</a></td><td>{article}</td></tr></table>"), "a.html")
    ).article.text

    assert "crate 3" in text
    assert f"\n{SENTENCES[0]}" in f"\n{text}"


BESIDE = ("<nav>{}</nav>", "<aside>{}</aside>", "<footer>{}</footer>", '<div class="comments">{}</div>')


@pytest.mark.parametrize("around", BESIDE)
def test_paragraphs_beside_the_article_are_not_counted(around: str) -> None:
    """Nor are those inside something inside that; a short one counts nowhere."""
    inside = around.format(f"<div><section><p>{LONG}</p></section></div>")

    assert paragraph_words(tree_of(f"<html><body>{inside}<p>Few words.</p></body></html>")) == 0
    assert paragraph_words(tree_of(f"<html><body>{inside}<p>{LONG}</p></body></html>")) == len(LONG.split())


@pytest.mark.parametrize(("kept", "codes"), [(3, []), (2, []), (1, ["INP139"]), (0, ["INP139"])])
def test_a_body_with_fewer_than_half_the_words_is_doubted(kept: int, codes: list[str]) -> None:
    """At a half it is not; a page without long paragraphs says nothing."""
    assert [finding.code for finding in half_lost(LONG * kept, 4 * len(LONG.split()))] == codes
    assert half_lost(LONG * kept, 0) == ()


def test_what_an_extractor_lost_is_told_where_a_page_is_read() -> None:
    """A page of which all was taken out is not doubted."""
    paragraphs = [f"<p>{LONG.replace('six', str(at))}</p>" for at in range(12)]
    whole = f"<article><h1>Herring</h1>{''.join(paragraphs)}</article>"
    kept, lost = "".join(paragraphs[:3]), "".join(paragraphs[3:])
    torn = f"<article><h1>Herring</h1>{kept}</article><div class=shoutbox>{lost}</div>"

    assert told(*read_all(page(whole), "a.html")) == "article"
    assert told(*read_all(page(torn), "a.html")) == "article INP139 doubt"


TITLES: tuple[tuple[str, list[str], list[str], str], ...] = (
    ("Ferry runs again | The Aldermere Post", ["Aldermere Post"], [], "Ferry runs again"),
    ("Ferry runs again - Harbour - Aldermere Post", [], ["Ferry runs again"], "Ferry runs again"),
    ("Aldermere Post » Ferry runs again", ["Aldermere Post"], [], "Ferry runs again"),
    (
        "Ferry - and nothing else - runs again",
        ["Aldermere Post"],
        ["Another page"],
        "Ferry - and nothing else - runs again",
    ),
    ("Aldermere Post", ["Aldermere Post"], [], "Aldermere Post"),
    ("A twenty-year wait", ["year wait"], [], "A twenty-year wait"),
)


@pytest.mark.parametrize(("title", "sites", "headings", "expected"), TITLES)
def test_a_title_loses_the_name_of_its_site(title: str, sites: list[str], headings: list[str], expected: str) -> None:
    """If the page says what that is, or its heading what the title is; else nothing is cut."""
    assert without_site(title, sites, headings) == expected


def test_a_page_is_called_by_its_heading_and_not_by_its_site() -> None:
    """The title element, where nothing better names the page."""
    data = page(f"<article><p>{LONG}</p><p>{LONG.replace('six', 'ten')}</p></article>").replace(
        b"<title>Herring</title>",
        b"<title>Herring from the sound | The Aldermere Post</title><meta name=og:site_name content='Aldermere Post'>",
    )

    assert the_article(*read_all(data, "a.html")).article.title == "Herring from the sound"
