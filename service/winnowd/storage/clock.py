"""The machine's clock, and what is drawn at random: the only source of either for the route."""

from __future__ import annotations

import datetime as dt
import secrets
import time


class SystemClock:
    """Port ``Clock``."""

    def now(self) -> dt.datetime:
        """The time of day, UTC."""
        return dt.datetime.now(dt.UTC)

    def nanoseconds(self) -> int:
        """A monotonic count of nanoseconds."""
        return time.monotonic_ns()

    def uuid7(self) -> str:
        """A UUIDv7 (RFC 9562, 6.2 method 3): milliseconds, 12 bits of the fraction of one, then 62 random bits.

        So what one process names within the same millisecond has its order, too: orders are carried out in that of
        their names.
        """
        milliseconds, rest = divmod(time.time_ns(), 1_000_000)
        value = milliseconds << 80 | 0x7 << 76 | (rest * 4_096 // 1_000_000) << 64 | 0x2 << 62 | secrets.randbits(62)
        digits = f"{value:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def salt(self) -> int:
        """Thirty-two random bits."""
        return secrets.randbits(32)
