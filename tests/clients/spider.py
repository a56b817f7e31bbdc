"""A spider of Scrapy, run in an environment of its own: it follows a front page and gives each article as an item."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import scrapy

if TYPE_CHECKING:
    from collections.abc import Iterator


class Articles(scrapy.Spider):  # type: ignore[misc] # Scrapy is not installed where types are checked
    """Reads the front page at ``$FRONT_PAGE``."""

    name = "articles"
    start_urls = (os.environ["FRONT_PAGE"],)

    def parse(self, response: Any) -> Iterator[Any]:
        """Follow each link to an article."""
        yield from response.follow_all(css="a", callback=self.article)

    def article(self, response: Any) -> Iterator[dict[str, str]]:
        """One article."""
        paragraphs = response.css("p::text").getall()
        yield {"title": response.css("h1::text").get(), "text": "\n\n".join(paragraphs), "url": response.url}
