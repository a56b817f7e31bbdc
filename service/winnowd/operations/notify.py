"""Telling people of what the service has written down for them: each summary to a command of theirs, on stdin.

It is no part of the service, which has neither network nor programs to start: whatever the command does or does not do,
the service never learns of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from winnowd.daemon.serve import as_owner
from winnowd.storage.clock import SystemClock
from winnowd.storage.summaries import Outbound, leave
from winnowd.views.escape import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.settings import Loaded
    from winnowd.settings.sections import Notify
    from winnowd.storage.summaries import Result, Summary

PAUSES: Final = (1.0, 5.0, 25.0, 125.0)
"""Seconds before each further try of what failed."""
POLL: Final = 2.0
"""Seconds between two looks into the folder."""
ENDED: Final = "ended"
"""The event of a notice that the service has ended for good."""
STOPPED: Final = "told to stop"
_STDERR: Final = 2
_STEP: Final = 0.2  # s between two questions whether to stop


class SendingElsewhereError(Exception):
    """Another process hands over what waits just now."""


class Delivery(NamedTuple):
    """What became of one summary: after how many tries, and, if it failed, why."""

    event: str
    result: Result
    tries: int
    because: str = ""


class Stopping(Protocol):
    """Whether to stop, as ``threading.Event`` has it."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...

    def wait(self, timeout: float) -> bool:
        """Wait for so many seconds at most; gives whether to stop."""
        ...


def note_ended(instance_dir: Path, loaded: Loaded, environ: Mapping[str, str]) -> bool:
    """Write down that the service has ended for good, if people are to be told at all; gives whether they are.

    ``environ``: in which systemd says how it ended (``MONITOR_SERVICE_RESULT``, ``MONITOR_EXIT_STATUS``).

    Raises:
        OSError: the folder is not ours to write to.
    """
    if not loaded.settings.notify.command:
        return False
    how = ", ".join(filter(None, (environ.get("MONITOR_SERVICE_RESULT"), environ.get("MONITOR_EXIT_STATUS"))))
    summary = {
        "schema": 1,
        "event": ENDED,
        "at": SystemClock().now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "node": printable(socket.gethostname()),
        "instance": printable(str(instance_dir)),
        "because": f"the service has ended{f' ({printable(how)[:80]})' if how else ''} and is not started again",
    }
    leave(instance_dir, ENDED, json.dumps(summary).encode() + b"\n")
    return True


def deliver_waiting(instance_dir: Path, load: Callable[[], Loaded], stopping: Stopping) -> Iterator[Delivery]:
    """Hand over each summary that waits, those that fail again after ever longer pauses; gives what became of each.

    ``load`` gives the settings. Told to stop, it leaves what is not over for the next call. Root does it as the owner
    of the instance.

    Raises:
        SendingElsewhereError: another process does it just now.
        OSError: the folder is not ours to write to.
    """
    as_owner(instance_dir)
    outbound = Outbound(instance_dir)
    if not outbound.is_waiting():
        return
    notify = load().settings.notify
    with _held(outbound):
        left = outbound.fetch()
        for tries, pause in enumerate((*PAUSES, None), 1):
            failed: list[Summary] = []
            for summary in left:
                because = handed_over(notify, summary.content, stopping)
                if because is STOPPED:
                    return
                if because and pause is not None and notify.command:
                    failed.append(summary)
                    continue
                result: Result = "failed" if because else "delivered"
                outbound.finish(summary.name, result)
                yield Delivery(summary.event, result, tries, because)
            left = failed
            if not left or pause is None or stopping.wait(pause):
                return


@contextlib.contextmanager
def _held(outbound: Outbound) -> Iterator[None]:
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(outbound.held())
        except BlockingIOError as fault:
            raise SendingElsewhereError from fault
        yield


def deliver_until(instance_dir: Path, load: Callable[[], Loaded], stopping: Stopping) -> Iterator[Delivery]:
    """The same for all that come, until told to stop."""
    while not stopping.is_set():
        yield from deliver_waiting(instance_dir, load, stopping)
        stopping.wait(POLL)


def handed_over(notify: Notify, content: bytes, stopping: Stopping) -> str:
    """Run the command with a summary on its stdin; why that failed, "" if it ended with 0, or ``STOPPED``.

    No shell; what it writes goes to our stderr. After ``notify.seconds``, or when we are told to stop, it is killed,
    with all that it has started.
    """
    if not notify.command:
        return "notify.command is empty"
    try:
        process = _started(notify.command, content)
    except OSError as fault:
        return f"it cannot be started ({fault.strerror})"
    code = _ended(process, notify.seconds, stopping)
    if code is None:
        return STOPPED if stopping.is_set() else f"it did not end within {notify.seconds:g} s"
    return "" if not code else f"it ended with {code}" if code > 0 else f"it was ended by signal {-code}"


def _started(command: Sequence[str], content: bytes) -> subprocess.Popen[bytes]:
    """A process whose stdin is a file: however it reads, or does not, nothing is waited for."""
    with tempfile.TemporaryFile() as stdin:
        stdin.write(content)
        stdin.seek(0)
        return subprocess.Popen(  # noqa: S603 - the operator's own words, as a list
            command, stdin=stdin, stdout=_STDERR, stderr=_STDERR, start_new_session=True
        )


def _ended(process: subprocess.Popen[bytes], seconds: float, stopping: Stopping) -> int | None:
    """How it ended by itself; None if it had to be killed."""
    deadline = time.monotonic() + seconds
    with process:
        while not stopping.is_set() and (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(min(_STEP, left))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return None
