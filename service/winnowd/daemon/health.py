"""How the service is, for people and probes: ``state/health.json``, written every 15 s and when that changes."""

from __future__ import annotations

import json
import os
import platform
from typing import TYPE_CHECKING, Any, Final

from winnowd import __version__
from winnowd.layout import HEALTH
from winnowd.pipeline.barren import is_counted
from winnowd.storage.inbox.turns import feed_of
from winnowd.storage.ledger.faults import SQLITE_VERSION
from winnowd.views.escape import printable

if TYPE_CHECKING:
    import datetime as dt

    from winnowd.daemon.confinement import Confined
    from winnowd.daemon.line import InLine
    from winnowd.daemon.pause import Pause
    from winnowd.daemon.vitals import Vitals
    from winnowd.daemon.work import Work
    from winnowd.storage.inbox.waiting import Refused
    from winnowd.wiring.instance import Instance

MOST_NAMED: Final = 5


class Health:
    """Writes what the loop tells; a full disk must not stop the service for want of a status.

    ``confined``: how far the workers are, once that is known.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self.confined: Confined | None = None

    def __call__(self, state: str, pause: Pause, watcher_down: str, vitals: Vitals | None = None) -> None:
        """Write the state (starting, idle, working, degraded, stopping) and why.

        ``watcher_down``: why no events come, or ""; ``vitals``: what could be measured.
        """
        instance = self._work.instance
        waiting = instance.inbox.waiting
        named = waiting.named.items()
        content = {
            "at": _instant(instance),
            "state": state,
            "code": pause.code or None,
            "because": pause.because or None,
            "deaf": watcher_down or None,
            "last_batch": self._work.last_batch,
            "pid": instance.pid,
            "inbox": {
                "unsettled": waiting.unsettled,
                "blocked": waiting.blocked,
                **{str(reason): count for reason, count in waiting.left().items()},
                "oldest_writing": round(waiting.oldest),
                "named": {reason: [printable(os.fsdecode(one)) for one in some] for reason, some in named},
                "refused": [_refused(one) for one in waiting.refused],
            },
            "line": _line(self._work.in_line()),
            "unreadable": len(instance.route.deferred),
            "versions": {"winnowd": __version__, "python": platform.python_version(), "sqlite": SQLITE_VERSION},
            "config": instance.loaded.sha256,
            "workers": None if self.confined is None else {"confined": self.confined.fields()},
            **({} if vitals is None else _measured(vitals)),
        }
        present = {name: value for name, value in content.items() if value is not None}
        instance.disk.replace(instance.disk.path(HEALTH), json.dumps(present).encode() + b"\n")


def _measured(vitals: Vitals) -> dict[str, Any]:
    """What waits for the service, and for people; what is free."""
    since, verified = vitals.quarantine_since, vitals.verified
    oldest = {} if since is None else {"since": _said(since), "oldest_seconds": round(vitals.quarantine_oldest)}
    return {
        "pending": {
            "files": vitals.inbox_files,
            "oldest_seconds": round(vitals.inbox_oldest),
            "orders": vitals.orders,
            "index": vitals.index_lag,
        },
        "quarantine": {"articles": vitals.quarantine, **oldest},
        "corpus": {"articles": vitals.corpus_articles, "bytes": vitals.corpus_bytes},
        "disk": dict(vitals.free),
        "verified": None if verified is None else {"at": _said(verified.at), "damage": verified.damage},
    }


def _line(line: InLine) -> dict[str, Any]:
    """What waits in the line; of files and feeds how many, and at most five by name."""
    long = [
        {"path": _shown(one.path), "feed": _shown(feed_of(one.path)), "records": one.records_done}
        | ({"counting": True} if is_counted(one) else {})
        for one in line.long[:MOST_NAMED]
    ]
    return {
        "files": line.files,
        "long": {"count": len(line.long), "first": long},
        "suspected": {"count": len(line.suspected), "first": [_shown(one.path) for one in line.suspected[:MOST_NAMED]]},
        "late": {"count": len(line.late), "first": [_shown(feed) for feed in line.late[:MOST_NAMED]]},
    }


def _shown(name: bytes) -> str:
    return printable(os.fsdecode(name))


def _refused(refused: Refused) -> dict[str, Any]:
    fields = {"path": _shown(refused.path), "error": os.strerror(refused.error)}
    return fields if refused.retry_in is None else {**fields, "retry_in": round(refused.retry_in)}


def _instant(instance: Instance) -> str:
    return _said(instance.clock.now())


def _said(at: dt.datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
