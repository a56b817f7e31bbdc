"""How far a long command has come: one line on the terminal, after half a second, gone at its end."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from winnowd.cli.context import Context

PATIENCE: Final = 0.5  # s before the first word
STEP: Final = 0.1
_SHORTEST: Final = 12  # cells, below which no name is told
_MINUTE: Final = 60
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """``step`` counts one more; nothing is written with ``--json`` or ``-q``, or where nobody watches."""

    def __init__(
        self, context: Context, what: str, total: int | None = None, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Take what is counted (``files``), and how many there are if that is known."""
        self._stream = context.stderr
        self._watched = context.stderr.isatty() and not context.json and not context.quiet
        self._what, self._total, self._now = what, total, now
        self._count = 0
        self._begun = now()
        self._next = self._begun + PATIENCE
        self._written = False

    def step(self, at: str = "", count: int = 1) -> None:
        """So many more are done; ``at``: what that was, as it came: then the pace is told, too."""
        self._count += count
        if self._watched and (now := self._now()) >= self._next:
            self._next = now + STEP
            self._stream.write(_CLEAR + self._line(at, now))
            self._stream.flush()
            self._written = True

    def _line(self, at: str, now: float) -> str:
        """No wider than the terminal: what has wrapped would not be taken back."""
        from winnowd.views.escape import printable
        from winnowd.views.lines import cut

        of = "" if self._total is None else f" of {self._total:,}"
        said = f"{self._count:,}{of} {self._what}"
        pace = self._count / max(now - self._begun, STEP)
        if self._total is not None and self._count:
            said += f", {pace:,.0f} a second, {_span((self._total - self._count) / pace)} left"
            at = at and f", {at}"
        elif at:
            said += f", {pace:,.0f} a second, "
        room = shutil.get_terminal_size().columns - 1 - len(said)
        return said + (cut(printable(at), room) if at and room > _SHORTEST else "").rstrip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._written:
            self._stream.write(_CLEAR)
            self._stream.flush()


def _span(seconds: float) -> str:
    """A time to wait, as people say it."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes} min" if minutes < _MINUTE else f"{minutes // _MINUTE} h {minutes % _MINUTE} min"
