"""Keys of a person: single ones where stdin is a terminal, else the first sign of each line."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.cli.context import Context

_ESCAPE: Final = b"\x1b"
_ARROWS: Final = {b"[A": "k", b"[D": "k", b"[B": "j", b"[C": "j", b"OA": "k", b"OD": "k", b"OB": "j", b"OC": "j"}
_END: Final = b"\x04"  # Ctrl-D
_MORE: Final = 0.05  # s within which the rest of an arrow's signs comes


class Keys(Protocol):
    """Where keys and lines come from; both give None once there are no more."""

    def key(self) -> str | None:
        """The next key."""
        ...

    def line(self, prompt: str) -> str | None:
        """A line that was asked for."""
        ...

    def as_ever(self) -> contextlib.AbstractContextManager[None]:
        """Leave the terminal to another program for a while."""
        ...


@contextlib.contextmanager
def keys(context: Context) -> Iterator[Keys]:
    """The keys of stdin; a terminal is left as it was found, however this ends."""
    if not sys.stdin.isatty():
        yield LineKeys(context)
        return
    made = TerminalKeys(context, sys.stdin.fileno())
    with made.single():
        yield made


class LineKeys:
    """A line a key, for scripts and for pipes."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def key(self) -> str | None:
        """The first sign of the next line that has one."""
        while line := sys.stdin.readline():
            if found := line.strip():
                return found[0]
        return None

    def line(self, prompt: str) -> str | None:
        """The next line."""
        _ask(self._context, prompt)
        line = sys.stdin.readline()
        return line.strip() if line else None

    @contextlib.contextmanager
    def as_ever(self) -> Iterator[None]:
        """Nothing was changed."""
        yield


class TerminalKeys:
    """Single keys of a terminal, not shown as they are typed; Ctrl-C is as ever."""

    def __init__(self, context: Context, terminal: int) -> None:
        import termios

        self._context, self._terminal = context, terminal
        self._found = termios.tcgetattr(terminal)
        self._is_single = False

    @contextlib.contextmanager
    def single(self) -> Iterator[None]:
        """Read key by key; what was typed ahead is kept. A shell that had us stopped has changed the terminal."""
        before = signal.signal(signal.SIGCONT, lambda *_: self._set(is_single=self._is_single))
        self._set(is_single=True)
        try:
            yield
        finally:
            self._set(is_single=False)
            signal.signal(signal.SIGCONT, before)

    @contextlib.contextmanager
    def as_ever(self) -> Iterator[None]:
        """The terminal as it was found."""
        self._set(is_single=False)
        try:
            yield
        finally:
            self._set(is_single=True)

    def _set(self, *, is_single: bool) -> None:
        import termios
        import tty

        self._is_single = is_single
        if is_single:
            tty.setcbreak(self._terminal, termios.TCSADRAIN)
        else:
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._found)

    def key(self) -> str | None:
        """The next key; arrows are j and k."""
        typed = os.read(self._terminal, 1)
        if typed in {b"", _END}:
            return None
        if typed != _ESCAPE:
            return typed.decode("ascii", "replace")
        rest = os.read(self._terminal, 2) if select.select([self._terminal], [], [], _MORE)[0] else b""
        return _ARROWS.get(rest, "")

    def line(self, prompt: str) -> str | None:
        """A line, typed and mended as ever."""
        with self.as_ever():
            _ask(self._context, prompt)
            line = sys.stdin.readline()
        return line.strip() if line else None


def _ask(context: Context, prompt: str) -> None:
    context.stdout.flush()
    if not context.quiet:
        context.stderr.write(prompt)
        context.stderr.flush()
