"""How an instance is, in a few lines: what of it needs somebody is said in words, and marked. Pure."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.views.escape import printable
from winnowd.views.queue import age
from winnowd.web.texts import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.operations.status import Status

VERIFIED_WITHIN: Final = dt.timedelta(hours=36)
"""How old the last look at log and evidence may be; one a day is usual."""
_NEAR: Final = 2
"""How many times as much as the floor must be free for a disk not to be marked."""


class Sign(NamedTuple):
    """What is told, and how; ``grade``: good, doubt, bad, or "" for what is neither."""

    name: str
    words: str
    grade: str = ""


def signs(status: Status, floor_bytes: int, now: dt.datetime) -> Iterator[Sign]:
    """Service, log, disk, inbox, orders. ``floor_bytes``: with less free the service takes no files."""
    yield _service(status)
    if status.watcher_down:
        yield Sign("inbox watch", f"no events ({printable(status.watcher_down)}); it is swept", "doubt")
    yield _verified(status, now)
    free = f"{status.free_bytes / 1e9:,.0f} GB free" if status.free_bytes >= 1e10 else _small(status.free_bytes)
    yield Sign("disk", free, _grade_of(status.free_bytes, floor_bytes))
    files = status.inbox["files"]
    yield Sign("inbox", counted(files, "file") if files else "empty")
    if left := len(status.inbox.get("refused", ())):
        yield Sign("left alone", f"{counted(left, 'file')} that cannot be moved; see “winnowd status”", "doubt")
    if status.orders:
        yield Sign("orders", f"{counted(status.orders, 'order')} to be carried out", "" if status.well else "doubt")


def _service(status: Status) -> Sign:
    if not status.running:
        return Sign("service", "stopped", "bad")
    if status.because:
        return Sign("service", f"{status.state}: {status.code} {printable(status.because)}", "bad")
    if not status.well:
        return Sign("service", "silent for a while; it may hang", "bad")
    return Sign("service", str(status.state), "good")


def _verified(status: Status, now: dt.datetime) -> Sign:
    """When log and evidence were looked through last, and what came of it."""
    found = status.verified or {}
    try:
        since = now - dt.datetime.fromisoformat(str(found["at"]))
        damage = int(found["damage"])
    except (KeyError, ValueError, TypeError):
        return Sign("log", "not verified yet; “winnowd verify” does", "doubt")
    ago = f"{age(since.total_seconds())} ago"
    if damage:
        return Sign("log", f"{counted(damage, 'thing')} not as written, found {ago}; see “winnowd verify”", "bad")
    return Sign("log", f"verified whole {ago}", "good" if since <= VERIFIED_WITHIN else "doubt")


def _small(nbytes: int) -> str:
    return f"{nbytes / 1e9:.1f} GB free"


def _grade_of(free: int, least: int) -> str:
    if free < least:
        return "bad"
    return "doubt" if free < _NEAR * least else "good"
