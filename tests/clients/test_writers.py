"""Clients as they are today write JSON of our pages: each article is read with its title, authors, day and address."""

from __future__ import annotations

import datetime as dt
import html
import json
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from tests.clients.environment import clients_run, environment
from tests.reading.stand import PROSE, ROOT, source_of, the_article

from winnowd.reading import read

if TYPE_CHECKING:
    from pathlib import Path

CLIENTS = tomllib.loads((ROOT / "tests" / "reading" / "shapes" / "clients.toml").read_text(encoding="utf-8"))
ARTICLES: list[dict[str, Any]] = list(CLIENTS["articles"].values())
BESIDE = {"trafilatura": ("lxml_html_clean",)}
"""What a client forgets to ask for."""


def page(article: dict[str, Any]) -> str:
    """An article as a page that says of itself what pages say."""
    paragraphs = [article["begins"] + " " + PROSE.strip(), PROSE.strip() + " " + article["ends"]]
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article["title"],
        "datePublished": f"{article['day']}T08:30:00Z",
        "author": {"@type": "Person", "name": article["authors"][0]},
        "url": article["url"],
        "articleBody": "\n\n".join(paragraphs),
    }
    title, author = html.escape(article["title"]), html.escape(article["authors"][0])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="canonical" href="{article["url"]}"><meta name="author" content="{author}">'
        f'<meta property="article:published_time" content="{article["day"]}T08:30:00Z">'
        f'<script type="application/ld+json">{json.dumps(linked)}</script></head>'
        f"<body><article><h1>{title}</h1>{''.join(f'<p>{one}</p>' for one in paragraphs)}</article></body></html>"
    )


def feed() -> str:
    """The articles as RSS with their full texts."""
    items = "".join(
        f"<item><title>{one['title']}</title><link>{one['url']}</link><dc:creator>{one['authors'][0]}</dc:creator>"
        f"<pubDate>{dt.datetime.combine(one['day'], dt.time(8)):%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        f"<content:encoded><![CDATA[<p>{one['begins']} {PROSE}</p><p>{one['ends']}</p>]]></content:encoded></item>"
        for one in ARTICLES
    )
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Sound Gazette</title>{items}</channel></rss>'
    )


def records() -> str:
    """The articles as rows of a table."""
    rows = [
        {name: one[name] for name in ("title", "url")}
        | {"author": one["authors"][0], "date": str(one["day"]), "text": f"{one['begins']} {one['ends']}", "rank": None}
        for one in ARTICLES
    ]
    return json.dumps(rows)


PAGES = {one["url"]: page(one) for one in ARTICLES}
GIVEN: dict[str, dict[str, str]] = {
    "trafilatura": PAGES,
    "newspaper4k": PAGES,
    "news-please": PAGES,
    "extruct": PAGES,
    "feedparser": {"feed": feed()},
    **{
        f"pandas {way}": {"records": records(), "orient": way}
        for way in ("records", "columns", "index", "split", "table")
    },
}


@pytest.mark.skipif(bool(clients_run()), reason=clients_run())
@pytest.mark.parametrize("client", GIVEN)
def test_what_a_client_writes_is_read_whole(client: str, tmp_path: Path) -> None:
    """Every article once, in order, and nothing else."""
    name = client.partition(" ")[0]
    (tmp_path / "given").write_text(json.dumps(GIVEN[client]))
    (tmp_path / "out").mkdir()
    python = environment(name, *BESIDE.get(name, ())) / "python"

    script = ROOT / "tests" / "clients" / "write.py"
    subprocess.run([python, script, name, tmp_path / "given", tmp_path / "out"], check=True)

    files = sorted((tmp_path / "out").iterdir())
    found = [the_article(item).article for file in files for item in read(source_of(file.read_bytes(), file.name))]
    assert [(one.title, list(one.authors), dt.date.fromordinal(one.published_day or 1), one.url) for one in found] == [
        (one["title"], one["authors"], one["day"], one["url"]) for one in ARTICLES
    ]
    for article, want in zip(found, ARTICLES, strict=True):
        assert want["begins"] in article.text
        assert article.text.endswith(want["ends"])
