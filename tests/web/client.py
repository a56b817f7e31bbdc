"""A browser as far as tests need one: it asks an ASGI application, keeps its cookie, and reads forms."""

from __future__ import annotations

import asyncio
import dataclasses
import html
import re
import urllib.parse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message

HOST = "localhost:8737"


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body."""
        return self.body.decode()

    @property
    def location(self) -> str:
        """Where it leads on, "" if nowhere."""
        return self.headers.get("location", "")

    def words(self) -> str:
        """What a reader sees of the page: no tags, each run of blanks one."""
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.text)).split())

    def fields(self, action: str) -> dict[str, str]:
        """The hidden fields of the form that sends to this address."""
        found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', self.text, re.DOTALL)
        assert found, f"no form for {action}"
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', found[1])
        return {name: html.unescape(value) for name, value in hidden}


class Client:
    """Asks as ``host``; ``cookie`` is what it was given, ``is_cut_off``: before the end of whatever it sends."""

    def __init__(self, app: ASGIApp, host: str = HOST) -> None:
        self._app, self._host = app, host
        self.cookie, self.is_cut_off = "", False

    def get(self, address: str, **headers: str | list[str]) -> Answer:
        """Ask for an address; a header of several values is sent as often."""
        return self._ask("GET", address, b"", headers)

    def post(self, address: str, fields: Mapping[str, str] | list[tuple[str, str]] | bytes, **headers: str) -> Answer:
        """Send a form; it comes from a page of ours, unless the headers say otherwise."""
        body = fields if isinstance(fields, bytes) else urllib.parse.urlencode(fields).encode()
        ours = {"content_type": "application/x-www-form-urlencoded", "origin": f"http://{self._host}"}
        return self._ask("POST", address, body, ours | headers)

    def send(self, page: Answer, address: str, /, **fields: str) -> Answer:
        """Fill in a form of a page, and send it."""
        return self.post(address, page.fields(address) | fields)

    def _ask(self, method: str, address: str, body: bytes, headers: Mapping[str, str | list[str]]) -> Answer:
        path, _, query = address.partition("?")
        given = {"host": self._host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookie:
            given.setdefault("cookie", self.cookie)
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": urllib.parse.unquote(path), "raw_path": path.encode(), "query_string": query.encode(),
            "root_path": "",
            "headers": [
                (name.encode(), value.encode("latin-1"))
                for name, values in given.items()
                for value in ([values] if isinstance(values, str) else values)
                if value
            ],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8737),
        }  # fmt: skip
        answer = asyncio.run(_asked(self._app, scope, body, cut_off=self.is_cut_off))
        if kept := answer.headers.get("set-cookie"):
            self.cookie = kept.partition(";")[0]
        return answer


async def _asked(app: ASGIApp, scope: dict[str, Any], body: bytes, *, cut_off: bool) -> Answer:
    sent: list[Message] = []
    asked = [
        {"type": "http.request", "body": body[at : at + 30_000], "more_body": True}
        for at in range(0, len(body), 30_000)
    ]
    if not cut_off:
        asked.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        return asked.pop(0) if asked else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = next(one for one in sent if one["type"] == "http.response.start")
    content = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
    return Answer(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, content)
