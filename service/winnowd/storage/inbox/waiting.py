"""What a look at the inbox has left where it lies, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

NAMED: Final = 5  # of each kind, so many are named
Reason = Literal["ignored", "temporary", "edited", "unmarked", "markers", "writing", "too_deep"]
REASONS: Final[dict[Reason, str]] = {
    "writing": "still being written",
    "edited": "open in an editor",
    "temporary": "under a temporary name",
    "unmarked": "without the marker of inbox.done",
    "markers": "a marker without its file",
    "too_deep": "folders too deep",
    "ignored": "a name of inbox.ignore",
}
"""Why something is left in the inbox that may be read, in words."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file or folder of the inbox that may not be taken or entered: its path, why, seconds to the next try."""

    path: bytes
    error: int
    retry_in: float | None = None


@dataclass(slots=True)
class LeftInInbox:
    """What one sweep leaves: counts by reason, the time until one may be at rest, some names.

    ``unsettled`` are those that will be taken in a moment, ``oldest`` the seconds that a file has been written for
    longest.
    """

    unsettled: int = 0
    ignored: int = 0
    temporary: int = 0
    edited: int = 0
    unmarked: int = 0
    markers: int = 0
    writing: int = 0
    too_deep: int = 0
    blocked: int = 0
    oldest: float = 0.0
    next_in: float | None = None
    refused: list[Refused] = field(default_factory=list)
    named: dict[Reason, list[bytes]] = field(default_factory=dict)

    def leave(self, path: bytes, reason: Reason) -> None:
        """Count a file that is left for this reason; the first few are named."""
        setattr(self, reason, getattr(self, reason) + 1)
        some = self.named.setdefault(reason, [])
        if len(some) < NAMED:
            some.append(path)

    def refuse(self, refused: Refused) -> None:
        """Count a file or folder that may not be taken or entered."""
        self.blocked += 1
        if len(self.refused) < NAMED:
            self.refused.append(refused)

    def wait(self, seconds: float) -> None:
        """One may be at rest after so long."""
        self.next_in = seconds if self.next_in is None else min(self.next_in, seconds)

    def left(self) -> dict[Reason, int]:
        """How many are left for each reason that there is."""
        counts: dict[Reason, int] = {reason: getattr(self, reason) for reason in REASONS}
        return {reason: count for reason, count in counts.items() if count}
