"""How long a peer may keep a connection of the page waiting, and which one gives way; time is moved by hand."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from winnowd.web.connections import MOST_AT_ONCE, PATIENCE, PatientProtocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

HEAD = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n\r\n"


class Timer:
    """What is to be called at a time, unless that is cancelled."""

    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at, self.call, self.cancelled = at, call, False

    def cancel(self) -> None:
        """Let it not be called."""
        self.cancelled = True


class Clocked:
    """An event loop of which the clock is moved by hand; tasks are those of the loop that runs."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        """Seconds."""
        return self.now

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        """Note it."""
        self.timers.append(Timer(self.now + delay, call))
        return self.timers[-1]

    def create_task(self, work: Any) -> asyncio.Task[None]:
        """Begin it."""
        return asyncio.get_running_loop().create_task(work)

    def pass_by(self, seconds: float) -> None:
        """Move the clock, and call what is due by then."""
        self.now += seconds
        due = [one for one in self.timers if one.at <= self.now]
        self.timers = [one for one in self.timers if one.at > self.now]
        for one in due:
            if not one.cancelled:
                one.call()


class Wire(asyncio.Transport):
    """The other end of a connection, which takes whatever is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol: PatientProtocol | None = None
        self.sent, self.closing, self.is_open = b"", False, True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take it."""
        self.sent += bytes(data)

    def is_closing(self) -> bool:
        """Whether it will end once all is sent."""
        return self.closing

    def close(self) -> None:
        """Begin to end; the peer has not taken all yet."""
        self.closing = True

    def abort(self) -> None:
        """End."""
        self.closing, self.is_open = True, False
        assert self.protocol is not None
        self.protocol.connection_lost(None)

    def pause_reading(self) -> None:
        """Nothing comes by itself here."""

    def resume_reading(self) -> None:
        """Nothing comes by itself here."""


class Page:
    """Connections to one server, whose application answers when it has the whole request and ``may_answer`` is set."""

    def __init__(self) -> None:
        self.loop, self.state, self.may_answer = Clocked(), ServerState(), asyncio.Event()
        self.may_answer.set()
        self.disconnects = 0
        self._config = uvicorn.Config(
            self._app, interface="asgi3", ws="none", lifespan="off", limit_concurrency=MOST_AT_ONCE
        )

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        while (message := await receive()).get("more_body"):
            pass
        if message["type"] == "http.disconnect":
            self.disconnects += 1
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    def connect(self) -> tuple[PatientProtocol, Wire]:
        """One more."""
        wire = Wire()
        made = wire.protocol = PatientProtocol(self._config, self.state, {}, self.loop)  # type: ignore[arg-type]
        made.connection_made(wire)
        return made, wire


async def settle() -> None:
    """Let what can go on do so."""
    for _ in range(9):
        await asyncio.sleep(0)


def of_the_page(say: Callable[[Page, PatientProtocol, Wire], Any]) -> None:
    """Tell a story of one connection."""

    async def told() -> None:
        page = Page()
        await say(page, *page.connect())

    asyncio.run(told())


@pytest.mark.parametrize("said", [[], [b"GET / HT", b"TP/1.1\r\n", b"x: y\r\n"]], ids=["nothing", "a head by drops"])
def test_a_head_has_its_time_once(said: list[bytes]) -> None:
    """Whoever never asks, or never ends a question, is let go, however often a drop of it comes."""

    async def story(page: Page, connection: PatientProtocol, wire: Wire) -> None:
        for drop in said:
            page.loop.pass_by(PATIENCE / 4)
            connection.data_received(drop)
        page.loop.pass_by(PATIENCE * (1 - len(said) / 4) - 0.1)
        assert wire.is_open
        page.loop.pass_by(0.1)
        assert not wire.is_open
        assert not page.state.connections

    of_the_page(story)


def test_a_body_has_its_time_with_each_piece() -> None:
    """A slow one is taken; one that stops ends, and the application hears of it."""

    async def story(page: Page, connection: PatientProtocol, wire: Wire) -> None:
        connection.data_received(HEAD)
        await settle()
        for _ in range(8):
            page.loop.pass_by(PATIENCE - 0.1)
            connection.data_received(b"x")
            await settle()
        assert wire.is_open
        page.loop.pass_by(PATIENCE)
        await settle()
        assert not wire.is_open
        assert page.disconnects == 1

    of_the_page(story)


def test_what_the_page_takes_long_for_keeps_nobody_from_it() -> None:
    """Only the peer's silence counts, and its next request has a time of its own."""

    async def story(page: Page, connection: PatientProtocol, wire: Wire) -> None:
        page.may_answer.clear()
        connection.data_received(HEAD + b"123456789")
        await settle()
        page.loop.pass_by(10 * PATIENCE)
        assert wire.is_open
        page.may_answer.set()
        await settle()
        assert wire.sent.endswith(b"ok")
        connection.data_received(b"GET / HTTP/1.1\r\n")  # before uvicorn ends a silent one
        page.loop.pass_by(PATIENCE - 0.1)
        assert wire.is_open
        page.loop.pass_by(0.1)
        assert not wire.is_open

    of_the_page(story)


@pytest.mark.parametrize("is_over", [False, True])
def test_an_answer_that_is_not_taken_is_given_up(*, is_over: bool) -> None:
    """In its middle, and its end that waits to be sent when we have closed."""

    async def story(page: Page, connection: PatientProtocol, wire: Wire) -> None:
        if not is_over:
            page.may_answer.clear()
        connection.data_received(b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")
        await settle()
        if not is_over:
            connection.pause_writing()
            page.loop.pass_by(PATIENCE - 0.1)
            connection.resume_writing()
            page.loop.pass_by(PATIENCE)
            assert wire.is_open
            connection.pause_writing()
        assert wire.closing is is_over
        page.loop.pass_by(PATIENCE)
        assert not wire.is_open

    of_the_page(story)


def test_the_one_that_waits_longest_gives_way() -> None:
    """Never one that is being worked for; where all are, the newcomer is told that there are too many."""

    async def story(page: Page, first: PatientProtocol, wire: Wire) -> None:
        page.may_answer.clear()
        first.data_received(HEAD + b"123456789")
        silent = []
        for _ in range(MOST_AT_ONCE - 2):
            page.loop.pass_by(0.1)
            silent.append(page.connect())
        assert all(one.is_open for _, one in silent)

        newest, newest_wire = page.connect()

        assert [one.is_open for _, one in silent] == [False] + [True] * (len(silent) - 1)
        assert wire.is_open
        for connection, _ in [*silent[1:], (newest, newest_wire)]:
            connection.data_received(HEAD + b"123456789")
        last, last_wire = page.connect()
        last.data_received(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
        await settle()
        assert wire.is_open
        assert last_wire.sent.startswith(b"HTTP/1.1 503 ")
        page.may_answer.set()
        await settle()
        assert newest_wire.sent.endswith(b"ok")

    of_the_page(story)
