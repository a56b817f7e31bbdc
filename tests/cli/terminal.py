"""A terminal to try commands in: a pseudo-terminal of some size, its keys and what it shows; waits for words alone."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

DEADLINE: Final = 30.0  # s; a command that shows nothing for so long hangs
_PAINT: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """``winnowd`` with these arguments in a terminal of its own; ``shown`` is what it has written, without colours."""

    def __init__(self, instance_dir: Path, *arguments: str, columns: int = 100, **environ: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.before = termios.tcgetattr(theirs)
        self._theirs = theirs
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("WINNOWD_", "COLUMNS"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "winnowd", "--home", str(instance_dir), *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**kept, "TERM": "xterm", "PAGER": "cat", **environ},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - Ctrl-C needs one of its own
        )
        self.shown = ""
        self._from = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)
        os.close(self._theirs)

    def until(self, words: str) -> str:
        """Wait for words behind those waited for last; gives all that came up to them."""
        deadline = time.monotonic() + DEADLINE
        while (at := self.shown.find(words, self._from)) < 0:
            if not self._read(deadline - time.monotonic()):
                raise AssertionError(f"{words!r} was not shown, but {self.shown[self._from :]!r}")
        before, self._from = self.shown[self._from : at], at + len(words)
        return before

    def _read(self, seconds: float) -> bool:
        """Read what there is, or comes within that time; False if nothing does, or the command has ended."""
        while seconds > 0:
            if select.select([self._ours], [], [], min(seconds, 0.2))[0]:
                said = os.read(self._ours, 1 << 16).decode("utf-8", "replace")
                self.shown += _PAINT.sub("", said).replace("\r\n", "\n")
                return True
            if self._process.poll() is not None:
                return False
            seconds -= 0.2
        return False

    def type(self, keys: str) -> None:
        """Type keys."""
        os.write(self._ours, keys.encode())

    def end(self) -> int:
        """Wait until the command has ended; gives its exit code. What it has shown last is read, too."""
        deadline = time.monotonic() + DEADLINE
        while self._read(deadline - time.monotonic()):
            pass
        return self._process.wait(timeout=1)

    def stop_and_go_on(self) -> None:
        """Have it stopped as by Ctrl-Z, the terminal changed as a shell would, and have it go on."""
        os.kill(self._process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)
        termios.tcsetattr(self._theirs, termios.TCSANOW, self.before)
        os.kill(self._process.pid, signal.SIGCONT)

    def is_as_before(self) -> bool:
        """Whether the terminal echoes and waits for lines as it did at first."""
        return termios.tcgetattr(self._theirs)[:4] == self.before[:4]
