"""The service's signs to the world, as files: health.json, metrics, and what people should be told of."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Final

from winnowd.daemon.faults import MACHINE_FAULTS
from winnowd.daemon.gauges import gauges, heartbeat
from winnowd.daemon.health import Health
from winnowd.daemon.summaries import Summaries
from winnowd.daemon.vitals import measure
from winnowd.layout import METRICS
from winnowd.storage import outside
from winnowd.views.exposition import exposition

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.daemon.confinement import Confined
    from winnowd.daemon.pause import Pause
    from winnowd.daemon.vitals import Vitals
    from winnowd.daemon.work import Work

_TEXTFILE: Final = "winnowd.prom"


class Signs:
    """Given every 15 s, and when the state changes. Each for itself: one that cannot be written holds up no other.

    ``overflows`` tells how often the kernel has lost events of the inbox; ``confined`` how far workers are confined.
    """

    def __init__(
        self, work: Work, overflows: Callable[[], int], confined: Callable[[], Confined | None] = lambda: None
    ) -> None:
        self._work, self._overflows, self._confined = work, overflows, confined
        self._health, self._summaries = Health(work), Summaries(work)
        self._refused = ""

    def __call__(self, state: str, pause: Pause, watcher_down: str) -> None:
        """Tell the state (starting, idle, working, degraded, stopping); ``watcher_down``: why no events come, or ""."""
        vitals = self._measured(pause)
        self._note_confinement()
        with contextlib.suppress(OSError):
            self._health(state, pause, watcher_down, vitals)
        with contextlib.suppress(OSError):
            self._write_metrics(vitals)
        if vitals is not None:
            with contextlib.suppress(OSError):
                self._summaries(vitals, pause)

    def _note_confinement(self) -> None:
        """Told once of the workers of each configuration, and again only if the next ones are held otherwise."""
        confined = self._confined()
        if confined is None or confined == self._health.confined:
            return
        self._health.confined = confined
        if not confined.limits:
            self._work.log.warning("workers are not confined", because='workers.confine is "off"')
        elif confined.lacks:
            self._work.log.warning("workers confined in part", by=str(confined), because="; ".join(confined.lacks))
        else:
            self._work.log.info("workers confined", by=str(confined))

    def _measured(self, pause: Pause) -> Vitals | None:
        with contextlib.suppress(*MACHINE_FAULTS):
            return measure(self._work, pause.monotonic())
        return None

    def _write_metrics(self, vitals: Vitals | None) -> None:
        instance = self._work.instance
        families = itertools.chain(
            self._work.counting.metrics.families(self._overflows()),
            () if vitals is None else gauges(vitals),
            heartbeat(instance.clock.now(), instance.loaded.sha256),
        )
        content = exposition(families).encode()
        self._write_textfile(content)
        instance.disk.replace(instance.disk.path(METRICS), content)

    def _write_textfile(self, content: bytes) -> None:
        """For node_exporter; that its folder is not ours to write to is told once, until it can be written again."""
        if (folder := self._work.instance.loaded.settings.metrics.textfile) is None:
            return
        try:
            outside.replace(self._work.instance.instance_dir / folder / _TEXTFILE, content)
        except OSError as fault:
            because = fault.strerror or type(fault).__name__
            if because != self._refused:
                self._work.log.warning("metrics cannot be written", folder=folder, because=because)
            self._refused = because
        else:
            self._refused = ""
