"""How an instance is: who works on it, what waits, what the corpus holds; nothing is changed by asking."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
import shutil
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.behind import ledger_to_ask
from winnowd.layout import HEALTH, INBOX, LOCK, ORDERS
from winnowd.storage.lock import holder

if TYPE_CHECKING:
    from pathlib import Path

STALE: Final = 60.0  # s after which a silent service is not well


@dataclasses.dataclass(frozen=True, slots=True)
class Status:
    """Of the instance at ``instance_dir``.

    ``state`` to ``watcher_down``, ``last_batch``, ``line``, ``quarantine``, ``verified`` and all but the count of
    ``inbox`` are what the service said last, in health.json; ``well``: it works, said so within a minute, is not
    degraded. ``orders``: those that wait.
    """

    instance_dir: str
    running: bool
    pid: int | None
    state: str | None
    code: str | None
    because: str | None
    watcher_down: str | None
    well: bool
    last_batch: str | None
    inbox: dict[str, Any]
    line: dict[str, Any] | None
    quarantine: dict[str, Any] | None
    verified: dict[str, Any] | None
    orders: int
    corpus: int
    totals: dict[str, int]
    unfinished: int
    last_event: int
    free_bytes: int

    def fields(self) -> dict[str, Any]:
        """All of it under the names that ``status --json`` and health.json have always had."""
        return {_PUBLIC.get(name, name): value for name, value in dataclasses.asdict(self).items()}


_PUBLIC: Final = {"instance_dir": "home", "watcher_down": "deaf"}


def status(instance_dir: Path) -> Status:
    """All that is known of an instance without working on it.

    Raises:
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    counts = _counts(instance_dir)
    pid = holder(instance_dir / LOCK)
    running = pid is not None
    health = health_told(instance_dir / HEALTH)
    return Status(
        instance_dir=str(instance_dir),
        running=running,
        pid=pid or None,
        state=health.get("state") if running else "stopped",
        code=health.get("code"),
        because=health.get("because"),
        watcher_down=health.get("deaf"),
        well=running and is_fresh(health) and health.get("state") != "degraded",
        last_batch=health.get("last_batch"),
        inbox={"files": _files(instance_dir / INBOX), **health.get("inbox", {})},
        line=health.get("line") if running else None,
        quarantine=health.get("quarantine") if running else None,
        verified=health.get("verified"),
        orders=sum(1 for _ in (instance_dir / ORDERS).glob("*.json")),
        **counts,
        free_bytes=shutil.disk_usage(instance_dir).free,
    )


def _counts(instance_dir: Path) -> dict[str, Any]:
    """What the ledger counts; zeros before there is one."""
    try:
        ledger = ledger_to_ask(instance_dir)
    except FileNotFoundError:
        return {"corpus": 0, "totals": {}, "unfinished": 0, "last_event": 0}
    with contextlib.closing(ledger):
        return {
            "corpus": ledger.decisions.in_corpus(),
            "totals": ledger.decisions.totals(),
            "unfinished": len(ledger.arrivals.claimed()) + len(ledger.arrivals.recorded()),
            "last_event": ledger.outbox.end().sequence,
        }


def _files(folder: Path) -> int:
    """How many files lie in a folder, its sub-folders not being ours to follow."""
    return sum(len(names) for _, _, names in os.walk(folder))


def health_told(path: Path) -> dict[str, Any]:
    """What the service said last of itself; nothing before it said anything."""
    try:
        read = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def is_fresh(health: dict[str, Any]) -> bool:
    """Whether it said so within a minute."""
    try:
        at = dt.datetime.fromisoformat(str(health["at"]))
    except (KeyError, ValueError):
        return False
    return (dt.datetime.now(dt.UTC) - at).total_seconds() <= STALE
