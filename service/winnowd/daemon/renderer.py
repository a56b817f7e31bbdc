"""The renderer: a process beside the workers that says what is to be said of decided records, while others are decided.

It has no say in any decision, and nothing waits for it that could not be said here: what it does not answer, for
whatever reason, is rendered in this process, to the same bytes.
"""

from __future__ import annotations

import functools
import os
import select
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from winnowd.catalogue import catalogue
from winnowd.daemon import subjects
from winnowd.daemon.child import Child, begin, processes, tell_ready
from winnowd.daemon.confinement import UNCONFINED
from winnowd.daemon.frames import Frames, framed, write
from winnowd.pipeline.rendering import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing import connection

    from winnowd.daemon.confinement import Confinement
    from winnowd.pipeline.rendering import InProcessRenderer, Numbered, RecordRenderer, Rendered

CHUNK: Final = 8
"""Records sent at once; the last few of a batch, if they are fewer, are rendered here."""
LARGEST: Final = 1 << 19
"""Bytes of a frame; what is larger is rendered here, where its texts are cut into words already."""
UNSENT: Final = 1 << 22
"""Bytes that may wait for the pipe; what comes while as much waits is rendered here."""
_STEP: Final = 0.1  # s between two signs of life while it is waited for
_REST: Final = 60.0  # s after one that never came to be ready until another is begun


