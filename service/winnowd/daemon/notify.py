"""The word to systemd (sd_notify): READY, STATUS, WATCHDOG, RELOADING, STOPPING; silent when nobody listens.

Where a watchdog is wanted and no manager keeps it, in a container say, the service keeps its own (``OwnWatchdog``).
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import socket
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BEAT: Final = 10.0
_LONGEST: Final = 300
_STDERR: Final = 2


class OwnWatchdog:
    """Ends the process (1) if no beat comes in time, after showing on stderr where each thread was.

    From READY on, as a manager would; while it stops, whoever stops it waits as long as he likes. The time is kept by
    a thread in C, which needs nothing of the interpreter that hangs.
    """

    def __init__(self, microseconds: int) -> None:
        self._seconds = microseconds / 1e6
        self._is_up = False

    def hear(self, fields: Mapping[str, str | int]) -> None:
        """Do what a manager would do at these fields."""
        self._seconds = int(fields.get("WATCHDOG_USEC", self._seconds * 1e6)) / 1e6
        self._is_up = self._is_up or "READY" in fields
        if "STOPPING" in fields:
            self.stop()
        elif self._is_up and fields.keys() & {"READY", "WATCHDOG", "WATCHDOG_USEC"}:
            faulthandler.dump_traceback_later(self._seconds, exit=True, file=_STDERR)

    def stop(self) -> None:
        """Wait for no beat from now on."""
        self._is_up = False
        faulthandler.cancel_dump_traceback_later()


class Notify:
    """One datagram socket to the service manager named by ``NOTIFY_SOCKET``; without one, nothing is sent.

    ``WATCHDOG_USEC`` tells how long the manager waits for a beat; ``beat_every`` is how often to give one, in s.
    Without a manager the process itself waits so long for each.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._watchdog = environ.get("WATCHDOG_USEC", "")
        self.beat_every = min(BEAT, int(self._watchdog) / 4e6) if self._watchdog.isdigit() else BEAT
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if self._address else None
        is_kept = self._watchdog.isdigit() and int(self._watchdog) > 0 and not self._address
        self._own = OwnWatchdog(int(self._watchdog)) if is_kept else None

    def send(self, **fields: str | int) -> None:
        """Send fields such as ``READY=1, STATUS="idle"``; a manager that does not listen is no fault of ours.

        A value is one line: what it quotes from elsewhere cannot add a field.
        """
        if self._own is not None:
            self._own.hear(fields)
        if self._socket is None:
            return
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        message = "\n".join(f"{key}={_one_line(value)}" for key, value in fields.items())
        with contextlib.suppress(OSError):
            self._socket.sendto(message.encode("utf-8", "replace"), name)

    def reloading(self) -> None:
        """Tell that the configuration is being read anew; READY=1 ends it."""
        self.send(RELOADING=1, MONOTONIC_USEC=time.monotonic_ns() // 1_000)

    def starting(self, seconds: float) -> None:
        """Ask for so much more time to start, from now on."""
        self.send(EXTEND_TIMEOUT_USEC=int(seconds * 1e6))

    @contextlib.contextmanager
    def patience(self, seconds: float) -> Iterator[None]:
        """Have the next beat awaited for so long, for one piece of work that cannot beat; then as before."""
        if not self._watchdog:
            yield
            return
        self.send(WATCHDOG_USEC=int(seconds * 1e6))
        try:
            yield
        finally:
            self.send(WATCHDOG_USEC=self._watchdog, WATCHDOG=1)

    def close(self) -> None:
        """Send nothing from now on."""
        if self._own is not None:
            self._own.stop()
        self._own = None
        if self._socket is not None:
            self._socket.close()
        self._socket = None


def _one_line(value: str | int) -> str:
    return " ".join(str(value).split())[:_LONGEST]
