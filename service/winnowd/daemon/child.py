"""A process beside the daemon: how it is begun and confined, when it is ready, what has come through its pipe.

It ends with the daemon, by a signal if need be; nothing that it holds is true yet.
"""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import resource
import signal
import threading
import time
from dataclasses import dataclass, field
from multiprocessing import connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from winnowd.daemon.confinement import Confined
from winnowd.daemon.confinement.calls import end_with_parent
from winnowd.daemon.frames import Frames, framed, write
from winnowd.daemon.garbage import collect_seldom

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing import context

    from winnowd.daemon.confinement import Confinement

STARTING: Final = 60.0  # s that it may take until it is ready, on however busy a machine
_UNREAD: Final = 1 << 24  # bytes of whole answers taken and not asked for; the others wait in its pipe
_READY: Final = b"ready"
_SMALL: Final = 1 << 30  # bytes of address space for one that does nothing
_LOADED: Final = [
    "winnowd.prepare",
    "winnowd.wiring.preparer",
    "winnowd.wiring.renderer",
    "winnowd.daemon.preparer",
    "winnowd.daemon.worker",
    "winnowd.daemon.renderer",
    "winnowd.daemon.preloaded",
]
"""Loaded once, so that all processes to come are of the version that serves, even if another is installed meanwhile."""


@dataclass(slots=True, eq=False)
class Child:
    """One process and its pipe; what it was given to do may take ``seconds``.

    ``since``: when it was started, or given what it has in hand; ``confined``: how far, as it said before it met
    anything; ``ready``: it has said that it is; ``ended``: nothing more will come of it.
    """

    process: Any
    pipe: connection.Connection
    seconds: float
    frames: Frames = field(default_factory=Frames)
    since: float = field(default_factory=time.monotonic)
    confined: Confined | None = None
    ready: bool = False
    ended: bool = False

    def listen(self) -> None:
        """Take what is in its pipe, unless more than enough was taken that nobody has asked for yet.

        An answer larger than that is taken to its end: it could not be asked for before.
        """
        if self.frames.nbytes > _UNREAD and self.frames.has_next:
            return
        try:
            self.ended |= not self.frames.read(self.pipe.fileno())
        except OSError:
            self.ended = True

    def is_at_work(self) -> bool:
        """Whether it has said that it is ready; from then on its time is that of what it has in hand.

        Raises:
            OSError: it did not come to be ready.
        """
        if self.ready:
            return True
        if self.confined is None and (said := self.frames.next()) is not None:
            self.confined = Confined.decoded(said)
        if self.confined is not None and self.frames.next() == _READY:
            self.ready = True
            self.since = time.monotonic()
            return True
        if not self.ended and time.monotonic() - self.since < STARTING:
            return False
        raise OSError(errno.ENOMEM, f"a worker was not ready for work (exit {self.exit_code()})")

    def exit_code(self) -> int | None:
        """The exit code of one that has ended; None if it does not end within a second."""
        self.process.join(timeout=1)
        code: int | None = self.process.exitcode
        return code

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def processes() -> context.ForkServerContext:
    """Where processes are begun: a forked child would hold the lock."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(_LOADED)
    return made


def begin(
    made_by: context.ForkServerContext,
    serve: Callable[[connection.Connection], None],
    *,
    memory: int,
    confinement: Confinement,
    is_parent: bool = False,
) -> tuple[Any, connection.Connection]:
    """Start a process in which the picklable ``serve`` does its work; ``memory``: its address space in bytes.

    ``is_parent``: it begins others itself; then whoever begins it must end it. Gives the process, and our end of its
    pipe.
    """
    ours, theirs = made_by.Pipe()
    process = made_by.Process(target=_run, args=(theirs, serve, memory, confinement), daemon=not is_parent)
    process.start()
    theirs.close()
    return process, ours


def _run(
    pipe: connection.Connection,
    serve: Callable[[connection.Connection], None],
    memory: int,
    confinement: Confinement,
) -> None:
    """Serve until the pipe closes. Signals are the daemon's: a Ctrl-C must let it finish its batch."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent(signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _first_to_die()
    confined = confinement.confine(keeps=pipe.fileno())
    if confinement.mode == "off":
        threading.Thread(target=_end_with_starter, daemon=True).start()
    write(pipe.fileno(), framed(confined.encoded()))
    serve(pipe)


def _end_with_starter() -> None:
    """End, in the middle of whatever is done, when the process has ended that asked for this one.

    The kernel would only tell of the fork server's end, which lives as long as one of its processes has its pipe open.
    A confined one has not (``Confinement.confine``), nor may it have had a thread before.
    """
    starter = multiprocessing.parent_process()
    if starter is not None:
        starter.join()
        os.kill(os.getpid(), signal.SIGKILL)


def tell_ready(pipe: connection.Connection) -> None:
    """Say that all is loaded, and work may come."""
    collect_seldom()
    write(pipe.fileno(), framed(_READY))


def _first_to_die() -> None:
    """Ask the kernel to take this process, not the daemon, when memory runs out; a container may forbid it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def confined_by(confinement: Confinement) -> Confined:
    """How far a process is confined that is begun here for this, and ended.

    Raises:
        OSError: it did not come to be ready.
        ValueError: it said something else.
    """
    one = Child(*begin(processes(), tell_ready, memory=_SMALL, confinement=confinement), STARTING)
    try:
        while not one.is_at_work():
            connection.wait([one.pipe], STARTING)
            one.listen()
    finally:
        one.kill()
    return one.confined or Confined()
