"""What people should be told of, as small files in ``state/notify``: the service writes, others tell (docs/notify.md).

1. A file is written once as a level reaches its limit (``crossings``), and that is remembered over a restart.
2. There is one file for each kind of event: one that nobody fetched is replaced by the next of its kind.
3. In it are numbers and words of ours alone; nothing that came from outside.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import socket
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.catalogue import catalogue
from winnowd.daemon.crossings import crossed
from winnowd.layout import NOTIFY, RAISED
from winnowd.views.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.daemon.pause import Pause
    from winnowd.daemon.vitals import Vitals
    from winnowd.daemon.work import Work
    from winnowd.settings.sections import Notify

QUIET: Final = 600.0  # s after a pause in which another of the same code belongs to it
ARTICLES, DAYS, DAMAGE, PAUSED = "quarantine-articles", "quarantine-days", "audit-damaged", "paused"
_DAY: Final = 86_400.0


class Level(NamedTuple):
    """How high something stands, the limit it is told of at (None: never), and a sentence that tells it."""

    event: str
    value: float
    limit: float | None
    because: str
    code: str = ""


@dataclasses.dataclass
class Summaries:
    """Called every 15 s; what cannot be written now is written later."""

    work: Work
    _paused: dict[str, float] = dataclasses.field(default_factory=dict)
    _unwritten: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        self._raised, self._number = self._remembered()
        self._is_kept = True

    def __call__(self, vitals: Vitals, pause: Pause) -> None:
        """Write a file for each limit that was reached since the last call, if people are to be told at all.

        Raises:
            OSError: some could not be written; they are with the next call.
        """
        notify = self.work.instance.loaded.settings.notify
        if not notify.command:
            self._unwritten.clear()
            return
        for level in (*_levels(vitals, notify), *self._pauses(pause)):
            self._step(level, vitals)
        self._write()

    def _step(self, level: Level, vitals: Vitals) -> None:
        before = self._raised.get(level.event)
        after = crossed(before, level.value, level.limit)
        if after.is_new:
            self._number += 1
            self._unwritten[level.event] = self._summary(level, vitals)
        if after.raised != before:
            self._is_kept = False
        if after.raised is None:
            self._raised.pop(level.event, None)
        else:
            self._raised[level.event] = after.raised

    def _pauses(self, pause: Pause) -> Iterator[Level]:
        """Each code for which the service pauses, or has paused a short while ago."""
        now = pause.monotonic()
        if pause.holds:
            self._paused[pause.code] = now
        for event in self._raised:  # what was raised when an earlier run ended counts from the start of this one
            if event.startswith(PAUSED):
                self._paused.setdefault(event.removeprefix(f"{PAUSED}-"), now)
        for code, at in list(self._paused.items()):
            yield Level(f"{PAUSED}-{code}", float(now - at < QUIET), 1.0, f"{code}: {catalogue()[code].help}", code)

    def _summary(self, level: Level, vitals: Vitals) -> dict[str, Any]:
        fields = {
            "schema": 1,
            "number": self._number,
            "event": level.event,
            "at": vitals.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "node": printable(socket.gethostname()),
            "instance": printable(str(self.work.instance.instance_dir)),
            "because": level.because,
            "measured": round(level.value, 3),
            "limit": level.limit,
            "code": level.code or None,
            "quarantine": {"articles": vitals.quarantine, "oldest_seconds": round(vitals.quarantine_oldest)},
        }
        return {name: value for name, value in fields.items() if value is not None}

    def _write(self) -> None:
        """The files first, then what is remembered: killed in between, something is told twice, never not at all."""
        disk = self.work.instance.disk
        for event, summary in list(self._unwritten.items()):
            disk.replace(disk.path(f"{NOTIFY}/{event}.json"), json.dumps(summary).encode() + b"\n")
            del self._unwritten[event]
        if not self._is_kept:
            content = {"number": self._number, "raised": self._raised}
            disk.replace(disk.path(RAISED), json.dumps(content).encode() + b"\n")
            self._is_kept = True

    def _remembered(self) -> tuple[dict[str, float], int]:
        """What an earlier run has told of; nothing, if that is lost."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            read = json.loads(self.work.instance.disk.path(RAISED).read_bytes())
            return {str(event): float(limit) for event, limit in read["raised"].items()}, int(read["number"])
        return {}, 0


def _levels(vitals: Vitals, notify: Notify) -> Iterator[Level]:
    """Quarantine and log, as they stand."""
    days = vitals.quarantine_oldest / _DAY
    damage = 0 if vitals.verified is None else vitals.verified.damage
    yield Level(
        ARTICLES,
        vitals.quarantine,
        notify.quarantine_articles,
        f"records in quarantine: {vitals.quarantine:,}; notify.quarantine_articles is {notify.quarantine_articles}",
    )
    yield Level(
        DAYS,
        days,
        notify.quarantine_days,
        f"days that a record has waited in quarantine: {days:.1f}; notify.quarantine_days is {notify.quarantine_days}",
    )
    yield Level(
        DAMAGE,
        damage,
        1.0,
        f'not as it was written, by the last verification: {damage:,}; "winnowd verify" names each',
    )
