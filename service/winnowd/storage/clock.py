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
        """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits."""
        value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        digits = f"{value:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def salt(self) -> int:
        """Thirty-two random bits."""
        return secrets.randbits(32)
