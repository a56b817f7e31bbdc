"""Connections whose peer keeps us waiting: each is closed after a while, and gives way to others before that.

uvicorn counts connections and turns away who comes when there are too many, but bounds only the silence after an
answer: as many that never ask anything would lock everybody out.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

MOST_AT_ONCE: Final = 64
PATIENCE: Final = 30.0
"""Seconds that a peer has for the whole head of a request, for more of a body, for taking more of an answer."""


class _Due(Enum):
    """What the peer has to do next."""

    NOTHING = auto()
    HEAD = auto()
    BODY = auto()
    READING = auto()


class PatientProtocol(H11Protocol):
    """A connection that ends when its peer has kept it waiting for ``PATIENCE``.

    Where ``MOST_AT_ONCE`` are open, the one that waits longest for its peer is closed for the newest.
    """

    since: float | None = None
    """When we began to wait for the peer, in seconds of the loop's clock; None while it waits for us."""
    _due = _Due.NOTHING
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; make room if it is one too many."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) >= MOST_AT_ONCE:
            others = [one for one in self.connections if isinstance(one, PatientProtocol) and one is not self]
            waiting_since = {one: one.since for one in others if one.since is not None}
            if waiting_since:
                min(waiting_since, key=waiting_since.__getitem__).give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        super().connection_lost(exc)
        self._set(_Due.NOTHING)

    def data_received(self, data: bytes) -> None:
        """Go on; a body that goes on has its time anew, a head has not."""
        if self._due is _Due.BODY:
            self._set(_Due.NOTHING)
        super().data_received(data)
        self._wait()

    def on_response_complete(self) -> None:
        """Wait for the next request, or until the last of the answer is taken."""
        super().on_response_complete()
        self._wait()

    def pause_writing(self) -> None:
        """Wait until more of the answer is taken."""
        super().pause_writing()
        self._wait()

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        self._wait()

    def give_up(self) -> None:
        """Close it at once, whatever is left to send; whoever works for it is told that the peer is gone."""
        self.connections.discard(self)
        self.transport.abort()

    def _wait(self) -> None:
        due = self._next_due()
        if due is not self._due:
            self._set(due)

    def _next_due(self) -> _Due:
        if self.transport.is_closing() or self.flow.write_paused:
            return _Due.READING
        if self.cycle is None or self.cycle.response_complete:
            return _Due.HEAD
        return _Due.BODY if self.cycle.more_body and not self.flow.read_paused else _Due.NOTHING

    def _set(self, due: _Due) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due, self.since, self._timer = due, None, None
        if due is not _Due.NOTHING:
            self.since = self.loop.time()
            self._timer = self.loop.call_later(PATIENCE, self.give_up)
