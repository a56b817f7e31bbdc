"""Looking through the audit log: a page of events, newest first, by action, day, code, feed or text."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from winnowd.audit.paging import LogPage, page
from winnowd.audit.reader import Log
from winnowd.audit.search import Wanted
from winnowd.operations.browse import SoughtError, is_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PAGE: Final = 50
MOST: Final = 500
"""Most events of one page."""
_LONGEST: Final = 200
ACTIONS: Final = (
    "admit", "quarantine", "reject", "release", "confirm", "retract", "restore", "supersede", "erase", "changed-after",
    "startup", "shutdown", "config-change", "recovered", "failure", "index-written", "day-sealed", "retention",
)  # fmt: skip
"""What events tell of (event/schema/ecs.py)."""


def wanted_from(fields: Mapping[str, str]) -> Wanted:
    """Which events are wanted by the fields of a form or of an address; others, and empty ones, mean nothing.

    Raises:
        SoughtError: a day is none.
    """
    given = {name: fields.get(name, "").strip()[:_LONGEST] for name in ("action", "code", "feed", "text", "day")}
    since = until = None
    if day := given["day"]:
        if not is_day(day):
            raise SoughtError(f"{day[:40]!r} is no day; give one as 2026-11-22")
        since = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), dt.UTC)
        until = since + dt.timedelta(days=1) - dt.timedelta(microseconds=1)
    return Wanted(
        since=since,
        until=until,
        actions=(given["action"],) if given["action"] else (),
        codes=(given["code"].upper(),) if given["code"] else (),
        feed=given["feed"],
        text=given["text"],
    )


def browse_log(instance_dir: Path, wanted: Wanted, *, before: int | None = None, most: int = PAGE) -> LogPage:
    """A page of the wanted events: the newest, or those next before the event of a number; the ledger is not asked.

    Raises:
        OSError, EOFError, zlib.error: a file of the log cannot be read.
    """
    return page(Log(instance_dir), wanted, max(1, min(most, MOST)), before)
