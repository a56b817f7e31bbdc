"""Has one client write its JSON of two pages, in an environment of its own: ``python write.py CLIENT PAGES OUT``."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def trafilatura(pages: dict[str, str], out: Path) -> None:
    """The command line, a page at a time, each a file."""
    program = Path(sys.executable).with_name("trafilatura")
    for number, page in enumerate(pages.values()):
        ran = subprocess.run(
            [program, "--json", "--with-metadata"], input=page, capture_output=True, text=True, check=True
        )
        (out / f"{number}.json").write_text(ran.stdout)


def newspaper4k(pages: dict[str, str], out: Path) -> None:
    """``Article.to_json``."""
    newspaper: Any = importlib.import_module("newspaper")
    for number, (url, page) in enumerate(pages.items()):
        article = newspaper.Article(url, language="en")
        article.download(input_html=page)
        article.parse()
        (out / f"{number}.json").write_text(article.to_json(as_string=True))


def news_please(pages: dict[str, str], out: Path) -> None:
    """``get_serializable_dict``, a line each."""
    please: Any = importlib.import_module("newsplease").NewsPlease
    articles = [please.from_html(page, url=url).get_serializable_dict() for url, page in pages.items()]
    (out / "news.jsonl").write_text("".join(json.dumps(article) + "\n" for article in articles))


def extruct(pages: dict[str, str], out: Path) -> None:
    """All syntaxes of each page, a list of pages."""
    extract: Any = importlib.import_module("extruct").extract
    (out / "pages.json").write_text(json.dumps([extract(page, base_url=url) for url, page in pages.items()]))


def feedparser(pages: dict[str, str], out: Path) -> None:
    """The feed that lies beside the pages, dumped whole."""
    parse: Any = importlib.import_module("feedparser").parse
    (out / "feed.json").write_text(json.dumps(parse(pages["feed"]), default=str))


def pandas(pages: dict[str, str], out: Path) -> None:
    """A frame of records by each of its orientations."""
    frame: Any = importlib.import_module("pandas").DataFrame(json.loads(pages["records"]))
    frame.to_json(out / f"{pages['orient']}.json", orient=pages["orient"])


WRITERS: dict[str, Callable[[dict[str, str], Path], None]] = {
    "trafilatura": trafilatura, "newspaper4k": newspaper4k, "news-please": news_please, "extruct": extruct,
    "feedparser": feedparser, "pandas": pandas,
}  # fmt: skip

if __name__ == "__main__":
    WRITERS[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3]))
