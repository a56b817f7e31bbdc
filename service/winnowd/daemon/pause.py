"""A pause after a fault of the machine: why, until when, and what is told of it at its beginning and at its end."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.daemon.work import Work

FIRST, LONGEST = 0.5, 30.0
_KIND: Final = "Paused"


@dataclasses.dataclass
class Pause:
    """Each fault in a row doubles it, from half a second to thirty; a full disk cannot be told of until it is over.

    ``monotonic`` gives seconds. ``until``: nothing is tried before; ``code`` and ``because`` are "" when all is well.
    """

    work: Work
    monotonic: Callable[[], float]
    until: float = 0.0
    because: str = ""
    code: str = ""
    _seconds: float = 0.0
    _since: float = 0.0
    _begin_published: bool = False
    _end_published: bool = False

    @property
    def holds(self) -> bool:
        """Whether a fault has not been overcome yet; it may be time to try."""
        return self._seconds > 0

    @property
    def said(self) -> str:
        """One line for people: code and reason, "" when all is well."""
        return f"{self.code} {self.because}".strip()

    def begin(self, code: str, because: str) -> None:
        """Hold everything for a while; what has another code than before is told anew, other words for it are not."""
        now = self.monotonic()
        if not self.holds:
            self._since = now
        self._seconds = min(LONGEST, 2 * self._seconds) if self.holds else FIRST
        self.until = now + self._seconds
        if code != self.code:
            self.work.log.error("paused", code=code, because=because, retry_in=self._seconds)
            self._begin_published = self._end_published = False
        self.code, self.because = code, because
        if not self._begin_published:
            self._begin_published = self.work.tell_failure(
                code, _KIND, because, "nothing is taken from the inbox for now"
            )

    def end(self) -> None:
        """The fault seems to be overcome: that it can be told in the audit log shows that it is.

        Raises:
            OSError, LedgerUnavailableError: it cannot; the pause goes on.
        """
        if not self.holds:
            return
        route, log, clock = self.work.instance.route, self.work.instance.log, self.work.instance.clock
        lasted = round(self.monotonic() - self._since, 1)
        lines = []
        if not self._begin_published:
            error = {"type": _KIND, "message": self.because, "code": self.code}
            lines.append(route.events.note("failure", f"nothing was taken from the inbox for {lasted} s", error=error))
            self._begin_published = True
        if not self._end_published:
            carries = {"recovered": {"code": self.code, "seconds": lasted}}
            lines.append(route.events.note("recovered", f"work goes on after {self.code}", carries=carries))
            self._end_published = True
        log.publish(lines, clock.now())
        self.work.log.info("resumed", code=self.code, after=self.because, seconds=lasted)
        self.until, self.because, self.code, self._seconds = 0.0, "", "", 0.0
