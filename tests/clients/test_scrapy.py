"""Scrapy, as it is, writes its feed straight into the inbox of a running service: slowly, with the file open."""

from __future__ import annotations

import contextlib
import http.server
import os
import random
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.clients.environment import clients_run, environment
from tests.crash.check import faults
from tests.e2e.instance import Instance
from tests.e2e.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = 10
DELAY = 3  # s between two pages: longer than a file has to be still
PLACES = (
    "the mill at Corran", "Lower Ashby", "the harbour of Selwick", "the old railway yard", "Hillmore school",
    "the lock at Tarn End", "St Bride's market", "the allotments at Penfold", "Dunmere library", "the Wexley ferry",
)  # fmt: skip
PEOPLE = ("a retired surveyor", "two sisters", "the parish clerk", "a baker's apprentice", "the night warden")
DEEDS = (
    "has asked the council to look again at the wall that was put up in the spring",
    "found a box of letters beneath the floor when the boiler was taken out",
    "wants the footpath opened before the summer, and has begun to clear it alone",
    "kept a record of every boat that came in, and has given it to the county",
    "will walk the whole of the parish boundary to raise money for a new roof",
)
ENDS = (
    "Nobody at the meeting could say who had paid for it, and the minutes are silent on the matter.",
    "The work is to begin when the swallows have left, and should be over before the first frost.",
    "A neighbour who had watched it all from her window said that she had never doubted it.",
    "The council has promised an answer within a month, which is sooner than anybody had hoped.",
    "There is tea on Thursdays for whoever would like to see it, and a collection at the door.",
)


def page(number: int) -> str:
    """An article about one place; much alike the others, since nothing here hangs on what becomes of it."""
    rng = random.Random(number)  # noqa: S311 - the same pages each time
    parts = zip(*(rng.sample(some, len(some)) for some in (PEOPLE, DEEDS, ENDS)), strict=True)
    paragraphs = (f"<p>{who.capitalize()} from {PLACES[number]} {deed}. {end}</p>" for who, deed, end in parts)
    return f"<!doctype html><html><body><h1>News of {PLACES[number]}</h1>{''.join(paragraphs)}</body></html>"


class Site(http.server.BaseHTTPRequestHandler):
    """A front page, and the articles that it links to."""

    def do_GET(self) -> None:
        """Give a page; there is no robots.txt."""
        links = "".join(f'<a href="/{number}.html">{place}</a>' for number, place in enumerate(PLACES))
        pages = {"/": f"<html><body>{links}</body></html>"}
        pages |= {f"/{number}.html": page(number) for number in range(PAGES)}
        body = pages.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextlib.contextmanager
def site() -> Iterator[str]:
    """The address of a site on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.needs("P7", clients_run)
def test_every_item_of_a_slow_spider_is_decided_once() -> None:
    """It opens its feed at the start, writes as items come, and closes it at the end."""
    spider = Path(__file__).with_name("spider.py")
    with site() as front, served(workers=1) as service:
        feed = service.instance_dir / "inbox" / "items.jsonl"
        settings = ["-s", f"DOWNLOAD_DELAY={DELAY}", "-s", "RANDOMIZE_DOWNLOAD_DELAY=False", "-s", "LOG_LEVEL=ERROR"]
        command = [str(environment("scrapy") / "scrapy"), "runspider", str(spider), *settings]
        command += ["-O", f"{feed}:jsonlines"]
        subprocess.run(command, check=True, env={**os.environ, "FRONT_PAGE": front})
        service.until_empty()
        service.end()

        decisions = Instance(service.instance_dir).decisions()
        assert [event["winnowd"]["arrival"]["record"] for event in decisions] == list(range(PAGES))
        assert len({event["winnowd"]["arrival"]["id"] for event in decisions}) == 1
        assert not [code for event in decisions for code in event["winnowd"]["codes"] if code.startswith("INP")]
        assert faults(service.instance_dir, sent=1) == []