class RendererProcess:
    """Port ``Renderer``: one process, begun when first needed, and anew after one that fell.

    ``alive`` is called while it is waited for.
    """

    def __init__(
        self,
        build: Callable[[], RecordRenderer],
        here: InProcessRenderer,
        *,
        seconds: float,
        memory: int,
        confinement: Confinement = UNCONFINED,
    ) -> None:
        """Take the picklable ``build`` of what renders, the deadline of a chunk in s, the address space in bytes."""
        self._build = build
        self._here = here
        self._seconds = seconds
        self._memory = memory
        self._confinement = confinement
        self._context = processes()
        self._child: Child | None = None
        self._not_before = 0.0
        self._gathered: list[Numbered] = []
        self._unsent = bytearray()
        self._sent: deque[list[Numbered]] = deque()
        self._in_hand: set[str] = set()
        self._rendered: dict[str, Rendered] = {}
        self._fault = ""
        self.alive: Callable[[], None] = lambda: None

    def begin(self) -> None:
        """What was added before is asked for no more; what it still has of that in hand, it may answer in vain."""
        self._gathered.clear()
        self._in_hand.clear()
        self._rendered.clear()
        if self._child is not None and self._child.ready:
            self._child.since = time.monotonic()  # while nobody was there it could neither be given nor answer all

    def add(self, one: Numbered) -> None:
        """It is decided: with others it is sent to be rendered, if the process is ready; never waits."""
        self._gathered.append(one)
        if len(self._gathered) >= CHUNK:
            chunk, self._gathered = self._gathered, []
            self._send(chunk)

    def render(self, batch: Sequence[Numbered]) -> Iterator[Rendered]:
        """Each of these, in their order, waited for if it is in hand; what rendering one raises, it raises here."""
        for one in batch:
            while one.context.id in self._in_hand:
                self._wait()
            made = self._rendered.pop(one.context.id, None)
            yield from self._here.render([one]) if made is None else [made]

    def fault(self) -> str:
        """Why a process fell since this was last asked, "" if none did."""
        fault, self._fault = self._fault, ""
        return fault

    def warm(self) -> None:
        """Start the process now, if there is none; if it cannot be, all is rendered here for a minute."""
        if self._child is not None or time.monotonic() < self._not_before:
            return
        try:
            process, pipe = begin(
                self._context,
                functools.partial(_serve, self._build),
                memory=self._memory,
                confinement=self._confinement,
            )
        except (OSError, EOFError) as fault:
            self._fall(f"it could not be started ({type(fault).__name__})")
            return
        os.set_blocking(pipe.fileno(), False)
        self._child = Child(process, pipe, self._seconds)

    def close(self) -> None:
        """End the process at once; nothing it holds is lost, since all of it can be said anew."""
        if self._child is not None:
            self._child.kill()
        self._child = None
        self._unsent.clear()
        self._sent.clear()
        self._in_hand.clear()

    def _send(self, chunk: list[Numbered]) -> None:
        """Give it these, if it is ready, and has not more than enough before it."""
        self.warm()
        self._exchange(0.0)
        if self._child is None or not self._child.ready or len(self._unsent) >= UNSENT:
            return
        try:
            frame = framed(subjects.packed([Subject.of(one, self._here.text_of) for one in chunk]))
        except Exception:  # noqa: BLE001 - whatever it is, it is met again where this is rendered here
            return
        if len(frame) > LARGEST:
            return
        if not self._sent:
            self._child.since = time.monotonic()
        self._sent.append(chunk)
        self._in_hand.update(one.context.id for one in chunk)
        self._unsent += frame
        self._exchange(0.0)

    def _wait(self) -> None:
        """Wait for its next answer, or a tenth of a second."""
        self.alive()
        self._exchange(_STEP)
        child = self._child
        if child is not None and self._sent and time.monotonic() >= child.since + child.seconds:
            self._fall(f"it took longer than {child.seconds:g} s")

    def _exchange(self, seconds: float) -> None:
        """Write what its pipe takes, take what it has answered; wait so long until it can do either."""
        child = self._child
        if child is None:
            return
        poll = select.poll()
        poll.register(child.pipe, select.POLLIN | (select.POLLOUT if self._unsent else 0))
        for _, happened in poll.poll(1_000 * seconds):
            if happened & select.POLLOUT:
                self._write(child)
            if happened & ~select.POLLOUT:
                child.listen()
        try:
            while child.is_at_work() and (frame := child.frames.next()) is not None:
                self._accept(child, frame)
            if child.ended:
                self._fall(f"it ended (exit {child.exit_code()})")
        except (OSError, ValueError) as fault:
            self._fall(f"it gave {fault}" if child.ready else "it was not ready for work")

    def _write(self, child: Child) -> None:
        try:
            written = os.write(child.pipe.fileno(), self._unsent)
        except BlockingIOError:
            return
        except OSError:
            child.ended = True
            return
        del self._unsent[:written]

    def _accept(self, child: Child, frame: bytes) -> None:
        """Keep what was said of the records of the chunk in its hand, as far as somebody will ask for them.

        Raises:
            ValueError: it is nothing of the kind.
        """
        said = subjects.unpacked_said(frame)
        if not self._sent or (self._sent[0][0].context.sequence, len(self._sent[0])) != (
            said.first,
            len(said.rendered),
        ):
            raise ValueError("no answer: it is to another question")
        child.since = time.monotonic()
        for one, made in zip(self._sent.popleft(), said.rendered, strict=True):
            if one.context.id in self._in_hand and made is not None:
                self._rendered[one.context.id] = made
            self._in_hand.discard(one.context.id)

    def _fall(self, because: str) -> None:
        """Do without it: what it has in hand is rendered here."""
        if self._child is None or not self._child.ready:
            self._not_before = time.monotonic() + _REST
        self.close()
        self._fault = because


def _serve(build: Callable[[], RecordRenderer], pipe: connection.Connection) -> None:
    """Render chunk after chunk until the pipe closes."""
    renderer, rules, frames = build(), catalogue(), Frames()
    renderer.lexicon()
    tell_ready(pipe)
    while frames.read(pipe.fileno()):
        while (frame := frames.next()) is not None:
            chunk = subjects.unpacked(frame, rules)
            said = subjects.Said(chunk[0].context.sequence, tuple(_rendered(renderer, one) for one in chunk))
            write(pipe.fileno(), framed(subjects.packed_said(said)))


def _rendered(renderer: RecordRenderer, one: Subject) -> Rendered | None:
    """What is said of a record; None if that fails: where it was decided it is tried anew, and raises."""
    try:
        return renderer.render(one)
    except Exception:  # noqa: BLE001 - whatever it is
        return None
