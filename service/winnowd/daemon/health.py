"""How the service is, for people and probes: ``state/health.json``, written every 15 s and when that changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from winnowd.storage.places import HEALTH

if TYPE_CHECKING:
    from winnowd.daemon.work import Work
    from winnowd.wiring import Instance


class Health:
    """Writes what the loop tells; a full disk must not stop the service for want of a status."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __call__(self, state: str, because: str, last_batch: str | None) -> None:
        """Write the state (starting, idle, working, degraded, stopping) and why."""
        instance = self._work.instance
        waiting = instance.inbox.waiting
        content = {
            "at": _instant(instance),
            "state": state,
            "because": because or None,
            "last_batch": last_batch,
            "pid": instance.pid,
            "inbox": {
                "unsettled": waiting.unsettled,
                "ignored": waiting.ignored,
                "blocked": waiting.blocked,
                "too_deep": waiting.too_deep,
            },
            "unreadable": len(instance.route.deferred),
        }
        present = {name: value for name, value in content.items() if value is not None}
        instance.disk.replace(instance.disk.path(HEALTH), json.dumps(present).encode() + b"\n")


def _instant(instance: Instance) -> str:
    return instance.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
